"""Poisson processes with dead time: after each spike none for tau_refrac, then a constant hazard."""

import numpy as np

from backend_cython.model.schema import Parameter, beside, check_rate, refuse
from backend_cython.neurons.renewal_source cimport RenewalSource


cdef class SpikeSourcePoissonRefractory(RenewalSource):
    """Intervals of tau_refrac plus an exponentially distributed time, which make the given mean rate."""

    cdef double[::1] dead, interval, constant

    PARAMETERS = {
        "rate": Parameter(1.0, "Hz", "non-negative"),
        "tau_refrac": Parameter(0.0, "ms", "time"),
        "start": Parameter(0.0, "ms", "time"),
        "duration": Parameter(1e10, "ms", "duration"),
    }

    def check_together(self, p, owner):
        check_rate(owner, "rate", p["rate"], self.timestep)
        wrong = p["rate"] * p["tau_refrac"] >= 1e3
        if wrong.any():
            i = int(np.argmax(wrong))
            given, interval = p["tau_refrac"][i], 1e3 / p["rate"][i]
            refuse(owner, "tau_refrac", f"{given} ms (index {i})",
                   f"below {beside(interval, given)} ms, the mean interval at that rate")

    def prepare_law(self):
        self.dead = self.parameter("tau_refrac")
        with np.errstate(divide="ignore"):
            self.interval = 1e3 / self.parameter("rate")
        self.constant = 1.0 / (np.asarray(self.interval) - self.parameter("tau_refrac"))

    cdef bint silent(self, Py_ssize_t cell) noexcept nogil:
        return self.constant[cell] == 0.0

    cdef double hazard(self, Py_ssize_t cell, Py_ssize_t part, double age) noexcept nogil:
        return max(0.0, age - self.dead[cell]) * self.constant[cell]

    cdef double age_at(self, Py_ssize_t cell, Py_ssize_t part, double hazard) noexcept nogil:
        return self.dead[cell] + hazard / self.constant[cell]

    cdef double stationary_age(self, Py_ssize_t cell, Py_ssize_t part) noexcept nogil:
        # older than the dead time, all ages are the same
        return min(self.dead[cell], self.interval[cell] * self.draw_uniform(cell))
