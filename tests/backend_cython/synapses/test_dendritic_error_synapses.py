"""Learning from the error of a dendrite, against the defining sums taken one step after the other."""

import numpy as np
import pytest

from backend_cython.engine.network import Network
from backend_cython.model.projection import Projection
from backend_cython.model.recorder import SampleRecorder
from backend_cython.neurons.dendritic_types import dendritic_neuron
from backend_cython.neurons.urbanczik_senn import UrbanczikSenn
from backend_cython.synapses.dendritic_error import DendriticError
from backend_cython.synapses.dendritic_error_synapses import ERRORS, KERNELS, dendritic_error_synapses
from backend_cython.synapses.modulator import Modulator
from tests.reference import dendritic_error as twin
from tests.reference.transfer import UNIT_VOLTAGE

from ..helpers import TRAINS, H, Lab, all_pairs, source

N_CELLS = 2
# η by which a weight moves by tenths of a nA, whatever its unit
ETA = {
    ("spikes", "psp"): 0.02,
    ("rate", "psp"): 0.05,
    ("potential", "psp"): 1e-5,
    ("spikes", "exponential"): 0.2,
    ("rate", "exponential"): 0.5,
    ("potential", "exponential"): 1e-4,
}
MODULATOR_TRAIN = [np.arange(11, 1000, 90), np.array([0, 50, 50, 51, 700])]


