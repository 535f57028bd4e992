"""NEST's generator of given spikes, in NEST and here: the same times, and the same refusals."""

import numpy as np
import pytest
from pyNN.errors import InvalidParameterValueError

import pyurbanczik as sim

nest = pytest.importorskip("nest", exc_type=ImportError)
pytestmark = pytest.mark.validation

RESOLUTION, FIRST_RUN, SECOND_RUN = 0.1, 20.0, 20.0
TIMES = [1.0, 2.0, 3.0]
# what is given at first, and what is set after the first run
CASES = {
    "window": ({"spike_times": TIMES, "start": 1.0, "stop": 2.0}, {}),
    "origin": ({"spike_times": TIMES, "origin": 5.0}, {}),
    "window from origin": ({"spike_times": TIMES, "origin": 5.0, "start": 1.0, "stop": 3.0}, {}),
    "off the grid": ({"spike_times": [1.0, 2.05, 3.0001, 4.0004, 4.0006], "allow_offgrid_times": True}, {}),
    "before the first step": ({"spike_times": [0.04, 2.0], "allow_offgrid_times": True}, {}),
    "half a tic": ({"spike_times": [1.0004, 2.0]}, {}),
    "multiplicities": ({"spike_times": [1.0, 2.0], "spike_multiplicities": [2, 3]}, {}),
    "no spike of a time": ({"spike_times": [1.0, 2.0], "spike_multiplicities": [0, 3]}, {}),
    "now at first": ({"spike_times": [0.0, 2.0], "shift_now_spikes": True}, {}),
    "now": ({"spike_times": TIMES}, {"spike_times": [10.0, 20.0, 20.1]}),
    "now, shifted": ({"spike_times": TIMES}, {"spike_times": [20.0, 20.1], "shift_now_spikes": True}),
    "later origin": ({"spike_times": TIMES}, {"origin": 20.0}),
    "later origin and times": ({"spike_times": TIMES}, {"origin": 20.0, "spike_times": [3.0]}),
    "later stop": ({"spike_times": [5.0, 25.0]}, {"stop": 24.0}),
    "later times": ({"spike_times": TIMES}, {"spike_times": [*TIMES, 4.0]}),
}
REFUSED = {
    "start off the grid": {"spike_times": TIMES, "start": 1.05},
    "stop off the grid": {"spike_times": TIMES, "stop": 1.05},
    "origin off the grid": {"spike_times": TIMES, "origin": 0.05},
    "negative start": {"spike_times": TIMES, "start": -1.0},
    "negative origin": {"spike_times": TIMES, "origin": -1.0},
    "stop before start": {"spike_times": TIMES, "start": 5.0, "stop": 1.0},
    "time off the grid": {"spike_times": [1.0, 2.05]},
    "more than half a tic": {"spike_times": [1.0006]},
    "time 0": {"spike_times": [0.0, 1.0]},
    "negative time": {"spike_times": [-1.0, 1.0], "origin": 5.0},
    "unsorted": {"spike_times": [2.0, 1.0]},
    "too few multiplicities": {"spike_times": TIMES, "spike_multiplicities": [1]},
    "broken multiplicities": {"spike_times": [1.0, 2.0], "spike_multiplicities": [1.5, 2.0]},
    "too few weights": {"spike_times": TIMES, "spike_weights": [1.0]},
    "precise times": {"spike_times": [1.05], "precise_times": True, "allow_offgrid_times": True},
}


def in_nest(parameters, changes):
    nest.ResetKernel()
    nest.set(resolution=RESOLUTION)
    source = nest.Create("spike_generator", params=parameters)
    recorder = nest.Create("spike_recorder")
    nest.Connect(source, recorder)
    nest.Simulate(FIRST_RUN)
    if changes:
        source.set(**changes)
    nest.Simulate(SECOND_RUN)
    return np.sort(recorder.get("events")["times"])


def here(parameters, changes):
    sim.setup(timestep=RESOLUTION)
    source = sim.Population(1, sim.native_cell_type("spike_generator")(**parameters))
    source.record("spikes")
    sim.run(FIRST_RUN)
    source.set(**changes)
    sim.run(SECOND_RUN)
    return source.get_data().segments[0].spiketrains[0].magnitude


@pytest.mark.parametrize("case", CASES)
def test_spikes_come_when_they_come_in_nest(case):
    np.testing.assert_allclose(here(*CASES[case]), in_nest(*CASES[case]), rtol=0, atol=1e-9)


@pytest.mark.parametrize("case", REFUSED)
def test_what_nest_refuses_is_refused(case):
    with pytest.raises(nest.NESTError):
        in_nest(REFUSED[case], {})
    with pytest.raises((InvalidParameterValueError, sim.errors.NonExistentParameterError), match="spike_generator"):
        here(REFUSED[case], {})


MODELS = {
    "cell": ("pp_cond_exp_mc_urbanczik", "spike_generator", "poisson_generator"),
    "synapse": ("static_synapse", "urbanczik_synapse"),
    "electrode": ("dc_generator", "ac_generator", "step_current_generator", "noise_generator"),
}


@pytest.mark.parametrize(("kind", "name"), [(kind, name) for kind, names in MODELS.items() for name in names])
def test_every_status_key_of_nest_is_obeyed_or_refused_with_advice(kind, name):
    sim.setup(timestep=RESOLUTION)
    model = getattr(sim, f"native_{kind}_type")(name)
    compartments = getattr(model, "compartments", ())
    for key, value in nest.GetDefaults(name).items():
        if key not in model.default_parameters and key not in compartments:
            with pytest.raises(sim.errors.NonExistentParameterError, match=f"{name}: NEST's '{key}' is not offered; "):
                model(**{key: value})
