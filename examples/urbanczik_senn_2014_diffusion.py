"""
Drift and diffusion of weights, beside theory
=============================================

What the rule of

    Urbanczik R, Senn W (2014) Learning by the dendritic prediction of somatic spiking.
    Neuron 81(3):521-528, doi:10.1016/j.neuron.2013.11.030

does on average, and how far single trials depart from it. Four hundred neurons receive the same pattern of spike trains
again and again and differ only in their own spikes: they are as many trials. For five minutes a teacher draws their
somata to the same time course, then it is gone. With

    dw/dt = η x(t) (S(t) − φ(V*)) φ'(V*)/φ(V*),

x the potential that an input evokes, somatic spikes S of the rate φ(U) say two things about the weights:

* their mean drifts with the mean of S, until the dendrite predicts the taught soma (V* = U), and stays where it is once
  there is no teacher: then U follows V*, whatever the weights;
* their covariance C grows by the noise of the spikes, D, and shrinks along the Jacobian A of the drift,

      dC/dt = A C + C Aᵀ + D,        D = η² ⟨x xᵀ φ(U) (φ'(V*)/φ(V*))²⟩.

  The teacher keeps C bounded where it has taught long enough; without it weights diffuse freely.

Both equations (the linear noise approximation) are integrated from one repetition of the pattern to the next, with
potentials from propagators of their own, and from nothing that is simulated.

Deviations: the paper states both properties and shows other trials. The teacher is one conductance whose reversal
potential swings, in place of an excitatory and an inhibitory one with a constant sum. There is no refractory time:
theory is that of spikes at the rate φ(U).
"""

import command_line
import numpy as np
from scipy import signal

import pyurbanczik as sim

# %%
# Parameters
# ----------

TIMESTEP = 0.1  # ms
PATTERN, N_INPUTS, INPUT_RATE = 200.0, 50, 15.0  # ms; Hz
TAUGHT, ALONE = 1500, 500  # repetitions with and without teacher
CHUNK = 10  # repetitions between readings of the weights
ETA, TAU_DELTA = 1e-3, 100.0  # nA mV; ms
INITIAL = 0.1  # nA
TEACHER, OFFSET, SWING, SWINGS = 0.2, 8.0, 8.0, 2  # µS; mV above rest, mean and amplitude; in a pattern
REST, CM, LEAK, COUPLING, TAU_SYN = -70.0, 0.3, 0.03, 0.6, 3.0  # mV; nF; µS; µS, dendrite to soma; ms
RATE = dict(phi_max=150.0, rate_slope=0.5, beta=1.0 / 3.0, theta=-55.0)
CLOSE = 0.05, 0.1  # how far means (of their way) and variances may be from theory, which is one of small noise


def create_pattern(seed):
    """Whether there is a spike, of the shape (steps of a pattern, N_INPUTS)."""
    rng = np.random.default_rng(seed)
    return rng.random((round(PATTERN / TIMESTEP), N_INPUTS)) < INPUT_RATE * 1e-3 * TIMESTEP


# %%
# Theory
# ------


def phi(u):
    """The rate, in 1/ms."""
    return 1e-3 * RATE["phi_max"] / (1.0 + RATE["rate_slope"] * np.exp(RATE["beta"] * (RATE["theta"] - u)))


def log_slope(u):
    """φ'/φ, in 1/mV."""
    return RATE["beta"] * (1.0 - 1e3 * phi(u) / RATE["phi_max"])


def relax(driving, decay):
    """The periodic solution of y[k] = decay y[k − 1] + driving[k]."""
    twice = np.concatenate([driving, driving])
    return signal.lfilter([1.0], [1.0, -decay], twice, axis=0)[len(driving) :]


