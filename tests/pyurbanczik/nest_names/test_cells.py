"""Models under NEST's names."""

import numpy as np
import pytest
from pyNN import errors

NEST = {
    "t_ref": 3.1,
    "g_sp": 612.3,
    "g_ps": 7.7,
    "phi_max": 0.151,
    "rate_slope": 0.5,
    "beta": 1 / 3,
    "theta": -55.0,
    "soma": {
        "V_m": -70.3,
        "C_m": 300.1,
        "E_L": -70.0,
        "g_L": 30.7,
        "E_ex": 0.0,
        "E_in": -75.0,
        "tau_syn_ex": 3.0,
        "tau_syn_in": 3.3,
        "I_e": 12.3,
    },
    "dendritic": {
        "V_m": -69.1,
        "C_m": 299.9,
        "E_L": -70.0,
        "g_L": 29.9,
        "tau_syn_ex": 3.0,
        "tau_syn_in": 3.0,
        "I_e": 0.7,
        "E_ex": 0.0,
        "E_in": 0.0,
    },
}


def test_what_is_set_reads_back_as_the_same_number(sim):
    cells = sim.Population(3, sim.native_cell_type("pp_cond_exp_mc_urbanczik")(**NEST))

    def check(table):
        for name, value in table.items():
            if isinstance(value, dict):
                assert cells.get(name) == value
                for inner, number in value.items():
                    assert cells.get(f"{name}.{inner}") == cells.get(f"{name}_{inner}") == number
            else:
                assert cells.get(name) == value

    check(NEST)
    rng = np.random.default_rng(3)
    for _ in range(20):
        changed = {
            "g_sp": rng.uniform(1, 1000),
            "phi_max": rng.uniform(0, 1),
            "soma": {**NEST["soma"], "C_m": rng.uniform(1, 1000), "V_m": rng.uniform(-80, -60)},
        }
        cells.set(**changed)
        check({**NEST, **changed})
    values = rng.uniform(1, 1000, 3)
    cells.set(soma={"C_m": values})
    np.testing.assert_array_equal(cells.get("soma_C_m"), values)
    np.testing.assert_allclose(cells.core.get("soma_cm"), values * 1e-3)
    cells[1:2].set(g_sp=77.7)
    assert cells[1].g_sp == 77.7 and cells[0].g_sp == changed["g_sp"]


def test_defaults_are_those_of_nest(sim):
    cells = sim.Population(1, sim.native_cell_type("pp_cond_exp_mc_urbanczik")())
    assert cells.get(
        ["soma_C_m", "soma_g_L", "g_sp", "phi_max", "t_ref", "soma_V_m", "dendritic_E_in"]
    ) == pytest.approx([300.0, 30.0, 600.0, 0.15, 3.0, -70.0, 0.0])


def test_potentials_are_states(sim):
    cells = sim.Population(2, sim.native_cell_type("pp_cond_exp_mc_urbanczik")(**NEST))
    cells.record(["V_m.s", "V_m.p"])
    sim.run(5.0)
    found = {signal.name: signal for signal in cells.get_data().segments[0].analogsignals}
    assert found["V_m.s"].magnitude[0, 0] == -70.3 and found["V_m.p"].magnitude[0, 0] == -69.1
    assert cells.get("soma_V_m") == found["V_m.s"].magnitude[-1, 0]
    cells.initialize(**{"V_m.s": -60.0})
    assert cells.get("soma")["V_m"] == -60.0


