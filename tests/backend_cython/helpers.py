"""Small networks for the tests of the core, and the learning rule one step after the other."""

import numpy as np

from backend_cython.engine.network import Network
from backend_cython.model.projection import Projection
from backend_cython.model.recorder import SampleRecorder, SpikeRecorder
from backend_cython.neurons.spike_source_array import SpikeSourceArray
from backend_cython.neurons.urbanczik_senn import UrbanczikSenn
from backend_cython.synapses.static import StaticSynapses
from backend_cython.synapses.urbanczik_senn import UrbanczikSennSynapses
from tests.reference.rule import PICO_PER_NANO
from tests.reference.transfer import UNIT_VOLTAGE

H = 0.1  # ms

# Delays around which a ring of a power of two wraps.
DELAYS = (1, 2, 3, 4, 5, 7, 8, 9, 15, 16, 17, 63, 64, 65)

# Numbers of cells around those of which loops look at so many at once.
SIZES = (1, 7, 8, 9, 15, 16, 17, 63, 64, 65, 127, 128, 129, 300)


def choices(size):
    """Masks of none, all, the first, the last, and some of so many cells."""
    cell = np.arange(size)
    rng = np.random.default_rng(size)
    yield from (cell < 0, cell >= 0, cell == 0, cell == size - 1, cell % 2 == 1)
    yield from (rng.random(size) < share for share in (0.02, 0.5, 0.9))


def source(network, *trains, weights=None):
    """One spike source for each train of steps."""
    cells = SpikeSourceArray(network, len(trains))
    cells.set_spikes(in_ms(trains, network.timestep), weights=weights)
    return cells


def in_ms(trains, timestep=H):
    return [timestep * np.asarray(train, dtype=float) for train in trains]


def silent(network, size=1, **parameters):
    """Neurons that never fire."""
    cells = UrbanczikSenn(network, size)
    cells.set({"phi_max": 0.0, **parameters})
    return cells


def all_pairs(pre, post):
    return np.repeat(np.arange(pre.size), post.size), np.tile(np.arange(post.size), pre.size)


def static(pre, post, delay=1, weight=1e-3, receptor="soma_exc", pairs=None, axonal=0):
    pairs = all_pairs(pre, post) if pairs is None else pairs
    return Projection(StaticSynapses, pre, post, receptor, *pairs, delay, {"weight": weight}, axonal_steps=axonal)


class Ear:
    """Cells that keep all somatic input for ever, so that the steps of their conductance are what arrives."""

    def __init__(self, network, size=1):
        self.cells = silent(network, size, soma_tau_syn_E=1e15)
        self.recorder = SampleRecorder(self.cells, "gsyn_exc", np.arange(size))

    def heard(self):
        """[(step, cell, amount in units of 1e-3)], in order of time."""
        amount = 1e3 * np.diff(self.recorder.data, axis=0, prepend=0.0)
        return [
            (int(k) + self.recorder.start_step, int(i), round(float(amount[k, i]), 6))
            for k, i in np.argwhere(np.abs(amount) > 1e-6)
        ]

    def steps(self):
        return [step for step, _, _ in self.heard()]


# Spikes of sources for a `Lab`: regular, in a burst, none, and one.
TRAINS = [np.arange(3, 1000, 17), np.array([0, 40, 41, 42, 500, 900]), np.array([], dtype=int), np.array([7])]


