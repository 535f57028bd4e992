"""Electrodes: currents injected into compartments, constant over each step.

The amplitude *at* step s flows over (s, s + 1], so that a potential changes one step after the current.
"""

from libc.math cimport pi, sin
from libc.stdlib cimport free, realloc

import numpy as np

from .declare import check, refuse
from .population cimport Population
from .random cimport normal_draw


cdef class Electrode:
    """A current that any number of cells receive."""

    def __init__(self, network):
        self.network = network
        self.seed = network.seed
        self.stream = network.take_device_stream()
        self._populations = []
        network.add_electrode(self)

    def __dealloc__(self):
        free(self.site)

    def inject(self, Population population, int compartment, indices):
        """Inject into a compartment (its number in ``population.COMPARTMENTS``) of the cells `indices`."""
        cdef long index
        indices = list(indices)
        if not 0 <= compartment < len(population.COMPARTMENTS):
            raise ValueError(f"{type(population).__name__} has no compartment {compartment} to inject into")
        for index in indices:
            if not 0 <= index < population.size:
                raise IndexError(f"{type(self).__name__}: no cell {index} to inject into; "
                                 f"{type(population).__name__} has {population.size}")
        self.site = <double**> realloc(self.site, (self.n_sites + len(indices)) * sizeof(double*))
        if self.site == NULL and len(indices):
            raise MemoryError
        self._populations.append(population)
        population.expect_current()
        for index in indices:
            self.site[self.n_sites] = population.injected + compartment * population.size + index
            self.n_sites += 1

    def amplitudes_at(self, long[::1] steps):
        """The current at each of `steps`, in nA."""
        cdef double[::1] out = np.empty(steps.shape[0])
        cdef Py_ssize_t i
        for i in range(steps.shape[0]):
            out[i] = self.amplitude(steps[i])
        return np.asarray(out)

    def reset(self):
        pass

    cdef double amplitude(self, long step) noexcept nogil:
        return 0.0

    cdef void drive(self, long now) noexcept nogil:
        """Add the current that flows over (now - 1, now] wherever it is injected."""
        cdef double current = self.amplitude(now - 1)
        cdef Py_ssize_t i
        if current != 0.0:
            for i in range(self.n_sites):
                self.site[i][0] += current


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
        self.cursor = 0

    cdef double amplitude(self, long step) noexcept nogil:
        # the cursor makes a run cost O(1) a step; looking back only happens when amplitudes are read out
        while self.cursor < self.steps.shape[0] and self.steps[self.cursor] <= step:
            self.cursor += 1
        while self.cursor > 0 and self.steps[self.cursor - 1] > step:
            self.cursor -= 1
        return self.amplitudes[self.cursor - 1] if self.cursor else 0.0


cdef class SineCurrent(Electrode):
    """offset + amplitude · sin(2π frequency (t − start) + phase) over [start, stop)."""

    def set(self, start_step, stop_step, double amplitude, double offset, double frequency, double phase):
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

    def set(self, start_step, stop_step, double mean, double stdev, interval_steps):
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
        return self.mean + self.stdev * normal_draw(self.seed, self.stream, draw)
