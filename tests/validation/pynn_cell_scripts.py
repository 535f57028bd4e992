"""Each standard cell, four of a kind with different parameters, under injected currents and under spikes."""

from dataclasses import dataclass, field
from functools import partial

import numpy as np
from pyNN.parameters import ArrayParameter

from .pynn_networks import connect, recorded, setup, sources, trains

N_CELLS = 4
DURATION = 250.0  # ms


@dataclass
class Cell:
    """A cell type with parameters (a value, or one for each of the four), and what drives it well.

    current: the unit of the injected currents (nA). weights: of an excitatory and of an inhibitory synapse, in
    the units of the cell; the four cells get `strengths` times as much.
    """

    name: str
    parameters: dict
    signals: tuple
    weights: tuple
    current: float = 1.0
    strengths: tuple = (0.4, 1.0, 2.0, 1.2)
    initial: dict = field(default_factory=dict)

    def make(self, sim):
        return getattr(sim, self.name)(**self.parameters)


MEMBRANE = {
    "v_rest": [-65.0, -67.0, -70.0, -60.0],
    "cm": [1.0, 0.3, 0.25, 0.5],
    "tau_m": [20.0, 12.0, 15.0, 8.0],
    "tau_refrac": [0.1, 2.3, 5.0, 0.9],
    "v_reset": [-65.0, -63.0, -75.0, -58.0],
    "i_offset": [0.0, 0.1, 0.25, -0.1],
}
LIF = {**MEMBRANE, "v_thresh": [-50.0, -52.0, -48.0, -40.0]}
DECAYS = {"tau_syn_E": [5.0, 2.1, 0.7, 8.0], "tau_syn_I": [5.0, 4.3, 9.0, 1.3]}
REVERSALS = {"e_rev_E": [0.0, 5.0, -10.0, 0.0], "e_rev_I": [-70.0, -78.0, -85.0, -72.0]}
ADEXP = {
    "v_rest": [-70.6, -70.0, -65.0, -60.0],
    "cm": [0.281, 0.2, 0.3, 0.1],
    "tau_m": [9.3667, 20.0, 15.0, 8.0],
    "tau_refrac": [0.1, 2.3, 5.0, 0.9],
    "v_reset": [-70.6, -58.0, -75.0, -58.0],
    "v_spike": [-40.0, -35.0, 0.0, -42.0],
    "v_thresh": [-50.4, -50.0, -48.0, -45.0],
    "delta_T": [2.0, 2.0, 3.0, 0.8],
    "a": [4.0, 2.0, -0.5, 10.0],
    "b": [0.0805, 0.06, 0.0, 0.1],
    "tau_w": [144.0, 30.0, 100.0, 300.0],
    "i_offset": [0.0, 0.1, 0.05, -0.1],
}

CURRENT_WEIGHTS, CONDUCTANCE_WEIGHTS = (0.45, -0.2), (0.01, 0.01)
CONDUCTANCES = ("v", "gsyn_exc", "gsyn_inh")

