"""A soma and the dendrites that drive current into it: the equations, and what a step of them needs.

    C_s dU/dt   = −g_L (U − E_L) − g_E (U − E_E) − g_I (U − E_I) + Σ_c g_c (V_c − U) + I_s
    C_c dV_c/dt = −g_Lc (V_c − E_c) + I_Ec + I_Ic + b_c (U − V_c) + I_c

Conductances of the soma and synaptic currents of the dendrites decay exponentially between inputs. Each dendrite
predicts the soma as it would be if the other dendrites were at rest,

    V*_c = (g_L E_L + g_c V_c + Σ_{k≠c} g_k E_k) / (g_L + Σ_k g_k).

Numerics: without current back into a dendrite (b_c = 0) dendrites are integrated exactly, and the soma, a linear
equation with the known integrating factor A(s) = ∫_s^h a(u) du (a = total conductance / C_s), by

    U(h) = U(0) + ∫_0^h e^{−A(s)} (b(s) − a(s) U(0)) ds,      C_s U' = C_s (b − a U)

with a three-point Gauss rule, which is exact at rest, over some substeps where the step is long for the cell. Where it
is long for the synaptic conductance, and with b_c > 0, all potentials are expanded into Taylor series
(taylor_step.pxd).
"""

from libc.math cimport INFINITY, exp, expm1

import numpy as np

from backend_cython.numerics.propagators cimport expm1_ratio

# Rate × step up to which the Gauss rule is good to 1e-7 mV, and the short exponentials in it valid.
GAUSS_LIMIT = 0.5
# Rate of the soma alone × substep, which leaves room for synaptic conductances; and the most substeps.
STATIC_LIMIT = 0.25
MOST_SUBSTEPS = 32

NODES, WEIGHTS = np.polynomial.legendre.leggauss(N_NODES)


cdef int prepare_compartments(
    Soma* soma, Dendrite* dendrites, list couplings, dict p, double h, bint divide=True
) except -1:
    """Coefficients of a step of `h` ms, or of the substeps into which the Gauss rule divides it; their number.

    `p` has the parameters of a cell, `couplings` for each dendrite its label and the names of its conductances to the
    soma and from it. Unless asked to `divide` it, a step is one as long as that will do without synaptic conductances.
    """
    prepare_step(soma, dendrites, couplings, p, h)
    cdef double needed = max(soma.g_static / soma.cm / STATIC_LIMIT, soma.fastest / GAUSS_LIMIT) * h
    if needed < 1.0 or needed >= MOST_SUBSTEPS or not divide and (soma.strongest >= 0.0 or soma.fed_back):
        return 1
    cdef int substeps = <int> needed + 1
    prepare_step(soma, dendrites, couplings, p, h / substeps)
    return substeps


cdef prepare_step(Soma* soma, Dendrite* dendrites, list couplings, dict p, double h):
    cdef double others
    cdef Py_ssize_t c, k, n = len(couplings)
    cdef int q
    prepare_soma(soma, p, h)
    soma.fed_back = False
    for c, (label, to_soma, from_soma) in enumerate(couplings):
        prepare_dendrite(&dendrites[c], label, p[to_soma], p[from_soma], p, h)
        soma.fed_back = soma.fed_back or dendrites[c].back > 0.0
        soma.g_static += dendrites[c].to_soma
        soma.i_at_rest += dendrites[c].to_soma * dendrites[c].rest
        soma.fastest = max(soma.fastest, (dendrites[c].leak + dendrites[c].back) / dendrites[c].cm)
        soma.fastest = max(soma.fastest, max(dendrites[c].rate_E, dendrites[c].rate_I))
    for c in range(n):
        others = p["soma_g_leak"] * p["soma_v_rest"]
        for k in range(n):
            if k != c:
                others += dendrites[k].to_soma * dendrites[k].rest
        dendrites[c].share = dendrites[c].to_soma / soma.g_static
        dendrites[c].predict_rest = others / soma.g_static
    for q in range(N_POINTS):
        soma.remaining[q] = soma.g_static * (h - point(q, h)) / soma.cm
    soma.strongest = -INFINITY
    if GAUSS_LIMIT > h * soma.fastest and not soma.fed_back:
        soma.strongest = GAUSS_LIMIT * soma.cm / h - soma.g_static


cdef prepare_soma(Soma* soma, dict p, double h):
    """What does not depend on the dendrites."""
    cdef double s
    cdef int q
    soma.cm = p["soma_cm"]
    soma.g_static = p["soma_g_leak"]
    soma.i_static = p["soma_g_leak"] * p["soma_v_rest"] + p["soma_i_offset"]
    soma.i_at_rest = soma.i_static
    soma.e_rev_E = p["soma_e_rev_E"]
    soma.e_rev_I = p["soma_e_rev_I"]
    soma.rate_E = 1.0 / p["soma_tau_syn_E"]
    soma.rate_I = 1.0 / p["soma_tau_syn_I"]
    soma.decay_E = exp(-h * soma.rate_E)
    soma.decay_I = exp(-h * soma.rate_I)
    soma.fastest = max(soma.rate_E, soma.rate_I)
    for q in range(N_POINTS):
        s = point(q, h)
        soma.left_E[q] = exp(-s * soma.rate_E)
        soma.left_I[q] = exp(-s * soma.rate_I)
        soma.drive_E[q] = soma.left_E[q] * soma.e_rev_E
        soma.drive_I[q] = soma.left_I[q] * soma.e_rev_I
        soma.ahead_E[q] = (soma.left_E[q] - soma.decay_E) / (soma.rate_E * soma.cm)
        soma.ahead_I[q] = (soma.left_I[q] - soma.decay_I) / (soma.rate_I * soma.cm)
        soma.weight[q] = 0.5 * h * WEIGHTS[q] / soma.cm if q < N_NODES else 0.0


cdef prepare_dendrite(Dendrite* d, label, double to_soma, double back, dict p, double h):
    """What does not depend on soma and other dendrites."""
    cdef double s, x, factor
    cdef int q
    d.rest = p[f"{label}_v_rest"]
    d.cm = p[f"{label}_cm"]
    d.leak = p[f"{label}_g_leak"]
    d.to_soma = to_soma
    d.back = back
    d.offset = p[f"{label}_i_offset"]
    d.rate_E = 1.0 / p[f"{label}_tau_syn_E"]
    d.rate_I = 1.0 / p[f"{label}_tau_syn_I"]
    d.decay_E = exp(-h * d.rate_E)
    d.decay_I = exp(-h * d.rate_I)
    for q in range(N_POINTS):
        s = point(q, h)
        x = s * d.leak / d.cm
        factor = to_soma if q < N_NODES else 1.0
        d.from_v[q] = exp(-x) * factor
        d.from_constant[q] = -expm1(-x) / d.leak * factor
        d.from_E[q] = s / d.cm * exp(-x) * expm1_ratio(x - s * d.rate_E) * factor
        d.from_I[q] = s / d.cm * exp(-x) * expm1_ratio(x - s * d.rate_I) * factor


cdef double point(int q, double h):
    """The times at which a step is looked at: the nodes of the Gauss rule, and its end."""
    return h if q == N_NODES else 0.5 * h * (1.0 + NODES[q])
