"""Synapses with short-term plasticity."""

from pyNN.standardmodels import synapses

from backend_cython.synapses import tsodyks_markram as core

from .base import SynapseType


class TsodyksMarkramSynapse(SynapseType, synapses.TsodyksMarkramSynapse):
    r"""Synapse with short-term depression and facilitation.

    Its resources are recovered (fraction x), active (y) or inactive (the rest, z); a spike makes the part u of
    what is recovered active, and reaches the target with the weight times that:

    .. math::
        \dot x &= z / \tau_{rec} - u\,x\,S(t), \qquad
        \dot y = -y / \tau_{psc} + u\,x\,S(t), \qquad z = 1 - x - y \\
        \dot u &= -u / \tau_{facil} + U\,(1 - u)\,S(t), \qquad
        \text{transmitted} = \text{weight} \cdot u\,x

    with the presynaptic spike train S; u jumps before x and y do, so that after a long silence a spike uses
    the part U. Between spikes the equations are solved exactly. :math:`\tau_{psc}`, the time constant of the
    synaptic current, is that of the target's receptor (its `tau_syn`), and follows it when that is set; it is
    0 where a receptor has none. Without facilitation, `tau_facil` = 0, u is U at every spike.

    ============= ========= ========= ==================================================
    parameter     unit      in NEST   meaning
    ============= ========= ========= ==================================================
    weight        nA or µS  weight    what a spike would transmit with u = x = 1
    delay         ms        delay     at least one time step
    U             1         U         utilisation of a synapse at rest, from 0 to 1
    tau_rec       ms        tau_rec   time constant of recovery, positive
    tau_facil     ms        tau_fac   time constant of facilitation, zero or positive
    ============= ========= ========= ==================================================

    States, with their initial values: `u` (0), `x` (1), `y` (0), NEST's u, x and y; x + y is at most 1. They are
    carried on when a parameter is set. `Projection.record` takes "weight", "u", "x", "y" and, at
    spikes only, "transmitted" (which includes the factor of a weighted source). At a spike u is the one that
    the spike uses, x and y are those before the spike.

    Transmits the same as NEST's ``tsodyks_synapse`` with `tau_psc` set to the receptor's time constant.
    A factor of a weighted source multiplies what is transmitted, not what is released.

    Raises
    ------
    pyNN.errors.InvalidParameterValueError
        For a value that is not allowed.

    References
    ----------
    .. [1] Tsodyks M, Uziel A, Markram H (2000) Synchrony generation in recurrent networks with
       frequency-dependent synapses. J Neurosci 20:RC50.
    """

    core = core.TsodyksMarkramSynapses
