"""The procedural interface: functions instead of methods, for single cells and for groups of them."""

from pyNN import common
from pyNN.connectors import FixedProbabilityConnector

from . import simulator
from .populations import Population
from .projections import Projection
from .synapses import StaticSynapse

create = common.build_create(Population)

connect = common.build_connect(Projection, FixedProbabilityConnector, StaticSynapse)

record = common.build_record(simulator)

set = common.set


def record_v(source, filename):
    """Record the membrane potential and write it to a file at `end()`."""
    return record(["v"], source, filename)


def record_gsyn(source, filename):
    """Record the synaptic conductances and write them to a file at `end()`."""
    return record(["gsyn_exc", "gsyn_inh"], source, filename)
