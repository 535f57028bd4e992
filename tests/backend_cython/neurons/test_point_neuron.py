"""What arrives at a step acts from the next one on, and cells take it only then unless somebody looks: bit by bit."""

import numpy as np
import pytest

from backend_cython.engine.network import LONGEST_INTERVAL, Network
from backend_cython.model.recorder import SampleRecorder, SpikeRecorder
from backend_cython.neurons.gif_cond_exp import GIF_cond_exp
from backend_cython.neurons.hh_cond_exp import HH_cond_exp
from backend_cython.neurons.if_cond_exp_gsfa_grr import IF_cond_exp_gsfa_grr
from backend_cython.neurons.if_facets_hardware1 import IF_facets_hardware1
from backend_cython.neurons.izhikevich import Izhikevich
from backend_cython.neurons.standard_cells import (
    EIF_cond_alpha_isfa_ista,
    EIF_cond_exp_isfa_ista,
    IF_cond_alpha,
    IF_cond_exp,
    IF_curr_alpha,
    IF_curr_delta,
    IF_curr_exp,
)

from ..helpers import H, source, static

# of each, a weight by which its cells drive each other, and a current (nA)
KINDS = {
    IF_curr_exp: (0.3, 1.0),
    IF_curr_alpha: (0.3, 1.0),
    IF_curr_delta: (2.0, 1.0),
    IF_cond_exp: (0.01, 0.7),
    IF_cond_alpha: (0.01, 0.7),
    EIF_cond_exp_isfa_ista: (0.01, 1.0),
    EIF_cond_alpha_isfa_ista: (0.01, 1.0),
    IF_cond_exp_gsfa_grr: (0.01, 0.7),
    GIF_cond_exp: (0.01, 1.0),
    HH_cond_exp: (0.002, 1.0),
    IF_facets_hardware1: (0.001, 0.0),
    Izhikevich: (1.0, 0.01),
}
JUMPING = {IF_curr_delta, Izhikevich}
N = 12
PIECES = (1, 7, 64, 128, 1, 1, 200)


class Recurrent:
    """Cells of one kind that drive each other, and are driven; what input changes is recorded, or is not."""

    def __init__(self, kind, recorded, delay=1, threads=1, late=False):
        weight, current = KINDS[kind]
        self.network = network = Network(H, 1, threads)
        self.cells = kind(network, N)
        if "i_offset" in kind.PARAMETERS:
            self.cells.set({"i_offset": np.linspace(current, 1.5 * current, N)})
        static(self.cells, self.cells, delay, weight, "excitatory")
        driver = source(network, *(np.arange(first, 400, 31) for first in range(2)))
        # none, or a step on the axon and none behind the synapse
        static(driver, self.cells, 0 if late else 2, 10 * weight, "excitatory", axonal=1 if late else 0)
        static(driver, self.cells, 3, 10 * weight, "inhibitory")
        self.spikes = SpikeRecorder(self.cells)
        self.trace = SampleRecorder(self.cells, "v", np.arange(N))
        names = self.cells.of_input() if recorded else []
        self.responses = {name: SampleRecorder(self.cells, name, np.arange(N)) for name in names}

    def run(self):
        """Run piece by piece; what input changes, after each of them."""
        found = []
        for n_steps in PIECES:
            self.network.run(n_steps)
            found.append({name: self.cells.value(name) for name in self.cells.of_input()})
        return found


@pytest.mark.parametrize("threads", [1, 2])
@pytest.mark.parametrize("delay, late", [(1, False), (2, False), (5, False), (1, True), (5, True)])
@pytest.mark.parametrize("kind", KINDS)
def test_results_do_not_depend_on_who_looks(kind, delay, late, threads, monkeypatch):
    monkeypatch.setattr("backend_cython.model.cells.LEAST_CELLS", 1)
    monkeypatch.setattr("backend_cython.model.cells.LEAST_QUICK_CELLS", 1)
    hidden, seen = (Recurrent(kind, recorded, delay, threads, late) for recorded in (False, True))
    after_pieces, also = hidden.run(), seen.run()
    np.testing.assert_array_equal(hidden.trace.data, seen.trace.data)
    for one, other in zip(hidden.spikes.data, seen.spikes.data):
        np.testing.assert_array_equal(one, other)
    assert len(hidden.spikes.data[0]) > N
    for step, states, again in zip(np.cumsum(PIECES), after_pieces, also):
        for name, values in states.items():
            np.testing.assert_array_equal(values, again[name])
            np.testing.assert_array_equal(values, seen.responses[name].data[step])


@pytest.mark.parametrize("delay", [1, 2, 5, LONGEST_INTERVAL + 10])
@pytest.mark.parametrize("kind", KINDS)
def test_cells_go_a_step_further_than_the_shortest_delay(kind, delay):
    """Unless something needs at a step what arrives at it: a jump to the threshold, or a recorder."""
    network = Network(H)
    cells = kind(network, 3)
    static(cells, cells, delay, 0.01, "excitatory")
    SampleRecorder(cells, "v", np.arange(3))
    network.run(1)
    further = delay if kind in JUMPING else delay + 1
    assert network.interval == min(LONGEST_INTERVAL, further)
    for name in cells.of_input():
        SampleRecorder(cells, name, np.arange(3))
        network.run(1)
        assert network.interval == min(LONGEST_INTERVAL, delay)


def test_input_within_the_step_leaves_an_interval_of_one_step():
    network = Network(H)
    cells = IF_curr_exp(network, 3)
    static(cells, cells, 0, 0.01, "excitatory", axonal=1)
    network.run(1)
    assert network.interval == 1