CELLS = [
    Cell("IF_curr_exp", {**LIF, **DECAYS}, ("v",), CURRENT_WEIGHTS),
    Cell("IF_curr_alpha", {**LIF, **DECAYS}, ("v",), (0.5, -0.2)),
    Cell("IF_curr_delta", LIF, ("v",), (2.0, -1.5)),
    Cell("IF_cond_exp", {**LIF, **DECAYS, **REVERSALS}, CONDUCTANCES, CONDUCTANCE_WEIGHTS),
    Cell("IF_cond_alpha", {**LIF, **DECAYS, **REVERSALS}, CONDUCTANCES, (0.006, 0.004)),
    Cell(
        "IF_cond_exp_gsfa_grr",
        {
            **LIF,
            **DECAYS,
            **REVERSALS,
            "tau_sfa": [100.0, 60.0, 30.0, 200.0],
            "e_rev_sfa": [-75.0, -80.0, -70.0, -75.0],
            "q_sfa": [15.0, 5.0, 10.0, 30.0],
            "tau_rr": [2.0, 3.0, 1.0, 5.0],
            "e_rev_rr": [-75.0, -80.0, -70.0, -75.0],
            "q_rr": [3000.0, 1000.0, 300.0, 200.0],
        },
        (*CONDUCTANCES, "g_r", "g_s"),
        CONDUCTANCE_WEIGHTS,
        current=1.5,
    ),
    Cell(
        "IF_facets_hardware1",
        {
            "g_leak": [40.0, 20.0, 15.0, 30.0],
            "tau_syn_E": [30.0, 10.0, 5.0, 20.0],
            "tau_syn_I": [30.0, 20.0, 8.0, 5.0],
            "v_reset": [-80.0, -70.0, -75.0, -66.0],
            "e_rev_I": [-80.0, -75.0, -90.0, -85.0],
            "v_rest": [-65.0, -67.0, -70.0, -63.0],
            "v_thresh": [-55.0, -53.0, -50.0, -57.0],
        },
        CONDUCTANCES,
        (0.003, 0.001),
        current=0.5,
    ),
    Cell("EIF_cond_exp_isfa_ista", {**ADEXP, **DECAYS, **REVERSALS}, (*CONDUCTANCES, "w"), (0.011, 0.01)),
    Cell("EIF_cond_alpha_isfa_ista", {**ADEXP, **DECAYS, **REVERSALS}, (*CONDUCTANCES, "w"), (0.006, 0.004)),
    Cell(
        "HH_cond_exp",
        {
            **REVERSALS,
            "gbar_Na": [20.0, 20.0, 25.0, 18.0],
            "gbar_K": [6.0, 5.0, 6.0, 7.0],
            "g_leak": [0.01, 0.02, 0.01, 0.015],
            "cm": [0.2, 0.2, 0.25, 0.15],
            "v_offset": [-63.0, -60.0, -63.0, -65.0],
            "e_rev_Na": [50.0, 50.0, 45.0, 55.0],
            "e_rev_K": [-90.0, -90.0, -85.0, -95.0],
            "e_rev_leak": [-65.0, -65.0, -67.0, -70.0],
            "tau_syn_E": [0.2, 1.0, 2.0, 5.0],
            "tau_syn_I": [2.0, 3.0, 5.0, 10.0],
            "i_offset": [0.0, 0.1, 0.0, -0.1],
        },
        CONDUCTANCES,
        (0.03, 0.01),
    ),
]

# Apart, since NEST integrates them by methods whose error is of the order of the step.
IZHIKEVICH = Cell(
    "Izhikevich",
    {
        "a": [0.02, 0.02, 0.1, 0.02],
        "b": [0.2, 0.2, 0.2, 0.25],
        "c": [-65.0, -50.0, -65.0, -55.0],
        "d": [2.0, 2.0, 8.0, 0.5],
        "i_offset": [0.0, 0.002, 0.004, -0.001],
    },
    ("v", "u"),
    (2.0, -1.0),
    current=0.01,
)
GIF = Cell(
    "GIF_cond_exp",
    {
        **MEMBRANE,
        **DECAYS,
        **REVERSALS,
        "tau_refrac": [4.0, 2.3, 5.0, 0.9],
        "v_t_star": [-50.0, -52.0, -48.0, -42.0],
        # A threshold as sharp as this is crossed within the step, whatever is drawn.
        "delta_v": 1e-4,
        "lambda0": 10.0,
        "tau_eta": ArrayParameter([1.0, 10.0, 100.0]),
        "a_eta": ArrayParameter([0.3, 0.1, 0.02]),
        "tau_gamma": ArrayParameter([2.0, 20.0, 80.0]),
        "a_gamma": ArrayParameter([1.0, -0.5, 0.8]),
    },
    (*CONDUCTANCES, "i_eta", "v_t"),
    CONDUCTANCE_WEIGHTS,
)


