"""The dendritic cortical microcircuit of Sacramento, Costa, Bengio & Senn (2018), spiking, with one hidden layer.

Potentials are those of the paper in mV, capacitances 1 nF or below, so that conductances are those of the paper in µS.
A cell spikes ψ ln(1 + e^U) times a millisecond: where the paper's rate is 1, a cell spikes ψ times. Weights and
learning rates are given as those of the paper's rates, and divided by ψ where they are handed to the simulator.

Synapses are slow for the time step h. Errors are taken at the ends of steps, where spikes arrive and the potential of a
dendrite (time constant τ) is below its mean by h²/(12 τ τ_s) of itself, while the soma follows the mean. So the error
has a part in proportion to the potential, which lets weights grow. It is 4·10⁻⁴ here; with τ_s = 1 ms it would be
2·10⁻³, which is enough to make a network forget the digits that it has learnt.
"""

from dataclasses import dataclass

import numpy as np

import pyurbanczik as sim

TIMESTEP = DELAY = 0.5  # ms
SOMA, BASAL, APICAL, NUDGING = 0.03, 0.1, 0.06, 0.06  # µS: leak of the soma, coupling of dendrites, nudging
DENDRITE = 0.1  # µS, leak
SOMA_CM, TAU_DENDRITE, TAU_SYN, TAU_DELTA = 0.2, 10.0, 5.0, 1.0  # nF; ms
W_MAX = 4.0


@dataclass(frozen=True)
class Design:
    """What the network is made of, how long a pattern is shown, and what learns how fast."""

    layers: tuple = (9, 30, 3)
    psi: float = 10.0  # spikes per ms where the paper's rate is 1
    settle: float = 60.0  # ms from the onset of a pattern, without learning
    learn: float = 40.0  # ms of learning after that
    read: float = 50.0  # ms of which a test is the mean, after having settled
    targets: tuple = (-1.0, 2.0)  # potentials of output cells, wrong and right
    eta_up: tuple = (0.05, 0.0015)  # per ms: to the hidden cells, to the output cells
    eta_ip: float = 0.006  # to the interneurons
    eta_pi: float = 0.015  # to the apical dendrites
    initial_up: tuple = (1.0, 0.3)  # weights are uniform between minus and plus this
    initial_down: float = 3.0
    # what can be taken away
    plastic: bool = True
    feedback: bool = True
    interneurons_learn: bool = True


def initial_weights(design, seed):
    """Of the paper: to the hidden cells, to the output cells, and back."""
    rng = np.random.default_rng(seed)
    n_in, n_hidden, n_out = design.layers
    up = rng.uniform(-1.0, 1.0, (n_in, n_hidden)) * design.initial_up[0]
    above = rng.uniform(-1.0, 1.0, (n_hidden, n_out)) * design.initial_up[1]
    return up, above, rng.uniform(-1.0, 1.0, (n_out, n_hidden)) * design.initial_down * design.feedback


