"""
A network learns to replay a sequence
=====================================

A recurrent network of two-compartment neurons is taught a sequence: a conductance nudges every soma along its part of
it, while dendrites learn, from the spikes of all others, to predict what somata do. When the teacher is taken away, the
predictions go on: the network replays the sequence alone. After

    Brea J, Senn W, Pfister JP (2013) Matching recall and storage in sequence learning with spiking neural networks.
    Journal of Neuroscience 33(23):9565-9575, doi:10.1523/JNEUROSCI.4098-12.2013, and
    ELiSe (2024), arXiv:2402.16763,

with the rule of Urbanczik & Senn (2014) in the form that compares rates,

    dw/dt = η x(t) (φ(U) − φ(V*)).

Replay is compared with what was taught in each period on its own, at its best shift, since nothing holds the clock of a
network of noisy neurons. What such a shift makes of nothing is shown by the control: the same network, not taught.

The teacher becomes weaker while it teaches, so that dendrites learn to continue what the network itself does; and it
asks for potentials far beyond the range of the rate function, so that a burst is restored in every neuron.

Deviations: all neurons are nudged, none is hidden, so that the present must tell the future; every neuron has one burst
in a period.
"""

from dataclasses import dataclass

import command_line
import numpy as np

import pyurbanczik as sim

# %%
# Parameters
# ----------

TIMESTEP = 0.2  # ms
N_CELLS = 120
PERIOD = 300.0  # ms
WIDTH = 18.0  # ms, of a burst (standard deviation)
LOW, HIGH = -74.0, -40.0  # mV, where the teacher draws a soma outside and amid its burst
TEACHER = 0.6, 0.2  # µS, sum of the teaching conductances at first and at last
E_EXC, E_INH = 0.0, -75.0  # mV
COUPLING, PHI_MAX, TAU_REFRAC = 0.6, 300.0, 0.0  # µS, dendrite to soma; Hz; ms
ETA = 3e-3  # nA/mV
DELAYS = 2.0, 20.0  # ms, uniform
W_MAX = 2.0  # nA
BIN = 6.0  # ms, of the rates that are compared
TAUGHT, REPLAYED = 100, 90  # periods with and without teacher; the last third of the latter is compared
CHUNK = 10  # periods that are prepared at a time


@dataclass(frozen=True)
class Sequence:
    """When each neuron is to burst."""

    centres: np.ndarray  # ms, by neuron

    @classmethod
    def create(cls, seed):
        rng = np.random.default_rng(seed)
        return cls(rng.permutation(N_CELLS) * PERIOD / N_CELLS)

    def taught(self, times):
        """How much of the burst there is, from 0 to 1, for times (ms) and neurons."""
        away = (times[:, np.newaxis] - self.centres + 0.5 * PERIOD) % PERIOD - 0.5 * PERIOD
        return np.exp(-0.5 * (away / WIDTH) ** 2)

    def conductances(self, times, strength):
        """Excitation and inhibition (µS, both together `strength`) that draw the somata along the sequence."""
        target = LOW + (HIGH - LOW) * self.taught(times)
        excitation = strength * (target - E_INH) / (E_EXC - E_INH)
        return excitation, strength - excitation


# %%
# Network
# -------