class Composed(Cell):
    """PointNeuron, of a neuron and its named responses."""

    responses: dict

    def __init__(self, neuron, responses, parameters, signals, weights):
        super().__init__(neuron, parameters, signals, weights)
        self.responses = responses

    def make(self, sim):
        responses = {label: getattr(sim, kind)(**values) for label, (kind, values) in self.responses.items()}
        return sim.PointNeuron(getattr(sim, self.name)(**self.parameters), **responses)


COMPOSED = {
    "LIF-CurrExp": Composed(
        "LIF",
        {
            "fast": ("CurrExpPostSynapticResponse", {"tau_syn": 1.5}),
            "slow": ("CurrExpPostSynapticResponse", {"tau_syn": 11.0}),
            "third": ("CurrExpPostSynapticResponse", {"tau_syn": 4.0}),
        },
        LIF,
        ("v", "fast.isyn", "slow.isyn", "third.isyn"),
        {"fast": 0.3, "slow": 0.05, "third": -0.2},
    ),
    "AdExp-CondAlpha": Composed(
        "AdExp",
        {
            "ampa": ("CondAlphaPostSynapticResponse", {"tau_syn": 1.0, "e_syn": 0.0}),
            "nmda": ("CondAlphaPostSynapticResponse", {"tau_syn": 20.0, "e_syn": 5.0}),
            "gaba": ("CondAlphaPostSynapticResponse", {"tau_syn": 4.0, "e_syn": -80.0}),
        },
        ADEXP,
        ("v", "w", "ampa.gsyn", "nmda.gsyn", "gaba.gsyn"),
        {"ampa": 0.006, "nmda": 0.0005, "gaba": 0.004},
    ),
    "AdExp-CondBeta": Composed(
        "AdExp",
        {
            "ampa": ("CondBetaPostSynapticResponse", {"tau_rise": 0.3, "tau_decay": 2.0, "e_syn": 0.0}),
            "gaba": ("CondBetaPostSynapticResponse", {"tau_rise": 1.0, "tau_decay": 8.0, "e_syn": -80.0}),
        },
        ADEXP,
        ("v", "w", "ampa.gsyn", "gaba.gsyn"),
        {"ampa": 0.009, "gaba": 0.004},
    ),
}


def population(sim, cell):
    cells = sim.Population(N_CELLS, cell.make(sim), initial_values=cell.initial)
    cells.record(["spikes", *cell.signals])
    return cells


def under_current(cell, sim):
    """A pulse and a staircase, switched at times on the grid."""
    setup(sim)
    cells = population(sim, cell)
    pulse = sim.DCSource(amplitude=0.6 * cell.current, start=5.3, stop=150.0)
    stairs = sim.StepCurrentSource(
        times=[20.0, 60.0, 61.3, 100.1, 190.0, 220.0],
        amplitudes=[cell.current * a for a in (0.3, 0.9, -0.5, 0.05, 0.7, 0.0)],
    )
    pulse.inject_into(cells)
    stairs.inject_into(cells)
    sim.run(DURATION)
    return recorded(cells, cell.signals)


def under_oscillation(cell, sim):
    setup(sim)
    cells = population(sim, cell)
    source = sim.ACSource(
        amplitude=0.6 * cell.current, offset=0.4 * cell.current, frequency=17.0, phase=30.0, start=10.0, stop=200.0
    )
    source.inject_into(cells)
    sim.run(DURATION)
    return recorded(cells, cell.signals)


def under_spikes(cell, sim):
    """Excitatory and inhibitory trains over synapses of different weights and delays."""
    setup(sim)
    cells = population(sim, cell)
    weights = cell.weights
    if not isinstance(weights, dict):
        weights = dict(zip(("excitatory", "inhibitory"), weights))
    for i, (receptor, weight) in enumerate(weights.items()):
        rng = np.random.default_rng(50 + i)
        inputs = sources(sim, trains(60 + i, 8 if i == 0 else 4, 60.0, 2.0, DURATION - 5.0))
        connect(sim, inputs, cells, receptor, weight * np.array(cell.strengths), rng)
    sim.run(DURATION)
    return recorded(cells, cell.signals)


