"""
Learning by the dendritic prediction of somatic spiking
=======================================================

The learning experiment of

    Urbanczik R, Senn W (2014) Learning by the dendritic prediction of somatic spiking.
    Neuron 81(3):521-528, doi:10.1016/j.neuron.2013.11.030, Figure 1B.

A pattern of 200 Poisson spike trains (10 Hz, 200 ms) reaches the dendrite of one neuron again and again.
While it is taught, excitatory and inhibitory conductances pull its soma towards the matching potential

    U_M(t) = (g_E(t) E_E + g_I(t) E_I) / (g_E(t) + g_I(t)).

The rule changes the dendritic weights until the dendrite alone predicts that time course: V*_w(t) approaches
U_M(t), and the neuron follows what it has learnt without its teacher. Two repetitions without teacher come
first, 100 taught ones follow, and two more without teacher show what has been learnt.

Two parameter sets are offered: standard units (``--units mV``, the default) and the paper's dimensionless
ones (``--units unitless``). Their numbers are those listed in the NEST simulator's version of this
experiment. It restates the paper's in standard units with C = 300 pF and a unit voltage θ - E_L = 15 mV.

Deviations from the paper's figure:

* the teaching conductances pass through synapses (time constant 3 ms), they are not imposed as functions of
  time;
* the pattern is drawn by this script's own generator, with at most one spike in a train and time step;
* the learning rates of the two sets differ: relative to the membrane capacitance and the unit voltage, the
  one in standard units is 1.9 times the dimensionless one (0.17/300 against 0.0003).

Deviations from NEST's version: no relay neurons between sources and synapses (they delay the input by 1 ms
there), and the teacher spikes only in the time steps in which its spikes carry weight.
"""

import time
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from neo.core.spiketrainlist import SpikeTrainList
from pyNN.parameters import Sequence
from quantities import ms

import pyurbanczik as sim

TIMESTEP = 0.1  # ms
PATTERN = 200.0  # ms
N_INPUTS = 200
INPUT_RATE = 10.0  # Hz
UNTAUGHT = 2  # repetitions before teaching, and again after it
TEACHER_WEIGHT = 10.0 * TIMESTEP  # of each teaching synapse
LEARNT = 0.6  # of the first errors may be left
RECORDED = ("soma.v", "dendrite.v", "v_star", "gsyn_exc", "gsyn_inh", "isyn_exc", "isyn_inh")


# %%
# Parameters
# ----------


@dataclass(frozen=True)
class ParameterSet:
    """The neuron, its synapses and its teacher in one system of units.

    The simulator computes in mV, nF, µS and nA, which are coherent; a dimensionless set is coherent by itself
    and passes through unchanged.
    """

    cell: dict
    synapse: dict
    teacher: dict  # per time step, before the teacher's weight: g_E = excitation·sin + offset and g_I = inhibition
    units: tuple  # of potentials, conductances and currents in the figures ...
    scale: float  # ... and the factor from the simulator's µS and nA to them


SPIKING = dict(tau_refrac=3.0, phi_max=150.0, rate_slope=0.5)
SYNAPTIC = dict(tau_syn_E=3.0, tau_syn_I=3.0)


def standard_units():
    cm = 0.3  # nF
    membrane = dict(cm=cm, g_leak=0.03, v_rest=-70.0, **SYNAPTIC)
    soma = dict(e_rev_E=0.0, e_rev_I=-75.0, **membrane)
    return ParameterSet(
        cell=dict(soma=soma, dendrite=membrane, g_dendrite_to_soma=0.6, beta=1.0 / 3.0, theta=-55.0, **SPIKING),
        synapse=dict(weight=0.3 * cm, eta=0.17, tau_Delta=100.0, w_min=0.0, w_max=4.5 * cm, delay=TIMESTEP),
        teacher=dict(excitation=0.016 * cm, offset=0.018 * cm, inhibition=0.06 * cm),
        units=("mV", "nS", "pA"),
        scale=1e3,
    )


def dimensionless():
    leak = 0.1
    # The rule and its function h contain the unit voltage of 15 mV once each; here that voltage is 1.
    # eta belongs to weights in 1e-3 of the simulator's unit (pA against nA).
    eta = 1e3 * 0.0003 / 15.0**2
    membrane = dict(cm=1.0, g_leak=leak, v_rest=0.0, **SYNAPTIC)
    soma = dict(e_rev_E=14.0 / 3.0, e_rev_I=-1.0 / 3.0, **membrane)
    return ParameterSet(
        cell=dict(soma=soma, dendrite=membrane, g_dendrite_to_soma=2.0, beta=5.0, theta=1.0, **SPIKING),
        synapse=dict(weight=0.2 * leak, eta=eta, tau_Delta=100.0, w_min=0.0, w_max=3.0 * leak, delay=TIMESTEP),
        teacher=dict(excitation=0.016, offset=0.018, inhibition=0.06),
        units=("dimensionless",) * 3,
        scale=1.0,
    )


