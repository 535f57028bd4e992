"""Gamma renewal processes: independent gamma-distributed intervals, one random number a spike."""

from libc.math cimport lgamma

import numpy as np

from backend_cython.model.schema import MOST_SPIKES, Parameter, check_most
from backend_cython.numerics.gamma cimport hazard_integral, met_interval, waiting_time
from backend_cython.neurons.renewal_source cimport RenewalSource


cdef class SpikeSourceGamma(RenewalSource):
    """Intervals of shape alpha and rate parameter beta; their mean is alpha / beta."""

    cdef double[::1] alpha, log_gamma, rate        # ln Γ(alpha); 1/ms

    PARAMETERS = {
        "alpha": Parameter(2.0, "dimensionless", "shape"),
        "beta": Parameter(1.0, "Hz", "non-negative"),
        "start": Parameter(0.0, "ms", "time"),
        "duration": Parameter(1e10, "ms", "duration"),
    }

    def check_together(self, p, owner):
        check_most(owner, "beta", p["beta"], 1e3 * MOST_SPIKES / self.timestep * p["alpha"],
                   "a million spikes a time step", "Hz")

    def prepare_law(self):
        self.alpha = self.parameter("alpha")
        self.rate = 1e-3 * self.parameter("beta")
        self.log_gamma = np.array([lgamma(alpha) for alpha in self.parameter("alpha")])

    cdef bint silent(self, Py_ssize_t cell) noexcept nogil:
        return self.rate[cell] == 0.0

    cdef double hazard(self, Py_ssize_t cell, Py_ssize_t part, double age) noexcept nogil:
        return hazard_integral(self.alpha[cell], self.log_gamma[cell], age * self.rate[cell])

    cdef double age_at(self, Py_ssize_t cell, Py_ssize_t part, double hazard) noexcept nogil:
        return waiting_time(self.alpha[cell], self.log_gamma[cell], hazard) / self.rate[cell]

    cdef double stationary_age(self, Py_ssize_t cell, Py_ssize_t part) noexcept nogil:
        cdef double met = met_interval(self.alpha[cell], self.draw(cell)) / self.rate[cell]
        return met * self.draw_uniform(cell)
