"""Every name that a script for networks of point neurons finds in PyNN's backends for NEST, NEURON and Brian2."""

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


@pytest.mark.parametrize("name", NAMES.split())
def test_name(name):
    assert hasattr(pyurbanczik, name)