class Network:
    """The recurrent network and its teacher."""

    def __init__(self, sequence, seed, eta):
        sim.setup(timestep=TIMESTEP, min_delay=TIMESTEP, rng_seed=seed)
        self.sequence = sequence
        cell = sim.DendriticNeuron(
            dendrite=sim.Dendrite(g_to_soma=COUPLING),
            rate_function=sim.Logistic(phi_max=PHI_MAX),
            tau_refrac=TAU_REFRAC,
        )
        self.cells = sim.Population(N_CELLS, cell)
        self.cells.record("spikes")
        delays = np.random.default_rng([seed, 1]).uniform(*DELAYS, (N_CELLS, N_CELLS))
        self.learning = sim.Modulator(0.0)
        rule = sim.DendriticErrorSynapse(
            weight=0.0, delay=delays, error="rate", kernel="psp", bounds="state", eta=eta, tau_Delta=0.0,
            w_min=-W_MAX, w_max=W_MAX, dendritic_delay_fraction=0.0, modulator=self.learning,
        )  # fmt: skip
        connector = sim.AllToAllConnector(allow_self_connections=False)
        self.recurrent = sim.Projection(self.cells, self.cells, connector, rule, receptor_type="dendrite")
        # a spike each BEAT whose conductance decays within it: the mean is that of the sequence
        self.teachers = {}
        for receptor in ("soma_exc", "soma_inh"):
            source = sim.Population(N_CELLS, sim.WeightedSpikeSourceArray())
            static = sim.StaticSynapse(weight=1.0, delay=TIMESTEP)
            sim.Projection(source, self.cells, sim.OneToOneConnector(), static, receptor_type=receptor)
            self.teachers[receptor] = source

    def teach(self, periods, strength, beat=1.0, decay=3.0):
        """Nudge the somata through the sequence, and learn."""
        start = sim.get_current_time()
        times = np.arange(beat, periods * PERIOD + 0.5 * beat, beat)
        for source, conductance in zip(self.teachers.values(), self.sequence.conductances(times, strength)):
            weights = conductance * (1.0 - np.exp(-beat / decay)) * decay / beat
            source.set(
                spike_times=[sim.Sequence(start + times)] * N_CELLS,
                spike_weights=[sim.Sequence(column) for column in weights.T],
            )
        self.learning.set(1.0)
        sim.run(periods * PERIOD)
        self.learning.set(0.0)

    def replay(self, periods):
        """Go on without teacher."""
        sim.run(periods * PERIOD)

    def spikes(self):
        """Times (ms) and neurons of all spikes."""
        trains = self.cells.get_data().segments[0].spiketrains
        neurons = np.repeat(np.arange(N_CELLS), [len(train) for train in trains])
        return np.concatenate([train.magnitude for train in trains]), neurons


# %%
# Protocol
# --------


def simulate(seed, taught=TAUGHT, replayed=REPLAYED, eta=ETA):
    """The sequence, and the spikes of a network that is taught it and then left alone."""
    sequence = Sequence.create(seed)
    network = Network(sequence, seed, eta)
    for done in range(0, taught, CHUNK):
        weaker = TEACHER[0] * (TEACHER[1] / TEACHER[0]) ** (done / taught)
        network.teach(min(CHUNK, taught - done), weaker)
    network.replay(replayed)
    spikes = network.spikes()
    sim.end()
    return sequence, *spikes


# %%
# Analysis
# --------


def rates(times, neurons, periods):
    """Spikes in (periods, bins, neurons)."""
    edges = np.arange(periods[0] * PERIOD, periods[1] * PERIOD + 0.5 * BIN, BIN), np.arange(N_CELLS + 1)
    counts, *_ = np.histogram2d(times, neurons, edges)
    return counts.reshape(periods[1] - periods[0], -1, N_CELLS)


def correlations(sequence, times, neurons, periods):
    """For each period, the correlation of its rates with the taught ones at the best shift.

    Spikes are smoothed as the bursts are wide, since single ones carry the noise of their generation.
    """
    centres = (np.arange(round(PERIOD / BIN)) + 0.5) * BIN
    away = (centres + 0.5 * PERIOD) % PERIOD - 0.5 * PERIOD
    kernel = np.fft.fft(np.exp(-0.5 * (away / WIDTH) ** 2))
    taught = sequence.taught(centres)
    shifts = np.stack([np.roll(taught, shift, axis=0).ravel() for shift in range(len(centres))])
    found = []
    for counts in rates(times, neurons, periods):
        smooth = np.fft.ifft(np.fft.fft(counts, axis=0) * kernel[:, np.newaxis], axis=0).real.ravel()
        found.append(max(np.corrcoef(smooth, shifts)[0, 1:]) if smooth.std() > 0 else 0.0)
    return np.array(found)


