"""The clock and the step loop.

One step takes the network from time t to t + h:

1. electrodes set the currents that flow over (t, t + h];
2. populations integrate over (t, t + h] with the currents and conductances as they stand at t,
3. add what arrives at t + h (it acts from the next step on, and a recorded value at t + h includes it),
4. spike, stamped t + h, and tell those who follow them (learning rules book the error of t + h);
5. spikes of t + h are delivered: plastic synapses update, and their input joins the ring of their targets;
6. recorders look at t + h.

Populations do not see each other within a step, so that their order does not matter.
"""

from cpython.exc cimport PyErr_CheckSignals
from libc.stdlib cimport free, realloc

from time import perf_counter

import numpy as np

from .electrodes cimport Electrode
from .memory import empty
from .population cimport Population
from .projection cimport Projection
from .recorder cimport Recorder, Rhythm, SampleRecorder, Tap

# Wall-clock time after which control returns to the interpreter, so that Ctrl-C is heard.
RESPONSE_SECONDS = 0.05
# Streams of devices lie above those of cells, so that adding a device leaves the cells' numbers alone.
FIRST_DEVICE_STREAM = 1 << 62
# And those of connections above these. Each projection has a range, enough for all pairs of 4 million cells.
FIRST_CONNECTION_STREAM = 1 << 63
STREAMS_OF_A_PROJECTION = 1 << 44


