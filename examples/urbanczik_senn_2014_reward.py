"""
Learning from a reward that comes late
======================================

The last sentence of the abstract of

    Urbanczik R, Senn W (2014) Learning by the dendritic prediction of somatic spiking.
    Neuron 81(3):521-528, doi:10.1016/j.neuron.2013.11.030:

the rule that learns from a teacher becomes reinforcement learning where a reward modulates it. A neuron sees one of
four patterns of 50 spike trains, each for 200 ms. To two of them it should answer with at least one spike, to two with
silence. Nobody tells it which: 50, 200 or 500 ms later comes a pulse of reward, compared with the mean reward of that
pattern,

    dw/dt = η M(t) Δ(t),    τ_Δ dΔ/dt = −Δ + x(t) (spikes − φ(V*)) φ'(V*)/φ(V*),    M = (R − mean of R) in the pulse.

The soma has no teacher and follows its dendrite, so that x times the error is what a spike that came by chance says
about the weight (REINFORCE), and Δ remembers it for τ_Δ = 500 ms. Every learner has patterns of its own. The control
has the same rule without a modulator: M = 1 all the time.

Deviations: the paper names this use of its rule and does not show it; task, patterns and numbers are this script's.
"""

from dataclasses import dataclass, field

import command_line
import numpy as np
from scipy import stats

import pyurbanczik as sim

# %%
# Parameters
# ----------

TIMESTEP = 0.1  # ms
N_INPUTS, INPUT_RATE = 50, 20.0  # of each learner; Hz
N_PATTERNS, PATTERN = 4, 200.0  # the first half of them should be answered; ms
DELAYS = 50.0, 200.0, 500.0  # from the end of the pattern to the reward, ms
PULSE = 50.0  # of reward, ms
TRIAL = 1000.0  # ms
MEAN_REWARD = 0.05  # share of the newest reward in the mean of its pattern
RULE = dict(error="spikes", kernel="psp", bounds="state", delay=TIMESTEP, tau_Delta=500.0, w_min=-3.0, w_max=3.0)
# nA, by delay: longer ones leave less of Δ; without modulator as much learning in all as in the pulses
ETA = {50.0: 0.3, 200.0: 0.35, 500.0: 0.5, None: 0.03}
INITIAL = 0.3  # nA, weights are uniform between minus and plus this


