"""NEST through PyNN, with the models and the ways of recording of this package.

``import pyurbanczik.on_nest as sim`` gives pyNN.nest and, in addition, :class:`UrbanczikSenn`,
:class:`UrbanczikSennSynapse`, :class:`WeightedSpikeSourceArray`, ``Projection.record("weight")``, locations and units,
by NEST's own models. Known faults of pyNN.nest are mended (see `mended`). What NEST cannot do is refused by name.
pyNN.nest on disk, and its classes, stay as they are.
"""

# ruff: noqa: F401  (what is imported here is what users import)

from pyNN import common, errors, random, space
from pyNN.nest import *  # noqa: F403
from pyNN.nest import nestml, simulator
from pyNN.standardmodels import StandardCellType

from ..compare.mends import mend_connectors
from .cells import IF_cond_exp_gsfa_grr, IF_curr_delta, UrbanczikSenn, standard_cells
from .control import (
    end,
    get_current_time,
    get_max_delay,
    get_min_delay,
    get_time_step,
    initialize,
    num_processes,
    rank,
    reset,
    run,
    run_for,
    run_until,
    setup,
)
from .electrodes import ACSource, DCSource, NoisyCurrentSource, StepCurrentSource
from .native import native_cell_type, native_electrode_type, native_synapse_type
from .populations import Assembly, Population, PopulationView
from .procedural_api import connect, create, record, record_gsyn, record_v, set
from .projections import Projection
from .refusals import refused
from .sources import SpikeSourceArray, WeightedSpikeSourceArray
from .synapses import (
    GutigWeightDependence,
    MultiQuantalSynapse,
    SimpleStochasticSynapse,
    StaticSynapse,
    STDPMechanism,
    TsodyksMarkramSynapse,
    UrbanczikSennSynapse,
)

globals().update(standard_cells(globals()))
mend_connectors()


def list_standard_models() -> list[str]:
    """Names of the cell types that NEST has."""
    return [
        name
        for name, obj in globals().items()
        if isinstance(obj, type) and issubclass(obj, StandardCellType) and obj is not StandardCellType
    ]


def __getattr__(name):
    raise refused(name)
