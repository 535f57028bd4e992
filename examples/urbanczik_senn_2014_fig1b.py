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

import argparse
import sys
import time
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
from pyNN.parameters import Sequence

import pyurbanczik as sim

TIMESTEP = 0.1  # ms
PATTERN = 200.0  # ms
N_INPUTS = 200
INPUT_RATE = 10.0  # Hz
UNTAUGHT = 2  # repetitions before teaching, and again after it
TEACHER_WEIGHT = 10.0 * TIMESTEP  # of each teaching synapse
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
    potential: str  # unit labels of the figures ...
    conductance: str
    current: str
    scale: float  # ... and the factor from the simulator's µS and nA to them


def standard_units():
    capacitance = 0.3  # nF
    return ParameterSet(
        cell=dict(
            soma=dict(
                cm=capacitance,
                g_leak=0.03,
                v_rest=-70.0,
                e_rev_E=0.0,
                e_rev_I=-75.0,
                tau_syn_E=3.0,
                tau_syn_I=3.0,
            ),
            dendrite=dict(cm=capacitance, g_leak=0.03, v_rest=-70.0, tau_syn_E=3.0, tau_syn_I=3.0),
            g_dendrite_to_soma=0.6,
            tau_refrac=3.0,
            phi_max=150.0,
            rate_slope=0.5,
            beta=1.0 / 3.0,
            theta=-55.0,
        ),
        synapse=dict(
            weight=0.3 * capacitance,
            eta=0.17,
            tau_Delta=100.0,
            w_min=0.0,
            w_max=4.5 * capacitance,
            delay=TIMESTEP,
        ),
        teacher=dict(excitation=0.016 * capacitance, offset=0.018 * capacitance, inhibition=0.06 * capacitance),
        potential="mV",
        conductance="nS",
        current="pA",
        scale=1e3,
    )


