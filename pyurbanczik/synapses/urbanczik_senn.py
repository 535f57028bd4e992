"""Synapses that learn by the dendritic prediction of somatic spiking."""

from collections.abc import Mapping
from typing import Any

from pyNN.standardmodels import StandardSynapseType

from backend_cython.synapses import urbanczik_senn as core

from ..parameters import InvalidConnectionError
from .base import SplitDelay


class DendriticPrediction(SplitDelay):
    """What the rule needs under whatever names: a dendrite, and that weights lie between their bounds."""

    bounds = ("w_min", "w_max")

    @property
    def related(self) -> tuple[str, ...]:
        return (*self.bounds, "weight")

    def check_together(self, values: Mapping[str, Any], target_unit: str | None = None) -> None:
        low, high = self.bounds
        self._check_order(values, low, high, named=low)
        self._check_order(values, low, "weight", named="weight")
        self._check_order(values, "weight", high, named="weight")

    def check_target(self, celltype: Any, receptor: str | None) -> None:
        try:
            self.core.check_ends(None, celltype.core, receptor, type(self).__name__)
        except ValueError as error:
            # which knows cells by the name of their class in the core
            cells = f" of {celltype.core.__name__} "
            raise InvalidConnectionError(str(error).replace(cells, f" of {type(celltype).__name__} ")) from None


class UrbanczikSennSynapse(DendriticPrediction, StandardSynapseType):
    r"""Plastic synapse onto the dendrite of an :class:`UrbanczikSenn` neuron.

    The weight follows the error of the dendrite's prediction, low-pass filtered:

    .. math::
        \dot w &= 10^{-3}\,\eta\,\Delta, \qquad
        \tau_\Delta \dot \Delta = -\Delta + \Theta\,C\,\kappa(t)\,\delta\Pi(t) \\
        \delta\Pi(t) &= \bigl(S(t) - \varphi(V^*_w(t))\bigr)\, h(V^*_w(t)), \qquad
        h(V) = \Theta\,\varphi'(V) / \varphi(V) \\
        \kappa(t) &= \sum_f \frac{\tau_s}{g_L (\tau_L - \tau_s)}
        \bigl(e^{-(t - t_f)/\tau_L} - e^{-(t - t_f)/\tau_s}\bigr)

    with the somatic spike train S, the unit voltage Θ = 15 mV, and the postsynaptic potential κ that the
    presynaptic spikes at t_f evoke in the dendrite for a unit of weight (C, g_L, τ_L = C/g_L and τ_s are the
    dendrite's capacitance, leak conductance, membrane and synaptic time constants). The factor of 10⁻³ lets
    learning rates be NEST's numbers, which belong to weights in pA. The weight is brought up to date
    when a presynaptic spike passes the synapse, and kept within [w_min, w_max] then. A synapse onto
    "dendritic_inh" hyperpolarises, and learns with the opposite sign.

    ========================= ==== ========= ===========================================================
    parameter                 unit in NEST   meaning
    ========================= ==== ========= ===========================================================
    weight                    nA   pA        initial weight; zero or positive, within [w_min, w_max]
    delay                     ms   delay     at least one time step
    eta                       1    eta       learning rate, zero or positive; the same number as in NEST
    tau_Delta                 ms   tau_Delta time constant of the filter, positive
    w_min, w_max              nA   Wmin Wmax bounds of the weight
    dendritic_delay_fraction  1    (1)       part of the delay behind the synapse, from 0 to 1
    ========================= ==== ========= ===========================================================

    With a `dendritic_delay_fraction` of 1 (NEST's reading) the synapse sees spikes at once and the error of
    the dendrite one delay late; with 0 the delay is on the axon, so that the potential from which the synapse
    learns and the one in the dendrite coincide.

    ``projection.get("weight", ...)`` is integrated to the present, without altering what follows. Setting
    "weight" restarts learning from it, setting another parameter leaves the weight continuous.

    Errors are kept for as long as the delays of all projections onto the dendrite need them. When a delay grows
    between two runs, or a projection is made then, errors from before what was kept count as 0.

    Raises
    ------
    pyNN.errors.InvalidParameterValueError
        For a value that is not allowed, and for a weight outside [w_min, w_max].
    pyNN.errors.ConnectionError
        From `Projection`, onto another receptor than a dendritic one.

    References
    ----------
    .. [1] Urbanczik R, Senn W (2014) Learning by the dendritic prediction of somatic spiking. Neuron
       81:521–528.
    .. [2] Stapmanns J, Hahne J, Helias M, Bolten M, Diesmann M, Dahmen D (2021) Event-based update of
       synapses in voltage-based learning rules. Front Neuroinform 15:609147.
    """

    core = core.UrbanczikSennSynapses
