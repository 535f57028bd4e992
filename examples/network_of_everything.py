"""
A network of everything, from Elephant and back
===============================================

What PyNN is used for, and what this package adds to it, in one simulation: 400 excitatory and 100 inhibitory
integrate-and-fire neurons, whose excitatory synapses among each other follow spike-timing-dependent plasticity (Song S,
Miller KD, Abbott LF, 2000, Nature Neuroscience 3:919-926, doi:10.1038/78829), and eight neurons whose dendrites learn
(Urbanczik R, Senn W, 2014, Neuron 81:521-528, doi:10.1016/j.neuron.2013.11.030), from the spikes of all excitatory
cells, what a teacher does to their somata. The network is this script's.

Each excitatory cell prefers a phase of a common rhythm: its input is an inhomogeneous Poisson process, drawn by
`Elephant <https://elephant.readthedocs.io>`_. What comes of it:

* cells are correlated by their phases, and their spikes are irregular (rates, irregularity, correlations: Elephant);
* STDP strengthens synapses from cells that are earlier in the rhythm to those that are later;
* dendrites learn to tell the time in the rhythm: when the teacher has gone, somata go on along what they were taught.

All that was recorded is written to NIX and to NWB, and read again by Neo.
"""

import tempfile
from dataclasses import dataclass
from pathlib import Path

import command_line
import neo
import numpy as np
import quantities as pq
from neo_files import files_agree

import pyurbanczik as sim

# %%
# Parameters
# ----------

TIMESTEP = 0.1  # ms
N_EXC, N_INH, N_DENDRITIC = 400, 100, 8
PERIOD = 200.0  # ms, of the rhythm
RATE, DEPTH = 1300.0, 0.35  # Hz, input to an excitatory cell, and its modulation
INHIBITORY_RATE = 1300.0  # Hz, input to an inhibitory cell
P_CONNECT = 0.1
DRIVE, EXC, INH = 0.004, 0.002, 0.008  # µS
CELL = dict(tau_m=20.0, v_rest=-70.0, v_reset=-65.0, v_thresh=-50.0, tau_refrac=2.0, tau_syn_E=3.0, tau_syn_I=8.0)
STDP = dict(tau_plus=20.0, tau_minus=20.0, A_plus=0.01, A_minus=0.0105)
W_MAX = 2.0 * EXC
ETA = 0.001  # nA mV, of the dendrites
TEACHER, LOW, SWING = 0.3, -62.0, 8.0  # µS; mV, mean and amplitude of what is taught
SOMA_LEAK, COUPLING, V_REST = 0.03, 0.6, -70.0  # µS, µS, mV, of the neurons with dendrites
TAUGHT, ALONE = 80, 20  # periods with and without teacher


def create_inputs(phases, duration, seed):
    """Spike trains with a rhythm, drawn by Elephant."""
    from elephant.spike_train_generation import NonStationaryPoissonProcess

    np.random.seed(seed)  # noqa: NPY002 (Elephant draws from it)
    times = np.arange(0.0, duration, 5.0)
    trains = []
    for phase in phases:
        rate = RATE * (1.0 + DEPTH * np.cos(2.0 * np.pi * (times / PERIOD - phase)))
        signal = neo.AnalogSignal(rate, units="Hz", sampling_period=5.0 * pq.ms, t_start=0.0 * pq.ms)
        trains.append(NonStationaryPoissonProcess(signal).generate_spiketrain())
    return trains


def target(phase, times):
    """What the teacher asks of a soma (mV) that prefers a phase, at times in ms."""
    return LOW + SWING * np.cos(2.0 * np.pi * (times / PERIOD - phase))


# %%
# Network
# -------


@dataclass
class Network:
    excitatory: sim.Population
    inhibitory: sim.Population
    dendritic: sim.Population
    recurrent: sim.Projection  # STDP
    teaching: sim.Projection


