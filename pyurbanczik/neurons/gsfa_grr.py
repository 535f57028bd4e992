"""Integrate-and-fire neurons whose own spikes open conductances."""

from typing import Any

from pyNN.standardmodels import cells

from backend_cython.neurons import if_cond_exp_gsfa_grr

from .base import CellType, Term, terms


def nano(name: str) -> Any:
    """A conductance in nS; the core's is in µS."""
    return Term(name, 1e-3, "nS")


class IF_cond_exp_gsfa_grr(CellType, cells.IF_cond_exp_gsfa_grr):
    r"""Integrate-and-fire neuron with spike-frequency adaptation and a relative refractory mechanism.

    .. math::
        c_m \dot v = -\frac{c_m}{\tau_m} (v - v_{rest}) + \sum_{X} g_X (e_{rev,X} - v) + i_{offset} + I,
        \qquad \dot g_X = -g_X / \tau_X, \qquad X = E, I, sfa, rr

    A spike that arrives adds its weight (µS, zero or positive) to g_E or g_I; a spike of the cell adds q_sfa to g_sfa
    and q_rr to g_rr, which are recorded as "g_s" and "g_r" (nS).

    ==================== ==== ==============================================================================
    parameter            unit meaning
    ==================== ==== ==============================================================================
    v_rest               mV   potential to which the cell relaxes
    cm                   nF   capacitance, positive
    tau_m                ms   membrane time constant, positive
    tau_refrac           ms   time after a spike for which v stays at v_reset; rounded up to time steps
    v_thresh             mV   potential at which the cell spikes
    v_reset              mV   potential after a spike, below v_thresh
    i_offset             nA   constant current
    tau_syn_E, tau_syn_I ms   time constants of the synapses, positive
    e_rev_E, e_rev_I     mV   reversal potentials of the synapses
    tau_sfa, tau_rr      ms   time constants of adaptation and relative refractoriness, positive
    e_rev_sfa, e_rev_rr  mV   their reversal potentials
    q_sfa, q_rr          nS   what a spike adds to their conductances, zero or positive
    ==================== ==== ==============================================================================

    Receptor types are "excitatory" and "inhibitory".

    Raises
    ------
    pyNN.errors.InvalidParameterValueError
        For a value that is not allowed.

    References
    ----------
    .. [1] Muller E, Buesing L, Schemmel J, Meier K (2007) Spike-frequency adapting neural ensembles: Beyond
       mean adaptation and renewal theories. Neural Comput 19:2958–3010.
    """

    core = if_cond_exp_gsfa_grr.IF_cond_exp_gsfa_grr
    parameters = terms(core, q_sfa=nano("q_sfa"), q_rr=nano("q_rr"))
    states = signals = {
        "v": Term("v", 1.0, "mV"),
        "g_r": nano("g_r"),
        "g_s": nano("g_s"),
        "gsyn_exc": Term("gsyn_exc", 1.0, "uS"),
        "gsyn_inh": Term("gsyn_inh", 1.0, "uS"),
    }