class Theory:
    """What one repetition does to weights w (nA) on average, and how much that varies.

    Potentials are linear in w: V* = REST + κ x w, and U = u0 + f w, which lags behind.
    """

    def __init__(self, pattern, taught):
        # a spike of step k is in the dendrite from step k + 1 on, when its potential begins
        arrived = np.roll(pattern, 1, axis=0).astype(float)
        tau = CM / LEAK
        slow, fast = (relax(arrived, np.exp(-TIMESTEP / time)) for time in (tau, TAU_SYN))
        self.x = TAU_SYN / (LEAK * (tau - TAU_SYN)) * (slow - fast)
        self.kappa = COUPLING / (LEAK + COUPLING)
        total = LEAK + COUPLING + TEACHER * taught
        decay = np.exp(-TIMESTEP * total / CM)
        middle = np.arange(len(self.x))[:, np.newaxis] + 0.5
        swing = SWING * np.sin(2.0 * np.pi * SWINGS * middle / len(self.x))
        self.u0 = REST + relax((1.0 - decay) * TEACHER * taught * (OFFSET + swing) / total, decay)[:, 0]
        halfway = 0.5 * (self.x + np.roll(self.x, 1, axis=0))
        self.f = relax((1.0 - decay) * COUPLING * halfway / total, decay)

    def potentials(self, w):
        """U and V* (mV) in each step."""
        return self.u0 + self.f @ w, REST + self.kappa * self.x @ w

    def drift(self, w):
        u, v_star = self.potentials(w)
        return ETA * TIMESTEP * self.x.T @ ((phi(u) - phi(v_star)) * log_slope(v_star))

    def jacobian(self, w):
        u, v_star = self.potentials(w)
        through_u = phi(u) * log_slope(u) * log_slope(v_star)
        # (φ'/φ)' = −β φ'/φ_max
        curvature = -RATE["beta"] * phi(v_star) * log_slope(v_star) * 1e3 / RATE["phi_max"]
        through_v = -phi(v_star) * log_slope(v_star) ** 2 + (phi(u) - phi(v_star)) * curvature
        change = through_u[:, np.newaxis] * self.f + self.kappa * through_v[:, np.newaxis] * self.x
        return ETA * TIMESTEP * self.x.T @ change

    def noise(self, w):
        u, v_star = self.potentials(w)
        return ETA**2 * TIMESTEP * self.x.T @ ((phi(u) * log_slope(v_star) ** 2)[:, np.newaxis] * self.x)


