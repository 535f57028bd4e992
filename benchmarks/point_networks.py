"""Networks of point neurons as data, from which each peer builds its own.

Names and units of parameters are PyNN's: mV, ms, nF, nA, uS.
"""

from dataclasses import dataclass, field

import numpy as np

TIMESTEP = 0.1  # ms
STDP = {"tau_plus": 20.0, "tau_minus": 20.0, "A_plus": 0.005, "A_minus": 0.006}


@dataclass(frozen=True)
class Cells:
    """A population: ``kind`` is ``curr_exp``, ``cond_exp`` or ``curr_delta``, ``v`` the range of initial potentials.

    Each cell has Poisson input of its own, ``noise``: number of sources, rate of each in Hz, weight.
    """

    label: str
    size: int
    kind: str
    parameters: dict
    v: tuple
    excitatory: bool
    noise: tuple | None = None


@dataclass(frozen=True)
class Connections:
    """Each pair with probability ``p``, or else ``n`` pairs, drawn with replacement.

    ``weight`` and ``delay`` are means and standard deviations of normal distributions without the values of the other
    sign, or below a time step.
    """

    pre: Cells
    post: Cells
    weight: tuple
    delay: tuple
    p: float | None = None
    n: int | None = None
    plastic: bool = False

    @property
    def size(self):
        """Number of synapses (its mean)."""
        return self.n if self.n is not None else self.p * self.pre.size * self.post.size


@dataclass(frozen=True)
class Network:
    """Populations and connections, and for how long they run after ``before`` ms that do not count."""

    label: str
    cells: list
    connections: list
    before: float = 100.0
    duration: float = 500.0
    too_slow: tuple = field(default=())  # peers that are left out

    @property
    def min_delay(self):
        spread = any(connections.delay[1] for connections in self.connections)
        return TIMESTEP if spread else min(connections.delay[0] for connections in self.connections)

    @property
    def max_delay(self):
        """Long enough for all but very few of the delays drawn, which are cut off here."""
        return max(mean + 6.0 * deviation for mean, deviation in (c.delay for c in self.connections))

    @property
    def n_cells(self):
        return sum(cells.size for cells in self.cells)

    @property
    def n_synapses(self):
        return sum(connections.size for connections in self.connections)

    def events(self, spikes):
        """Number of synaptic events from ``{label: number of spikes}``."""
        return sum(spikes[c.pre.label] * c.size / c.pre.size for c in self.connections)


