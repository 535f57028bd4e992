"""Run a case in pyurbanczik, through its public names only."""

import numpy as np
from pyNN.parameters import Sequence

import pyurbanczik as sim

from .cases import Result, steps

TRACES = ("soma.v", "dendrite.v", "gsyn_exc", "gsyn_inh", "isyn_exc", "isyn_inh")


class Network:
    """The case, built and recording; run() it, then read result()."""

    def __init__(self, case, traces=TRACES, **setup):
        self.case = case
        sim.setup(
            **{
                "timestep": case.dt,
                "min_delay": case.dt,
                "max_delay": case.max_delay,
                "rng_seed": case.seed,
                **setup,
            }
        )
        parameters = {name: np.array([cell[name] for cell in case.cells]) for name in case.cells[0]}
        initial = np.array(case.v_init, dtype=float)
        self.cells = sim.Population(
            len(case.cells),
            sim.UrbanczikSenn(**parameters),
            label="cells",
            initial_values={"soma.v": initial[:, 0], "dendrite.v": initial[:, 1]},
        )
        self.sources = sim.Population(
            len(case.trains),
            sim.SpikeSourceArray(spike_times=[Sequence(t) for t in case.trains]),
            label="sources",
        )
        self.plastic = self.connect_plastic(case.plastic) if case.plastic else None
        for receptor in dict.fromkeys(synapse.receptor for synapse in case.static):
            self.connect_static(receptor)
        self.cells.record("spikes")
        self.traces = traces
        if traces:
            self.cells.record(list(traces))
        if self.plastic is not None:
            self.plastic.record("weight")

    def connect_plastic(self, synapses, receptor=None):
        names = ["weight", "delay", "eta", "tau_Delta", "w_min", "w_max"]
        rows = [(s.pre, s.post, *(getattr(s, name) for name in names)) for s in synapses]
        rule = sim.UrbanczikSennSynapse(dendritic_delay_fraction=self.case.dendritic_delay_fraction)
        return sim.Projection(
            self.sources,
            self.cells,
            sim.FromListConnector(rows, column_names=names),
            rule,
            receptor_type=receptor or self.case.receptor,
        )

    def connect_static(self, receptor):
        synapses = [s for s in self.case.static if s.receptor == receptor]
        trains = sim.Population(len(synapses), sim.SpikeSourceArray(spike_times=[Sequence(s.times) for s in synapses]))
        rows = [(i, s.post, s.weight, s.delay) for i, s in enumerate(synapses)]
        sim.Projection(
            trains,
            self.cells,
            sim.FromListConnector(rows, column_names=["weight", "delay"]),
            sim.StaticSynapse(),
            receptor_type=receptor,
        )

    def run(self, duration=None):
        sim.run(self.case.duration if duration is None else duration)
        return self

    def result(self):
        segment = self.cells.get_data().segments[0]
        traces = {name: signal(segment, name) for name in self.traces}
        return Result(traces, spike_steps(segment, self.case.dt, len(self.cells)), self.events())

    def events(self, projection=None, synapses=None):
        """(steps, weights) of each plastic synapse, in the order of the case."""
        projection = self.plastic if projection is None else projection
        synapses = self.case.plastic if synapses is None else synapses
        return synapse_events(projection, synapses, self.case.dt) if projection is not None else []


def run(case, traces=TRACES, **setup):
    return Network(case, traces, **setup).run().result()


def signal(segment, name):
    """One recorded variable as (samples, cells)."""
    (found,) = [s for s in segment.analogsignals if s.name == name]
    return np.asarray(found.magnitude)


def spike_steps(segment, dt, n_cells):
    """Steps at which each cell fired. Neo keeps one train for each, in the order of the population."""
    assert len(segment.spiketrains) == n_cells
    return [steps(train.rescale("ms").magnitude, dt) for train in segment.spiketrains]


def synapse_events(projection, synapses, dt):
    """Events are filed under the two indices of a synapse; parallel ones keep their order."""
    filed = {}
    for event in projection.get_data("weight").segments[0].irregularlysampledsignals:
        key = event.annotations["presynaptic_index"], event.annotations["postsynaptic_index"]
        filed.setdefault(key, []).append((steps(event.times.rescale("ms").magnitude, dt), event.magnitude.ravel()))
    return [filed[synapse.pre, synapse.post].pop(0) for synapse in synapses]
