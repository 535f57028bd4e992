"""What a projection is given, checked before anything is connected."""

import numpy as np
from pyNN import errors
from pyNN.common.populations import Assembly, BasePopulation
from pyNN.connectors import FromListConnector

from .. import simulator
from ..parameters import InvalidConnectionError
from ..synapses.base import SynapseType


def check_arguments(pre, post, connector, synapse_type):
    """Refuse what cannot be connected; groups that are none at all are left to PyNN."""
    if not isinstance(synapse_type, SynapseType | None):
        raise TypeError(
            f"Projection.synapse_type: {synapse_type!r} is not allowed; it must be a synapse type of {simulator.name}"
        )
    groups = [group for group in (pre, post) if isinstance(group, BasePopulation | Assembly)]
    for group in groups:
        for population in getattr(group, "populations", [group]):
            if population._population._network_token != simulator.state.network_token:
                raise errors.ConnectionError(f"{population.label!r} belongs to a simulation before setup()")
    if isinstance(post, BasePopulation | Assembly) and not post.receptor_types:
        raise InvalidConnectionError(
            f"{post.label!r} cannot be the target of a projection: its cells have no "
            "receptors in common, or are spike sources"
        )
    if len(groups) < 2:
        return
    if synapse_type is not None:
        _check_shapes(synapse_type, (pre.size, post.size))
    table = getattr(connector, "conn_list", ()) if isinstance(connector, FromListConnector) else ()
    if len(table):
        check_list(np.asarray(table, dtype=float), pre.size, post.size)


def _check_shapes(synapse_type, expected):
    for name, lazy in synapse_type.parameter_space.items():
        shape = getattr(lazy.base_value, "shape", ())
        if shape not in ((), expected):
            raise errors.InvalidDimensionsError(
                f"{type(synapse_type).__name__}.{name}: an array of shape {shape} is not allowed; "
                f"it must be of shape {expected}"
            )


def check_list(table, n_pre, n_post):
    """Refuse indices that do not exist."""
    for column, side, size in ((0, "presynaptic", n_pre), (1, "postsynaptic", n_post)):
        index = table[:, column]
        wrong = ~((index >= 0) & (index < size) & (index == np.rint(index)))
        if wrong.any():
            raise InvalidConnectionError(
                f"FromListConnector.conn_list: {side} index {index[wrong][0]:g} is not allowed; "
                f"it must be an integer from 0 to {size - 1}"
            )
