"""Counts of spikes: of which cells, and not of those that are not recorded."""

import warnings

import numpy as np
import pytest
from pyNN import errors


@pytest.fixture
def sources(sim):
    return sim.Population(4, sim.SpikeSourceArray(spike_times=[[1.0], [1.0, 2.0], [], [1.0, 2.0, 3.0]]), label="some")


def test_counts_are_those_of_recorded_cells(sim, sources):
    other = sim.Population(1, sim.SpikeSourceArray(spike_times=[4.0, 5.0]))
    sources[:2].record("spikes")
    sim.run(10.0)
    for group in (sources, sources + other, sources[1:] + other, sources[:2]):
        counts = group.get_spike_counts()
        assert counts == {cell: n for cell, n in ((sources[0], 1), (sources[1], 2)) if cell in group.all_cells}
        assert group.mean_spike_count() == np.mean(list(counts.values()))
    sim.reset()
    assert sources.mean_spike_count() == 0.0


def test_counts_that_nobody_kept_are_refused(sim, sources):
    other = sim.Population(1, sim.SpikeSourceArray(spike_times=[4.0, 5.0]))
    sources[:2].record("spikes")
    sim.run(10.0)
    for group in (other, sources[2:], sources[2:] + other):
        for method in (group.mean_spike_count, group.get_spike_counts):
            for error in (errors.RecordingError, errors.NothingToWriteError):
                with pytest.raises(error) as caught:
                    method()
                assert group.label in str(caught.value) and "record('spikes')" in str(caught.value)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        with pytest.raises(errors.RecordingError):
            other.meanSpikeCount()
    sources.record(None)
    with pytest.raises(errors.RecordingError):
        sources.mean_spike_count()
