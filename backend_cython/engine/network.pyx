"""The clock and the step loop.

One step takes the network from time t to t + h. Its first half concerns the cells:

1. electrodes set the currents that flow over (t, t + h];
2. populations integrate over (t, t + h] with the currents and conductances as they stand at t,
3. add what arrives at t + h (it acts from the next step on, and a recorded value at t + h includes it; cells may add it
   only when the next step begins, if nobody looks at what it changes),
4. and spike, stamped t + h; recorders look at the cells at t + h.

The second half concerns their synapses:

5. learning rules that follow the cells book the error of t + h;
6. spikes of t + h are delivered: plastic synapses update, and their input joins the ring of their targets. Input
   without a delay after the synapse is added at once, and cells that may have some are recorded only now;
7. recorders look at the synapses at t + h.

Populations do not see each other within a step, so that their order does not matter. Spikes are delivered in the
order of projections, and those of one population in the order of its cells.

Nothing that is delivered arrives before the shortest delay, so that the cells may go that many steps, a min-delay
interval, before their synapses follow by as many: one more if they need what arrives in the last one only afterwards.
What the synapses need of each step is kept for that long, and the interval's length does not change any result. Single
cells, with no input but from sources, go further: up to the next step at which anything is delivered to plastic
synapses, so that they compute several steps at once as vectors. Their somata follow later still, as soon as they may
spike.

Cells are divided into partitions, contiguous blocks of each population, of which each thread computes one together with
all synapses onto its cells. Sources of spikes, which depend on nothing, go ahead by some intervals, and threads wait
for each other only then, unless spikes of other cells reach synapses as well: then once an interval, between the two
halves of its steps, or twice, if it has several: cells do a part of it while the spikes of the part before are on their
way between threads. All sums and random numbers belong to a cell or to a synapse, so that the number of partitions does
not change any result.

Several processes have several partitions each. Every process computes the spikes of all sources, and of the other cells
its own. Between the two halves they tell each other the spikes of the interval. A partition before and one after those
of the process hold the spikes of the other cells.
"""

from cpython.exc cimport PyErr_CheckSignals

from itertools import compress
from time import perf_counter
from typing import NamedTuple
from warnings import warn
from zlib import crc32

import numpy as np

from ..model.current_source cimport Electrode
from .allocation import empty
from .failure cimport Failure
from .partition cimport Partition
from .team cimport LEAP, Team
from .team import can_use_threads
from ..model.population cimport Population
from ..model.projection cimport Projection
from ..model.recorder cimport Recorder
from ..model.recorder import SampleRecorder
from ..numerics.philox cimport philox

# Wall-clock time after which control returns to the interpreter, so that Ctrl-C is heard.
RESPONSE_SECONDS = 0.05
# of time (see `Network.run`), of a network that has not run yet
FIRST_UNITS = 8
# Streams of devices lie above those of cells, so that adding a device leaves the cells' numbers alone.
FIRST_DEVICE_STREAM = 1 << 62
# And those of connections above these. Each projection has a range, enough for all pairs of 4 million cells.
FIRST_CONNECTION_STREAM = 1 << 63
STREAMS_OF_A_PROJECTION = 1 << 44
# Its draws are the keys of the trials; no cell, device or connection comes as far.
STREAM_OF_TRIALS = (1 << 64) - 1
# Most steps in an interval: more would only take memory.
LONGEST_INTERVAL = LEAP


class Needs(NamedTuple):
    """What synapses ask of a run."""

    interval: int                # most steps in an interval
    crossing: list               # for each population, whether spikes that others must know reach any