class Microcircuit:
    """The network of one design and seed, in a simulation of its own."""

    def __init__(self, design, seed):
        self.design = design
        sim.setup(timestep=TIMESTEP, min_delay=DELAY, rng_seed=seed)
        n_in, n_hidden, n_out = design.layers
        self.learning = sim.Modulator(0.0)
        self.inputs = sim.Population(n_in, sim.SpikeSourcePoisson(rate=0.0), label="inputs")
        self.hidden = self.cells(n_hidden, "pyramidal cells", apical=APICAL)
        self.outputs = self.cells(n_out, "output cells")
        self.interneurons = self.cells(n_out, "interneurons")
        self.teachers = self.cells(n_out, "teachers")

        up, above, down = initial_weights(design, seed)
        eta_ip, eta_pi = (design.eta_ip, design.eta_pi) if design.interneurons_learn else (None, None)
        self.up = [
            self.connect(self.inputs, self.hidden, "basal", up, design.eta_up[0]),
            self.connect(self.hidden, self.outputs, "basal", above, design.eta_up[1]),
        ]
        self.connect(self.outputs, self.hidden, "apical", down)
        # it starts self-predicting: interneurons do what output cells do, and apical dendrites cancel both
        self.connect(self.hidden, self.interneurons, "basal", above, eta_ip)
        if design.feedback:
            self.connect(self.interneurons, self.hidden, "apical", -down, eta_pi, error="potential", v_target=0.0)
        one_to_one, nudging = sim.OneToOneConnector(), sim.NudgingSynapse(weight=NUDGING)
        sim.Projection(self.outputs, self.interneurons, one_to_one, nudging)
        self.teaching = sim.Projection(self.teachers, self.outputs, one_to_one, nudging)
        self.outputs.record("soma.v")

    def cells(self, n, label, **apical):
        """Cells with a basal dendrite, and an apical one if its coupling is given."""
        dendrites = {
            name: sim.Dendrite(
                cm=DENDRITE * TAU_DENDRITE, g_leak=DENDRITE, v_rest=0.0, tau_syn_E=TAU_SYN, g_to_soma=coupling
            )
            for name, coupling in {"basal": BASAL, **apical}.items()
        }
        soma = sim.Soma(cm=SOMA_CM, g_leak=SOMA, v_rest=0.0)
        rate = sim.Softplus(gain=1e3 * self.design.psi, beta=1.0, theta=0.0)
        cell = sim.DendriticNeuron(soma=soma, rate_function=rate, tau_refrac=0.0, **dendrites)
        return sim.Population(n, cell, initial_values={"v": 0.0}, label=label)

    @property
    def weight_scale(self):
        """nA for a weight of 1: a spike leaves the charge w τ_s, and there are ψ of them a millisecond."""
        return DENDRITE / (TAU_SYN * self.design.psi)

    def connect(self, pre, post, receptor, weights, eta=None, error="rate", **target):
        scale = self.weight_scale
        if eta is None or not self.design.plastic:
            rule = sim.StaticSynapse(weight=weights * scale, delay=DELAY)
        else:
            # the trace of a cell is its rate times τ ψ, and the error of a rate has one more ψ
            eta *= scale / (TAU_DENDRITE * self.design.psi * (self.design.psi if error == "rate" else 1.0))
            rule = sim.DendriticErrorSynapse(
                weight=weights * scale, delay=DELAY, error=error, kernel="exponential", tau_kernel=TAU_DENDRITE,
                eta=eta, tau_Delta=TAU_DELTA, w_min=-W_MAX * scale, w_max=W_MAX * scale, bounds="state",
                modulator=self.learning, **target,
            )  # fmt: skip
        return sim.Projection(pre, post, sim.AllToAllConnector(), rule, receptor_type=receptor)

    def weights(self, layer):
        """Of the paper, towards the hidden (0) or the output cells (1)."""
        return self.up[layer].get("weight", format="array") / self.weight_scale

    def show(self, pattern):
        self.inputs.set(rate=1e3 * self.design.psi * pattern)

    def train(self, patterns, classes, order, rate=1.0, taught=True):
        """Show patterns in this order, and learn from each once it has settled; `rate` multiplies learning."""
        self.teaching.set(weight=NUDGING if taught else 0.0)
        wrong, right = self.design.targets
        for k in order:
            self.show(patterns[k])
            target = np.where(np.arange(self.outputs.size) == classes[k], right, wrong)
            self.teachers.set(soma_i_offset=target * (SOMA + BASAL))
            self.learning.set(0.0)
            sim.run(self.design.settle)
            self.learning.set(rate)
            sim.run(self.design.learn)
        self.learning.set(0.0)

    def test(self, patterns):
        """Mean somatic potentials of the output cells for each pattern, without a teacher."""
        self.teaching.set(weight=0.0)
        self.outputs.get_data(clear=True)
        for pattern in patterns:
            self.show(pattern)
            sim.run(self.design.settle + self.design.read)
        potentials = self.outputs.get_data(clear=True).segments[0].analogsignals[0].magnitude
        shown = round((self.design.settle + self.design.read) / TIMESTEP)
        potentials = potentials[-len(patterns) * shown :].reshape(len(patterns), shown, -1)
        return potentials[:, round(self.design.settle / TIMESTEP) :].mean(axis=1)
