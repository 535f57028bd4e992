"""All variants of the loops give the same bits, and what is asked for is what runs."""

import hashlib
import os
import subprocess
import sys
from itertools import product
from pathlib import Path

import numpy as np
import pytest

import backend_cython
from backend_cython.engine import processor
from backend_cython.engine.network import Network
from backend_cython.model.projection import Projection
from backend_cython.neurons.dendritic_types import RATE_FUNCTIONS, dendritic_neuron
from backend_cython.neurons.spike_source_poisson import SpikeSourcePoisson
from backend_cython.neurons.standard_cells import IF_cond_alpha, IF_cond_exp, IF_curr_alpha, IF_curr_delta, IF_curr_exp
from backend_cython.neurons.urbanczik_senn import UrbanczikSenn
from backend_cython.synapses.dendritic_error_synapses import BOUNDS, ERRORS, KERNELS, dendritic_error_synapses
from backend_cython.synapses.modulator import Modulator
from backend_cython.synapses.urbanczik_senn import UrbanczikSennSynapses
from tests.backend_cython.helpers import H, all_pairs, source, static
from tests.backend_cython.stdp_bench import TIMING, WEIGHTS, kind, parameters

ROOT = Path(__file__).resolve().parents[3]
CORE = Path(backend_cython.__file__).parent
# no multiple of a vector of eight
N_CELLS = 29
POINT_NEURONS = {IF_curr_exp: 1.0, IF_curr_alpha: 1.0, IF_curr_delta: 10.0, IF_cond_exp: 0.1, IF_cond_alpha: 0.1}
TRAINS = [np.arange(3 + k, 600, 29 + k) for k in range(5)]


def network():
    """Cells of every kind that has such loops, with synapses of every rule that has, spread over parameter space."""
    net = Network(H, 5)
    inputs = source(net, *TRAINS)
    spread = np.linspace(0.01, 0.2, len(TRAINS) * N_CELLS)
    cells = UrbanczikSenn(net, N_CELLS)
    cells.set({"soma_i_offset": 5.0, "theta": -62.0})
    pairs = all_pairs(inputs, cells)
    rule = {"weight": spread, "eta": 0.3, "tau_Delta": 50.0, "w_min": 0.0, "w_max": 0.3}
    synapses = [Projection(UrbanczikSennSynapses, inputs, cells, "dendritic_exc", *pairs, 1, rule)]
    static(inputs, cells, weight=0.02)
    neurons = [cells]
    for rate_function in RATE_FUNCTIONS:
        cells = dendritic_neuron(("basal", "apical"), rate_function)(net, N_CELLS)
        cells.set({"soma_i_offset": 3.0, "theta": -65.0, "basal_g_from_soma": 0.02})
        static(inputs, cells, weight=0.02)
        neurons.append(cells)
    poisson = SpikeSourcePoisson(net, N_CELLS)
    poisson.set({"rate": np.linspace(10.0, 3e4, N_CELLS)})
    one_each = np.arange(N_CELLS), np.arange(N_CELLS)
    static(poisson, neurons[0], weight=1e-4, pairs=one_each)
    for model, weight in POINT_NEURONS.items():
        cells = model(net, N_CELLS)
        cells.set({"i_offset": 0.7, "cm": 0.5})
        static(inputs, cells, weight=weight * spread, receptor="excitatory")
        neurons.append(cells)
    for timing, dependence in product(TIMING, WEIGHTS):
        rule = {"weight": 0.1 * spread, **parameters(timing, dependence, w_min=0.0, w_max=0.03)}
        synapses.append(Projection(kind(timing, dependence), inputs, neurons[-1], "excitatory", *pairs, 1, rule))
    choices = list(product(ERRORS, KERNELS, BOUNDS, (None, Modulator([0.5, -1.0], [0, 200]))))
    for cells, choice in zip(neurons[1 : 1 + len(RATE_FUNCTIONS)] * len(choices), choices):
        made = dendritic_error_synapses(*choice)
        rule = {"weight": spread, "eta": 1e-3, "w_min": 0.0, "w_max": 0.3}
        synapses.append(Projection(made, inputs, cells, "basal", *pairs, 2, rule))
    return net, neurons, synapses


def digest():
    """Of all states and weights after a while, and which modules are not the ones for any processor."""
    net, neurons, synapses = network()
    net.run(400)
    sums = hashlib.sha256()
    for cells in neurons:
        for name in cells.STATES:
            sums.update(np.ascontiguousarray(cells.state(name)).tobytes())
    for projection in synapses:
        sums.update(np.ascontiguousarray(projection.get("weight")).tobytes())
    files = [Path(module.__file__) for name, module in sys.modules.items() if name.startswith("backend_cython.")]
    return [sums.hexdigest(), *sorted(file.name for file in files if file.parent.name in processor.BUILT)]


def in_new_process(variant):
    code = "from tests.backend_cython.engine.test_processor import digest; print(*digest())"
    environment = os.environ | {processor.VARIABLE: variant}
    found = subprocess.run([sys.executable, "-c", code], cwd=ROOT, env=environment, capture_output=True, text=True)
    assert found.returncode == 0, found.stderr
    return found.stdout.split()


@pytest.mark.parametrize("variant", processor.SUPPORTED)
def test_every_variant_gives_the_same_bits(variant):
    bits, *modules = in_new_process(variant)
    assert bits == digest()[0]
    # the network has them all
    assert modules == sorted(file.name for file in CORE.glob(f"*/{variant}/*"))
    assert len(modules) > 0 or variant == processor.ANY


def test_the_network_is_not_silent():
    net, neurons, synapses = network()
    before = [projection.get("weight") for projection in synapses]
    net.run(400)
    for projection, weights in zip(synapses, before):
        assert (projection.get("weight") != weights).mean() > 0.5
    for cells in neurons:
        assert np.unique(cells.state(next(iter(cells.STATES)))).size > N_CELLS // 2


def test_the_widest_variant_is_the_default():
    assert processor.choose() == processor.choose("") == processor.SUPPORTED[-1]
    assert processor.BUILT[: len(processor.SUPPORTED)] == processor.SUPPORTED


def test_what_was_not_built_is_refused():
    with pytest.raises(ValueError, match=r"PYURBANCZIK_CPU: 'sse9' is not allowed; this build has \w+"):
        processor.choose("sse9")


def test_what_the_processor_lacks_is_refused(monkeypatch):
    monkeypatch.setattr(processor, "BUILT", (processor.ANY, "wider"))
    monkeypatch.setattr(processor, "SUPPORTED", (processor.ANY,))
    with pytest.raises(ValueError, match=rf"'wider' is not allowed; this processor has {processor.ANY}"):
        processor.choose("wider")