class Lab:
    """Trains of steps onto firing neurons through plastic synapses, all to all, with everything recorded."""

    FIRING = {"soma_i_offset": 6.0, "theta": -62.0}

    def __init__(
        self,
        trains,
        n_cells=1,
        delay=1,
        axonal=0,
        receptor="dendritic_exc",
        seed=3,
        cell=None,
        weights=None,
        **rule,
    ):
        self.network = Network(H, seed)
        self.cells = UrbanczikSenn(self.network, n_cells)
        self.cells.set({**self.FIRING, **(cell or {})})
        self.trains = [np.asarray(train) for train in trains]
        self.source = source(self.network, *trains, weights=weights)
        self.rule = {"weight": 0.05, "eta": 0.3, "tau_Delta": 100.0, "w_min": 0.0, "w_max": 50.0, **rule}
        self.delay, self.axonal, self.receptor = delay, axonal, receptor
        self.synapses = Projection(
            UrbanczikSennSynapses,
            self.source,
            self.cells,
            receptor,
            *all_pairs(self.source, self.cells),
            delay,
            self.rule,
            axonal_steps=axonal,
        )
        self.synapses.record_events()
        self.error = SampleRecorder(self.cells, "error", np.arange(n_cells))
        self.spikes = SpikeRecorder(self.cells)

    def run(self, n_steps):
        self.network.run(n_steps)
        return self

    def carried(self, k):
        """Steps of the presynaptic spikes of synapse `k`, and the weights they carried."""
        connection, step, weight = self.synapses.events
        return step[connection == k], weight[connection == k]

    def walk(self, k, changes=None, **given):
        """What synapse `k` is due at every step, clipped; `changes` are made between two steps."""
        rule = {name: np.broadcast_to(value, self.synapses.size)[k] for name, value in self.rule.items()}
        arguments = {"delay": self.delay, "inhibitory": self.receptor.endswith("inh"), **rule, **given}
        return walk(
            self.error.data[:, k % self.cells.size],
            self.trains[k // self.cells.size] + self.axonal,
            changes or {},
            **arguments,
        )

    def check(self, k=0, changes=None, tolerance=1e-8, since=0, **given):
        """Compare what synapse `k` carried with what it was due, relative to its movement."""
        due = self.walk(k, changes, **given)
        step, got = self.carried(k)
        np.testing.assert_array_equal(step, self.trains[k // self.cells.size])
        step, got = step[step >= since], got[step >= since]
        movement = np.ptp(due)
        assert len(got)
        assert movement > 1e-9, "a weight that hardly moves proves little"
        assert np.max(np.abs(got - due[step + self.axonal])) < tolerance * movement
        now = self.synapses.get("weight")[k]
        assert abs(now - due[-1]) < tolerance * movement


def walk(
    error,
    arrivals,
    changes,
    *,
    delay,
    weight,
    eta,
    tau_Delta,
    w_min=0.0,
    w_max=np.inf,
    tau_L=10.0,
    tau_s=3.0,
    inhibitory=False,
    factor=1.0,
):
    """tau_Delta Delta' = Pi - Delta and w' ~ eta Delta, with Pi = PSP · error: the clipped w at every step.

    changes   {step: {argument: value}}, made between that step and the next one; a new `weight` also empties
              Delta. The weight at the step itself is the one before the change.
    """
    p = {
        "delay": delay,
        "eta": eta,
        "tau_Delta": tau_Delta,
        "w_min": w_min,
        "w_max": w_max,
        "tau_L": tau_L,
        "tau_s": tau_s,
    }
    counts = np.bincount(arrivals, minlength=len(error) + 1) * factor
    due = np.empty(len(error))
    due[0] = w = weight
    low_pass, trace_L, trace_s = 0.0, counts[0], counts[0]
    for k in range(1, len(error)):
        if k - 1 in changes:
            new = dict(changes[k - 1])
            if "w_min" in new or "w_max" in new:
                w = np.clip(w, p["w_min"], p["w_max"])
            if "weight" in new:
                w, low_pass = new.pop("weight"), 0.0
            # Delta is continuous, and low_pass is tau_Delta Delta
            low_pass *= new.get("tau_Delta", p["tau_Delta"]) / p["tau_Delta"]
            p.update(new)
        trace_L *= np.exp(-H / p["tau_L"])
        trace_s *= np.exp(-H / p["tau_s"])
        psp = (trace_L - trace_s) / (1 / p["tau_s"] - 1 / p["tau_L"]) * (-1 if inhibitory else 1)
        fade = np.exp(-H / p["tau_Delta"])
        w += PICO_PER_NANO * UNIT_VOLTAGE * p["eta"] * low_pass * (1 - fade)
        low_pass = fade * low_pass + psp * (error[k - p["delay"]] if k >= p["delay"] else 0.0)
        due[k] = np.clip(w, p["w_min"], p["w_max"])
        trace_L += counts[k]
        trace_s += counts[k]
    return due
