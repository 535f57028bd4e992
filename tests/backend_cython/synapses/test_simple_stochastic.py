"""Stochastic synapses: which draw a spike takes does not depend on who delivers it."""

import numpy as np
import pytest

from backend_cython.engine.network import Network
from backend_cython.engine.team import can_use_threads
from backend_cython.model.projection import Projection
from backend_cython.model.recorder import SampleRecorder
from backend_cython.neurons.spike_source_poisson import SpikeSourcePoisson
from backend_cython.neurons.standard_cells import IF_cond_exp
from backend_cython.synapses.simple_stochastic import SimpleStochasticSynapses

from ..helpers import H, static

N = 600


@pytest.mark.skipif(not can_use_threads(), reason="built without OpenMP")
@pytest.mark.parametrize("threads", [2, 3])
def test_rows_that_reach_one_part_alone(threads):
    """Threads and one of them for all, by turns: parts that a source does not reach do not count its spikes."""

    def conductances(threads):
        network = Network(H, 5, threads)
        noise = SpikeSourcePoisson(network, N)
        noise.set({"rate": 200.0})
        cells = IF_cond_exp(network, N)
        one_to_one = np.arange(N), np.arange(N)
        Projection(SimpleStochasticSynapses, noise, cells, "excitatory", *one_to_one, 1, {"weight": 0.01, "p": 0.5})
        static(cells, cells, 1, 1e-4, "excitatory", one_to_one)
        trace = SampleRecorder(cells, "gsyn_exc", np.arange(N))
        network.run(1000)
        return trace.data.copy()

    alone = conductances(1)
    assert (np.ptp(alone, axis=0) > 0).all()
    np.testing.assert_array_equal(conductances(threads), alone)
