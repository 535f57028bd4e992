"""Rows whose targets are neighbours, which loops take as they lie, against rows that leave some of them out."""

import numpy as np
import pytest

from backend_cython.engine.network import Network
from backend_cython.model.projection import Projection
from backend_cython.neurons.dendritic_types import dendritic_neuron
from backend_cython.synapses.dendritic_error_synapses import dendritic_error_synapses
from backend_cython.synapses.modulator import Modulator
from backend_cython.synapses.static import StaticSynapses

from ..helpers import TRAINS, H, all_pairs, source

N_CELLS = 300  # more than loops take at once
RULES = {
    "static": None,
    "filtered": (("spikes", "psp", "read"), {}),
    "exponential": (("potential", "exponential", "read"), {"eta": 1e-6, "tau_Delta": 1.0}),
    "general": (("rate", "exponential", "state"), {"decay": 1e-3}),
    "unfiltered": (("rate", "psp", "state"), {"tau_Delta": 0.0}),
}


def run(rule, left_out, threads=1):
    """Potentials and events with all connections but those onto some cells, which no other cell depends on."""
    network = Network(H, 5, threads)
    # so many that synapses are fetched before they are needed, if none are left out; the last source has none
    sources = source(network, *TRAINS, *(np.repeat(np.arange(9 + i, 400, 31), 3) for i in range(12)))
    cells = dendritic_neuron(["basal"])(network, N_CELLS)
    cells.set({"theta": -62.0, "soma_i_offset": 6.0})
    pre, post = all_pairs(sources, cells)
    kept = ~np.isin(post, left_out) & (pre < sources.size - 1)
    weight = np.linspace(-0.01, 0.09, len(post))
    if RULES[rule] is None:
        kind, parameters = StaticSynapses, {}
    else:
        choice, parameters = RULES[rule]
        kind = dendritic_error_synapses(*choice, Modulator([[0.5]]) if rule == "general" else None)
        parameters = {"eta": 1e-3, "tau_Delta": 20.0, "w_min": -0.02, "w_max": 0.1, **parameters}
    synapses = Projection(
        kind, sources, cells, "basal", pre[kept], post[kept], 1, {**parameters, "weight": weight[kept]}
    )
    network.run(450)
    others = ~np.isin(post[kept], np.arange(0, N_CELLS, 3))
    assert RULES[rule] is None or np.abs(synapses.get("weight") - weight[kept])[others].max() > 1e-5
    return cells.value("basal.v")[1::3], synapses.get("weight")[others]


@pytest.mark.parametrize("rule", RULES)
def test_the_bits_do_not_depend_on_other_targets(rule):
    whole, *others = run(rule, []), run(rule, range(0, N_CELLS, 3)), run(rule, [0, 150, 153]), run(rule, [], 2)
    # as in the row of a cell that reaches all others
    others += [run(rule, [gap]) for gap in (3, 129, 297)]
    for other in others:
        for a, b in zip(whole, other):
            np.testing.assert_array_equal(a, b)