def test_it_is_the_same_model(sim):
    def run(cells, source, prj, names):
        cells.record(names)
        sim.run(60.0)
        assert len(prj) == 1
        return [signal.magnitude for signal in cells.get_data().segments[0].analogsignals]

    times = [2.0, 7.0, 20.0]
    sim.setup(rng_seed=1)
    cells = sim.Population(1, sim.native_cell_type("pp_cond_exp_mc_urbanczik")())
    source = sim.Population(
        1, sim.native_cell_type("spike_generator")(spike_times=times, spike_weights=[1.0, 2.0, 1.0])
    )
    prj = sim.Projection(
        source,
        cells,
        sim.AllToAllConnector(),
        sim.native_synapse_type("urbanczik_synapse")(
            weight=100.0, delay=0.5, eta=0.17, tau_Delta=100.0, Wmin=0.0, Wmax=400.0
        ),
        receptor_type="dendritic_exc",
    )
    sim.Projection(
        source,
        cells,
        sim.AllToAllConnector(),
        sim.native_synapse_type("static_synapse")(weight=7.0, delay=0.5),
        receptor_type="soma_exc",
    )
    native = run(cells, source, prj, ["V_m.s", "V_m.p", "g_ex.s", "I_ex.p"])
    native_weight = prj.get("weight", format="array")

    sim.setup(rng_seed=1)
    cells = sim.Population(1, sim.UrbanczikSenn())
    source = sim.Population(1, sim.WeightedSpikeSourceArray(spike_times=times, spike_weights=[1.0, 2.0, 1.0]))
    prj = sim.Projection(
        source,
        cells,
        sim.AllToAllConnector(),
        sim.UrbanczikSennSynapse(weight=0.1, delay=0.5, eta=0.17, tau_Delta=100.0, w_min=0.0, w_max=0.4),
        receptor_type="dendritic_exc",
    )
    sim.Projection(
        source,
        cells,
        sim.AllToAllConnector(),
        sim.StaticSynapse(weight=7e-3, delay=0.5),
        receptor_type="soma_exc",
    )
    ours = run(cells, source, prj, ["soma.v", "dendrite.v", "gsyn_exc", "isyn_exc"])
    for a, b, factor in zip(native, ours, (1.0, 1.0, 1e3, 1e3)):
        np.testing.assert_allclose(a, b * factor, rtol=1e-9)
    np.testing.assert_allclose(native_weight, 1e3 * prj.get("weight", format="array"), rtol=1e-9)
    assert native_weight[0, 0] != 100.0


def test_native_weights_read_back_exactly(sim):
    source = sim.Population(20, sim.native_cell_type("spike_generator")())
    cells = sim.Population(10, sim.native_cell_type("pp_cond_exp_mc_urbanczik")())
    weights = np.random.default_rng(1).uniform(0, 90, (20, 10))
    prj = sim.Projection(
        source,
        cells,
        sim.AllToAllConnector(),
        sim.native_synapse_type("urbanczik_synapse")(weight=weights, Wmax=91.7, Wmin=0.0),
    )
    np.testing.assert_array_equal(prj.get("weight", format="array"), weights)
    assert prj[0].Wmax == 91.7 and prj[0].delay == 1.0
    sim.run(10.0)
    np.testing.assert_array_equal(prj.get("weight", format="array"), weights)
    prj.record("weight", sampling_interval=1.0)
    sim.run(1.0)
    signal = prj.get_data().segments[0].analogsignals[0]
    assert signal.units == 1.0 * signal.units and str(signal.dimensionality) == "pA"
    np.testing.assert_allclose(signal.magnitude[-1], weights.ravel())
    with pytest.raises(errors.InvalidParameterValueError, match="Wmax"):
        prj.set(weight=100.0)


def test_poisson_generator(sim):
    source = sim.Population(2, sim.native_cell_type("poisson_generator")(rate=100.0, start=10.0, stop=50.0))
    assert source.get(["rate", "start", "stop"]) == [100.0, 10.0, 50.0]
    source.record("spikes")
    sim.run(100.0)
    times = np.concatenate([train.magnitude for train in source.get_data().segments[0].spiketrains])
    assert times.size and times.min() >= 10.0 and times.max() <= 50.1
    source.set(stop=400.0)
    assert source.get("stop") == 400.0


def test_refusals(sim):
    with pytest.raises(errors.NoModelAvailableError, match="pp_cond_exp_mc_urbanczik"):
        sim.native_cell_type("iaf_psc_alpha")
    with pytest.raises(errors.NoModelAvailableError, match="urbanczik_synapse"):
        sim.native_synapse_type("stdp_synapse")
    cell = sim.native_cell_type("pp_cond_exp_mc_urbanczik")
    for bad in (
        dict(soma={"C_m": 0.0}),
        dict(soma={"V_m": np.nan}),
        dict(phi_max=-1.0),
        dict(dendritic={"g_L": -1.0}),
    ):
        with pytest.raises(errors.InvalidParameterValueError, match="pp_cond_exp_mc_urbanczik"):
            cell(**bad)
    for bad in (dict(soma={"cm": 1.0}), dict(dendrite={"C_m": 1.0}), dict(soma_cm=1.0)):
        with pytest.raises(errors.NonExistentParameterError):
            cell(**bad)
    with pytest.raises(errors.InvalidParameterValueError, match="Wmin"):
        sim.native_synapse_type("urbanczik_synapse")(weight=1.0, Wmin=50.0, Wmax=1.0)