class Case:
    """Trains onto dendrites of two cells that fire, and the recordings from which the twin computes the weights."""

    def __init__(
        self,
        error="spikes",
        kernel="psp",
        bounds="read",
        modulator=None,
        *,
        delay=1,
        axonal=0,
        threads=1,
        receptor="basal",
        tau_s=None,
        us=False,
        delays=None,
        **rule,
    ):
        self.network = Network(H, 3, threads)
        if us:
            self.cells = UrbanczikSenn(self.network, N_CELLS)
            self.cells.set({**Lab.FIRING})
            self.label, receptor = "dendrite", "dendritic"
        else:
            self.cells = dendritic_neuron(["basal", "apical"])(self.network, N_CELLS)
            self.cells.set({"theta": -62.0, "soma_i_offset": 6.0, "basal_cm": [0.3, 0.25]})
            if tau_s:
                self.cells.set({"basal_tau_syn_E": tau_s, "basal_cm": 0.3})
            self.label = "basal"
        self.us, self.receptor, self.kernel, self.error, self.bounds = us, receptor, kernel, error, bounds
        self.modulation = modulator
        self.modulator, self.modulating = self._modulator(modulator)
        self.trains = TRAINS[:2]
        self.sources = source(self.network, *TRAINS)
        self.rule = {
            "weight": 0.05,
            "eta": ETA[error, kernel],
            "tau_Delta": 40.0,
            "w_min": -50.0,
            "w_max": 50.0,
            **rule,
        }
        self.delay, self.axonal = delay, axonal
        self.synapses = Projection(
            dendritic_error_synapses(error, kernel, bounds, self.modulator),
            self.sources,
            self.cells,
            receptor,
            *all_pairs(self.sources, self.cells),
            delay,
            self.rule,
            axonal_steps=axonal,
        )
        self.synapses.record_events()
        names = (
            ["rate", "error", "rate_star", "dendrite.v"]
            if us
            else ["rate", "basal.error", "basal.rate_star", "basal.v"]
        )
        self.recorders = {name.split(".")[-1]: SampleRecorder(self.cells, name, np.arange(N_CELLS)) for name in names}
        self.changes = {}

    def _modulator(self, kind):
        if kind is None:
            return None, np.ones((1001, N_CELLS))
        m = np.ones((1001, N_CELLS))
        if kind == "constant":
            m[:] = -0.7
            return Modulator([-0.7]), m
        if kind == "steps":
            for step, value in ((0, 0.0), (200, 1.0), (333, -2.0), (800, 0.3)):
                m[step:] = value
            return Modulator([0.0, 1.0, -2.0, 0.3], [0, 200, 333, 800]), m
        if kind == "cells":
            m[:, 0], m[:, 1] = 0.5, -1.5
            m[600:, 1] = 2.0
            return Modulator([[0.5, -1.5], [0.5, 2.0]], [0, 600]), m
        cells = source(self.network, *MODULATOR_TRAIN)
        trace = np.zeros(1001)
        for train in MODULATOR_TRAIN:
            for step in train:
                trace[step:] += 0.4 * np.exp(-H * np.arange(1001 - step) / 20.0)
        m[:] = (0.1 + trace)[:, np.newaxis]
        return Modulator(population=cells, tau=20.0, weight=0.4, baseline=0.1), m

    def run(self, *pieces):
        for n in pieces or (1000,):
            self.network.run(n)
        return self

    def errors(self, cell):
        data = {name: recorder.data[:, cell] for name, recorder in self.recorders.items()}
        if self.error == "spikes":
            e = data["error"] / (UNIT_VOLTAGE if self.us else 1.0)
        else:
            e = twin.errors_of(
                self.error,
                rate=1e-3 * data["rate"],
                rate_star=1e-3 * data["rate_star"],
                v=data["v"],
                v_target=self.rule.get("v_target", -70.0),
                dt=H,
            )
        e[0] = 0.0
        return e

    def due(self, k):
        """What synapse `k` is due at every step, and what beneath."""
        cell, train = k % N_CELLS, self.trains[k // N_CELLS] + self.axonal
        train = train[train <= 1000]
        spikes = np.bincount(train, minlength=1001).astype(float)
        rule = {name: np.broadcast_to(value, self.synapses.size)[k] for name, value in self.rule.items()}
        if self.kernel == "psp":
            value = self.cells.parameter
            name = self.label
            cm = value(f"{name}_cm")[cell]
            sign = -1.0 if self.receptor.endswith("inh") else 1.0
            tau_s = value(f"{name}_tau_syn_I" if sign < 0 else f"{name}_tau_syn_E")[cell]
            x = twin.psp_trace(spikes, H, cm, cm / value(f"{name}_g_leak")[cell], tau_s, sign)
        else:
            x = twin.exponential_trace(spikes, H, rule.get("tau_kernel", 10.0))
        eta, decay = np.full(1001, rule["eta"]), np.full(1001, rule.get("decay", 0.0))
        for step, changed in self.changes.items():
            eta[step:] = changed.get("eta", eta[step])
            decay[step:] = changed.get("decay", decay[step])
        return twin.weights(
            rule["weight"],
            x,
            self.errors(cell),
            self.modulating[:, cell],
            dt=H,
            eta=eta,
            tau_Delta=rule["tau_Delta"],
            decay=decay,
            delay_steps=int(np.broadcast_to(self.delay, self.synapses.size)[k]),
            w_min=rule["w_min"],
            w_max=rule["w_max"],
            bounds=self.bounds,
            spikes=spikes,
        )

    def check(self, tolerance=1e-8):
        connection, step, weight = self.synapses.events
        final = self.synapses.get("weight")
        for k in range(2 * N_CELLS):
            read, beneath = self.due(k)
            movement = np.ptp(beneath)
            assert movement > 1e-6
            own = connection == k
            assert own.sum() > 4
            assert np.abs(weight[own] - read[step[own] + self.axonal]).max() < tolerance * movement, k
            assert abs(final[k] - read[-1]) < tolerance * movement, k
        return self


@pytest.mark.parametrize("error", ERRORS)
@pytest.mark.parametrize("kernel", KERNELS)
@pytest.mark.parametrize("tau_Delta", [0.0, 1.0, 40.0])
@pytest.mark.parametrize("decay", [0.0, 0.013])
def test_every_error_with_every_trace_filter_and_decay(error, kernel, tau_Delta, decay):
    Case(error, kernel, tau_Delta=tau_Delta, decay=decay, delay=7).run().check()


@pytest.mark.parametrize(
    "tau_Delta, decay",
    [(2e-3, 1.0), (2e-3, 10.0), (1e-6, 10.0), (1e-300, 10.0), (0.5, 400.0), (40.0, 1e4), (0.01, 99.0)],
)
@pytest.mark.parametrize("modulator", [None, "steps"])
def test_filters_and_decays_of_which_nothing_is_left_after_a_step(tau_Delta, decay, modulator):
    Case(
        "rate", "psp", "read", modulator, tau_Delta=tau_Delta, decay=decay, weight=0.0, eta=50.0, delay=7
    ).run().check()


@pytest.mark.parametrize("modulator", ["constant", "steps", "cells", "spikes"])
@pytest.mark.parametrize("tau_Delta", [0.0, 0.4, 40.0])
@pytest.mark.parametrize("decay", [0.0, 0.013])
def test_every_modulator(modulator, tau_Delta, decay):
    Case("spikes", "psp", "read", modulator, tau_Delta=tau_Delta, decay=decay, delay=3).run().check()


@pytest.mark.parametrize("modulator", [None, "steps"])
@pytest.mark.parametrize("tau_Delta", [0.0, 40.0])
def test_weights_with_bounds_of_their_own(modulator, tau_Delta):
    case = Case("rate", "exponential", "state", modulator, tau_Delta=tau_Delta, w_min=0.04, w_max=0.06).run().check()
    free = case.due(0)[1]
    assert free.min() < 0.04 or free.max() > 0.06


@pytest.mark.parametrize("delay, axonal", [(1, 0), (64, 0), (0, 1), (3, 5), (0, 20)])
@pytest.mark.parametrize("modulator", [None, "spikes"])
def test_delays(delay, axonal, modulator):
    case = Case(modulator=modulator, delay=delay, axonal=axonal)
    case.trains = [train[train + axonal <= 1000] for train in case.trains]
    case.run().check()


def test_a_different_delay_filter_and_decay_for_each_synapse():
    n = 8
    Case(
        "rate",
        "psp",
        "read",
        "cells",
        delay=np.array([1, 5, 40, 5, 5, 1, 2, 3]),
        tau_Delta=np.array([0.0, 7.0, 100.0, 100.0, 7.0, 0.5, 1e4, 100.0]),
        decay=np.linspace(0, 0.1, n),
    ).run().check()


@pytest.mark.parametrize("error", ERRORS)
@pytest.mark.parametrize("modulator", [None, "spikes"])
def test_on_the_two_compartment_neuron(error, modulator):
    Case(error, us=True, modulator=modulator).run().check()


@pytest.mark.parametrize("modulator", [None, "steps"])
def test_equal_time_constants_and_inhibition(modulator):
    Case(tau_s=10.0, modulator=modulator).run().check()
    Case(receptor="basal_inh", modulator=modulator).run().check()


@pytest.mark.parametrize("modulator", [None, "steps", "spikes"])
def test_eta_and_decay_can_change_amid_a_run(modulator):
    case = Case(modulator=modulator, delay=3, decay=0.002).run(400)
    case.synapses.set({"eta": 0.05})
    case.run(200)
    case.synapses.set({"decay": 0.02})
    case.run(100)
    case.synapses.set({"decay": 0.0})
    case.changes = {400: {"eta": 0.05}, 600: {"decay": 0.02}, 700: {"decay": 0.0}}
    case.run(300).check()


def test_a_modulator_can_be_set_amid_a_run():
    case = Case(modulator="constant").run(333)
    case.modulator.set(2.0, 333)
    case.modulating[333:] = 2.0
    case.run(200)
    case.modulator.set([0.5, -1.0], 533)
    case.modulating[533:] = [0.5, -1.0]
    case.run(467).check()


@pytest.mark.parametrize("modulator", [None, "spikes", "steps"])
def test_the_same_bits_with_threads_and_split_runs(modulator):
    def weights(threads, *pieces):
        case = Case(modulator=modulator, threads=threads, delay=5, decay=0.01).run(*pieces)
        return [case.synapses.get("weight"), *case.synapses.events]

    expected = weights(1, 1000)
    for other in (weights(2, 1000), weights(1, 1, 298, 701), weights(2, 500, 500)):
        for a, b in zip(expected, other):
            np.testing.assert_array_equal(a, b)


@pytest.mark.parametrize("kernel", KERNELS)
@pytest.mark.parametrize("modulator", [None, "constant"])
def test_without_connections_there_is_nothing_to_set(kernel, modulator):
    case = Case(kernel=kernel, modulator=modulator)
    sums = DendriticError.all_of(case.cells)
    kind = type(case.synapses.groups[0])
    none = Projection(kind, case.sources, case.cells, "basal", np.empty(0), np.empty(0), 1, {"tau_Delta": 7.0})
    for change in ({"eta": 0.1}, {"weight": 0.05}, {"w_min": -1.0, "w_max": 9.0}, {"tau_Delta": 3.0}, {"decay": 0.1}):
        none.set(change)
        case.run(10)
    none.set_delay_steps(5)
    assert [none.get(name).tolist() for name in none.kind.PARAMETERS] == [[]] * len(none.kind.PARAMETERS)
    assert DendriticError.all_of(case.cells) == sums
    case.run(950).check()