cdef class Network:
    """Populations, projections, electrodes and recorders on one clock.

    Parameters
    ----------
    timestep : float
        ms, positive and finite.
    seed : int
        Key of all random streams, taken modulo 2^64. The same seed gives the same run, trial by trial.
    threads : int
        Number of threads that share the cells; results do not depend on it. A build without OpenMP works with
        one, and warns if more are asked for.
    processes : Processes, optional
        Those that share the cells, each of which makes the same network but for synapses onto others' cells.
    """

    def __init__(self, double timestep, seed=0, int threads=1, processes=None):
        if not (0 < timestep < np.inf):
            raise ValueError(f"Network.timestep: {timestep} is not allowed; it must be positive and finite")
        if threads < 1:
            raise ValueError(f"Network.threads: {threads} is not allowed; it must be at least 1")
        if threads > 1 and not can_use_threads():
            warn("backend_cython was built without OpenMP and works with one thread", stacklevel=2)
            threads = 1
        self.processes = processes if processes is not None and processes.size > 1 else None
        self.n_threads = threads
        self.first_partition = 0 if self.processes is None else 1
        self.n_partitions = threads + 2 * self.first_partition
        self.cells_of_threads = [0] * threads
        self.interval = 1
        self.changed = True
        self.failure = Failure()
        self.timestep = timestep
        self.seed = int(seed) & 0xFFFFFFFFFFFFFFFF
        self._begin_trial(0)
        self.next_device_stream = FIRST_DEVICE_STREAM
        self.next_connection_stream = FIRST_CONNECTION_STREAM
        self.electrodes = PointerList()
        self.populations = PointerList()
        self.projections = PointerList()
        self.recorders = PointerList()

    @property
    def time(self):
        """ms"""
        return self.step * self.timestep

    def take_streams(self, unsigned long long n):
        """The first of `n` consecutive random streams that nobody else has."""
        self.next_stream += n
        return self.next_stream - n

    def take_device_stream(self):
        self.next_device_stream += 1
        return self.next_device_stream - 1

    def take_connection_streams(self):
        """The first of the random streams of one projection's connections."""
        self.next_connection_stream += STREAMS_OF_A_PROJECTION
        return self.next_connection_stream - STREAMS_OF_A_PROJECTION

    @property
    def streams(self):
        """The next random streams of cells, devices and connections."""
        return self.next_stream, self.next_device_stream, self.next_connection_stream

    def add_population(self, Population population):
        """Step these cells from now on; a population calls it itself, as do the others below."""
        self.populations.add(population)
        self._count_cells(population, 1)
        self.changed = True

    def remove_population(self, Population population):
        """Forget the population that was added last, before anything refers to it."""
        self.populations.remove(population)
        self._count_cells(population, -1)
        self.changed = True
        self.next_stream = population.first_stream

    def _count_cells(self, Population population, long sign):
        """Add or take off what each thread computes."""
        cdef int i
        for i in range(self.n_threads):
            block = population.block[self.first_partition + i]
            self.cells_of_threads[i] += sign * (block.last - block.first)

    def add_projection(self, Projection projection):
        """Deliver spikes through these synapses from now on."""
        self.projections.add(projection)
        self.changed = True

    def add_electrode(self, Electrode electrode):
        """Inject this current from now on."""
        self.electrodes.add(electrode)
        self.changed = True

    def add_recorder(self, Recorder recorder):
        """Record from now on."""
        self.recorders.add(recorder)

    def remove_recorder(self, recorder):
        """Record no more; what was recorded stays with the recorder."""
        self.recorders.remove(recorder)

    def _begin(self, long n_steps):
        """Get ready for `n_steps`: the memory of the recorders, the spikes of step 0, the first samples."""
        cdef Population population
        cdef Partition partition
        cdef bint first = not self.started
        self._check_failure()
        if self.processes is not None:
            self._meet(n_steps)
        elif self.changed:
            self._form_team(self._needs())
        self._reserve(n_steps)
        self.started = True
        self.team.wake()
        for population in self.populations.members:
            population.begin(self.step)
        if first:
            for population in self.populations.members:
                population.start()
            self.team.tell_all(0, 0)
            for population in self.populations.members:
                for observer in population.observers.members:
                    observer.begin()
            for partition in self.team.members:
                partition.foresee(0, 0)
                partition.deliver(0)
                partition.absorb(0)
        for recorder in self.recorders.members:
            recorder.begin()
        if first:
            for recorder in self.recorders.members:
                recorder.first_step()
        self._assign_recorders()

    def _meet(self, n_steps):
        """Agree with the other processes on what the run needs."""
        doing = (f"run {n_steps} steps from step {self.step} on with {len(self.populations.members)} populations, "
                 f"{len(self.electrodes.members)} electrodes, {self.n_threads} threads, time step {self.timestep} ms, "
                 f"seed {self.seed} and trial {self.trial}")
        outline = [(type(population).__name__, population.size) for population in self.populations.members]
        digests = [population.digest() if population.replicated else 0 for population in self.populations.members]
        said = self.processes.meet(
            doing, self.changed, crc32(np.array(digests, dtype=np.int64)), crc32(repr(outline).encode()))
        if (said[:, 2] != said[0, 2]).any():
            self._refuse_populations(outline)
        if (said[:, 1] != said[0, 1]).any():
            self._refuse_sources(digests)
        if said[:, 0].any():
            needs = self.processes.share("share what synapses need", self._needs())
            self._form_team(Needs(min(need.interval for need in needs),
                                  [any(crossing) for crossing in zip(*(need.crossing for need in needs))]))

    def _refuse_populations(self, outline):
        everybody = self.processes.share("compare populations", outline)
        differ = next(i for i in range(len(outline)) if any(theirs[i] != everybody[0][i] for theirs in everybody))
        told = "; ".join(f"process {rank}: {theirs[differ][1]} {theirs[differ][0]}"
                         for rank, theirs in enumerate(everybody))
        raise RuntimeError(f"population {differ} differs between processes ({told}); they must all make the same")

    def _refuse_sources(self, digests):
        everybody = self.processes.share("compare sources", digests)
        wrong = [f"{type(population).__name__} (population {i})"
                 for i, population in enumerate(self.populations.members)
                 if any(theirs[i] != everybody[0][i] for theirs in everybody)]
        raise RuntimeError(f"the parameters of {', '.join(wrong)} differ between processes, each of which computes all "
                           "sources of spikes; random values need a generator with a seed")

    def _needs(self):
        """What the synapses of this process need."""
        sources = {id(source) for projection in self.projections.members for source in projection.needs_spikes_of}
        sources |= {id(population) for population in self.populations.members
                    if any(observer.SEES_ALL_SPIKES for observer in population.observers.members)}
        crossing = [id(population) in sources and not population.replicated for population in self.populations.members]
        for population in self.populations.members:
            population.choose_when_to_take(any(crossing) and self.processes is not None)
        interval = min((projection.longest_interval for projection in self.projections.members),
                       default=LONGEST_INTERVAL)
        if (any(electrode.coupled for electrode in self.electrodes.members)
                or any(population.late_input for population in self.populations.members)):
            # recorders look at cells with late input when all of a step has arrived
            interval = 1
        return Needs(min(interval, LONGEST_INTERVAL), crossing)

    def _form_team(self, needs):
        """Choose the length of an interval, and tell the partitions who there is."""
        self.interval = needs.interval
        self.team = Team(self, list(compress(self.populations.members, needs.crossing)))
        for population in self.populations.members:
            at_once = self.team.leap if population.replicated or self.team.goes_ahead else self.interval
            # partitions may be apart by as many steps as they read or write at once
            population.keep_spikes(at_once if self.n_partitions == 1 else 2 * at_once)
        self.first_units = FIRST_UNITS
        self.changed = False

    def _reserve(self, long n_steps):
        """Give the recorders the memory they need, in one block."""
        missing = [(recorder, recorder.missing(self.step, n_steps)) for recorder in self.recorders.members]
        total = sum(n for _, n in missing)
        try:
            block = empty(total)
        except MemoryError:
            raise MemoryError(f"no room for {8 * total} bytes of recordings; the run did not begin") from None
        for recorder, n in missing:
            if n:
                recorder.grow(block[:n])
                block = block[n:]

    def _assign_recorders(self):
        """Let each partition record its own cells and synapses."""
        watching = [recorder for recorder in self.recorders.members if not isinstance(recorder, SampleRecorder)]
        pieces = [[] for _ in range(self.n_threads)]
        for recorder in self.recorders.members:
            if isinstance(recorder, SampleRecorder):
                for i, partition in enumerate(recorder.partitions()):
                    pieces[partition - self.first_partition].append((recorder, i))
        self.team.assign(watching, pieces)

    def advance(self, long n_steps):
        """Run `n_steps` steps without looking back to the interpreter."""
        self._begin(n_steps)
        self.pass_steps(n_steps)

    def run(self, long n_steps):
        """Run `n_steps` steps. Ctrl-C raises KeyboardInterrupt between two steps; the run can then go on."""
        cdef long units, todo = n_steps, n, unit
        self._begin(n_steps)
        # whole intervals, so that all processes have the same, however quick they are
        unit = 1 if self.processes is None else self.interval
        units = self.first_units
        while todo > 0:
            n = min(units * unit, todo)
            started_at = perf_counter()
            self.pass_steps(n)
            todo -= n
            PyErr_CheckSignals()
            elapsed = perf_counter() - started_at
            if elapsed < RESPONSE_SECONDS / 2:
                units *= 2
            elif elapsed > RESPONSE_SECONDS:
                units = max(1, units // 2)
        # the next run may be slower, but hardly much
        self.first_units = max(FIRST_UNITS, units // 4)

    cdef int pass_steps(self, long n) except -1:
        cdef Py_ssize_t i
        with nogil:
            self.team.advance(self.step, n)
            self.step += n
            for i in range(self.recorders.n):
                (<Recorder> self.recorders.item[i]).seen(self.step)
        self._check_failure()
        return 0

    def _check_failure(self):
        if self.failure.happened:
            error = self.failure.error(self.time)
            if self.processes is not None:
                self.processes.fail(error)
            raise error

    def close(self):
        """Give back what takes memory, recordings included. The network cannot run any more.

        Populations and networks refer to each other, so that their memory would else be kept until Python looks
        for cycles.
        """
        for recorder in self.recorders.members:
            recorder.clear()
        for population in self.populations.members:
            population.close()
        self.populations, self.projections = PointerList(), PointerList()
        self.electrodes, self.recorders = PointerList(), PointerList()
        self.team, self.changed = None, True

    def _begin_trial(self, unsigned long long trial):
        self.trial = trial
        self.key = philox(self.seed, STREAM_OF_TRIALS, trial) if trial else self.seed

    def reset(self, trial=None, keep_weights=False):
        """Back to step 0: initial states, weights as set last, nothing on its way, nothing recorded.

        Random streams start again: those of the present trial, so that the next run repeats the last one, or those of
        another trial, which are independent of it.

        Parameters
        ----------
        trial : int, optional
            Number of the trial, from 0 (the first one) on.
        keep_weights : bool
            Let the weights of now be those that were set last.
        """
        if trial is not None:
            if trial < 0:
                raise ValueError(f"Network.trial: {trial} is not allowed; it must not be negative")
            self._begin_trial(trial)
        if keep_weights:
            for projection in self.projections.members:
                projection.adopt_weights()
        self.step = 0
        self.started = False
        self.failure.clear()
        for pointers in (self.populations, self.projections, self.electrodes):
            for member in pointers.members:
                member.reset()
        for recorder in self.recorders.members:
            recorder.clear()

    def go_on_from(self, long step, bint started):
        """Set the clock, after a reset; everything else follows."""
        self.step, self.started, self.changed = step, started, True

    def reset_states(self):
        """Initial states of all cells and synapses, and nothing on its way, but weights as they have become; time, what
        is recorded and random streams go on.
        """
        # weights are integrated up to now before the cells forget their errors
        for pointers in (self.projections, self.populations, self.electrodes):
            for member in pointers.members:
                member.reset_states()
