"""Synapses that transmit by chance.

Every connection draws from a random stream of its own, which depends on the seed of `setup` and on the two cells
alone: results do not depend on the order of connections, on threads, or on how a run is divided, and a reset
repeats them.
"""

from pyNN.standardmodels import synapses

from backend_cython.synapses import multi_quantal, simple_stochastic, stochastic_tsodyks_markram

from .base import SynapseType


class SimpleStochasticSynapse(SynapseType, synapses.SimpleStochasticSynapse):
    r"""Synapse that lets each spike pass with a fixed probability, independently of all others.

    .. math:: P(\text{transmitted} = \text{weight}) = p, \qquad P(\text{transmitted} = 0) = 1 - p

    ============= ========= =========== ==================================================
    parameter     unit      in NEST     meaning
    ============= ========= =========== ==================================================
    weight        nA or µS  weight      of a spike that passes
    delay         ms        delay       at least one time step
    p             1         p_transmit  probability that a spike passes, from 0 to 1
    ============= ========= =========== ==================================================

    `Projection.record` takes "weight" and, at spikes only, "transmitted": the weight (times the factor of a
    weighted source) or 0. NEST calls the model ``bernoulli_synapse``.

    Raises
    ------
    pyNN.errors.InvalidParameterValueError
        For a value that is not allowed.
    """

    core = simple_stochastic.SimpleStochasticSynapses


class StochasticTsodyksMarkramSynapse(SynapseType, synapses.StochasticTsodyksMarkramSynapse):
    r"""Synapse with one release site, depression and facilitation.

    At a spike u jumps first, then a vesicle, if there is one (R = 1), is released with the probability u:

    .. math::
        \dot u = -u / \tau_{facil} + U\,(1 - u)\,S(t), \qquad
        P(R: 1 \to 0 \mid \text{spike}) = u, \qquad
        P(R: 0 \to 1 \text{ in } dt) = dt / \tau_{rec}

    Its mean over connections is :class:`TsodyksMarkramSynapse` with a short synaptic current. With `tau_facil` = 0,
    u is U at every spike.

    ============= ========= ========= ==================================================
    parameter     unit      in NEST   meaning
    ============= ========= ========= ==================================================
    weight        nA or µS  weight    of a spike at which the vesicle is released
    delay         ms        delay     at least one time step
    U             1         U         probability of release at rest, from 0 to 1
    tau_rec       ms        tau_rec   mean time until the next vesicle, positive
    tau_facil     ms        tau_fac   time constant of facilitation, zero or positive
    ============= ========= ========= ==================================================

    States, with their initial values: `u` (0) and `R` (1, or 0: to be recovered). `Projection.record` takes "weight",
    "u", "R" and, at spikes only, "released" (0 or 1) and "transmitted" (weight times released,
    times the factor of a weighted source). At a spike u is the one that the spike uses, R the one before it.
    NEST has this model as PyNN's extension, ``stochastic_stp_synapse``; there, and in PyNN's NEURON backend,
    recovery is drawn at each spike, here when the vesicle is released: the law is the same, since recovery has no
    memory.

    Raises
    ------
    pyNN.errors.InvalidParameterValueError
        For a value that is not allowed.

    References
    ----------
    .. [1] Fuhrmann G, Segev I, Markram H, Tsodyks M (2002) Coding of temporal information by activity-dependent
       synapses. J Neurophysiol 87:140–148.
    """

    core = stochastic_tsodyks_markram.StochasticTsodyksMarkramSynapses


class MultiQuantalSynapse(SynapseType, synapses.MultiQuantalSynapse):
    r"""Synapse with `n` release sites, depression and facilitation.

    At a spike each of the `a` sites that hold a vesicle releases it with the probability u, independently of the
    others, and each vesicle released transmits the weight. An empty site has its next vesicle
    after an exponentially distributed time of mean `tau_rec`. Between spikes and at one, u being used first,

    .. math::
        \dot u = (U - u) / \tau_{facil}, \qquad u \to U + (1 - U)\,u ,

    so that from spike to spike :math:`u_{k+1} = U + u_k (1 - U) e^{-\Delta t / \tau_{facil}}`. This u is the
    probability that a spike would meet now; with `tau_facil` = 0 it is U always.

    ============= ========= ========= ==================================================
    parameter     unit      in NEST   meaning
    ============= ========= ========= ==================================================
    weight        nA or µS  weight    of one vesicle
    delay         ms        delay     at least one time step
    U             1         U         probability of release at rest, from 0 to 1
    n             1         n         number of release sites, a positive integer
    tau_rec       ms        tau_rec   mean time until a site's next vesicle, positive
    tau_facil     ms        tau_fac   time constant of facilitation, zero or positive
    ============= ========= ========= ==================================================

    States, with their initial values: `u` (U) and `a` (n; the other sites are to be recovered), NEST's u and a.
    `Projection.record` takes "weight", "u", "a" and, at spikes only, "released" (vesicles) and "transmitted"
    (weight times released, times the factor of a weighted source). At a spike u and a are those that it meets.
    A change of `n` takes the last sites away, or adds such that hold a vesicle.

    Follows NEST's ``quantal_stp_synapse``, with these differences. There u and a begin at 0.5 and 1 whatever
    U and n are, which PyNN's NEST backend leaves so unless a script initialises them; here at U and n. A given initial
    u holds there until the first spike; here it relaxes to U. In PyNN's NEURON backend the weight is that of all
    n vesicles together.

    Raises
    ------
    pyNN.errors.InvalidParameterValueError
        For a value that is not allowed.

    References
    ----------
    .. [1] Fuhrmann G, Segev I, Markram H, Tsodyks M (2002) Coding of temporal information by activity-dependent
       synapses. J Neurophysiol 87:140–148.
    .. [2] Loebel A, Silberberg G, Helbig D, Markram H, Tsodyks M, Richardson MJE (2009) Multiquantal release
       underlies the distribution of synaptic efficacies in the neocortex. Front Comput Neurosci 3:27.
    """

    core = multi_quantal.MultiQuantalSynapses