def two_populations(label, kind, n, parameters, v, p, weights, delay, noise=None, plastic=False, **how):
    """Four in five cells are excitatory, and all are connected with one probability and two weights."""
    excitatory = Cells("exc", n * 4 // 5, kind, parameters, v, True, noise)
    inhibitory = Cells("inh", n - n * 4 // 5, kind, parameters, v, False, noise)
    connections = [
        Connections(pre, post, (weight, 0.0), (delay, 0.0), p=p, plastic=plastic and pre is post is excitatory)
        for pre, weight in zip((excitatory, inhibitory), weights)
        for post in (excitatory, inhibitory)
    ]
    return Network(label, [excitatory, inhibitory], connections, **how)


DRIVEN = {"tau_m": 20.0, "cm": 0.2, "v_rest": -49.0, "v_thresh": -50.0, "v_reset": -60.0, "tau_refrac": 5.0}
DRIVEN |= {"tau_syn_E": 5.0, "tau_syn_I": 10.0, "i_offset": 0.0}


def coba():
    """Vogels & Abbott (2005), conductances; as in the review of Brette et al. (2007), but with a constant drive."""
    parameters = DRIVEN | {"v_rest": -60.0, "i_offset": 0.12, "e_rev_E": 0.0, "e_rev_I": -80.0}
    return two_populations("COBA", "cond_exp", 4000, parameters, (-60.0, -50.0), 0.02, (0.004, 0.051), 0.2)


def cuba():
    """The same with currents."""
    return two_populations("CUBA", "curr_exp", 4000, DRIVEN, (-60.0, -50.0), 0.02, (0.0162, -0.09), 0.2)


def brunel(n=5000, g=5.0, eta=2.0):
    """Brunel (2000), asynchronous irregular; smaller than there, and the synapses are as strong in all."""
    parameters = {"tau_m": 20.0, "cm": 1.0, "v_rest": 0.0, "v_reset": 10.0, "v_thresh": 20.0, "tau_refrac": 2.0}
    weight = 0.1 * 12500 / n
    inputs = n * 4 // 50  # as many from outside as from excitatory cells
    noise = (inputs, 1e3 * eta * 20.0 / (weight * 20.0) / inputs, weight)
    return two_populations(
        "Brunel", "curr_delta", n, parameters | {"i_offset": 0.0}, (0.0, 20.0), 0.1, (weight, -g * weight), 1.5, noise
    )


def plastic(n):
    """A balanced network with currents, in which excitatory cells learn each other's input by pairs of spikes."""
    parameters = {"tau_m": 20.0, "cm": 0.25, "v_rest": -65.0, "v_reset": -60.0, "v_thresh": -50.0, "tau_refrac": 2.0}
    parameters |= {"tau_syn_E": 2.0, "tau_syn_I": 2.0, "i_offset": 0.0}
    weight = 0.01 * 10_000 / n
    how = {"plastic": True, "before": 50.0, "duration": 200.0}
    if n >= 10_000:
        how["too_slow"] = ("pyNN.nest",)
    return two_populations(
        f"balanced with STDP, {n}",
        "curr_exp",
        n,
        parameters,
        (-65.0, -50.0),
        0.1,
        (weight, -6.0 * weight),
        1.5,
        (n // 10, 10.0, weight),
        **how,
    )


# Potjans & Diesmann (2014), table 5: numbers of cells, inputs from outside, and probabilities of connections from a
# column to a row; and the rates there, which show what the inputs that a smaller network lacks would add.
LAYERS = ("L23E", "L23I", "L4E", "L4I", "L5E", "L5I", "L6E", "L6I")
CELLS = np.array([20683, 5834, 21915, 5479, 4850, 1065, 14395, 2948])
EXTERNAL = np.array([1600, 1500, 2100, 1900, 2000, 1900, 2900, 2100])
RATES = np.array([0.971, 2.868, 4.746, 5.396, 8.142, 9.078, 0.991, 7.523])  # Hz
PROBABILITIES = np.array(
    [
        [0.1009, 0.1689, 0.0437, 0.0818, 0.0323, 0.0, 0.0076, 0.0],
        [0.1346, 0.1371, 0.0316, 0.0515, 0.0755, 0.0, 0.0042, 0.0],
        [0.0077, 0.0059, 0.0497, 0.135, 0.0067, 0.0003, 0.0453, 0.0],
        [0.0691, 0.0029, 0.0794, 0.1597, 0.0033, 0.0, 0.1057, 0.0],
        [0.1004, 0.0622, 0.0505, 0.0057, 0.0831, 0.3726, 0.0204, 0.0],
        [0.0548, 0.0269, 0.0257, 0.0022, 0.06, 0.3158, 0.0086, 0.0],
        [0.0156, 0.0066, 0.0211, 0.0166, 0.0572, 0.0197, 0.0396, 0.2252],
        [0.0364, 0.001, 0.0034, 0.0005, 0.0277, 0.008, 0.0658, 0.1443],
    ]
)


def microcircuit(scale=0.1):
    """Potjans & Diesmann (2014), with a part of the cells and of the inputs of each, as van Albada et al. (2015)."""
    tau_syn, background, weight, strength = 0.5, 8.0, 0.08781, -4.0
    parameters = {"tau_m": 10.0, "cm": 0.25, "v_rest": -65.0, "v_reset": -65.0, "v_thresh": -50.0, "tau_refrac": 2.0}
    parameters |= {"tau_syn_E": tau_syn, "tau_syn_I": tau_syn}
    synapses = np.log(1.0 - PROBABILITIES) / np.log(1.0 - 1.0 / np.outer(CELLS, CELLS))
    excitatory = np.array([label.endswith("E") for label in LAYERS])
    weights = np.tile(np.where(excitatory, weight, strength * weight), (8, 1))
    weights[0, 2] *= 2.0
    mean_input = (synapses / CELLS[:, None] * weights) @ RATES + EXTERNAL * weight * background
    drive = 1e-3 * tau_syn * (1.0 - np.sqrt(scale)) * mean_input
    larger = scale**-0.5
    cells = [
        Cells(
            label,
            round(scale * CELLS[i]),
            "curr_exp",
            parameters | {"i_offset": float(drive[i])},
            (-70.0, -50.0),
            bool(excitatory[i]),
            (round(scale * EXTERNAL[i]), background, weight * larger),
        )
        for i, label in enumerate(LAYERS)
    ]
    connections = [
        Connections(
            cells[j],
            cells[i],
            (float(weights[i, j]) * larger, 0.1 * float(abs(weights[i, j])) * larger),
            (1.5, 0.75) if excitatory[j] else (0.75, 0.375),
            n=round(scale * scale * synapses[i, j]),
        )
        for i in range(8)
        for j in range(8)
        if synapses[i, j]
    ]
    return Network("microcircuit", cells, connections, duration=200.0, too_slow=("pyNN.nest",))


NETWORKS = {made.label: made for made in (coba(), cuba(), brunel(), plastic(3000), plastic(10_000), microcircuit())}