STEPS = [0.1, 0.05, 0.02, 0.01, 0.005]  # ms


def with_step(dt, firing, sim):
    """Izhikevich's cells with a time step of their own: a pulse and spikes, which make them fire or do not."""
    setup(sim, dt)
    cell = IZHIKEVICH
    parameters = dict(cell.parameters)
    if firing:
        parameters.update(i_offset=[0.008, 0.01, 0.012, 0.015], c=-65.0, d=[8.0, 6.0, 8.0, 4.0])
    else:
        parameters.update(i_offset=0.0, b=[0.2, 0.21, 0.19, 0.18])
    cells = sim.Population(N_CELLS, sim.Izhikevich(**parameters), initial_values={"v": -68.0, "u": -13.0})
    cells.record(["spikes", *cell.signals])
    pulse = sim.DCSource(amplitude=0.002, start=20.0, stop=50.0)
    pulse.inject_into(cells)
    inputs = sources(sim, trains(70, 4, 60.0, 2.0, 90.0))
    connect(sim, inputs, cells, "excitatory", [0.5, 0.7, 0.9, 0.4], np.random.default_rng(71))
    sim.run(100.0)
    return recorded(cells, cell.signals)


def made_to_fire(dt, sim):
    """The generalised integrate-and-fire cell with a time step of its own; pulses decide when it fires."""
    setup(sim, dt)
    parameters = {**GIF.parameters, "i_offset": 0.1, "v_t_star": -45.0}
    cells = sim.Population(N_CELLS, sim.GIF_cond_exp(**parameters))
    cells.record(["spikes", *GIF.signals])
    edges = np.ravel([[t, t + 0.2] for t in (20.0, 45.0, 60.0, 62.0, 90.0)])
    pulses = sim.StepCurrentSource(times=edges, amplitudes=np.resize([300.0, 0.0], len(edges)))
    pulses.inject_into(cells)
    inputs = sources(sim, trains(70, 4, 60.0, 2.0, 115.0))
    connect(sim, inputs, cells, "excitatory", [1e-3, 5e-4, 5e-4, 5e-4], np.random.default_rng(72))
    connect(sim, inputs, cells, "inhibitory", [1e-3, 1e-3, 1e-3, 1e-3], np.random.default_rng(73))
    sim.run(120.0)
    return recorded(cells, GIF.signals)


N_RANDOM = 200
RANDOM_DURATION = 1500.0  # ms


def fire_at_random(sim):
    """The same cell with a soft threshold, many times, to compare statistics of adapting spike trains."""
    setup(sim)
    parameters = {
        "delta_v": 2.0,
        "lambda0": 5.0,
        "i_offset": 1.1,
        "tau_eta": ArrayParameter([5.0, 30.0, 200.0]),
        "a_eta": ArrayParameter([0.2, 0.05, 0.03]),
        "tau_gamma": ArrayParameter([5.0, 50.0, 200.0]),
        "a_gamma": ArrayParameter([5.0, 1.0, 0.5]),
    }
    cells = sim.Population(N_RANDOM, sim.GIF_cond_exp(**parameters))
    cells.record("spikes")
    sim.run(RANDOM_DURATION)
    return recorded(cells, [])


PROTOCOLS = {"current": under_current, "oscillation": under_oscillation, "spikes": under_spikes}
ALL_CELLS = {**{cell.name: cell for cell in CELLS}, **COMPOSED}
SCRIPTS = {
    **{
        f"{name} {kind}": partial(protocol, cell)
        for name, cell in ALL_CELLS.items()
        for kind, protocol in PROTOCOLS.items()
    },
    **{
        f"Izhikevich {'firing' if firing else 'silent'} {dt}": partial(with_step, dt, firing)
        for dt in STEPS
        for firing in (False, True)
    },
    **{f"GIF made to fire {dt}": partial(made_to_fire, dt) for dt in STEPS},
    "GIF at random": fire_at_random,
}