def build(inputs, seed, eta=ETA, stdp=True):
    sim.setup(timestep=TIMESTEP, min_delay=TIMESTEP, rng_seed=seed)
    rng = sim.NumpyRNG(seed)
    cell = sim.IF_cond_exp(**CELL)
    start = sim.RandomDistribution("uniform", (-70.0, -50.0), rng=rng)
    excitatory = sim.Population(N_EXC, cell, initial_values={"v": start}, label="excitatory")
    inhibitory = sim.Population(N_INH, cell, initial_values={"v": start}, label="inhibitory")
    dendritic = sim.Population(N_DENDRITIC, sim.UrbanczikSenn(), initial_values={"v": -70.0}, label="dendritic")

    drive = sim.StaticSynapse(weight=DRIVE, delay=1.0)
    rhythm = sim.Population(N_EXC, sim.SpikeSourceArray(spike_times=[train.magnitude for train in inputs]))
    sim.Projection(rhythm, excitatory, sim.OneToOneConnector(), drive, receptor_type="excitatory")
    noise = sim.Population(N_INH, sim.SpikeSourcePoisson(rate=INHIBITORY_RATE))
    sim.Projection(noise, inhibitory, sim.OneToOneConnector(), drive, receptor_type="excitatory")

    some = sim.FixedProbabilityConnector(P_CONNECT, allow_self_connections=False, rng=rng)
    rule = sim.STDPMechanism(
        timing_dependence=sim.SpikePairRule(**STDP),
        weight_dependence=sim.AdditiveWeightDependence(w_min=0.0, w_max=W_MAX),
        weight=EXC,
        delay=1.0,
    )
    fixed = sim.StaticSynapse(weight=EXC, delay=1.0)
    inhibition = sim.StaticSynapse(weight=INH, delay=1.0)
    recurrent = sim.Projection(excitatory, excitatory, some, rule if stdp else fixed, receptor_type="excitatory")
    sim.Projection(excitatory, inhibitory, some, fixed, receptor_type="excitatory")
    sim.Projection(inhibitory, excitatory, some, inhibition, receptor_type="inhibitory")
    sim.Projection(inhibitory, inhibitory, some, inhibition, receptor_type="inhibitory")

    rule = sim.DendriticErrorSynapse(
        weight=0.0, delay=1.0, error="spikes", kernel="psp", eta=eta, w_min=-1.0, w_max=1.0
    )  # fmt: skip
    sim.Projection(excitatory, dendritic, sim.AllToAllConnector(), rule, receptor_type="dendritic")
    # the teachers' somata follow a current that draws them along the target
    teachers = sim.Population(N_DENDRITIC, sim.UrbanczikSenn(), initial_values={"v": LOW}, label="teachers")
    for cell, phase in zip(teachers, np.arange(N_DENDRITIC) / N_DENDRITIC):
        leak = SOMA_LEAK + COUPLING
        wave = dict(frequency=1e3 / PERIOD, phase=90.0 - 360.0 * phase)
        sim.ACSource(amplitude=SWING * leak, offset=(LOW - V_REST) * leak, **wave).inject_into([cell])
    teaching = sim.Projection(teachers, dendritic, sim.OneToOneConnector(), sim.NudgingSynapse(weight=TEACHER))
    for population in (excitatory, inhibitory, dendritic):
        population.record("spikes")
    dendritic.record(["soma.v", "v_star"], sampling_interval=1.0)
    return Network(excitatory, inhibitory, dendritic, recurrent, teaching)


# %%
# Protocol
# --------


def simulate(inputs, seed, taught=TAUGHT, alone=ALONE, on_period=lambda: None, **plasticity):
    """The network after having been taught and left alone."""
    network = build(inputs, seed, **plasticity)
    for period in range(taught + alone):
        if period == taught:
            network.teaching.set(weight=0.0)
        sim.run(PERIOD)
        on_period()
    return network


# %%
# Analysis
# --------


