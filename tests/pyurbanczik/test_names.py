"""Every name that a script for networks of point neurons finds in PyNN's backends for NEST, NEURON and Brian2."""

import inspect

import pytest

import pyurbanczik

NAMES = """
setup end run run_for run_until reset initialize
get_current_time get_time_step get_min_delay get_max_delay num_processes rank
create connect set record record_v record_gsyn list_standard_models
Population PopulationView Assembly Projection Network
Space Line Grid2D Grid3D RandomStructure Cuboid Sphere
NumpyRNG GSLRNG NativeRNG AbstractRNG RandomDistribution
Sequence ArrayParameter LazyArray ParameterSpace IndexBasedExpression
Connector MapConnector FixedNumberConnector
AllToAllConnector OneToOneConnector FixedProbabilityConnector FixedTotalNumberConnector
FixedNumberPreConnector FixedNumberPostConnector FromListConnector FromFileConnector ArrayConnector CloneConnector
DistanceDependentProbabilityConnector DisplacementDependentProbabilityConnector IndexBasedProbabilityConnector
SmallWorldConnector CSAConnector
DCSource ACSource StepCurrentSource NoisyCurrentSource
StandardCellType StandardSynapseType StandardCurrentSource
NativeCellType NativeSynapseType NativeElectrodeType native_cell_type native_synapse_type native_electrode_type
SpikeSourceArray SpikeSourcePoisson StaticSynapse
errors random space simulator
"""
CELLS = """
IF_curr_exp IF_curr_alpha IF_curr_delta IF_cond_exp IF_cond_alpha IF_cond_exp_gsfa_grr IF_facets_hardware1
EIF_cond_exp_isfa_ista EIF_cond_alpha_isfa_ista HH_cond_exp Izhikevich GIF_cond_exp
SpikeSourceArray SpikeSourcePoisson SpikeSourcePoissonRefractory SpikeSourceGamma SpikeSourceInhGamma
UrbanczikSenn WeightedSpikeSourceArray
"""
COMPONENTS = """
PointNeuron LIF AdExp
CurrExpPostSynapticResponse CondExpPostSynapticResponse CondAlphaPostSynapticResponse CondBetaPostSynapticResponse
ExpPSR AlphaPSR BetaPSR
"""
SYNAPSES = """
StaticSynapse ElectricalSynapse TsodyksMarkramSynapse SimpleStochasticSynapse StochasticTsodyksMarkramSynapse
MultiQuantalSynapse STDPMechanism SpikePairRule Vogels2011Rule AdditiveWeightDependence MultiplicativeWeightDependence
AdditivePotentiationMultiplicativeDepression GutigWeightDependence UrbanczikSennSynapse
"""


@pytest.mark.parametrize("name", NAMES.split())
def test_name(name):
    assert hasattr(pyurbanczik, name)


def test_nothing_else_is_public():
    """What the package itself imports from elsewhere would be offered to users."""
    for name, thing in vars(pyurbanczik).items():
        if not name.startswith("_"):
            module = thing.__name__ if inspect.ismodule(thing) else thing.__module__
            assert module.partition(".")[0] in ("pyNN", "pyurbanczik", "lazyarray"), name


def test_what_is_listed_is_what_scripts_type():
    listed = dir(pyurbanczik)
    assert set(NAMES.split()) <= set(listed) == set(pyurbanczik.__all__)
    modules = {name for name in listed if inspect.ismodule(getattr(pyurbanczik, name))}
    assert modules == {"descriptions", "errors", "plotting", "random", "simulator", "space"}


@pytest.mark.parametrize("name", [*CELLS.split(), *COMPONENTS.split(), *SYNAPSES.split()])
def test_model(name):
    assert inspect.isclass(getattr(pyurbanczik, name))


def test_the_standard_models_that_are_listed_can_be_made(sim):
    listed = sim.list_standard_models()
    assert set(CELLS.split()) <= set(listed)
    for name in CELLS.split():
        sim.create(getattr(sim, name)())