def evaluate(seed, taught=TAUGHT, replayed=REPLAYED, eta=ETA):
    """Correlations of all periods of a run, in order; the sequence, and times and neurons of spikes."""
    run = simulate(seed, taught, replayed, eta)
    return correlations(*run, (0, taught + replayed)), run


def long_after(correlations, replayed=REPLAYED):
    """The mean over the last third of the replay."""
    return np.mean(correlations[..., -max(1, replayed // 3) :], axis=-1)


def plan(seeds):
    """All networks to run: {(taught, seed): (function, arguments)}; untaught ones have learning off."""
    return {(taught, seed): (evaluate, seed, TAUGHT, REPLAYED, ETA * taught) for seed in seeds for taught in (1, 0)}


def by_group(results):
    """Correlations (seeds, periods) of the networks that were taught, and of the others."""
    return [np.array([c for (found, _), (c, _) in sorted(results.items()) if found == taught]) for taught in (1, 0)]


def summary(results):
    learnt, control = (long_after(found) for found in by_group(results))
    first = (REPLAYED - REPLAYED // 3) * PERIOD * 1e-3
    criterion = "a correlation of at least 0.8 for every seed"
    return "\n".join(
        (
            f"{N_CELLS} neurons, a sequence of {PERIOD:g} ms, taught {TAUGHT} times; {len(learnt)} seeds",
            f"correlation with the taught sequence, {first:g} s to {REPLAYED * PERIOD * 1e-3:g} s after the teacher",
            f"  replayed:          {learnt.mean():.3f} (from {learnt.min():.3f} to {learnt.max():.3f})",
            f"  without learning:  {control.mean():.3f} (from {control.min():.3f} to {control.max():.3f})",
            command_line.verdict(criterion, learnt.min() >= 0.8),
        )
    )


def draw(results, seed):
    import figures

    title = "A recurrent network learns a sequence from its teacher and replays it alone"
    figure, ((taught, replayed, over_time),) = figures.new_figure(
        14.0, 4.6, title, 1, 3, gridspec_kw=dict(width_ratios=[1, 1, 1.3])
    )
    _, (sequence, times, neurons) = results[1, seed]
    place = np.argsort(np.argsort(sequence.centres))
    for panel, first, name in ((taught, TAUGHT - 3, "with the teacher"), (replayed, TAUGHT + REPLAYED - 3, "alone")):
        shown = (times > first * PERIOD) & (times <= (first + 3) * PERIOD)
        figures.draw_spikes(panel, times[shown] * 1e-3, place[neurons[shown]])
        panel.set(xlabel="time (s)", ylabel="neuron, in the order of the sequence", title=f"three periods {name}")
    taught.set_facecolor(figures.TAUGHT)
    since = (np.arange(TAUGHT + REPLAYED) + 0.5 - TAUGHT) * PERIOD * 1e-3
    names = ("taught", "without learning")
    for colour, name, values in zip((figures.BLUE, figures.BLACK), names, by_group(results)):
        over_time.plot(since, values.T, color=colour, linewidth=0.7, alpha=0.6)
        over_time.plot([], [], color=colour, label=name)
    over_time.axvspan(since[0], 0.0, color=figures.TAUGHT, zorder=-1, linewidth=0)
    over_time.axhline(0.8, color="0.5", linestyle=":", linewidth=1)
    over_time.set(xlabel="time since the teacher is off (s)", ylabel="correlation, each period", ylim=(-0.05, 1.02))
    over_time.legend(frameon=False, loc="center right")
    return figure


def main(arguments=None):
    parser = command_line.parser("A network that learns to replay a sequence, with pyurbanczik")
    parser.add_argument("--seeds", type=command_line.positive_integer, default=5, help="networks, from --seed on")
    command_line.add_processes(parser)
    options = parser.parse_args(arguments)
    seeds = range(options.seed, options.seed + options.seeds)
    results = command_line.run_all(plan(seeds), options.processes)
    print(summary(results))
    if not options.no_plot:
        import figures

        figures.save(draw(results, options.seed), options.output, "sequence_replay")


if __name__ == "__main__":
    main()
