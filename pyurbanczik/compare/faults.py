"""Faults of PyNN 0.13.0, most of them of pyNN.nest, that are mended here, and which of them mattered to a script."""

# id: what pyNN.nest does; single-cell-view and first-sample: other simulators as well
FAULTS = {
    "spike-array-rounding": (
        "SpikeSourceArray needs a relay neuron; the shifted times exceed the grid by a rounding error, so that some "
        "spikes come a step late. NEST's spike_train_injector, a source without relay, is used instead."
    ),
    "off-grid": (
        'spike_precision is "off_grid" unless setup says otherwise: IF_curr_exp and sources are other models of NEST '
        'then, with spikes between the steps. "on_grid" is used.'
    ),
    "unrecordable-v": "IF_curr_delta does not say what v is in NEST, so that it cannot be recorded.",
    "gsfa-grr-states": "IF_cond_exp_gsfa_grr has no g_r and g_s, and cannot be created.",
    "gutig-exponents": "GutigWeightDependence drops mu_plus and mu_minus, which are 0.5 whatever is given.",
    "w-max-unit": (
        "Plastic synapses onto IF_curr_delta and Izhikevich get a w_max a thousand times too large, and all their "
        "weights are read a thousand times too small or large."
    ),
    "first-sample": (
        "Initial values that have a distribution are drawn for the cells, and again for the sample at t = 0, which "
        "is another one; both take numbers from the script's generator, so that connections drawn later are others."
    ),
    "single-cell-view": "Connections to and from views of a single cell raise with NumPy 2.1 or later.",
    "array-parameters": "Parameters of GIF_cond_exp that are arrays cannot be read.",
    "source-delay": "A relayed source starts and stops a min_delay late.",
}

used: set[str] = set()


def mended(fault: str) -> None:
    """Note that a fault mattered to this script."""
    assert fault in FAULTS
    used.add(fault)