@dataclass(frozen=True)
class Task:
    """What is shown to all learners, and when."""

    n_learners: int
    n_trials: int
    patterns: list  # [learner][pattern][input]: spike times in (0, PATTERN], ms
    order: np.ndarray  # (n_trials,) pattern of each trial

    @classmethod
    def create(cls, n_learners, n_trials, seed):
        rng = np.random.default_rng(seed)
        steps = round(PATTERN / TIMESTEP)
        spikes = rng.random((n_learners, N_PATTERNS, N_INPUTS, steps)) < INPUT_RATE * 1e-3 * TIMESTEP
        patterns = [[[(np.flatnonzero(x) + 1) * TIMESTEP for x in p] for p in learner] for learner in spikes]
        blocks = [rng.permutation(N_PATTERNS) for _ in range(-(-n_trials // N_PATTERNS))]
        return cls(n_learners, n_trials, patterns, np.concatenate(blocks)[:n_trials])

    def input_times(self):
        """Spike times of the whole run, of all inputs of all learners."""
        starts = np.arange(self.n_trials) * TRIAL
        shown = [starts[self.order == pattern] for pattern in range(N_PATTERNS)]
        return [
            np.sort(np.concatenate([np.add.outer(shown[k], patterns[k][i]).ravel() for k in range(N_PATTERNS)]))
            for patterns in self.patterns
            for i in range(N_INPUTS)
        ]


# %%
# Network
# -------


@dataclass
class Learners:
    """Neurons that learn with the same delay of reward, or without modulator (None)."""

    delay: float | None
    cells: sim.Population
    synapses: sim.Projection
    modulator: sim.Modulator | None
    mean_reward: np.ndarray  # (n_learners, N_PATTERNS)
    counted: np.ndarray  # spikes so far
    rewards: list = field(default_factory=list)

    @classmethod
    def create(cls, delay, inputs, connector, weights, n):
        cells = sim.Population(n, sim.UrbanczikSenn(tau_refrac=0.0))
        cells.record("spikes")
        modulator = None if delay is None else sim.Modulator(np.zeros(n))
        rule = sim.DendriticErrorSynapse(weight=weights, eta=ETA[delay], modulator=modulator, **RULE)
        synapses = sim.Projection(inputs, cells, connector, rule, receptor_type="dendritic")
        return cls(delay, cells, synapses, modulator, np.zeros((n, N_PATTERNS)), np.zeros(n, dtype=int))

    def answers(self):
        """Which cells have spiked since this was asked last."""
        counts = np.array([self.cells.get_spike_counts()[cell] for cell in self.cells])
        spiked, self.counted = counts > self.counted, counts
        return spiked

    def judge(self, pattern):
        """Reward the answers to a pattern with 1 or -1."""
        reward = np.where(self.answers() == (pattern < N_PATTERNS // 2), 1.0, -1.0)
        self.surprise = reward - self.mean_reward[:, pattern]
        self.mean_reward[:, pattern] += MEAN_REWARD * self.surprise
        self.rewards.append(reward)


def build(task, seed, delays=(*DELAYS, None)):
    """Groups of learners for all delays, which see the same."""
    sim.setup(timestep=TIMESTEP, min_delay=TIMESTEP, rng_seed=seed)
    rng = np.random.default_rng([seed, 1])
    n = task.n_learners
    inputs = sim.Population(n * N_INPUTS, sim.SpikeSourceArray(spike_times=list(map(sim.Sequence, task.input_times()))))
    own = sim.ArrayConnector(np.repeat(np.eye(n, dtype=bool), N_INPUTS, axis=0))
    weights = rng.uniform(-INITIAL, INITIAL, n * N_INPUTS)
    everyone = np.where(np.repeat(np.eye(n, dtype=bool), N_INPUTS, axis=0), weights[:, np.newaxis], 0.0)
    return [Learners.create(delay, inputs, own, everyone, n) for delay in delays]


# %%
# Protocol
# --------


def run_trial(groups, pattern, start):
    """Pattern, answer, and a pulse of reward after the delay of each group."""
    for group in groups:
        group.answers()
    sim.run_until(start + PATTERN)
    for group in groups:
        group.judge(pattern)
    rewarded = [group for group in groups if group.modulator is not None]
    for group in sorted(rewarded, key=lambda group: group.delay):
        sim.run_until(start + PATTERN + group.delay)
        group.modulator.set(group.surprise)
        sim.run(PULSE)
        group.modulator.set(np.zeros(len(group.surprise)))
    sim.run_until(start + TRIAL)


def simulate(task, seed, delays=(*DELAYS, None), on_trial=None):
    """Rewards (learners, trials) by delay; None stands for the control."""
    groups = build(task, seed, delays)
    for trial, pattern in enumerate(task.order):
        run_trial(groups, pattern, trial * TRIAL)
        if on_trial is not None:
            on_trial()
    sim.end()
    return {group.delay: np.array(group.rewards).T for group in groups}


# %%
# Analysis
# --------

CONFIDENCE = 0.99
CHANCE = 0.5  # half of the patterns should be answered


def successes(rewards):
    """Share of right answers of each learner in the last fifth of the trials."""
    last = rewards[:, -max(1, rewards.shape[1] // 5) :]
    return np.mean(last > 0, axis=1)


def interval(values):
    """Mean and half of its confidence interval."""
    error = stats.sem(values)
    return values.mean(), stats.t.ppf(0.5 + 0.5 * CONFIDENCE, len(values) - 1) * error


def summary(task, rewards):
    lines = [f"{task.n_learners} learners with each delay, {task.n_trials} trials of {TRIAL * 1e-3:g} s"]
    lines.append(f"right answers in the last fifth of them, with {CONFIDENCE:.0%} confidence (chance: {CHANCE:.2f})")
    passed = []
    for delay, values in rewards.items():
        mean, half = interval(successes(values))
        name = "without modulator" if delay is None else f"reward after {delay:3.0f} ms"
        lines.append(f"  {name}: {mean:.3f} ± {half:.3f}")
        passed.append(abs(mean - CHANCE) <= half if delay is None else mean - half > CHANCE)
    criterion = f"above chance for each delay, at chance without modulator, at {CONFIDENCE:.0%} confidence"
    return "\n".join([*lines, command_line.verdict(criterion, all(passed))])


def draw(task, rewards):
    import figures

    title = "A reward up to half a second late teaches a neuron when to spike"
    figure, ((curves, last),) = figures.new_figure(9.5, 4.2, title, 1, 2, gridspec_kw=dict(width_ratios=[2, 1]))
    block = max(1, task.n_trials // 30)
    n_blocks = task.n_trials // block
    for place, (colour, (delay, values)) in enumerate(zip(figures.COLOURS, rewards.items())):
        name = "no modulator" if delay is None else f"{delay:.0f} ms"
        colour = figures.BLACK if delay is None else colour
        right = (values[:, : n_blocks * block] > 0).reshape(len(values), n_blocks, block).mean(axis=2)
        figures.draw_mean(curves, (np.arange(n_blocks) + 0.5) * block, right, colour, name)
        final = successes(values)
        jitter = np.linspace(-0.25, 0.25, len(final))
        last.plot(place + jitter, np.sort(final), linestyle="none", marker="o", markersize=3, color=colour, alpha=0.6)
        mean, half = interval(final)
        last.errorbar(place, mean, half, color=figures.BLACK, marker="_", markersize=14, capsize=4, zorder=3)
    for panel in (curves, last):
        panel.axhline(CHANCE, color="0.5", linestyle=":", linewidth=1.0)
        panel.set_ylim(0.2, 1.03)
    curves.set_xlabel("trial")
    curves.set_ylabel("right answers (mean, standard error)")
    curves.legend(title="delay of reward", frameon=False, loc="lower right", bbox_to_anchor=(1.0, 0.04), ncols=2)
    last.set_xticks(range(len(rewards)), ["none" if delay is None else f"{delay:.0f}" for delay in rewards])
    last.set_xlabel("delay of reward (ms)")
    last.set_title(f"last fifth: learners, {CONFIDENCE:.0%} interval", fontsize=10)
    return figure


def main(arguments=None):
    parser = command_line.parser("Urbanczik & Senn (2014): learning from a delayed reward, with pyurbanczik")
    parser.add_argument("--learners", type=command_line.positive_integer, default=24, help="with each delay")
    parser.add_argument("--trials", type=command_line.positive_integer, default=600)
    options = parser.parse_args(arguments)
    if options.learners < 2:
        parser.error("--learners: at least 2 are needed for a confidence interval")

    task = Task.create(options.learners, options.trials, options.seed)
    rewards = simulate(task, options.seed, on_trial=command_line.ProgressBar(options.trials, "trials"))
    print(summary(task, rewards))
    if not options.no_plot:
        import figures

        figures.save(draw(task, rewards), options.output, "urbanczik_senn_2014_reward")


if __name__ == "__main__":
    main()
