"""Dendritic cortical microcircuits, spiking, while all of their weights learn.

Pyramidal cells with a basal and an apical dendrite, and as many interneurons beside each hidden layer as there are
cells in the layer above, nudged one to one by these (Sacramento J, Costa RP, Bengio Y, Senn W (2018), NeurIPS 31). The
network starts self-predicting. As in the spiking implementation for NEST whose times are quoted, a cell spikes psi
times a millisecond where the rate of the paper is 1, weights and learning rates are divided by psi accordingly, and the
inputs are Poisson sources with rates in proportion to the pixels. Without that implementation's prospective coding.
"""

import sys
import time

import numpy as np

import pyurbanczik as sim
from benchmarks import contest, machine, report

LAYERS = (784, 300, 100, 10)
PATTERNS = 10
SHOWN = 50.0  # ms, each pattern
TIMESTEP = DELAY = 0.1
# in units of a capacitance of 1 nF; potentials are those of the paper, in mV
SOMA, BASAL, APICAL, NUDGING = 0.03, 0.1, 0.06, 0.06  # µS
TAU_DENDRITE, TAU_SYN = 10.0, 1.0  # ms
W_MAX = 4.0
# per ms, for the paper's weights and rates
ETA = {"up": (0.01, 0.01, 0.003), "ip": (0.004, 0.004), "pi": (0.01, 0.01)}
# published for NEST: seconds and threads by psi
NEST = {1: (48.6, 32), 250: (208.5, 8)}

TEXT = """
The microcircuit of Sacramento et al. (2018) with {layers} cells, {interneurons} interneurons and {size} synapses,
of which {plastic} learn: {patterns} patterns of {shown:.0f} ms, on one thread. psi is the scale of the rates, per ms.
*NEST* is what was published for an implementation with models and a kernel made for it, on another machine. Resident
memory is what the process holds after building, above what it held before, by synapse.
"""


