"""PyNN's functions for scripts without objects."""

from typing import Any

from pyNN import common
from pyNN.connectors import FixedProbabilityConnector
from pyNN.nest import simulator

from .populations import Population
from .projections import Projection
from .synapses import StaticSynapse
from .units import without_units

create = without_units(common.build_create(Population))
connect = without_units(common.build_connect(Projection, FixedProbabilityConnector, StaticSynapse))
set = common.set
record = common.build_record(simulator)


def record_v(source: Any, filename: str) -> None:
    """Record membrane potentials, to a file at the end."""
    record(["v"], source, filename)


def record_gsyn(source: Any, filename: str) -> None:
    """Record synaptic conductances, to a file at the end."""
    record(["gsyn_exc", "gsyn_inh"], source, filename)