cdef class Network:
    """Populations, projections, electrodes and recorders on one clock.

    Parameters
    ----------
    timestep : float
        ms, positive and finite.
    seed : int
        Key of all random streams, taken modulo 2^64. The same seed gives the same run.
    """

    def __init__(self, double timestep, seed=0):
        if not (0 < timestep < np.inf):
            raise ValueError(f"Network.timestep: {timestep} is not allowed; it must be positive and finite")
        self.timestep = timestep
        self.seed = int(seed) & 0xFFFFFFFFFFFFFFFF
        self.next_device_stream = FIRST_DEVICE_STREAM
        self.next_connection_stream = FIRST_CONNECTION_STREAM
        self.electrodes = Roster()
        self.populations = Roster()
        self.projections = Roster()
        self.recorders = Roster()

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

    def add_population(self, Population population):
        self.populations.add(population)

    def remove_population(self, Population population):
        """Forget the population that was added last, before anything refers to it."""
        self.populations.remove(population)
        self.next_stream = population.first_stream

    def add_projection(self, Projection projection):
        self.projections.add(projection)

    def add_electrode(self, Electrode electrode):
        self.electrodes.add(electrode)

    def expect_late_input(self):
        """Some population has input that is delivered without a delay after the synapse."""
        self.late_input = True

    def add_recorder(self, Recorder recorder):
        self.recorders.add(recorder)

    def remove_recorder(self, recorder):
        self.recorders.remove(recorder)

    def _begin(self, long n_steps):
        """Get ready for `n_steps`: the spikes of step 0, the first samples, the memory of the recorders."""
        cdef Py_ssize_t i
        cdef bint first = not self.started
        self.started = True
        for i in range(self.populations.n):
            (<Population> self.populations.item[i]).begin(self.step)
        if first:
            for i in range(self.populations.n):
                (<Population> self.populations.item[i]).start()
            self.deliver(0)
        self._reserve(n_steps)
        for recorder in self.recorders.members:
            recorder.begin()
        if first:
            for recorder in self.recorders.members:
                recorder.first_step()
        self._sort_recorders()

    def _reserve(self, long n_steps):
        """Give the recorders the memory they need, in one block."""
        missing = [(recorder, recorder.missing(self.step, n_steps)) for recorder in self.recorders.members]
        block = empty(sum(n for _, n in missing))
        for recorder, n in missing:
            if n:
                recorder.grow(block[:n])
                block = block[n:]

    def _sort_recorders(self):
        """Part the recorders that are called from those whose value is copied, and the latter by rhythm."""
        cdef SampleRecorder recorder
        cdef Py_ssize_t n = self.recorders.n + 1, k = 0
        self.watching = Roster()
        tapped = []
        for member in self.recorders.members:
            if isinstance(member, SampleRecorder) and member.tapped:
                tapped.append(member)
            else:
                self.watching.add(member)
        tapped.sort(key=lambda r: (r.next_step, r.interval_steps))
        self.taps = <Tap**> realloc(self.taps, n * sizeof(Tap*))
        self.rhythms = <Rhythm*> realloc(self.rhythms, n * sizeof(Rhythm))
        if self.taps == NULL or self.rhythms == NULL:
            raise MemoryError
        self.n_rhythms = 0
        for recorder in tapped:
            if k == 0 or (self.rhythms[self.n_rhythms - 1].next_step != recorder.next_step
                          or self.rhythms[self.n_rhythms - 1].interval_steps != recorder.interval_steps):
                self.rhythms[self.n_rhythms] = Rhythm(recorder.next_step, recorder.interval_steps, k, k)
                self.n_rhythms += 1
            self.taps[k] = &recorder.tap
            k += 1
            self.rhythms[self.n_rhythms - 1].last = k

    def __dealloc__(self):
        free(self.taps)
        free(self.rhythms)

    def advance(self, long n_steps):
        """Run `n_steps` steps without looking back to the interpreter."""
        cdef long _k
        self._begin(n_steps)
        with nogil:
            for _k in range(n_steps):
                self.step_once()

    def run(self, long n_steps):
        """Run `n_steps` steps. Ctrl-C raises KeyboardInterrupt between two steps; the run can then go on."""
        cdef long chunk = 8, todo = n_steps, n, _k
        self._begin(n_steps)
        while todo > 0:
            n = min(chunk, todo)
            started_at = perf_counter()
            with nogil:
                for _k in range(n):
                    self.step_once()
            todo -= n
            PyErr_CheckSignals()
            elapsed = perf_counter() - started_at
            if elapsed < RESPONSE_SECONDS / 2:
                chunk *= 2
            elif elapsed > RESPONSE_SECONDS:
                chunk = max(1, chunk // 2)

    cdef void step_once(self) noexcept nogil:
        cdef long now = self.step + 1
        cdef Py_ssize_t i, k
        cdef Tap* tap
        if self.electrodes.n:
            for i in range(self.populations.n):
                (<Population> self.populations.item[i]).clear_current()
            for i in range(self.electrodes.n):
                (<Electrode> self.electrodes.item[i]).drive(now)
        for i in range(self.populations.n):
            (<Population> self.populations.item[i]).step(now)
            if (<Population> self.populations.item[i]).observers.n:
                (<Population> self.populations.item[i]).notify(now)
        self.deliver(now)
        self.step = now
        for i in range(self.watching.n):
            (<Recorder> self.watching.item[i]).record(now)
        for i in range(self.n_rhythms):
            if self.rhythms[i].next_step == now:
                self.rhythms[i].next_step += self.rhythms[i].interval_steps
                for k in range(self.rhythms[i].first, self.rhythms[i].last):
                    tap = self.taps[k]
                    tap.cursor[0] = tap.value[0]
                    tap.cursor += 1

    cdef void deliver(self, long now) noexcept nogil:
        cdef Py_ssize_t i
        for i in range(self.projections.n):
            (<Projection> self.projections.item[i]).deliver(now)
        if self.late_input:
            for i in range(self.populations.n):
                if (<Population> self.populations.item[i]).late_input:
                    (<Population> self.populations.item[i]).absorb(now)

    def close(self):
        """Give back what takes memory, recordings included. The network cannot run any more.

        Populations and networks refer to each other, so that their memory would else be kept until Python looks
        for cycles.
        """
        for recorder in self.recorders.members:
            recorder.clear()
        for population in self.populations.members:
            population.close()
        self.populations, self.projections, self.electrodes, self.recorders = Roster(), Roster(), Roster(), Roster()

    def reset(self):
        """Back to step 0: initial states, weights as set last, nothing on its way, nothing recorded.

        Random streams start again, so that the next run repeats the last one.
        """
        self.step = 0
        self.started = False
        for roster in (self.populations, self.projections, self.electrodes):
            for member in roster.members:
                member.reset()
        for recorder in self.recorders.members:
            recorder.clear()
