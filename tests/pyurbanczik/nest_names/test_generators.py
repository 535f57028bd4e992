"""NEST's generators of spikes under NEST's names, and what is said about models and keys that are not offered."""

import numpy as np
import pytest
import quantities as pq
from pyNN import errors

from pyurbanczik.nest_names import advice


@pytest.fixture
def generator(sim):
    sim.setup(timestep=0.1)
    return sim.native_cell_type("spike_generator")


def spikes(sim, cells, duration=50.0):
    cells.record("spikes")
    sim.run(duration)
    return [train.magnitude.tolist() for train in cells.get_data().segments[0].spiketrains]


def test_everything_reads_back_as_given(sim, generator):
    given = {
        "spike_times": [0.96, 2.0],
        "spike_weights": [0.5, 2.0],
        "spike_multiplicities": [1.0, 2.0],
        "origin": 3.0,
        "start": 1.0,
        "stop": 40.0,
        "allow_offgrid_times": True,
        "shift_now_spikes": False,
    }
    cells = sim.Population(2, generator(**given))
    for name, value in given.items():
        found = cells.get(name)
        assert (found.value.tolist() if isinstance(value, list) else found) == value, name
    assert spikes(sim, cells) == [[5.0, 5.0]] * 2


def test_cells_of_a_view_have_parameters_of_their_own(sim, generator):
    cells = sim.Population(3, generator(spike_times=[1.0, 2.0], spike_multiplicities=[1, 1]))
    cells[1:3].set(origin=10.0, spike_multiplicities=[2, 0])
    cells[2:3].set(stop=0.5)
    np.testing.assert_array_equal(cells.get("origin"), [0.0, 10.0, 10.0])
    assert spikes(sim, cells) == [[1.0, 2.0], [11.0, 11.0], []]


def test_several_spikes_of_a_time_add_up(sim, generator):
    def potential(**parameters):
        sim.setup(timestep=0.1)
        source = sim.Population(1, sim.native_cell_type("spike_generator")(spike_times=[1.0], **parameters))
        cells = sim.Population(1, sim.IF_curr_exp())
        sim.Projection(source, cells, sim.OneToOneConnector(), sim.StaticSynapse(weight=0.5, delay=0.1))
        cells.record("v")
        sim.run(5.0)
        return cells.get_data().segments[0].analogsignals[0].magnitude

    several = potential(spike_weights=[2.0], spike_multiplicities=[3])
    np.testing.assert_allclose(several, potential(spike_weights=[6.0]), rtol=1e-14)
    assert np.ptp(several) > 0.1


@pytest.mark.parametrize(
    ("parameters", "match"),
    [
        ({"spike_multiplicities": [1]}, "spike_multiplicities: 1 multiplicities for 2 spike times"),
        ({"spike_multiplicities": [1, -1]}, "spike_multiplicities: -1.0 is not allowed"),
        ({"spike_multiplicities": [1, 1.5]}, "spike_multiplicities: 1.5 is not allowed"),
        ({"allow_offgrid_times": 1}, "allow_offgrid_times: 1 is not allowed"),
        ({"origin": np.nan}, "origin"),
        ({"start": 0.05}, "start: 0.05 is not allowed"),
        ({"stop": 1.0, "start": 2.0}, "stop: 1.0 is not allowed"),
        ({"spike_times": [0.0, 1.0]}, "spike_times: 0.0 is not allowed"),
        ({"spike_times": [1.0, 1.05]}, "spike_times: 1.05 is not allowed; it must be a multiple of the time step"),
    ],
)
def test_a_refused_change_changes_nothing(sim, generator, parameters, match):
    cells = sim.Population(1, generator(spike_times=[1.0, 2.0]))
    before = [str(cells.get(name)) for name in generator.default_parameters]
    with pytest.raises(errors.InvalidParameterValueError, match=match):
        cells.set(**parameters)
    assert [str(cells.get(name)) for name in generator.default_parameters] == before
    with pytest.raises(errors.InvalidParameterValueError, match=match):
        sim.Population(1, generator(**{"spike_times": [1.0, 2.0], **parameters}))
    assert spikes(sim, cells) == [[1.0, 2.0]]


def test_poisson_window_counts_from_origin(sim):
    sim.setup(timestep=0.1)
    poisson = sim.native_cell_type("poisson_generator")(rate=1000.0, origin=20.0, start=10.0, stop=20.0)
    (times,) = spikes(sim, sim.Population(1, poisson), 100.0)
    assert times and min(times) > 30.0 - 1e-9 and max(times) <= 40.0 + 1e-9
    with pytest.raises(errors.InvalidParameterValueError, match="stop: "):
        sim.Population(1, sim.native_cell_type("poisson_generator")(start=10.0, stop=5.0))


@pytest.mark.parametrize("kind", ["cell", "synapse", "electrode"])
@pytest.mark.parametrize("name", ["parrot_neuron", "multimeter", "voltmeter", "spike_recorder", "weight_recorder"])
def test_other_models_say_what_to_use_instead(sim, kind, name):
    with pytest.raises(errors.NoModelAvailableError, match=f"there is no native {kind} type '{name}': .*; there are"):
        getattr(sim, f"native_{kind}_type")(name)


def test_quantities_of_electrodes_are_converted(sim):
    sim.setup(timestep=0.1)
    steps = sim.native_electrode_type("step_current_generator")
    source = steps(amplitude_times=[1e-3, 2e-3] * pq.s, amplitude_values=[0.1, 0.2] * pq.nA, stop=0.03 * pq.s)
    assert list(source.amplitude_times) == [1.0, 2.0]
    np.testing.assert_allclose(source.amplitude_values, [100.0, 200.0])
    assert source.stop == 30.0
    for name, wrong in (("origin", 1 * pq.mV), ("amplitude_values", [1, 2] * pq.ms), ("allow_offgrid_times", 1 * pq.s)):
        with pytest.raises(errors.InvalidParameterValueError, match=f"step_current_generator.{name}: "):
            source.set_parameters(**{name: wrong})
    assert source.origin == 0.0


OFFERED = {
    "cell": ("pp_cond_exp_mc_urbanczik", "spike_generator", "poisson_generator"),
    "synapse": ("static_synapse", "urbanczik_synapse"),
    "electrode": ("dc_generator", "ac_generator", "step_current_generator", "noise_generator"),
}


@pytest.mark.parametrize("kind", OFFERED)
def test_advice_never_stands_for_what_is_offered(sim, kind):
    for name in OFFERED[kind]:
        model = getattr(sim, f"native_{kind}_type")(name)
        for key in model.default_parameters:
            assert (key not in advice.STATUS and f"{name}.{key}" not in advice.STATUS) or key in ("phase", "frequency")
        with pytest.raises(errors.NonExistentParameterError, match=f"{name}: NEST's 'thread' is not offered; threads"):
            model(thread=1)