PARAMETER_SETS = {"mV": standard_units, "unitless": dimensionless}

# %%
# The experiment
# --------------


@dataclass(frozen=True)
class Experiment:
    """What is shown to the neuron, and when: independent of the simulator that runs it."""

    parameters: ParameterSet
    pattern: np.ndarray  # spike times of all inputs in (0, PATTERN], ms, one input after the other
    inputs: list  # the slice of each input in it
    taught: int  # repetitions with the teacher on

    @classmethod
    def create(cls, units="mV", taught=100, seed=1):
        rng = np.random.default_rng(seed)
        spikes = rng.random((N_INPUTS, round(PATTERN / TIMESTEP))) < INPUT_RATE * 1e-3 * TIMESTEP
        ends = np.cumsum(spikes.sum(axis=1)).tolist()
        inputs = [slice(start, end) for start, end in zip([0, *ends], ends)]
        return cls(PARAMETER_SETS[units](), (np.nonzero(spikes)[1] + 1) * TIMESTEP, inputs, taught)

    @property
    def repetitions(self):
        return self.taught + 2 * UNTAUGHT

    @property
    def duration(self):
        return self.repetitions * PATTERN

    @property
    def teaching(self):
        """Start and end of teaching, ms."""
        return UNTAUGHT * PATTERN, (UNTAUGHT + self.taught) * PATTERN

    def input_times(self, repetition):
        """Spike times of each input in one repetition, ms."""
        times = self.pattern + repetition * PATTERN
        return [times[part] for part in self.inputs]

    @cached_property
    def channels(self):
        """The input of each spike of the pattern."""
        return np.repeat(np.arange(N_INPUTS), [part.stop - part.start for part in self.inputs])

    def input_trains(self, repetition):
        """The same as spike trains of Neo."""
        times = self.pattern + repetition * PATTERN
        return SpikeTrainList.from_spike_time_array(
            times, self.channels, range(N_INPUTS), t_stop=self.duration, units=ms
        )

    @cached_property
    def all_input_times(self):
        """Spike times of each input in the whole run, ms."""
        times = self.pattern + np.arange(self.repetitions)[:, None] * PATTERN
        return [times[:, part].ravel() for part in self.inputs]

    @cached_property
    def teacher_input(self):
        """Spike times (ms) of the teacher and the weights of its excitatory and inhibitory spikes (µS)."""
        times = np.arange(*(round(time / TIMESTEP) for time in self.teaching)) * TIMESTEP
        phase = 2.0 * np.pi * np.arange(round(PATTERN / TIMESTEP)) * TIMESTEP / PATTERN
        teacher = self.parameters.teacher
        excitation = teacher["excitation"] * np.sin(2.0 * phase) + teacher["offset"]
        return times, np.tile(excitation, self.taught), np.full(times.shape, teacher["inhibition"])


# %%
# The simulation
# --------------


@dataclass(frozen=True)
class Recording:
    """Everything recorded, as arrays in the units of the figures, and the seconds that it took."""

    time: np.ndarray  # ms, of all traces
    traces: dict  # name: array
    spikes: np.ndarray  # ms
    weight_times: list  # ms, an array for each input
    weights: list
    seconds: float


def simulate(experiment, seed=1, rearm=True, on_repetition=None):
    """Build, run and read the experiment.

    ``rearm`` hands the input spikes over before each repetition, as an environment in a closed loop would do;
    else they are all given at the start. ``on_repetition(n)`` is called after each of them.
    """
    started = time.perf_counter()
    parameters = experiment.parameters
    sim.setup(timestep=TIMESTEP, min_delay=TIMESTEP, rng_seed=seed)
    cell, rule = sim.UrbanczikSenn(**parameters.cell), sim.UrbanczikSennSynapse(**parameters.synapse)
    rest, all_to_all = parameters.cell["soma"]["v_rest"], sim.AllToAllConnector()
    neuron = sim.Population(1, cell, initial_values={"v": rest}, label="neuron")
    inputs = sim.Population(N_INPUTS, sim.SpikeSourceArray(spike_times=[]), label="inputs")
    plastic = sim.Projection(inputs, neuron, all_to_all, rule, receptor_type="dendritic_exc")
    static = sim.StaticSynapse(weight=TEACHER_WEIGHT, delay=TIMESTEP)
    times, *weights = experiment.teacher_input
    for receptor, spike_weights in zip(("soma_exc", "soma_inh"), weights):
        teacher = sim.Population(1, sim.WeightedSpikeSourceArray(spike_times=times, spike_weights=spike_weights))
        sim.Projection(teacher, neuron, all_to_all, static, receptor_type=receptor)
    neuron.record(["spikes", *RECORDED])
    plastic.record("weight")
    if rearm:
        for repetition in range(experiment.repetitions):
            inputs.set(spike_times=experiment.input_trains(repetition))
            sim.run(PATTERN)
            if on_repetition is not None:
                on_repetition(repetition + 1)
    else:
        inputs.set(spike_times=[Sequence(times) for times in experiment.all_input_times])
        sim.run(experiment.duration)
    activity = neuron.get_data().segments[0]
    learning = plastic.get_data().segments[0].irregularlysampledsignals
    seconds = time.perf_counter() - started
    scales = {name: parameters.scale if name.startswith(("gsyn", "isyn")) else 1.0 for name in RECORDED}
    traces = {signal.name: signal.magnitude[:, 0] * scales[signal.name] for signal in activity.analogsignals}
    sim.end()
    return Recording(
        time=np.arange(len(traces["soma.v"])) * TIMESTEP,
        traces=traces,
        spikes=activity.spiketrains[0].magnitude,
        weight_times=[signal.times.magnitude for signal in learning],
        weights=[signal.magnitude[:, 0] * parameters.scale for signal in learning],
        seconds=seconds,
    )


