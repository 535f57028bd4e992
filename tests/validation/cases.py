"""Networks described without any simulator, so that ours and NEST can be given the same one.

Times are multiples of the time step; everything is in PyNN units (ms, mV, nF, uS, nA, Hz).
"""

from dataclasses import dataclass, field

import numpy as np

from tests.reference.neuron import DEFAULTS


@dataclass
class Plastic:
    """One plastic synapse, from source number `pre` to neuron number `post`."""

    pre: int
    post: int
    weight: float
    delay: float
    eta: float
    tau_Delta: float = 100.0
    w_min: float = 0.0
    w_max: float = 10.0


@dataclass
class Static:
    """One spike train onto one receptor of one neuron, every spike with the same weight."""

    receptor: str
    post: int
    weight: float
    delay: float
    times: np.ndarray


@dataclass
class Case:
    duration: float
    dt: float
    cells: list  # a dictionary of parameters each
    v_init: list  # (soma, dendrite) each
    trains: list  # spike times of each source of plastic synapses
    plastic: list
    static: list = field(default_factory=list)
    receptor: str = "dendritic_exc"  # of the plastic synapses
    dendritic_delay_fraction: float = 1.0
    seed: int = 1
    max_delay: float = 20.0

    @property
    def n_steps(self):
        return round(self.duration / self.dt)

    @property
    def distinct(self):
        """A number per plastic synapse, growing with those before it between the same two cells."""
        pairs = [(s.pre, s.post) for s in self.plastic]
        return [pairs[:i].count(pair) for i, pair in enumerate(pairs)]


@dataclass
class Result:
    """traces: name -> (n_steps + 1, n_cells); spikes: steps of each neuron;
    events: (steps, weights) of each plastic synapse.
    """

    traces: dict
    spikes: list
    events: list

    def n_spikes(self, cell, n_steps):
        return np.bincount(self.spikes[cell], minlength=n_steps + 1)


def steps(times, dt):
    return np.rint(np.asarray(times) / dt).astype(int)


def poisson_train(rng, rate, start, stop, dt):
    """Spike times (ms, on the grid, at most one a step) of a Poisson process of `rate` Hz."""
    first, last = round(start / dt), round(stop / dt)
    return dt * (first + np.flatnonzero(rng.random(last - first) < rate * 1e-3 * dt))


def random_cell(rng, **fixed):
    """Plausible parameters around the default ones, all different."""
    cell = dict(DEFAULTS)
    cell.update(
        soma_cm=rng.uniform(0.2, 0.5),
        dendrite_cm=rng.uniform(0.2, 0.5),
        soma_g_leak=rng.uniform(0.02, 0.05),
        dendrite_g_leak=rng.uniform(0.02, 0.05),
        soma_v_rest=rng.uniform(-75, -65),
        dendrite_v_rest=rng.uniform(-72, -62),
        soma_e_rev_E=rng.uniform(-10, 10),
        soma_e_rev_I=rng.uniform(-85, -75),
        soma_tau_syn_E=rng.uniform(1, 6),
        soma_tau_syn_I=rng.uniform(1, 6),
        dendrite_tau_syn_E=rng.uniform(1, 6),
        dendrite_tau_syn_I=rng.uniform(1, 6),
        g_dendrite_to_soma=rng.uniform(0.1, 0.8),
        tau_refrac=round(rng.uniform(0.5, 5), 1),
        phi_max=rng.uniform(100, 300),
        rate_slope=rng.uniform(0.3, 0.8),
        beta=rng.uniform(0.2, 0.5),
        theta=rng.uniform(-58, -52),
    )
    cell.update(fixed)
    return cell


def silence(cell):
    """A current that holds the soma where the chance of a spike in a whole run is below e^-50."""
    cell["soma_i_offset"] = -300.0 * (cell["g_dendrite_to_soma"] + cell["soma_g_leak"])
    return -370.0


def drive(cell):
    """Make the soma fire every tau_refrac + one step while the dendrite predicts a rate of a similar order.

    Far above theta a rate of 1e6 Hz makes a spike in any step of 0.1 ms as good as certain (e^-100 against
    it); the dendrite rests low enough to predict a spike a few ms only, so that neither half of the error
    hides the other.
    """
    cell.update(phi_max=1e6, dendrite_v_rest=cell["theta"] - 11.0 / cell["beta"])
    cell["soma_i_offset"] = 85.0 * (cell["g_dendrite_to_soma"] + cell["soma_g_leak"])
    return -5.0


def leave_free(cell):
    """A soma that fires by chance, somewhat more often than the dendrite predicts."""
    cell["soma_i_offset"] = 5.0 * (cell["g_dendrite_to_soma"] + cell["soma_g_leak"])
    return cell["soma_v_rest"]


SOMATA = {"silent": silence, "driven": drive, "free": leave_free}


def random_case(
    seed,
    soma,
    duration=400.0,
    n_cells=3,
    n_sources=6,
    eta=0.2,
    w_range=(0.001, 10.0),
    rate=25.0,
    max_delay=2.0,
    g_back=5e-4,
    dt=0.1,
    inhibition=True,
    **fixed,
):
    """Several inputs onto several neurons with random everything.

    soma is one of SOMATA; `fixed` are cell parameters.
    """
    rng = np.random.default_rng(seed)
    cells, v_init = [], []
    for i in range(n_cells):
        cell = random_cell(rng, g_soma_to_dendrite=g_back * (i % 2), **fixed)
        v_soma = SOMATA[soma](cell)
        cells.append(cell)
        v_init.append((v_soma, rng.uniform(-72, -62)))
    trains = [poisson_train(rng, rate, 5.0, duration - 1.0, dt) for _ in range(n_sources)]
    trains[0] = np.empty(0)  # a silent synapse must disturb nobody
    plastic = [
        Plastic(
            pre=i,
            post=j,
            weight=rng.uniform(0.05, 0.15),
            delay=dt * rng.integers(1, round(max_delay / dt) + 1),
            eta=eta * rng.uniform(0.5, 1.5),
            tau_Delta=rng.uniform(20, 300),
            w_min=w_range[0],
            w_max=w_range[1],
        )
        for i in range(n_sources)
        for j in range(n_cells)
        if rng.random() < 0.8
    ]
    static = []
    weights = {"dendritic_exc": 0.05, "dendritic_inh": 0.05, "soma_exc": 0.05, "soma_inh": 0.02}
    for receptor, weight in weights.items() if inhibition else ():
        for j in range(n_cells):
            static.append(
                Static(
                    receptor,
                    j,
                    weight * rng.uniform(0.5, 1.5),
                    dt * rng.integers(1, 10),
                    poisson_train(rng, 100.0, 5.0, duration - 2.0, dt),
                )
            )
    return Case(duration, dt, cells, v_init, trains, plastic, static, seed=seed)
