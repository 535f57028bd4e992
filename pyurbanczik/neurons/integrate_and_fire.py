"""Leaky integrate-and-fire neurons."""

from pyNN.standardmodels import cells

from backend_cython.neurons import if_facets_hardware1, standard_cells

from .base import CellType, Term, terms

_PARAMETERS = """
    ==================== ==== ==============================================================================
    parameter            unit meaning
    ==================== ==== ==============================================================================
    v_rest               mV   potential to which the cell relaxes
    cm                   nF   capacitance, positive
    tau_m                ms   membrane time constant, positive; the leak conductance is cm / tau_m
    tau_refrac           ms   time after a spike for which v stays at v_reset; rounded up to time steps
    v_thresh             mV   potential at which the cell spikes
    v_reset              mV   potential after a spike, below v_thresh
    i_offset             nA   constant current
{}    ==================== ==== ==============================================================================
"""
_TAU = "    tau_syn_E, tau_syn_I ms   time constants of the synapses, positive\n"
_E_REV = "    e_rev_E, e_rev_I     mV   reversal potentials of the synapses\n"
_END = """
    Receptor types are "excitatory" and "inhibitory". v at the time of a spike is v_reset.

    Raises
    ------
    pyNN.errors.InvalidParameterValueError
        For a value that is not allowed.
"""


class IF_curr_exp(CellType, cells.IF_curr_exp):
    __doc__ = f"""Leaky integrate-and-fire neuron with exponentially decaying synaptic currents.

    .. math::
        c_m \\dot v = -\\frac{{c_m}}{{\\tau_m}} (v - v_{{rest}}) + I_E + I_I + i_{{offset}} + I,
        \\qquad \\dot I_X = -I_X / \\tau_{{syn,X}}

    A spike that arrives adds its weight (nA; zero or negative if inhibitory) to I_E or I_I. The potential is
    integrated exactly, also where time constants coincide.
    {_PARAMETERS.format(_TAU)}{_END}"""

    core = standard_cells.IF_curr_exp
    recordable = cells.IF_curr_exp.recordable


class IF_curr_alpha(CellType, cells.IF_curr_alpha):
    __doc__ = f"""Leaky integrate-and-fire neuron with alpha-shaped synaptic currents.

    .. math::
        c_m \\dot v = -\\frac{{c_m}}{{\\tau_m}} (v - v_{{rest}}) + I_E + I_I + i_{{offset}} + I,
        \\qquad I_X(t) = \\sum_f w_f \\frac{{t - t_f}}{{\\tau_{{syn,X}}}} e^{{1 - (t - t_f)/\\tau_{{syn,X}}}}

    with the weights w_f (nA, the peak of the current; zero or negative if inhibitory) of the spikes that arrived
    at t_f. The potential is integrated exactly, also where time constants coincide.
    {_PARAMETERS.format(_TAU)}{_END}"""

    core = standard_cells.IF_curr_alpha
    recordable = cells.IF_curr_alpha.recordable


class IF_curr_delta(CellType, cells.IF_curr_delta):
    __doc__ = f"""Leaky integrate-and-fire neuron whose potential jumps with each spike that arrives.

    .. math::
        c_m \\dot v = -\\frac{{c_m}}{{\\tau_m}} (v - v_{{rest}}) + i_{{offset}} + I + c_m \\sum_f w_f \\delta(t - t_f)

    with the weights w_f (mV; zero or negative if inhibitory) of the spikes that arrive at t_f. What arrives while
    the cell is refractory is lost. The potential is integrated exactly.
    {_PARAMETERS.format("")}{_END}"""

    core = standard_cells.IF_curr_delta


class IF_cond_exp(CellType, cells.IF_cond_exp):
    __doc__ = f"""Leaky integrate-and-fire neuron with exponentially decaying synaptic conductances.

    .. math::
        c_m \\dot v = -\\frac{{c_m}}{{\\tau_m}} (v - v_{{rest}}) + g_E (e_{{rev,E}} - v) + g_I (e_{{rev,I}} - v)
        + i_{{offset}} + I, \\qquad \\dot g_X = -g_X / \\tau_{{syn,X}}

    A spike that arrives adds its weight (µS, zero or positive) to g_E or g_I. The potential is integrated to less
    than 1e-6 mV.
    {_PARAMETERS.format(_TAU + _E_REV)}{_END}"""

    core = standard_cells.IF_cond_exp


class IF_cond_alpha(CellType, cells.IF_cond_alpha):
    __doc__ = f"""Leaky integrate-and-fire neuron with alpha-shaped synaptic conductances.

    .. math::
        c_m \\dot v = -\\frac{{c_m}}{{\\tau_m}} (v - v_{{rest}}) + g_E (e_{{rev,E}} - v) + g_I (e_{{rev,I}} - v)
        + i_{{offset}} + I,
        \\qquad g_X(t) = \\sum_f w_f \\frac{{t - t_f}}{{\\tau_{{syn,X}}}} e^{{1 - (t - t_f)/\\tau_{{syn,X}}}}

    with the weights w_f (µS, the peak of the conductance; zero or positive) of the spikes that arrived at t_f.
    The potential is integrated to less than 1e-6 mV.
    {_PARAMETERS.format(_TAU + _E_REV)}{_END}"""

    core = standard_cells.IF_cond_alpha


class IF_facets_hardware1(CellType, cells.IF_facets_hardware1):
    r"""The :class:`IF_cond_exp` neuron of the FACETS hardware, stage 1.

    .. math:: c_m \dot v = -g_{leak} (v - v_{rest}) + g_E (e_{rev,E} - v) + g_I (e_{rev,I} - v) + I,
        \qquad \dot g_X = -g_X / \tau_{syn,X}

    The leak conductance `g_leak` (nS) takes the place of the time constant; cm = 0.2 nF, tau_refrac = 1 ms and
    e_rev_E = 0 mV are fixed, and there is no i_offset. The other parameters are `tau_syn_E`, `tau_syn_I` (ms),
    `v_reset`, `e_rev_I`, `v_rest` and `v_thresh` (mV).

    Raises
    ------
    pyNN.errors.InvalidParameterValueError
        For a value that is not allowed.
    """

    core = if_facets_hardware1.IF_facets_hardware1
    parameters = terms(core, g_leak=Term("g_leak", 1e-3, "nS"))
