"""Synapses that let each spike pass with a fixed probability."""

cimport cython
from libc.stdint cimport uint64_t

import numpy as np

from backend_cython.model.schema import Parameter
from backend_cython.model.ring_buffers cimport slot
from backend_cython.model.synapse_group cimport Rows
from backend_cython.numerics.philox cimport uniform
from backend_cython.synapses.dynamic cimport DynamicSynapses, KnownDecays


cdef enum:
    # numbers in RECORDABLES
    WEIGHT, TRANSMITTED


@cython.final
cdef class SimpleStochasticSynapses(DynamicSynapses):
    """Every spike adds weight × factor to the target's receptor with probability p, each connection by itself."""

    PARAMETERS = {
        "weight": Parameter(0.0, "nA or uS"),
        "p": Parameter(0.5, "dimensionless", "fraction"),
    }
    RECORDABLES = {"weight": "nA or uS", "transmitted": "nA or uS"}
    DRAWS = True

    cdef double[::1] weight, p
    cdef const uint64_t[::1] stream
    # spikes of a presynaptic cell so far, for each part with synapses in its row; each takes a draw of every connection
    cdef uint64_t[:, ::1] draws

    def allocate_states(self):
        DynamicSynapses.allocate_states(self)
        self.weight, self.p = self.array("weight"), self.array("p")
        self.draws = np.zeros((self.n_parts, self.pre.size), dtype=np.uint64)

    def join(self):
        self.stream = self.streams
        DynamicSynapses.join(self)

    def memory(self):
        return {"draws": np.asarray(self.draws)[self.parts_of(slice(None)), self.pre_index]}

    def recall(self, memory, arrived):
        self.now = self.network.step
        np.asarray(self.draws)[self.parts_of(slice(None)), self.pre_index] = memory["draws"]

    def rewind(self):
        self.relax()
        self.draws[:, :] = 0

    cdef double value_at(self, long now, long variable, Py_ssize_t k, KnownDecays* known) noexcept nogil:
        return self.weight[k]

    cdef void transmit(
        self, const Rows* of, const int* rows, const double* factors, Py_ssize_t n, long now
    ) noexcept nogil:
        cdef Py_ssize_t s, k
        cdef uint64_t draw
        cdef double amount
        cdef int part
        for s in range(n):
            # parts without synapses in this row do not always count
            draw = 0
            for part in range(of.first_part, of.last_part):
                draw = max(draw, self.draws[part, rows[s]])
            for part in range(of.first_part, of.last_part):
                self.draws[part, rows[s]] = draw + 1
            for k in range(of.begin[rows[s]], of.end[rows[s]]):
                amount = 0.0
                if uniform(self.post.key, self.stream[k], draw) <= self.p[k]:
                    amount = self.weight[k] * factors[s]
                    slot(self.ring, now + self.delay[k])[self.column_of_targets() + self.target[k]] += amount
                if self.logging:
                    self.note(WEIGHT, k, now, self.weight[k])
                    self.note(TRANSMITTED, k, now, amount)
