"""Networks that all peers simulate side by side: shared inputs, long intervals, recurrence, recordings."""

import numpy as np

from benchmarks import report
from benchmarks.contest import ALL, LIMIT, OURS, WARM_UP, Contest, advance, build, weights
from benchmarks.network import Network

SIZES = ((1, 100), (1, 1000), (1, 10_000), (10, 100), (100, 100), (100, 200), (100, 1000), (1000, 100),
         (1000, 1000), (10_000, 100), (10_000, 1000))  # fmt: skip

AGREEMENT = """
With parameters that make every spike certain, 3 neurons with 40 inputs each give after 500 ms these weights:
largest difference from pyurbanczik's, relative to the largest change of a weight.
"""
INPUTS = """
N neurons share K Poisson inputs of 10 Hz; all N·K synapses are plastic. Wall time for a second of biological time,
building not counted, nothing recorded, and in brackets how many times pyurbanczik's time on one thread that is.
"""
INTERVALS = """
10 neurons, 100 inputs, of which the given number never spikes. NEST keeps the history of a neuron until its last
synapse has seen it, so that its time grows on with the duration of the run; here 5 s pass before the turns, of at
most 3 s each. The table at the top has a longer run.
"""
RECURRENT = """
N neurons excite the dendrites of all others through plastic synapses, and fire at 30 to 50 Hz. Spikes are drawn at
random, so that the peers do the same work on average only.
"""
RECORDING = """
Both potentials and all conductances and currents in every step, every spike and the weight of every plastic event
are recorded in memory and read as arrays (pyurbanczik: Neo objects) after each turn, and that is part of the time.
Brian2 records potentials, conductances, currents and spikes; the numba loop, which would only store into arrays,
takes no part.
"""
ONE_THREAD = ("NEST, 2 threads",)  # left out where it would say nothing new


def limit_text():
    return (
        f"Median of turns taken one after the other, after {WARM_UP:g} ms that do not count. A peer that is "
        f"expected to need more than {LIMIT:g} s on one thread for a network is left out there (–).\n"
    )


def agreement(_options):
    network, duration = Network.deterministic(3, 40), 500.0
    found = {}
    with Contest([peer for peer in ALL if peer.threads == 1]) as contest:
        for peer in contest.peers:
            contest.call(peer, build, peer.module, network, duration, 1, False)
            contest.call(peer, advance, duration)
            found[peer] = contest.call(peer, weights)
    own = found.pop(OURS)
    change = np.abs(own - network.synapse["weight"]).max()
    rows = [[peer.label, f"{np.abs(other - own).max() / change:.1e}"] for peer, other in found.items()]
    return f"{AGREEMENT}\n{report.table(['peer', 'relative difference'], rows)}\n"


def run(cases, header, options, **kwargs):
    with Contest() as contest:
        return contest.table(cases, header, options.turns, **kwargs)


def inputs(options):
    cases = [((f"{n}", f"{k}"), Network(n, k)) for n, k in SIZES if n * k <= options.largest]
    return f"{INPUTS}{limit_text()}\n{run(cases, ['N', 'K'], options)}"


def intervals(options):
    kinds = ((10.0, 0), (1.0, 0), (0.1, 0), (10.0, 50))
    cases = [((f"{rate:g} Hz", f"{silent}"), Network(10, 100, rate=rate, silent=silent)) for rate, silent in kinds]
    header = ["rate of an input", "silent inputs"]
    return f"{INTERVALS}\n{run(cases, header, options, skip=ONE_THREAD, warm_up=5000.0, longest=3000.0)}"


def recurrent(options):
    cases = [((f"{n}", f"{n * (n - 1)}"), Network.of_neurons(n)) for n in (100, 300, 1000)]
    cases = [(cells, network) for cells, network in cases if network.size <= options.largest]
    return f"{RECURRENT}\n{run(cases, ['N', 'plastic synapses'], options)}"


def recording(options):
    cases = [((f"{n}", f"{k}"), Network(n, k)) for n, k in ((1, 200), (10, 100), (100, 100))]
    return f"{RECORDING}\n{run(cases, ['N', 'K'], options, record=True, skip=('numba', *ONE_THREAD))}"
