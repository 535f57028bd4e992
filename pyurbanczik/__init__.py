"""PyNN backend for neurons that learn by the dendritic prediction of somatic spiking.

``import pyurbanczik as sim`` gives the interface of PyNN 0.13, with the two-compartment neuron and the
learning rule of Urbanczik and Senn (2014) on a compiled core.
"""

# ruff: noqa: F401  (what is imported here is what users import)

import sys as _sys
from importlib import import_module as _import_module

import pyNN as _pyNN
from pyNN import descriptions, errors, random, space
from pyNN.connectors import Connector, FixedNumberConnector, MapConnector
from pyNN.core import IndexBasedExpression
from pyNN.parameters import ArrayParameter, LazyArray, ParameterSpace, Sequence
from pyNN.random import GSLRNG, AbstractRNG, NumpyRNG, RandomDistribution
from pyNN.standardmodels import StandardCellType, StandardCurrentSource, StandardSynapseType

from . import plotting
from .connectivity.connectors import (
    AllToAllConnector,
    ArrayConnector,
    CloneConnector,
    CSAConnector,
    DisplacementDependentProbabilityConnector,
    DistanceDependentProbabilityConnector,
    FixedNumberPostConnector,
    FixedNumberPreConnector,
    FixedProbabilityConnector,
    FixedTotalNumberConnector,
    FromFileConnector,
    FromListConnector,
    IndexBasedProbabilityConnector,
    OneToOneConnector,
    SmallWorldConnector,
)
from .connectivity.space import Space
from .connectivity.structures import Cuboid, Grid2D, Grid3D, Line, RandomStructure, Sphere
from .control import (
    end,
    get_current_time,
    get_max_delay,
    get_min_delay,
    get_time_step,
    num_processes,
    rank,
    reset,
    reset_states,
    run,
    run_for,
    run_until,
    setup,
)
from .electrodes import ACSource, DCSource, NoisyCurrentSource, StepCurrentSource
from .nest_names import (
    NativeCellType,
    NativeElectrodeType,
    NativeSynapseType,
    native_cell_type,
    native_electrode_type,
    native_synapse_type,
)
from .neurons import (
    LIF,
    AdExp,
    AlphaPSR,
    BetaPSR,
    CondAlphaPostSynapticResponse,
    CondBetaPostSynapticResponse,
    CondExpPostSynapticResponse,
    CurrExpPostSynapticResponse,
    Dendrite,
    DendriticNeuron,
    EIF_cond_alpha_isfa_ista,
    EIF_cond_exp_isfa_ista,
    Exponential,
    ExpPSR,
    GIF_cond_exp,
    HH_cond_exp,
    IF_cond_alpha,
    IF_cond_exp,
    IF_cond_exp_gsfa_grr,
    IF_curr_alpha,
    IF_curr_delta,
    IF_curr_exp,
    IF_facets_hardware1,
    Izhikevich,
    Logistic,
    PointNeuron,
    Rectified,
    Softplus,
    Soma,
    SpikeSourceArray,
    SpikeSourceGamma,
    SpikeSourceInhGamma,
    SpikeSourcePoisson,
    SpikeSourcePoissonRefractory,
    UrbanczikSenn,
    WeightedSpikeSourceArray,
)
from .parameters import suggestions as _suggestions
from .parameters.pynn_units import keep_units as _keep_units
from .populations import Assembly, Population, PopulationView
from .populations.network import Network
from .procedural_api import connect, create, initialize, record, record_gsyn, record_v, set
from .projections import Projection
from .random_numbers import NativeRNG
from .random_numbers import copy_generators as _copy_generators
from .random_numbers import do_without_mpi as _do_without_mpi
from .recording.zarr_reader import read_recording
from .saving.commands import load_state, save_state
from .simulation import simulator
from .synapses import (
    AdditivePotentiationMultiplicativeDepression,
    AdditiveWeightDependence,
    DendriticErrorSynapse,
    ElectricalSynapse,
    GutigWeightDependence,
    MultiplicativeWeightDependence,
    MultiQuantalSynapse,
    NudgingSynapse,
    SimpleStochasticSynapse,
    SpikePairRule,
    StaticSynapse,
    STDPMechanism,
    StochasticTsodyksMarkramSynapse,
    TsodyksMarkramSynapse,
    UrbanczikSennSynapse,
    Vogels2011Rule,
)
from .synapses.modulators import Modulator, SpikeModulator

__version__ = "0.1.0"

_suggestions.suggest_arguments(globals(), __name__)
_sys.modules["pyNN.pyurbanczik"] = _pyNN.pyurbanczik = _sys.modules[__name__]
_do_without_mpi()
_keep_units()
_copy_generators()


def __getattr__(name: str) -> object:
    # imported when they are used: comparing a script in several simulators, and NEST with our models
    if name in ("compare", "on_nest"):
        return _import_module(f".{name}", __name__)
    hint = "" if name.startswith("_") else _suggestions.close_to(name, globals())
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}{hint}", name=name)


def list_standard_models() -> list[str]:
    """Names of the cell types that have the same name in all simulators or are special to this one."""
    return [
        name
        for name, obj in globals().items()
        if isinstance(obj, type) and issubclass(obj, StandardCellType) and obj is not StandardCellType
    ]


# what scripts type: the modules of this package are not for them, but for two
__all__ = [
    name
    for name, thing in globals().items()
    if not name.startswith("_")
    and not (getattr(thing, "__package__", "").startswith(__name__) and name not in ("plotting", "simulator"))
]


def __dir__() -> list[str]:
    return __all__
