"""Adaptive exponential integrate-and-fire neurons."""

from pyNN.standardmodels import cells

from backend_cython.neurons import standard_cells

from .base import CellType, Term, terms

ADAPTATION = Term("a", 1e-3, "nS")  # µS in the core

_DOCUMENTATION = """Adaptive exponential integrate-and-fire neuron with {} synaptic conductances.

    .. math::
        c_m \\dot v &= -g_L (v - v_{{rest}}) + g_L \\Delta_T e^{{(v - v_{{thresh}}) / \\Delta_T}} - w
                      + g_E (e_{{rev,E}} - v) + g_I (e_{{rev,I}} - v) + i_{{offset}} + I,
                      \\qquad g_L = c_m / \\tau_m \\\\
        \\tau_w \\dot w &= a (v - v_{{rest}}) - w

    A spike happens when v reaches v_spike, within the time step: from then on v is v_reset for `tau_refrac`, and
    w grows by b. With delta_T = 0 there is no upstroke, and v_thresh is the potential at which the cell spikes.
    Weights are in µS, zero or positive{}.

    ==================== ==== ==============================================================================
    parameter            unit meaning
    ==================== ==== ==============================================================================
    cm                   nF   capacitance, positive
    tau_m                ms   membrane time constant, positive
    v_rest               mV   leak reversal potential
    v_thresh             mV   potential at which the upstroke begins
    delta_T              mV   sharpness of the upstroke, zero or positive
    v_spike              mV   potential at which the upstroke is cut off, above v_reset
    v_reset              mV   potential after a spike
    tau_refrac           ms   time after a spike for which v stays at v_reset; rounded up to time steps
    a                    nS   how strongly the adaptation w follows v
    b                    nA   growth of w with a spike
    tau_w                ms   time constant of w, positive
    i_offset             nA   constant current
    tau_syn_E, tau_syn_I ms   time constants of the synapses, positive
    e_rev_E, e_rev_I     mV   reversal potentials of the synapses
    ==================== ==== ==============================================================================

    Receptor types are "excitatory" and "inhibitory".

    Raises
    ------
    pyNN.errors.InvalidParameterValueError
        For a value that is not allowed.

    References
    ----------
    .. [1] Brette R, Gerstner W (2005) Adaptive exponential integrate-and-fire model as an effective description
       of neuronal activity. J Neurophysiol 94:3637–3642.
    """


class EIF_cond_exp_isfa_ista(CellType, cells.EIF_cond_exp_isfa_ista):
    __doc__ = _DOCUMENTATION.format("exponentially decaying", "")

    core = standard_cells.EIF_cond_exp_isfa_ista
    parameters = terms(core, a=ADAPTATION)


class EIF_cond_alpha_isfa_ista(CellType, cells.EIF_cond_alpha_isfa_ista):
    __doc__ = _DOCUMENTATION.format("alpha-shaped", ", and the peak of the conductance")

    core = standard_cells.EIF_cond_alpha_isfa_ista
    parameters = terms(core, a=ADAPTATION)
