"""Gap junctions and nudging."""

from typing import Any

from pyNN.standardmodels import StandardSynapseType, synapses

from backend_cython.synapses import electrical as core

from ..parameters import InvalidConnectionError
from .base import SynapseType


class Coupling(SynapseType):
    """What synapses between the potentials of two cells share."""

    local_parameters = {}
    everywhere = True  # processes tell each other the potentials of all cells

    def receptor(self, name: str | None) -> str | None:
        return None if name is None or name.endswith(".gap") else name

    def check_source(self, celltype: Any) -> None:
        self._check_cells("presynaptic", celltype)

    def check_target(self, celltype: Any, receptor: str | None) -> None:
        self._check_cells("postsynaptic", celltype)

    def _check_cells(self, side, celltype):
        if core.coupled_compartment(celltype.core) is None:
            raise InvalidConnectionError(
                f"{type(self).__name__}: {side} cells of type {type(celltype).__name__} are not allowed; "
                "they must have a membrane potential"
            )


class ElectricalSynapse(Coupling, synapses.ElectricalSynapse):
    r"""Gap junction: a conductance between the potentials of two cells, with a current in both directions.

    .. math:: I_{post} = \text{weight} \cdot (V_{pre} - V_{post}) = -I_{pre}

    The current weight · (V_pre − V_post) flows into the postsynaptic cell, and out of the presynaptic one. One
    connection makes one junction, as in pyNN.neuron: what connects a pair of cells in both directions (all to
    all within a population, say) makes two, and their conductances add.

    Both cells need a membrane potential; junctions of `UrbanczikSenn` cells are between their somata. A junction
    of a cell with itself, which connectors make within a population unless they are told not to, has no effect.
    There is no delay, and a `receptor_type` has no meaning (pyNN.neuron's "source_section.gap" is accepted).

    Parameters
    ----------
    weight : float
        Conductance, µS; zero or positive. The sum at a cell must not exceed half of its capacitance divided by
        the time step.

    Raises
    ------
    pyNN.errors.InvalidParameterValueError
        For a weight that is negative or not finite; and later, for weights too large for the capacitance, and a
        capacitance too small for the weights.
    pyNN.errors.ConnectionError
        From `Projection`, for spike sources.

    Notes
    -----
    With several processes all of them know all junctions, and tell each other the potentials at every step.

    The current is constant over a time step h, at the value expected in its middle from the potentials at its
    beginning and one step before; the error of potentials is of order h².
    """

    core = core.ElectricalSynapses


class NudgingSynapse(Coupling, StandardSynapseType):
    r"""A conductance that draws the soma of a cell towards the potential of another cell.

    .. math:: I_{post} = \text{weight} \cdot (V_{pre} - V_{post}), \qquad I_{pre} = 0

    The current weight · (V_pre − V_post) flows into the soma of the postsynaptic cell; nothing flows out of the
    presynaptic one. So do teachers nudge their pupils in models of learning with dendrites, such as the interneurons of
    cortical microcircuits.

    Both cells need a membrane potential; of cells with dendrites it is that of the soma. There is no delay, and a
    `receptor_type` has no meaning.

    Parameters
    ----------
    weight : float
        Conductance, µS; zero or positive. The sum at a cell must not exceed half of its capacitance divided by the time
        step.

    Raises
    ------
    pyNN.errors.InvalidParameterValueError
        For a weight that is negative or not finite; and later, for weights too large for the capacitance, and a
        capacitance too small for the weights.
    pyNN.errors.ConnectionError
        From `Projection`, for spike sources.

    Notes
    -----
    The current is constant over a time step h, at the value expected in its middle from the potentials at its
    beginning and one step before; the error of potentials is of order h².

    References
    ----------
    .. [1] Sacramento J, Costa RP, Bengio Y, Senn W (2018) Dendritic cortical microcircuits approximate the
       backpropagation algorithm. NeurIPS 31.
    """

    core = core.NudgingSynapses