@dataclass
class Results:
    """What Elephant and NumPy make of one run."""

    trains: list  # of excitatory cells
    rates: dict  # Hz, of the cells of each population
    irregularity: np.ndarray  # coefficient of variation of each excitatory cell's intervals
    correlations: np.ndarray  # of the spike counts of pairs of excitatory cells ...
    distances: np.ndarray  # ... and their distance in phase, from 0 to 0.5
    population_rate: np.ndarray  # Hz, in ms
    lags: np.ndarray  # by how much the target of each STDP synapse is later, in phase, from −0.5 to 0.5
    weights: np.ndarray  # of the same, µS
    time: np.ndarray  # ms, of the somata
    somata: np.ndarray  # mV (times, N_DENDRITIC)
    alone: np.ndarray  # which of the times are those without teacher

    def correlation_with_target(self):
        """Of each soma, without teacher."""
        wanted = target(np.arange(N_DENDRITIC) / N_DENDRITIC, self.time[self.alone, np.newaxis])
        pairs = zip(wanted.T, self.somata[self.alone].T)
        return np.array([np.corrcoef(pair)[0, 1] for pair in pairs])

    def asymmetry(self):
        """Mean weight to later cells over that to earlier ones, up to a quarter of the rhythm away."""
        near = np.abs(self.lags) < 0.25
        return self.weights[near & (self.lags > 0)].mean() / self.weights[near & (self.lags < 0)].mean()


def analyse(network, phases, taught=TAUGHT):
    from elephant.conversion import BinnedSpikeTrain
    from elephant.kernels import GaussianKernel
    from elephant.spike_train_correlation import correlation_coefficient
    from elephant.statistics import cv, instantaneous_rate, isi, mean_firing_rate

    def trains(population):
        return population.get_data("spikes").segments[0].spiketrains

    populations = network.excitatory, network.inhibitory, network.dendritic
    rates = {p.label: np.array([mean_firing_rate(t).rescale("Hz").item() for t in trains(p)]) for p in populations}
    excitatory = trains(network.excitatory)
    some = slice(0, None, 4)
    coefficients = correlation_coefficient(BinnedSpikeTrain(list(excitatory[some]), bin_size=10.0 * pq.ms))
    pairs = np.triu_indices(len(coefficients), 1)
    apart = np.abs(np.subtract.outer(phases[some], phases[some]))[pairs]
    kernel = GaussianKernel(5.0 * pq.ms)
    rate = instantaneous_rate(list(excitatory), sampling_period=1.0 * pq.ms, kernel=kernel)
    pre, post, weights = np.array(network.recurrent.get("weight", format="list")).T
    lags = phases[post.astype(int)] - phases[pre.astype(int)]
    somata = network.dendritic.get_data("soma.v").segments[0].analogsignals[0]
    time = somata.times.rescale("ms").magnitude
    return Results(
        trains=excitatory,
        rates=rates,
        irregularity=np.array([cv(isi(train)) for train in excitatory if len(train) > 10]),
        correlations=coefficients[pairs],
        distances=np.minimum(apart, 1.0 - apart),
        population_rate=rate.magnitude.mean(axis=1),
        lags=(lags + 0.5) % 1.0 - 0.5,
        weights=weights,
        time=time,
        somata=somata.magnitude,
        alone=time > taught * PERIOD + 50.0,
    )


def summary(results, agree):
    replayed, asymmetry = results.correlation_with_target(), results.asymmetry()
    near, far = results.distances < 0.1, results.distances > 0.4
    rates = ", ".join(f"{name} {values.mean():.1f} Hz" for name, values in results.rates.items())
    lines = [
        f"mean rates: {rates}",
        f"coefficient of variation of intervals: {np.nanmean(results.irregularity):.2f}",
        f"correlation of counts: {np.nanmean(results.correlations[near]):.3f} within a tenth of the rhythm, "
        f"{np.nanmean(results.correlations[far]):.3f} in opposite phase",
        f"STDP: synapses to later cells have {asymmetry:.2f} times the weight of those to earlier ones",
        f"correlation of somata with what they were taught, without teacher: {replayed.mean():.2f} "
        f"(from {replayed.min():.2f} to {replayed.max():.2f})",
        *(
            f"read from {ending.upper()}: {'what' if same else 'not what'} was recorded"
            for ending, same in agree.items()
        ),
    ]
    passed = replayed.mean() >= 0.8 and asymmetry > 1.2 and all(agree.values())
    criterion = "somata follow what they were taught (0.8), STDP follows the rhythm (1.2), files are complete"
    return "\n".join([*lines, command_line.verdict(criterion, passed)])


