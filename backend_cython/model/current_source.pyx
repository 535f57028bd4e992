"""Electrodes: currents injected into compartments, constant over each step.

The amplitude *at* step s flows over (s, s + 1], so that a potential changes one step after the current.
"""

from libc.math cimport pi, sin
from libc.stdlib cimport calloc, free

import numpy as np

from .schema import check, refuse
from ..engine.memory cimport resize
from .population cimport Population
from ..numerics.philox cimport normal_draw
from ..numerics.search cimport n_before


cdef class Electrode:
    """A current that any number of cells receive."""

    def __init__(self, network):
        self.network = network
        self.key = network.key
        self.stream = network.take_device_stream()
        self._places = []
        self.n_partitions = network.n_partitions
        self.sites = <Sites*> calloc(self.n_partitions, sizeof(Sites))
        if self.sites == NULL:
            raise MemoryError
        network.add_electrode(self)

    def __dealloc__(self):
        cdef int partition
        for partition in range(self.n_partitions if self.sites != NULL else 0):
            free(self.sites[partition].site)
        free(self.sites)

    def inject(self, Population population, int compartment, indices):
        """Inject into a compartment (its number in ``population.COMPARTMENTS``) of the cells `indices`."""
        cdef long index
        cdef int i
        cdef Sites* sites
        indices = list(indices)
        if not 0 <= compartment < len(population.COMPARTMENTS):
            raise ValueError(f"{type(population).__name__} has no compartment {compartment} to inject into")
        for index in indices:
            if not 0 <= index < population.size:
                raise IndexError(f"{type(self).__name__}: no cell {index} to inject into; "
                                 f"{type(population).__name__} has {population.size}")
        new = np.bincount(population.partitions_of(indices), minlength=self.n_partitions)
        for i in range(self.n_partitions):
            resize(<void**> &self.sites[i].site, (self.sites[i].n + <long> new[i]) * sizeof(double*))
        self._places.append((population, compartment, list(map(int, indices))))
        population.expect_current()
        for index in indices:
            sites = &self.sites[population.partition_of(index)]
            sites.site[sites.n] = population.injected + compartment * population.size + index
            sites.n += 1

    def amplitudes_at(self, long[::1] steps):
        """The current at each of `steps`, in nA."""
        cdef double[::1] out = np.empty(steps.shape[0])
        cdef Py_ssize_t i
        for i in range(steps.shape[0]):
            out[i] = self.amplitude(steps[i])
        return np.asarray(out)

    def reset(self):
        self.key = self.network.key

    def reset_states(self):
        """Cells have their initial states again, while time goes on."""

    def memory(self):
        """What is kept of the past: [(population, {name: array, one number a cell})]."""
        return []

    def recall(self, memories):
        """Take over the arrays that `memory` gave, of the cells of this process."""

    def outline(self):
        """What it is, and where it is injected: (number of a population, compartment, cells)."""
        numbers = {id(population): i for i, population in enumerate(self.network.populations.members)}
        places = [[numbers[id(population)], compartment, indices] for population, compartment, indices in self._places]
        return [type(self).__name__, places]

    def couplings(self):
        """What processes tell each other after `prepare`: (values, one a cell; bounds of the processes)."""
        return []

    cdef double amplitude(self, long step) noexcept nogil:
        return 0.0

    def can_go_ahead(self):
        """Whether the current stays the same for many steps, as `steady_until` tells."""
        return False

    cdef long steady_until(self, long now, long last) noexcept nogil:
        """The last step, but not behind `last`, up to which the same current flows as over (now - 1, now]."""
        return now

    cdef void prepare(self, long now, int partition) noexcept nogil:
        """What the other partitions need of this one before they `drive`; called only if the electrode is `coupled`."""

    cdef void drive(self, long now, int partition) noexcept nogil:
        """Add the current that flows over (now - 1, now] wherever it is injected into cells of a partition."""
        cdef const Sites* sites = &self.sites[partition]
        cdef double current
        cdef Py_ssize_t i
        if sites.n == 0:
            return
        current = self.amplitude(now - 1)
        if current != 0.0:
            for i in range(sites.n):
                sites.site[i][0] += current


cdef class StepCurrent(Electrode):
    """Piecewise constant: from ``steps[i]`` on ``amplitudes[i]`` nA, and nothing before ``steps[0]``."""

    def __init__(self, network):
        super().__init__(network)
        self.set([], [])

    def set(self, steps, amplitudes):
        """New steps (increasing) and amplitudes (nA)."""
        steps = np.array(steps, dtype=np.int64)
        if len(steps) != len(amplitudes):
            refuse("StepCurrent", "amplitudes", f"{len(amplitudes)} numbers for {len(steps)} steps",
                   "one for each step")
        falls = np.flatnonzero(np.diff(steps) < 0)
        if falls.size:
            refuse("StepCurrent", "steps", steps[falls[0] + 1], f"at least the one before it, {steps[falls[0]]}")
        self.amplitudes = check("StepCurrent", "amplitudes", amplitudes, "finite").copy()
        self.steps = steps

    def can_go_ahead(self):
        return True

    cdef long steady_until(self, long now, long last) noexcept nogil:
        cdef Py_ssize_t next_one = self.begun(now - 1)
        return min(last, self.steps[next_one]) if next_one < self.steps.shape[0] else last

    cdef double amplitude(self, long step) noexcept nogil:
        cdef Py_ssize_t n = self.begun(step)
        return self.amplitudes[n - 1] if n else 0.0

    cdef Py_ssize_t begun(self, long step) noexcept nogil:
        """How many amplitudes have begun by `step`."""
        # partitions may be at different steps: a search, which leaves no trace
        cdef Py_ssize_t n = self.steps.shape[0]
        return n_before(&self.steps[0], n, step + 1) if n else 0


cdef class SineCurrent(Electrode):
    """offset + amplitude · sin(2π frequency (t − start) + phase) over [start, stop)."""

    def set(self, long start_step, long stop_step, double amplitude, double offset, double frequency, double phase):
        """Amplitudes in nA, frequency in Hz, phase in degrees."""
        self.start_step = start_step
        self.stop_step = stop_step
        self.peak = amplitude
        self.offset = offset
        self.radians_per_step = 2e-3 * pi * frequency * self.network.timestep
        self.phase = phase * pi / 180.0

    cdef double amplitude(self, long step) noexcept nogil:
        if not self.start_step <= step < self.stop_step:
            return 0.0
        return self.offset + self.peak * sin(self.radians_per_step * (step - self.start_step) + self.phase)


cdef class NoiseCurrent(Electrode):
    """Gaussian white noise over [start, stop): a new normal value every `interval_steps`."""

    def set(self, long start_step, long stop_step, double mean, double stdev, long interval_steps):
        """Mean and standard deviation in nA."""
        if interval_steps < 1:
            raise ValueError(f"NoiseCurrent.interval_steps: {interval_steps} is not allowed; it must be at least 1")
        self.start_step = start_step
        self.stop_step = stop_step
        self.mean = mean
        self.stdev = stdev
        self.interval_steps = interval_steps

    cdef double amplitude(self, long step) noexcept nogil:
        if not self.start_step <= step < self.stop_step:
            return 0.0
        cdef long draw = (step - self.start_step) // self.interval_steps
        return self.mean + self.stdev * normal_draw(self.key, self.stream, draw)