# %%
# What the neuron should have learnt
# ----------------------------------


def matching_potential(experiment, recording):
    """U_M: where the teaching conductances alone would hold the soma; NaN while nothing is taught."""
    soma = experiment.parameters.cell["soma"]
    start, end = experiment.teaching
    taught = (recording.time > start + TIMESTEP) & (recording.time <= end)
    g_exc = np.where(taught, recording.traces["gsyn_exc"], np.nan)
    g_inh = np.where(taught, recording.traces["gsyn_inh"], np.nan)
    return (g_exc * soma["e_rev_E"] + g_inh * soma["e_rev_I"]) / (g_exc + g_inh)


def rate(experiment, potential):
    """φ(U) = φ_max / (1 + k exp(β (θ − U))), Hz."""
    cell = experiment.parameters.cell
    return cell["phi_max"] / (1.0 + cell["rate_slope"] * np.exp(cell["beta"] * (cell["theta"] - potential)))


def in_repetition(repetition):
    """The samples of one repetition, counted from 0."""
    first = round(repetition * PATTERN / TIMESTEP)
    return slice(first + 1, first + 1 + round(PATTERN / TIMESTEP))


def summary(experiment, recording):
    taught = UNTAUGHT, UNTAUGHT + experiment.taught - 1

    def rms(values):
        return [np.sqrt(np.nanmean(values[in_repetition(repetition)] ** 2)) for repetition in taught]

    traces = recording.traces
    mismatch = rms(matching_potential(experiment, recording) - traces["v_star"])
    surprise = rms(rate(experiment, traces["soma.v"]) - rate(experiment, traces["v_star"]))
    seconds = experiment.duration * 1e-3
    lines = (
        f"{experiment.taught} taught repetitions of {PATTERN:g} ms, {len(experiment.inputs)} inputs",
        "                               first taught   last taught",
        f"RMS of U_M - V*_w              {mismatch[0]:12.4g}  {mismatch[1]:12.4g}  {experiment.parameters.units[0]}",
        f"RMS of phi(U) - phi(V*_w)      {surprise[0]:12.4g}  {surprise[1]:12.4g}  Hz",
        f"somatic spikes                 {recording.spikes.size:12d}",
        f"plastic events                 {sum(weights.size for weights in recording.weights):12d}",
        f"biological time                {seconds:12.3f}  s",
        f"wall time, build + run + read  {recording.seconds:12.3f}  s",
        f"real-time factor               {seconds / recording.seconds:12.0f}",
    )
    passed = all(last < LEARNT * first for first, last in (mismatch, surprise))
    criterion = f"both RMS fall below {LEARNT:.0%} of what they were"
    return "\n".join([*lines, f"{'PASS' if passed else 'FAIL'}: {criterion}"])


def main(arguments=None):
    import command_line

    parser = command_line.parser("Urbanczik & Senn (2014), Fig. 1B, with pyurbanczik")
    parser.add_argument("--units", choices=tuple(PARAMETER_SETS), default="mV", help="standard units or dimensionless")
    text = "taught ones; two more before and after"
    parser.add_argument("--repetitions", type=command_line.positive_integer, default=100, help=text)
    options = parser.parse_args(arguments)
    experiment = Experiment.create(options.units, options.repetitions, options.seed)
    progress = command_line.ProgressBar(experiment.repetitions, "repetitions")
    recording = simulate(experiment, options.seed, on_repetition=progress)
    print(summary(experiment, recording))
    if not options.no_plot:
        from learning_figures import save_figures

        save_figures(experiment, recording, options.output, f"urbanczik_senn_2014_fig1b_{options.units}")


if __name__ == "__main__":
    main()
