"""What a projection is given, checked before anything is connected."""

from typing import Any

from pyNN import errors
from pyNN.common.populations import Assembly, BasePopulation
from pyNN.connectors import Connector

from ..parameters import InvalidConnectionError
from ..parameters.suggestions import close_to
from ..simulation import simulator
from ..simulation.lifetime import Member
from ..synapses.base import SynapseType
from .base import ABSTRACT


def check_arguments(pre: Any, post: Any, connector: Connector, synapse_type: Any, receptor_type: Any) -> None:
    """Refuse what cannot be connected; groups and connectors that are none at all are left to PyNN."""
    if type(connector) in ABSTRACT:
        raise TypeError(f"Projection.connector: a {type(connector).__name__} decides on no connections; derive from it")
    if not isinstance(synapse_type, SynapseType | None):
        raise TypeError(
            f"Projection.synapse_type: {synapse_type!r} is not allowed; it must be a synapse type of {simulator.name}"
        )
    groups = [group for group in (pre, post) if isinstance(group, BasePopulation | Assembly)]
    for group in groups:
        if not group.size:
            raise InvalidConnectionError(f"{group.label!r} has no cells to connect")
        for population in getattr(group, "populations", [group]):
            if isinstance(population, Member):
                population.check_present()
    if isinstance(post, BasePopulation | Assembly) and not post.receptor_types:
        raise InvalidConnectionError(
            f"{post.label!r} cannot be the target of a projection: its cells have no "
            "receptors in common, or are spike sources"
        )
    receptor = synapse_type.receptor(receptor_type) if synapse_type is not None else receptor_type
    if receptor is not None and isinstance(post, BasePopulation | Assembly) and receptor not in post.receptor_types:
        raise InvalidConnectionError(
            f"{post.label!r} has no receptor {receptor!r}; it has {', '.join(post.receptor_types)}"
            f"{close_to(receptor, post.receptor_types)}"
        )
    if len(groups) < 2:
        return
    if synapse_type is not None:
        _check_shapes(synapse_type, (pre.size, post.size))


def _check_shapes(synapse_type, expected):
    for name, lazy in synapse_type.parameter_space.items():
        shape = getattr(lazy.base_value, "shape", ())
        if shape not in ((), expected):
            raise errors.InvalidDimensionsError(
                f"{type(synapse_type).__name__}.{name}: an array of shape {shape} is not allowed; "
                f"it must be of shape {expected}"
            )