def predict(pattern, taught, alone):
    """Mean (N_INPUTS) and covariance of the weights at the beginning and after each chunk."""
    w, c = np.full(N_INPUTS, INITIAL), np.zeros((N_INPUTS, N_INPUTS))
    means, covariances = [w], [c]
    for theory, repetitions in ((Theory(pattern, True), taught), (Theory(pattern, False), alone)):
        for _ in range(repetitions // CHUNK):
            for _ in range(CHUNK):
                w = w + theory.drift(w)
            step = np.eye(N_INPUTS) + theory.jacobian(w)
            noise = theory.noise(w)
            for _ in range(CHUNK):
                c = step @ c @ step.T + noise
            means.append(w)
            covariances.append(c)
    # the low-pass of the rule delays both by τ_Δ
    late = TAU_DELTA / (CHUNK * PATTERN)
    return [np.concatenate([x[:1], (1.0 - late) * x[1:] + late * x[:-1]]) for x in map(np.array, (means, covariances))]


# %%
# Simulation
# ----------


def simulate(pattern, n_trials, taught, alone, seed, eta=ETA, on_chunk=None):
    """Weights (readings, N_INPUTS, n_trials) at the beginning and after each chunk."""
    sim.setup(timestep=TIMESTEP, min_delay=TIMESTEP, rng_seed=seed)
    starts = np.arange(taught + alone)[:, np.newaxis] * PATTERN
    input_times = [(starts + (np.flatnonzero(train) + 1) * TIMESTEP).ravel() for train in pattern.T]
    cell = sim.DendriticNeuron(
        soma=sim.Soma(cm=CM, g_leak=LEAK, v_rest=REST),
        dendrite=sim.Dendrite(cm=CM, g_leak=LEAK, v_rest=REST, tau_syn_E=TAU_SYN, g_to_soma=COUPLING),
        rate_function=sim.Logistic(**RATE),
        tau_refrac=0.0,
    )
    trials = sim.Population(n_trials, cell, initial_values={"v": REST})
    inputs = sim.Population(N_INPUTS, sim.SpikeSourceArray(spike_times=input_times))
    # all of the delay before the synapse: the rule sees the potential that is in the dendrite
    rule = sim.DendriticErrorSynapse(
        weight=INITIAL, delay=TIMESTEP, error="spikes", kernel="psp", eta=eta, tau_Delta=TAU_DELTA,
        w_min=-100.0, w_max=100.0, dendritic_delay_fraction=0.0,
    )  # fmt: skip
    synapses = sim.Projection(inputs, trials, sim.AllToAllConnector(), rule, receptor_type="dendrite")

    teacher = sim.Population(1, cell, initial_values={"v": REST})
    gain = LEAK + COUPLING + 2j * np.pi * SWINGS / PATTERN * CM  # nA/mV, of the teacher's soma
    current = sim.ACSource(
        amplitude=SWING * np.abs(gain),
        offset=OFFSET * (LEAK + COUPLING),
        frequency=1e3 * SWINGS / PATTERN,
        phase=np.degrees(np.angle(gain)),
    )
    current.inject_into(teacher)
    nudging = sim.NudgingSynapse(weight=TEACHER)
    teaching = sim.Projection(teacher, trials, sim.AllToAllConnector(), nudging)

    weights = [synapses.get("weight", format="array")]
    for repetitions, strength in ((taught, TEACHER), (alone, 0.0)):
        teaching.set(weight=strength)
        for _ in range(repetitions // CHUNK):
            sim.run(CHUNK * PATTERN)
            weights.append(synapses.get("weight", format="array"))
            if on_chunk is not None:
                on_chunk()
    sim.end()
    return np.array(weights)


# %%
# Analysis
# --------


def compare(weights, mean, covariance):
    """Weights (N_INPUTS, n_trials) against those predicted.

    Returns the distance of their means, relative to how far they have moved (RMS); their variance over that of theory,
    and its standard error.
    """
    n_trials = weights.shape[1]
    away = weights.mean(axis=1) - mean
    squares = np.sum((weights - weights.mean(axis=1, keepdims=True)) ** 2, axis=0) * n_trials / (n_trials - 1)
    spread = squares / np.trace(covariance)
    return (
        np.sqrt(np.mean(away**2) / np.mean((mean - INITIAL) ** 2)),
        spread.mean(),
        spread.std(ddof=1) / np.sqrt(n_trials),
    )


def mismatch(pattern, w):
    """RMS of U − V* (mV) while taught."""
    u, v_star = Theory(pattern, True).potentials(w)
    return np.sqrt(np.mean((u - v_star) ** 2))


def summary(pattern, weights, predicted, taught=TAUGHT):
    lines = [
        f"{weights.shape[2]} trials of {(len(weights) - 1) * CHUNK * PATTERN * 1e-3:g} s, {N_INPUTS} inputs",
        f"RMS of U - V* with teacher, before and after: {mismatch(pattern, weights[0].mean(axis=1)):.2f} mV, "
        f"{mismatch(pattern, weights[taught // CHUNK].mean(axis=1)):.2f} mV",
    ]
    passed = []
    for name, k in (("at the end of teaching", taught // CHUNK), ("at the end", -1)):
        deviation, spread, error = compare(weights[k], *(moment[k] for moment in predicted))
        passed.append(deviation < CLOSE[0] and abs(spread - 1.0) < CLOSE[1])
        lines.append(f"{name}: means are {deviation:.1%} of their way from theory,")
        lines.append(f"  variance over that of theory {spread:.3f} ± {error:.3f}")
    criterion = f"means within {CLOSE[0]:.0%} of theory, variances within {CLOSE[1]:.0%}"
    return "\n".join([*lines, command_line.verdict(criterion, all(passed))])


def draw(pattern, weights, predicted, taught=TAUGHT):
    import figures

    means, covariances = predicted
    last = taught // CHUNK
    seconds = np.arange(len(weights)) * CHUNK * PATTERN * 1e-3
    title = "Weights drift until the dendrite predicts the soma, and diffuse once the teacher is gone, as theory says"
    figure, ((potentials, drifting, spreading, each),) = figures.new_figure(16.0, 4.2, title, 1, 4)

    time, theory = (np.arange(len(pattern)) + 1) * TIMESTEP, Theory(pattern, True)
    potentials.plot(time, theory.potentials(means[0])[1], color=figures.SKY, label="V*, before")
    u, v_star = theory.potentials(weights[last].mean(axis=1))
    potentials.plot(time, v_star, color=figures.BLUE, label="V*, taught")
    potentials.plot(time, u, color=figures.BLACK, linestyle="--", label="U, with teacher")
    potentials.set(xlabel="time in the pattern (ms)", ylabel="potential (mV)", ylim=(None, -46.0))

    order = np.argsort(means[last])
    shown = order[[0, len(order) // 3, 2 * len(order) // 3, -1]]
    for colour, i in zip(figures.COLOURS, shown):
        drifting.plot(seconds, weights[:, i, ::20], color=colour, linewidth=0.4, alpha=0.5)
        drifting.plot(seconds, weights[:, i].mean(axis=1), color=colour, linewidth=2)
        drifting.plot(seconds, means[:, i], color=figures.BLACK, linestyle="--", linewidth=1)
    drifting.plot([], [], color="0.5", linewidth=2, label="mean of trials")
    drifting.plot([], [], color="0.5", linewidth=0.5, label="single trials")
    drifting.plot([], [], color=figures.BLACK, linestyle="--", linewidth=1, label="theory")
    drifting.set(xlabel="time (s)", ylabel="weights of four inputs (nA)")

    total = weights.var(axis=2, ddof=1).sum(axis=1)
    spreading.plot(seconds, total, color=figures.BLUE, linewidth=2, label="trials")
    total = np.trace(covariances, axis1=1, axis2=2)
    spreading.plot(seconds, total, color=figures.BLACK, linestyle="--", label="theory")
    spreading.set(xlabel="time (s)", ylabel="variance, sum over inputs (nA²)")
    for panel in (drifting, spreading):
        panel.axvspan(0.0, seconds[last], color=figures.TAUGHT, zorder=-1, linewidth=0)

    for colour, k, name in ((figures.ORANGE, last, "end of teaching"), (figures.BLUE, -1, "end")):
        each.plot(np.diag(covariances[k]), weights[k].var(axis=1, ddof=1), "o", markersize=4, color=colour, label=name)
    each.axline((1e-4, 1e-4), (1e-3, 1e-3), color="0.5", linewidth=1, zorder=0)
    each.set(xscale="log", yscale="log", xlabel="variance of each weight, theory (nA²)", ylabel="trials (nA²)")
    for panel in (potentials, drifting, spreading, each):
        panel.legend(frameon=False, fontsize=9)
    return figure


def main(arguments=None):
    parser = command_line.parser("Urbanczik & Senn (2014): drift and diffusion of weights, with pyurbanczik")
    parser.add_argument("--trials", type=command_line.positive_integer, default=400)
    options = parser.parse_args(arguments)
    if options.trials < 2:
        parser.error("--trials: at least 2 are needed for a variance")
    pattern = create_pattern(options.seed)
    predicted = predict(pattern, TAUGHT, ALONE)
    progress = command_line.ProgressBar((TAUGHT + ALONE) // CHUNK, f"times {CHUNK} repetitions")
    weights = simulate(pattern, options.trials, TAUGHT, ALONE, options.seed, on_chunk=progress)
    print(summary(pattern, weights, predicted))
    if not options.no_plot:
        import figures

        figures.save(draw(pattern, weights, predicted), options.output, "urbanczik_senn_2014_diffusion")


if __name__ == "__main__":
    main()