def draw(results):
    import figures

    title = "Integrate-and-fire cells, STDP and dendrites that learn, in one network"
    figure, ((raster, rate, counts), (stdp, weights, somata)) = figures.new_figure(15.0, 7.6, title, 2, 3)
    end = results.time[-1]
    shown = end - 3 * PERIOD
    for row, train in enumerate(results.trains):
        times = train.magnitude[train.magnitude > shown]
        figures.draw_spikes(raster, times - shown, np.full(len(times), row), size=2.0)
    raster.set(xlabel="time (ms), without teacher", ylabel="excitatory cell, by preferred phase")
    rate.plot(np.arange(len(results.population_rate)) - shown, results.population_rate, color=figures.BLUE)
    rate.set(xlim=(0.0, 3 * PERIOD), xlabel="time (ms)", ylabel="rate of a cell (Hz), Elephant", ylim=(0.0, None))
    counts.plot(results.distances, results.correlations, ".", markersize=1.5, color="0.75", rasterized=True)
    bins = np.linspace(0.0, 0.5, 11)
    which = np.digitize(results.distances, bins[1:-1])
    mean = [np.nanmean(results.correlations[which == k]) for k in range(10)]
    counts.plot(0.5 * (bins[1:] + bins[:-1]), mean, "o-", color=figures.BLUE)
    counts.set(xlabel="distance of two cells (periods)", ylabel="correlation of counts, Elephant")
    stdp.hist(results.weights * 1e3, bins=60, color="0.55")
    stdp.axvline(EXC * 1e3, color=figures.BLACK, linestyle=":")
    stdp.set(xlabel="weight (nS; dotted: initial)", ylabel="STDP synapses")
    bins = np.linspace(-0.5, 0.5, 26)
    which = np.digitize(results.lags, bins[1:-1])
    mean = [1e3 * results.weights[which == k].mean() for k in range(25)]
    weights.bar(0.5 * (bins[1:] + bins[:-1]), mean, width=0.036, color=figures.GREEN)
    weights.axhline(EXC * 1e3, color=figures.BLACK, linestyle=":")
    weights.set(xlabel="target is later by (periods)", ylabel="mean weight (nS; dotted: initial)")
    last = results.time > shown
    for colour, cell in zip(figures.COLOURS, (0, 3, 6)):
        somata.plot(results.time[last] - shown, results.somata[last, cell], color=colour)
        wanted = target(cell / N_DENDRITIC, results.time[last])
        somata.plot(results.time[last] - shown, wanted, color=colour, linestyle="--", linewidth=1)
    somata.set(xlabel="time (ms)", ylabel="three somata (mV; dashed: taught)")
    return figure


def main(arguments=None):
    parser = command_line.parser("A network of everything, with pyurbanczik and Elephant")
    parser.add_argument("--keep", action="store_true", help="leave the NIX and NWB files in --output")
    options = parser.parse_args(arguments)
    phases = np.arange(N_EXC) / N_EXC
    inputs = create_inputs(phases, (TAUGHT + ALONE) * PERIOD, options.seed)
    network = simulate(inputs, options.seed, on_period=command_line.ProgressBar(TAUGHT + ALONE, "periods"))
    populations = network.excitatory, network.inhibitory, network.dendritic
    with tempfile.TemporaryDirectory() as scratch:
        folder = options.output if options.keep else Path(scratch)
        folder.mkdir(parents=True, exist_ok=True)
        agree = files_agree(populations, folder)
    results = analyse(network, phases)
    print(summary(results, agree))
    if not options.no_plot:
        import figures

        figures.save(draw(results), options.output, "network_of_everything")


if __name__ == "__main__":
    main()
