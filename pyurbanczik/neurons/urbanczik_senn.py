"""The two-compartment neuron of Urbanczik and Senn."""

from pyNN.standardmodels import StandardCellType

from backend_cython.neurons import urbanczik_senn as core

from .base import CellType


class UrbanczikSenn(CellType, StandardCellType):
    r"""Point-process neuron with a conductance-based soma and a current-based dendrite.

    The soma with potential U and the dendrite with potential V_w follow

    .. math::
        C_s \dot U   &= -g_{L,s}(U - E_{L,s}) - g_{DS}(U - V_w) - g_E(U - E_E) - g_I(U - E_I) + I_s \\
        C_d \dot V_w &= -g_{L,d}(V_w - E_{L,d}) - g_{SD}(V_w - U) + I_E + I_I + I_d

    where a spike that arrives adds the weight of its synapse to g_E, g_I (µS, soma) or to I_E, I_I (nA,
    dendrite; I_I is negative), each of which decays exponentially with a time constant of its own. The soma
    spikes with the rate

    .. math::
        \varphi(U) = \frac{\varphi_{max}}{1 + k\,e^{\beta(\theta - U)}}

    and is silent for `tau_refrac` after a spike; U is not reset. The potential that the dendrite alone
    predicts for the soma, from which :class:`UrbanczikSennSynapse` learns, is

    .. math::
        V^*_w = \frac{g_{L,s} E_{L,s} + g_{DS} V_w}{g_{L,s} + g_{DS}} .

    Parameters may be nested, ``UrbanczikSenn(soma={"cm": 0.3}, dendrite={"cm": 0.3}, phi_max=150.0)``, or
    flat, ``UrbanczikSenn(soma_cm=0.3, dendrite_cm=0.3, phi_max=150.0)``, but not both. Each is a number, or, for a
    population, an array, a function of the index or a `RandomDistribution`.

    ======================================= ====== ======================= ===========================
    parameter                               unit   in NEST                 meaning
    ======================================= ====== ======================= ===========================
    soma_cm, dendrite_cm                    nF     C_m (pF)                capacitance, positive
    soma_g_leak, dendrite_g_leak            µS     g_L (nS)                leak conductance, positive
    soma_v_rest, dendrite_v_rest            mV     E_L                     leak reversal potential
    soma_e_rev_E, soma_e_rev_I              mV     E_ex, E_in              synaptic reversal potentials
    soma_tau_syn_E, soma_tau_syn_I          ms     tau_syn_ex, tau_syn_in  decay of g_E, g_I, positive
    dendrite_tau_syn_E, dendrite_tau_syn_I  ms     tau_syn_ex, tau_syn_in  decay of I_E, I_I, positive
    soma_i_offset, dendrite_i_offset        nA     I_e (pA)                constant current
    g_dendrite_to_soma                      µS     g_sp (nS)               coupling acting on the soma
    g_soma_to_dendrite                      µS     g_ps (nS)               coupling acting on the dendrite
    tau_refrac                              ms     t_ref                   time without spikes after a spike
    phi_max                                 Hz     phi_max (1/ms)          largest rate
    rate_slope                              1      rate_slope              k of the rate function, at most 1000
    beta                                    1/mV   beta                    steepness of the rate function
    theta                                   mV     theta                   position of the rate function
    ======================================= ====== ======================= ===========================

    Receptor types are "dendritic_exc", "dendritic_inh" (weights in nA), "soma_exc" and "soma_inh" (weights in
    µS), with weights that are zero or positive, where an inhibitory one hyperpolarises; and "dendritic" (nA), with
    weights of either sign and the time constant `dendrite_tau_syn_E`. The first two are the defaults of a
    `Projection`. Electrodes inject into either compartment, ``location="soma"`` (the default) or ``"dendrite"``.

    Recordable are "spikes", "soma.v" and "dendrite.v" (mV; "v" is the soma), "gsyn_exc", "gsyn_inh" (µS,
    soma), "isyn_exc", "isyn_inh" (nA, dendrite; I_I is negative), "v_star" (V*_w, mV), "rate" (φ(U), Hz),
    "rate_star" (φ(V*_w), Hz) and "error" (δΠ, the error of the prediction in the step).

    The initial value "v" sets both compartments, "soma.v" or "dendrite.v" one of them. Both start at their
    v_rest, if nothing else is given.

    Raises
    ------
    pyNN.errors.InvalidParameterValueError
        For a value that is not allowed.
    pyNN.errors.NonExistentParameterError
        For a name that does not exist, nested ones included.

    Notes
    -----
    Below threshold the dendrite is integrated exactly and the soma to less than 1e-6 mV at a time step of 0.1
    ms. NEST calls this model ``pp_cond_exp_mc_urbanczik``; ``native_cell_type`` provides it under its names
    and in its units.

    References
    ----------
    .. [1] Urbanczik R, Senn W (2014) Learning by the dendritic prediction of somatic spiking. Neuron
       81:521–528.
    .. [2] Stapmanns J, Hahne J, Helias M, Bolten M, Diesmann M, Dahmen D (2021) Event-based update of
       synapses in voltage-based learning rules. Front Neuroinform 15:609147.
    """

    core = core.UrbanczikSenn
    # PyNN derives the sign of weights from this: positive ones on all receptors
    conductance_based = True
    state_groups = {"v": ("soma.v", "dendrite.v")}
    signal_aliases = {"v": "soma.v"}
