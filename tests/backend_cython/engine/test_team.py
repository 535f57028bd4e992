"""Networks that change between runs, and projections of which one is empty or late: results are those of any team."""

import numpy as np
import pytest

from backend_cython.engine.network import Network
from backend_cython.engine.team import can_use_threads
from backend_cython.model import cells
from backend_cython.model.projection import Projection
from backend_cython.model.recorder import SampleRecorder
from backend_cython.neurons.dendritic_types import dendritic_neuron
from backend_cython.neurons.spike_source_poisson import SpikeSourcePoisson
from backend_cython.neurons.standard_cells import IF_cond_exp, IF_curr_exp
from backend_cython.synapses.dendritic_error_synapses import dendritic_error_synapses
from backend_cython.synapses.modulator import Modulator
from backend_cython.synapses.urbanczik_senn import UrbanczikSennSynapses

from ..helpers import Ear, H, all_pairs, source, static

ONE_DENDRITE = dendritic_neuron(["basal"])
NONE = np.array([], dtype=int), np.array([], dtype=int)


@pytest.mark.parametrize("first", [True, False])
def test_an_empty_projection_beside_another_one(first):
    network = Network(H, 1)
    one = source(network, [10, 20])
    ear, others = Ear(network), IF_cond_exp(network, 3)
    for empty in (first, not first):
        if empty:
            static(one, others, receptor="excitatory", pairs=NONE)
        else:
            static(one, ear.cells, 3)
    network.run(50)
    assert ear.steps() == [13, 23]


@pytest.mark.parametrize("threads", [2, 3])
@pytest.mark.skipif(not can_use_threads(), reason="built without OpenMP")
def test_modulators_of_a_network_that_grows(threads, monkeypatch):
    """As long as it is small, the first thread alone follows their spikes."""
    monkeypatch.setattr(cells, "LEAST_SOURCES", 16)

    def weights(threads):
        network = Network(H, 5, threads)
        noise = SpikeSourcePoisson(network, 5)
        noise.set({"rate": 300.0})
        dopamine = Modulator(population=noise, tau=200.0, weight=0.1)
        network.run(1000)
        learners = ONE_DENDRITE(network, 30)
        learners.set({"theta": -62.0, "soma_i_offset": 3.0})
        kind = dendritic_error_synapses("rate", "psp", "read", dopamine)
        rule = {"weight": 0.1, "eta": 0.05, "w_min": -10.0, "w_max": 10.0}
        learning = Projection(kind, noise, learners, "basal_exc", *all_pairs(noise, learners), 1, rule)
        network.run(200)
        return learning.get("weight")

    alone = weights(1)
    assert np.ptp(alone) > 1e-3
    np.testing.assert_array_equal(weights(threads), alone)


@pytest.mark.parametrize("parts", [[30], 30 * [1], [26, 4]])
def test_projections_that_go_ahead_together_add_up_in_the_same_order(parts):
    """All three spikes arrive in step 30: 0.1 + (0.2 + 0.3) is not (0.1 + 0.2) + 0.3."""
    network = Network(H, 1)
    neurons = IF_curr_exp(network, 2)
    pairs = np.zeros(1, dtype=int), np.zeros(1, dtype=int)
    for step, delay, weight in ((29, 1, 0.1), (25, 5, 0.2), (27, 3, 0.3)):
        static(source(network, [step]), neurons, delay, weight, "excitatory", pairs)
    for n in parts:
        network.run(n)
    assert neurons.value("isyn_exc")[0] == (0.2 + 0.3) + 0.1


def test_cells_with_late_input_are_recorded_in_time():
    """Also when no synapse is late any more: the interval could be longer then."""

    def recorded(parts):
        network = Network(H, 5)
        noise = SpikeSourcePoisson(network, 3)
        noise.set({"rate": 200.0})
        neurons = ONE_DENDRITE(network, 3)
        others = IF_curr_exp(network, 3)
        rule = {"weight": 0.3, "eta": 0.1, "w_max": 5.0}
        pairs = all_pairs(noise, neurons)
        late = Projection(UrbanczikSennSynapses, noise, neurons, "basal_exc", *pairs, 0, rule, axonal_steps=2)
        static(neurons, others, 7, 0.1, "excitatory")
        network.run(10)
        late.set_delay_steps(np.full(9, 8))
        trace = SampleRecorder(neurons, "soma.v", np.arange(3))
        for n in parts:
            network.run(n)
        return trace.data.copy()

    whole = recorded([100])
    assert np.ptp(whole) > 0.1
    np.testing.assert_array_equal(whole, recorded(100 * [1]))
