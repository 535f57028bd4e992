"""What recordings in files and in memory are compared with."""

import numpy as np
import pytest

from backend_cython.engine.team import can_use_threads

needs_threads = pytest.mark.skipif(not can_use_threads(), reason="built without OpenMP")


class Experiment:
    """A network of which all kinds of things are recorded, to a file or to memory."""

    def __init__(self, sim, path=None, threads=1):
        sim.setup(timestep=0.1, rng_seed=3, threads=threads)
        rng = np.random.default_rng(1)
        trains = [np.sort(rng.uniform(0.0, 100.0, 10)).round(1) for _ in range(4)]
        self.source = sim.Population(4, sim.SpikeSourceArray(spike_times=trains), label="source")
        cell = sim.UrbanczikSenn(soma={"i_offset": 10.0})
        self.a = sim.Population(3, cell, label="a")
        self.b = sim.Population(2, cell, label="b")
        # parts with different delays before the synapse
        fraction = np.indices((4, 5)).sum(axis=0) % 2
        rule = sim.UrbanczikSennSynapse(weight=0.1, delay=0.5, eta=0.5, w_max=0.5, dendritic_delay_fraction=fraction)
        self.both = sim.Assembly(self.a, self.b, label="both")
        self.prj = sim.Projection(self.source, self.both, sim.AllToAllConnector(), rule, label="plastic")
        rate = sim.TsodyksMarkramSynapse(weight=0.01, delay=0.2, U=0.5)
        self.stp = sim.Projection(self.source, self.a, sim.AllToAllConnector(), rate, receptor_type="soma_exc")
        self.path, self.sim = path, sim
        self.a[1:].record(["v", "spikes"], locations=["soma", "dendrite"], to_file=path)
        self.b.record("all", to_file=path, sampling_interval=0.7)
        self.prj.record("weight", to_file=path)
        self.prj.record("weight", sampling_interval=2.0, connections=[1, 4, 5, 9, 11], to_file=path)
        self.stp.record("all", to_file=path)

    def run(self):
        sim = self.sim
        sim.run(20.3)
        self.a.record("spikes", to_file=self.path)
        self.a.record("soma.v", to_file=self.path)
        self.prj.record("weight", sampling_interval=2.0, to_file=self.path)
        sim.run(19.7)
        sim.reset(annotations={"trial": np.int64(1)})
        for _ in range(8):
            sim.run(3.0)
        return self

    def blocks(self, clear=False):
        groups = (self.a, self.b, self.a[1:2], self.both, self.prj, self.stp)
        return [group.get_data(clear=clear) for group in groups]


def same(loaded, kept, lazy=True):
    """Blocks with equal contents, to the last bit, of which one has to be loaded."""
    for ours, theirs in zip(loaded.segments, kept.segments, strict=True):
        assert ours.name == theirs.name and ours.annotations == theirs.annotations
        for kind in ("analogsignals", "spiketrains", "irregularlysampledsignals"):
            assert len(getattr(ours, kind)) == len(getattr(theirs, kind)), kind
            for found, expected in zip(getattr(ours, kind), getattr(theirs, kind)):
                equal(found, found.load() if lazy else found, expected)


def equal(lazy, signal, expected):
    assert getattr(lazy, "proxy_for", type(lazy)) is type(signal) is type(expected)
    assert lazy.shape == signal.shape == expected.shape
    np.testing.assert_array_equal(signal.magnitude, expected.magnitude)
    assert signal.dimensionality == expected.dimensionality and signal.name == expected.name == lazy.name
    for name in ("t_start", "t_stop", "sampling_period", "sampling_rate", "times"):
        if name not in ("t_start", "t_stop") or len(np.atleast_1d(expected)):
            assert np.all(getattr(signal, name, None) == getattr(expected, name, None)), name
    for annotated in (lazy, signal):
        assert annotated.annotations.keys() == expected.annotations.keys()
        assert annotated.array_annotations.keys() == expected.array_annotations.keys()
        for table in ("annotations", "array_annotations"):
            for name, value in getattr(expected, table).items():
                np.testing.assert_array_equal(getattr(annotated, table)[name], value)
        assert annotated.segment is lazy.segment or annotated is signal