def test_native_types_can_be_told_from_standard_ones(sim):
    assert issubclass(sim.native_cell_type("pp_cond_exp_mc_urbanczik"), sim.NativeCellType)
    assert issubclass(sim.native_cell_type("spike_generator"), sim.NativeCellType)
    assert issubclass(sim.native_synapse_type("static_synapse"), sim.NativeSynapseType)
    assert issubclass(sim.native_electrode_type("dc_generator"), sim.NativeElectrodeType)
    assert not issubclass(sim.UrbanczikSenn, sim.NativeCellType)
    assert not issubclass(sim.StaticSynapse, sim.NativeSynapseType)


# NEST's acts one delay later, and counts the phase of a sine from t = 0.
ELECTRODES = [
    ("dc_generator", {"amplitude": 300.3, "start": 1.0}, "DCSource", {"amplitude": 0.3003, "start": 1.1}),
    (
        "ac_generator",
        {"amplitude": 300.0, "offset": 50.0, "frequency": 40.0, "phase": 30.0, "start": 1.0, "stop": 4.0},
        "ACSource",
        {"amplitude": 0.3, "offset": 0.05, "frequency": 40.0, "phase": 44.4, "start": 1.1, "stop": 4.1},
    ),
    (
        "step_current_generator",
        {"amplitude_times": [1.0, 2.0], "amplitude_values": [300.0, -100.0]},
        "StepCurrentSource",
        {"times": [1.1, 2.1], "amplitudes": [0.3, -0.1]},
    ),
    (
        "noise_generator",
        {"mean": 300.0, "std": 0.0, "dt": 0.5, "stop": 3.0},
        "NoisyCurrentSource",
        {"mean": 0.3, "stdev": 0.0, "dt": 0.5, "start": 0.1, "stop": 3.1},
    ),
]


@pytest.mark.parametrize("name, native, standard, own", ELECTRODES)
def test_native_electrodes(sim, name, native, standard, own):
    cells = sim.Population(2, sim.UrbanczikSenn(phi_max=0.0))
    cells.record("v")
    electrode = sim.native_electrode_type(name)(**native)
    electrode.inject_into(cells[:1])
    cells[1:].inject(getattr(sim, standard)(**own))
    electrode.record()
    sim.run(5.0)
    v = cells.get_data().segments[0].analogsignals[0].magnitude
    np.testing.assert_allclose(v[:, 0], v[:, 1], rtol=1e-14)
    assert v[-1, 0] != v[0, 0]
    assert len(electrode.get_data()) == 51
    for parameter, value in native.items():
        assert getattr(electrode, parameter) == value == electrode.get_parameters()[parameter]


def test_native_electrodes_change_and_refuse(sim):
    cells = sim.Population(1, sim.UrbanczikSenn())
    electrode = sim.native_electrode_type("dc_generator")(location="dendrite")
    cells.inject(electrode)
    electrode.record()
    sim.run(1.0)
    electrode.amplitude = 200.0
    sim.run(1.0)
    np.testing.assert_allclose(electrode.get_data().magnitude[[9, 10], 0], [0.0, 0.2])
    electrode.start = 0.5
    assert electrode.get_parameters()["amplitude"] == 200.0
    with pytest.raises(errors.NonExistentParameterError, match="dc_generator has no parameter 'frequency'"):
        electrode.frequency = 1.0
    with pytest.raises(errors.InvalidParameterValueError, match="amplitude"):
        electrode.amplitude = np.nan
    assert electrode.amplitude == 200.0
    with pytest.raises(AttributeError, match="its parameters are amplitude"):
        _ = electrode.frequency
    with pytest.raises(errors.NoModelAvailableError, match="dc_generator"):
        sim.native_electrode_type("unknown")
