"""Synapses of constant weight."""

import numpy as np

from backend_cython.declare import Parameter
from backend_cython.projection cimport Projection


cdef class StaticSynapses(Projection):
    """Every spike adds weight × factor to the target's receptor after the delay."""

    PARAMETERS = {"weight": Parameter(0.0, "nA or uS", "finite")}

    cdef double[::1] weight

    def allocate_states(self):
        self.weight = np.empty(self.size)
        self.publish("weight", self.weight)

    def store(self, values, where):
        np.asarray(self.weight)[where] = values["weight"]

    def fetch(self, name):
        return np.array(self.weight)

    cdef void transmit(self, const int* rows, const double* factors, Py_ssize_t n, long now) noexcept nogil:
        cdef long column = self.receptor * self.post.size, k
        cdef Py_ssize_t s
        for s in range(n):
            for k in range(self.row_start[rows[s]], self.row_start[rows[s] + 1]):
                self.post.inbox.slot(now + self.delay[k])[column + self.target[k]] += self.weight[k] * factors[s]
                if self.log is not None and self.log.selected[k]:
                    self.log.append(k, now, self.weight[k])
