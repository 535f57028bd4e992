"""Neurons with sodium and potassium channels."""

from pyNN.standardmodels import cells

from backend_cython.neurons import hh_cond_exp

from .base import CellType


class HH_cond_exp(CellType, cells.HH_cond_exp):
    r"""Hodgkin–Huxley neuron with the channels of Traub and Miles and exponentially decaying conductances.

    .. math::
        c_m \dot v &= -g_{leak} (v - e_{leak}) - \bar g_{Na} m^3 h\,(v - e_{Na}) - \bar g_K n^4 (v - e_K)
                      + g_E (e_{rev,E} - v) + g_I (e_{rev,I} - v) + i_{offset} + I \\
        \dot x &= \alpha_x (1 - x) - \beta_x x, \qquad x = m, h, n

    with rates in 1/ms that depend on U = v − v_offset in mV:

    .. math::
        \alpha_m &= \frac{0.32\,(13 - U)}{e^{(13 - U)/4} - 1} &
        \alpha_h &= 0.128\, e^{(17 - U)/18} &
        \alpha_n &= \frac{0.032\,(15 - U)}{e^{(15 - U)/5} - 1} \\
        \beta_m &= \frac{0.28\,(U - 40)}{e^{(U - 40)/5} - 1} &
        \beta_h &= \frac{4}{1 + e^{(40 - U)/5}} &
        \beta_n &= 0.5\, e^{(10 - U)/40}

    A spike is the first time step over which v falls from a peak at least 30 mV above v_offset, as long as 2 ms have
    passed since the last one. Nothing is reset. Weights are in µS, zero or positive.

    ============================== ==== ====================================================
    parameter                      unit meaning
    ============================== ==== ====================================================
    gbar_Na, gbar_K                µS   largest conductances of the channels
    g_leak                         µS   leak conductance
    cm                             nF   capacitance, positive
    v_offset                       mV   shifts the rates along the potential
    e_rev_Na, e_rev_K, e_rev_leak  mV   reversal potentials of the channels and the leak
    e_rev_E, e_rev_I               mV   reversal potentials of the synapses
    tau_syn_E, tau_syn_I           ms   time constants of the synapses, positive
    i_offset                       nA   constant current
    ============================== ==== ====================================================

    Receptor types are "excitatory", "inhibitory" and "source_section.gap", which takes gap junctions only (see
    :class:`ElectricalSynapse`). "spikes", "v", "gsyn_exc", "gsyn_inh" and the activations "m", "h" and "n" can be
    recorded; all but the spikes have initial values, from 0 to 1 for activations.

    Raises
    ------
    pyNN.errors.InvalidParameterValueError
        For a value that is not allowed.

    References
    ----------
    .. [1] Traub RD, Miles R (1991) Neuronal Networks of the Hippocampus. Cambridge University Press.
    """

    core = hh_cond_exp.HH_cond_exp
    receptor_types = cells.HH_cond_exp.receptor_types