class Microcircuit:
    """The network at one psi.

    Parameters
    ----------
    psi : float
        Rate of a cell where that of the paper is 1, per ms.
    layers : sequence of int
    threads : int
    plastic : bool
        Whether weights learn.
    """

    def __init__(self, psi, layers=LAYERS, threads=1, plastic=True):
        self.psi, self.plastic, self.size, self.n_plastic = psi, plastic, 0, 0
        self.rng = np.random.default_rng(1)
        sim.setup(timestep=TIMESTEP, min_delay=DELAY, rng_seed=1, threads=threads)
        self.inputs = sim.Population(layers[0], sim.SpikeSourcePoisson(rate=0.0))
        hidden = [sim.Population(n, self.cell(apical=APICAL)) for n in layers[1:-1]]
        # the target nudges the output cells through their soma
        self.outputs = sim.Population(layers[-1], self.cell(leak=SOMA + NUDGING))
        self.pyramidal = [self.inputs, *hidden, self.outputs]
        self.interneurons = [sim.Population(n, self.cell()) for n in layers[2:]]
        for i, below in enumerate(self.pyramidal[:-1]):
            self.connect_layers(i, below, self.pyramidal[i + 1])
        sim.run(0.0)

    def cell(self, leak=SOMA, **apical):
        """A cell without refractoriness that spikes by ψ ln(1 + e^U)."""
        dendrites = {
            name: sim.Dendrite(cm=1.0, g_leak=1.0 / TAU_DENDRITE, v_rest=0.0, tau_syn_E=TAU_SYN, g_to_soma=coupling)
            for name, coupling in {"basal": BASAL, **apical}.items()
        }
        soma = sim.Soma(cm=1.0, g_leak=leak, v_rest=0.0)
        rate = sim.Softplus(gain=1e3 * self.psi, beta=1.0, theta=0.0)
        return sim.DendriticNeuron(soma=soma, rate_function=rate, tau_refrac=0.0, **dendrites)

    def connect_layers(self, i, below, above):
        n, m = below.size, above.size
        up = self.random_weights(n, m)
        self.connect(below, above, up, "basal", ETA["up"][i])
        if i == 0:
            return
        down = self.random_weights(m, n)
        interneurons = self.interneurons[i - 1]
        self.connect(above, below, down, "apical")
        self.connect(interneurons, below, -down, "apical", ETA["pi"][i - 1], error="potential", v_target=0.0)
        # of the cells above and of the interneurons, what the basal dendrite alone would give
        other = APICAL if above is not self.outputs else NUDGING
        ratio = (SOMA + BASAL + NUDGING) / (SOMA + BASAL + other)
        self.connect(below, interneurons, ratio * up, "basal", ETA["ip"][i - 1])
        sim.Projection(above, interneurons, sim.OneToOneConnector(), sim.NudgingSynapse(weight=NUDGING))

    def random_weights(self, n, m):
        """Of the paper, `n` cells to `m`: a potential of order 1 for rates of order 1."""
        return self.rng.uniform(-1.0, 1.0, (n, m)) * 3.0 / np.sqrt(n)

    def connect(self, pre, post, weights, receptor, eta=None, error="rate", **target):
        # a spike of charge w τ_s moves the potential by that, which the leak turns into w τ_s of the mean rate
        scale = 1.0 / (TAU_DENDRITE * TAU_SYN * self.psi)
        weights = np.clip(weights, -W_MAX, W_MAX) * scale
        if eta is None or not self.plastic:
            rule = sim.StaticSynapse(weight=weights, delay=DELAY)
        else:
            # the trace of a cell with the paper's rate r is r ψ τ, and the error "rate" has one more ψ
            eta *= scale / (TAU_DENDRITE * self.psi * (self.psi if error == "rate" else 1.0))
            rule = sim.DendriticErrorSynapse(
                weight=weights, delay=DELAY, error=error, kernel="exponential", tau_kernel=TAU_DENDRITE, eta=eta,
                tau_Delta=1.0, w_min=-W_MAX * scale, w_max=W_MAX * scale, **target,
            )  # fmt: skip
            self.n_plastic += weights.size
        self.size += weights.size
        sim.Projection(pre, post, sim.AllToAllConnector(), rule, receptor_type=receptor)

    def show(self, n=PATTERNS, duration=SHOWN):
        """Seconds to show random pictures with random labels, each from the initial states on."""
        patterns = self.rng.uniform(0.1, 1.0, (n, self.inputs.size))
        targets = self.rng.permuted(np.eye(self.outputs.size)[: max(1, n)], axis=0)
        started = time.perf_counter()
        for k in range(n):
            sim.reset_states()
            self.inputs.set(rate=1e3 * self.psi * patterns[k])
            self.outputs.set(soma_i_offset=NUDGING * targets[k % len(targets)])
            sim.run(duration)
        return time.perf_counter() - started


def measure_one(psi, plastic):
    """Seconds to build and to show all patterns; bytes and number of synapses."""
    Microcircuit(psi, (10, 10, 10, 10)).show(1, 1.0)
    before = machine.resident_memory()
    started = time.perf_counter()
    network = Microcircuit(psi, plastic=plastic)
    built = time.perf_counter() - started
    held = (machine.resident_memory() - before) * 1e6 / network.size
    return built, network.show(), held, network.size, network.n_plastic


def measure(options):
    rows, size, n_plastic = [], 0, 0
    for psi, plastic in ((1, True), (1, False), (250, True)):
        print(f"  microcircuit, psi {psi}", file=sys.stderr, flush=True)
        with contest.new_process() as process:
            built, shown, held, size, found = process.submit(measure_one, psi, plastic).result()
        n_plastic = max(n_plastic, found)
        peer = NEST[psi] if plastic else (8.6, 32)
        rows.append([f"{psi}", "all" if plastic else "none", report.seconds(shown), f"{peer[0]} s, {peer[1]} threads",
                     report.seconds(built), f"{held:.0f} B"])  # fmt: skip
    text = TEXT.format(
        layers="-".join(map(str, LAYERS)), interneurons=sum(LAYERS[2:]), size=size, plastic=n_plastic,
        patterns=PATTERNS, shown=SHOWN,
    )  # fmt: skip
    header = ["psi", "learning", "pyurbanczik", "NEST, published", "building", "resident"]
    return f"{text}\n{report.table(header, rows)}\n"
