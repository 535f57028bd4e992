"""Tables of the models: derived from the core, complete, and described."""

import pytest
from pyNN import errors
from pyNN.standardmodels import StandardCellType

import pyurbanczik as sim
from backend_cython.model.schema import RULES
from pyurbanczik.nest_names.cells import NATIVE_CELL_TYPES
from pyurbanczik.nest_names.synapses import NATIVE_SYNAPSE_TYPES

CELLS = [
    sim.UrbanczikSenn,
    sim.SpikeSourceArray,
    sim.WeightedSpikeSourceArray,
    sim.SpikeSourcePoisson,
    sim.IF_curr_exp,
    sim.IF_curr_alpha,
    sim.IF_curr_delta,
    sim.IF_cond_exp,
    sim.IF_cond_alpha,
    sim.IF_facets_hardware1,
    sim.EIF_cond_exp_isfa_ista,
    sim.EIF_cond_alpha_isfa_ista,
    sim.SpikeSourcePoissonRefractory,
    sim.SpikeSourceGamma,
    sim.SpikeSourceInhGamma,
    sim.Izhikevich,
    sim.HH_cond_exp,
    sim.IF_cond_exp_gsfa_grr,
    sim.GIF_cond_exp,
    *NATIVE_CELL_TYPES.values(),
]
SYNAPSES = [sim.StaticSynapse, sim.UrbanczikSennSynapse, *NATIVE_SYNAPSE_TYPES.values()]


@pytest.mark.parametrize("cls", CELLS)
def test_cell_types(cls):
    cell = cls()
    for name in (*cls.default_parameters, *cls.recordable, *cls.default_initial_values):
        assert name in cls.units
    assert set(cls.translations) == set(cls.default_parameters)
    assert cls.has_parameter(next(iter(cls.default_parameters))) and not cls.has_parameter("nonsense")
    assert cell.can_record("spikes") and not cell.can_record("nonsense")
    assert isinstance(cell.describe(), str)
    assert {r for r in cls.receptor_types if not r.endswith(".gap")} == set(cls.core.RECEPTORS)


@pytest.mark.parametrize("cls", CELLS)
def test_initial_values_without_meaning_are_refused(sim, cls):
    population = sim.Population(2, cls())
    for name, term in cls.states.items():
        allowed = cls.core.STATES[term.core].allowed
        least = {"conductance": -1e-9, "fraction": -1e-9, "state": -1e308}[allowed]
        most = 1.0 + 1e-9 if allowed == "fraction" else 1e308
        assert (allowed == "conductance") == (name.startswith("g") and term.unit in ("uS", "nS"))
        for value in (least, most, float("nan")):
            with pytest.raises(errors.InvalidParameterValueError, match=rf"{cls.__name__}\.{name}: .* not allowed"):
                population.initialize(**{name: value})


@pytest.mark.parametrize("cls", SYNAPSES)
def test_synapse_types(cls):
    synapse = cls()
    assert set(cls.units) == set(cls.translations) == set(cls.default_parameters)
    assert {synapse.entry(name).allowed for name in cls.default_parameters} <= set(RULES)
    assert {"weight", "delay"} <= set(cls.default_parameters)
    assert synapse.native_parameters is not synapse.parameter_space


def test_names_of_the_neuron_and_the_rule():
    parameters = sim.UrbanczikSenn.default_parameters
    expected = {
        "soma_cm": 0.3, "dendrite_cm": 0.3, "soma_g_leak": 0.03, "dendrite_g_leak": 0.03,
        "soma_v_rest": -70.0, "dendrite_v_rest": -70.0, "soma_e_rev_E": 0.0, "soma_e_rev_I": -75.0,
        "soma_tau_syn_E": 3.0,
        "soma_tau_syn_I": 3.0, "dendrite_tau_syn_E": 3.0, "dendrite_tau_syn_I": 3.0, "soma_i_offset": 0.0,
        "dendrite_i_offset": 0.0, "g_dendrite_to_soma": 0.6, "g_soma_to_dendrite": 0.0, "tau_refrac": 3.0,
        "phi_max": 150.0, "rate_slope": 0.5, "beta": 1.0 / 3.0, "theta": -55.0,
    }  # fmt: skip
    assert parameters == expected
    assert sim.UrbanczikSenn.receptor_types == ("dendritic_exc", "dendritic_inh", "soma_exc", "soma_inh", "dendritic")
    assert set(sim.UrbanczikSenn.recordable) == {
        "spikes", "v", "soma.v", "dendrite.v", "gsyn_exc", "gsyn_inh", "isyn_exc", "isyn_inh", "v_star",
        "rate", "rate_star", "error",
    }  # fmt: skip
    assert set(sim.UrbanczikSennSynapse.default_parameters) == {
        "weight", "delay", "eta", "tau_Delta", "w_min", "w_max", "dendritic_delay_fraction",
    }  # fmt: skip
    assert sim.UrbanczikSennSynapse.default_parameters["dendritic_delay_fraction"] == 1.0


def test_docstrings_name_every_parameter_and_recordable():
    for cls in (sim.UrbanczikSenn, sim.UrbanczikSennSynapse):
        for name in (*cls.default_parameters, *cls.recordable):
            assert name in cls.__doc__


def test_a_type_of_ones_own_needs_a_class_only():
    class Quiet(sim.UrbanczikSenn):
        default_parameters = {**sim.UrbanczikSenn.default_parameters, "phi_max": 0.0}

    sim.setup()
    cells = sim.Population(2, Quiet(soma_i_offset=5.0))
    cells.record("spikes")
    sim.run(100.0)
    assert issubclass(Quiet, StandardCellType) and cells.get("phi_max") == 0.0
    assert cells.mean_spike_count() == 0.0
