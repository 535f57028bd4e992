"""Cells in a row give the bits of the same cells one by one, however many there are."""

import numpy as np
import pytest

from backend_cython.engine.network import Network
from backend_cython.model.recorder import SampleRecorder, SpikeRecorder
from backend_cython.neurons.standard_cells import IF_cond_alpha, IF_cond_exp, IF_curr_alpha, IF_curr_delta, IF_curr_exp

from ..helpers import SIZES, H, choices, source, static

N = 150
# more than a strip, and a rest
SIZE = 70
MODELS = {IF_curr_exp: 0.8, IF_curr_alpha: 0.8, IF_curr_delta: 4.0, IF_cond_exp: 0.03, IF_cond_alpha: 0.03}


def potentials(cls, cells, weights, **parameters):
    """Of populations with so many cells each, whose numbers in all decide on initial potential and input."""
    network, recorders, first = Network(H), [], 0
    for n in cells:
        population = cls(network, n)
        population.set({"i_offset": 0.7, "tau_refrac": 1.0, **parameters})
        population.initialize("v", -65.0 + 14.0 * np.arange(first, first + n) / SIZE)
        recorders.append(SampleRecorder(population, "v", np.arange(n)))
        trains = source(network, *([5 + i % 60, 70, 110] for i in range(first, first + n)))
        static(
            trains,
            population,
            pairs=(np.arange(n), np.arange(n)),
            weight=weights[first : first + n],
            receptor="excitatory",
        )
        first += n
    network.run(N)
    return np.concatenate([recorder.data for recorder in recorders], axis=1)


# conductances that are large for the step show in potentials only where they do not reach the threshold
@pytest.mark.parametrize(
    ("heaviest", "v_thresh"), [(1.0, -50.0), (1e4, -50.0), (1e4, 20.0)], ids=("", "large", "large and silent")
)
@pytest.mark.parametrize("cls", MODELS, ids=lambda cls: cls.__name__)
def test_one_by_one(cls, heaviest, v_thresh):
    weights = MODELS[cls] * (1.0 + np.arange(SIZE) % 3)
    weights[-1] *= heaviest
    together = potentials(cls, [SIZE], weights, v_thresh=v_thresh)
    assert len({*together[N // 2]}) > SIZE // 2, "equal cells prove little"
    np.testing.assert_array_equal(together, potentials(cls, [1] * SIZE, weights, v_thresh=v_thresh))


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("cls", MODELS, ids=lambda cls: cls.__name__)
def test_all_cells_above_the_threshold_spike_and_no_others(cls, size):
    for above in choices(size):
        network = Network(H)
        cells = cls(network, size)
        cells.set({"tau_refrac": 0.2})
        cells.initialize("v", np.where(above, 0.0, -65.0))
        spikes = SpikeRecorder(cells)
        network.run(5)
        np.testing.assert_array_equal(spikes.data, (np.flatnonzero(above), np.ones(above.sum())))