def dimensionless():
    leak = 0.1
    # The rule and its function h contain the unit voltage of 15 mV once each; here that voltage is 1.
    # eta belongs to weights in 1e-3 of the simulator's unit (pA against nA).
    eta = 1e3 * 0.0003 / 15.0**2
    return ParameterSet(
        cell=dict(
            soma=dict(
                cm=1.0,
                g_leak=leak,
                v_rest=0.0,
                e_rev_E=14.0 / 3.0,
                e_rev_I=-1.0 / 3.0,
                tau_syn_E=3.0,
                tau_syn_I=3.0,
            ),
            dendrite=dict(cm=1.0, g_leak=leak, v_rest=0.0, tau_syn_E=3.0, tau_syn_I=3.0),
            g_dendrite_to_soma=2.0,
            tau_refrac=3.0,
            phi_max=150.0,
            rate_slope=0.5,
            beta=5.0,
            theta=1.0,
        ),
        synapse=dict(weight=0.2 * leak, eta=eta, tau_Delta=100.0, w_min=0.0, w_max=3.0 * leak, delay=TIMESTEP),
        teacher=dict(excitation=0.016, offset=0.018, inhibition=0.06),
        potential="dimensionless",
        conductance="dimensionless",
        current="dimensionless",
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
    def all_input_times(self):
        """Spike times of each input in the whole run, ms."""
        times = self.pattern + np.arange(self.repetitions)[:, None] * PATTERN
        return [times[:, part].ravel() for part in self.inputs]

    @cached_property
    def teacher_input(self):
        """Spike times (ms) of the teacher and the weights of its excitatory and inhibitory spikes (µS)."""
        start, end = self.teaching
        times = np.arange(round(start / TIMESTEP), round(end / TIMESTEP)) * TIMESTEP
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

    neuron = sim.Population(
        1,
        sim.UrbanczikSenn(**parameters.cell),
        initial_values={"v": parameters.cell["soma"]["v_rest"]},
        label="neuron",
    )
    inputs = sim.Population(N_INPUTS, sim.SpikeSourceArray(spike_times=[]), label="inputs")
    plastic = sim.Projection(
        inputs,
        neuron,
        sim.AllToAllConnector(),
        sim.UrbanczikSennSynapse(**parameters.synapse),
        receptor_type="dendritic_exc",
    )

    times, *weights = experiment.teacher_input
    for receptor, spike_weights in zip(("soma_exc", "soma_inh"), weights):
        teacher = sim.Population(1, sim.WeightedSpikeSourceArray(spike_times=times, spike_weights=spike_weights))
        sim.Projection(
            teacher,
            neuron,
            sim.AllToAllConnector(),
            sim.StaticSynapse(weight=TEACHER_WEIGHT, delay=TIMESTEP),
            receptor_type=receptor,
        )

    neuron.record("spikes")
    neuron.record(list(RECORDED))
    plastic.record("weight")

    if rearm:
        for repetition in range(experiment.repetitions):
            inputs.set(spike_times=[Sequence(times) for times in experiment.input_times(repetition)])
            sim.run(PATTERN)
            if on_repetition is not None:
                on_repetition(repetition + 1)
    else:
        inputs.set(spike_times=[Sequence(times) for times in experiment.all_input_times])
        sim.run(experiment.duration)

    activity = neuron.get_data().segments[0]
    learning = plastic.get_data().segments[0].irregularlysampledsignals
    seconds = time.perf_counter() - started

    traces = {signal.name: signal.magnitude[:, 0] for signal in activity.analogsignals}
    for name in RECORDED:
        if name.startswith(("gsyn", "isyn")):
            traces[name] = traces[name] * parameters.scale
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
        both = (values[in_repetition(repetition)] for repetition in taught)
        return "  ".join(f"{np.sqrt(np.nanmean(chosen**2)):12.4g}" for chosen in both)

    traces, unit = recording.traces, experiment.parameters.potential
    mismatch = matching_potential(experiment, recording) - traces["v_star"]
    surprise = rate(experiment, traces["soma.v"]) - rate(experiment, traces["v_star"])
    seconds = experiment.duration * 1e-3
    events = sum(weights.size for weights in recording.weights)
    return "\n".join(
        (
            f"{experiment.taught} taught repetitions of {PATTERN:g} ms, {len(experiment.inputs)} inputs",
            "                               first taught   last taught",
            f"RMS of U_M - V*_w              {rms(mismatch)}  {unit}",
            f"RMS of phi(U) - phi(V*_w)      {rms(surprise)}  Hz",
            f"somatic spikes                 {recording.spikes.size:12d}",
            f"plastic events                 {events:12d}",
            f"biological time                {seconds:12.3f}  s",
            f"wall time, build + run + read  {recording.seconds:12.3f}  s",
            f"real-time factor               {seconds / recording.seconds:12.0f}",
        )
    )


# %%
# On the command line
# -------------------


class ProgressBar:
    """How much biological time has passed; a line now and then where the output is not a terminal."""

    WIDTH = 40

    def __init__(self, experiment, stream=sys.stderr):
        self.total, self.stream = experiment.repetitions, stream
        self.interactive = stream.isatty()

    def __call__(self, done):
        filled = self.WIDTH * done // self.total
        text = (
            f"[{'#' * filled}{'.' * (self.WIDTH - filled)}] "
            f"{done * PATTERN * 1e-3:6.1f} of {self.total * PATTERN * 1e-3:.1f} s biological time"
        )
        if self.interactive:
            self.stream.write("\r" + text + ("\n" if done == self.total else ""))
        elif done == self.total or (filled % 10 == 0 and filled != self.WIDTH * (done - 1) // self.total):
            self.stream.write(text + "\n")
        self.stream.flush()


def positive_integer(text):
    value = int(text)
    if value < 1:
        raise argparse.ArgumentTypeError(f"{value} is not allowed; it must be at least 1")
    return value


def main(arguments=None):
    parser = argparse.ArgumentParser(description="Urbanczik & Senn (2014), Fig. 1B, with pyurbanczik")
    parser.add_argument("--units", choices=tuple(PARAMETER_SETS), default="mV", help="standard units or dimensionless")
    parser.add_argument(
        "--repetitions", type=positive_integer, default=100, help="taught ones; two more before and after"
    )
    parser.add_argument("--seed", type=int, default=1, help="of the pattern and of the somatic spikes")
    parser.add_argument("--no-plot", action="store_true", help="print the summary only")
    parser.add_argument("--output", type=Path, default=Path("results"), help="folder for the figures")
    options = parser.parse_args(arguments)

    experiment = Experiment.create(options.units, options.repetitions, options.seed)
    recording = simulate(experiment, options.seed, on_repetition=ProgressBar(experiment))
    print(summary(experiment, recording))

    if not options.no_plot:
        from learning_figures import save_figures

        for path in save_figures(experiment, recording, options.output, f"urbanczik_senn_2014_fig1b_{options.units}"):
            print(f"figure: {path}")


if __name__ == "__main__":
    main()
