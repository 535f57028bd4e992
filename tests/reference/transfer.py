"""The somatic rate and its logarithmic derivative, as functions of a membrane potential.

    phi(u) = phi_max / (1 + k e^{beta (theta - u)})          the rate
    h(u)   = V_unit phi'(u) / phi(u)                         the weight of an error in the learning rule

u, theta in mV, beta in 1/mV, k without unit, phi in the unit of phi_max.

Urbanczik & Senn (2014) measure potentials from rest, in units of the distance from rest to the threshold
theta. A derivative with respect to their potential is therefore V_unit times the one with respect to mV, and
a postsynaptic potential in mV is V_unit times theirs: the factor enters the rule twice.
"""

import numpy as np
from scipy.special import expit

REST_OF_THE_PAPER = -70.0  # mV, the potential that the paper calls 0
THETA_OF_THE_PAPER = -55.0  # mV, the potential that the paper calls 1
UNIT_VOLTAGE = THETA_OF_THE_PAPER - REST_OF_THE_PAPER  # mV


def _logit(u, rate_slope, beta, theta):
    """x with phi = phi_max / (1 + e^{-x}); infinite (a constant rate) for rate_slope = 0."""
    with np.errstate(divide="ignore"):
        return beta * (np.asarray(u, dtype=float) - theta) - np.log(rate_slope)


def phi(u, *, phi_max, rate_slope, beta, theta):
    """Rate at potential u, in the unit of phi_max."""
    return phi_max * expit(_logit(u, rate_slope, beta, theta))


def h(u, *, rate_slope, beta, theta, **_):
    """V_unit d(ln phi)/du: the logistic has phi'/phi = beta (1 - phi/phi_max)."""
    return UNIT_VOLTAGE * beta * expit(-_logit(u, rate_slope, beta, theta))


def transfer_parameters(cell):
    """The four parameters of phi, out of a dictionary of cell parameters."""
    return {name: cell[name] for name in ("phi_max", "rate_slope", "beta", "theta")}


def prediction(v_dendrite, cell):
    """V*_w: where the dendrite alone would hold the soma, mV."""
    g_leak, g_coupling = cell["soma_g_leak"], cell["g_dendrite_to_soma"]
    return (g_leak * cell["soma_v_rest"] + g_coupling * np.asarray(v_dendrite)) / (g_leak + g_coupling)
