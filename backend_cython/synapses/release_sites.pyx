"""Stochastic release of vesicles, each from a site of its own (Fuhrmann, Segev, Markram & Tsodyks 2002).

At a presynaptic spike every site that holds a vesicle releases it with the probability u, independently of the
others, and an empty site gets its next vesicle after an exponentially distributed time of mean τ_rec. That time is
drawn when the vesicle is released: whether a site has recovered is known at any time then, without further draws.
"""

import numpy as np

from backend_cython.model.schema import refuse
from backend_cython.model.ring_buffers cimport slot
from backend_cython.model.synapse_group cimport Rows
from backend_cython.numerics.philox cimport exponential_draw, uniform
from backend_cython.synapses.dynamic cimport none_known


cdef enum:
    # numbers in RECORDABLES
    WEIGHT, U_USED, AVAILABLE, RELEASED, TRANSMITTED

# More numbers than any memory holds.
MOST_SITES = 1 << 48


cdef class ReleaseSites(DynamicSynapses):
    """Synapses with release sites. A model declares `SITES`, the state that counts the vesicles ready, and `COUNT`, the
    parameter that is their largest number (1 if there is none); it implements `u_at` and `use`, and has its RECORDABLES
    in the order above.
    """

    SITES, COUNT = "", None
    DRAWS = True

    def allocate_states(self):
        DynamicSynapses.allocate_states(self)
        del self._values[self.SITES], self._private[self.SITES]
        self.weight, self.U, self.u = self.array("weight"), self.array("U"), self.array("u")
        self.tau_rec, self.tau_facil = self.array("tau_rec"), self.array("tau_facil")
        self.draws = self.private("draws", np.zeros(self.size, dtype=np.uint64))
        self.first_site = np.zeros(self.size + 1, dtype=np.int64)
        self.ready = np.zeros(0)

    def join(self):
        self.stream = self.streams
        DynamicSynapses.join(self)

    # ---- what a model implements

    cdef double u_at(self, Py_ssize_t k, long now, KnownDecays* known) noexcept nogil:
        """The state u at step `now`."""
        return 0.0

    cdef double use(self, Py_ssize_t k) noexcept nogil:
        """The probability of release at a spike now, which changes u."""
        return 0.0

    # ---- parameters and states

    def n_sites(self):
        """How many sites each connection has."""
        return self.array(self.COUNT).astype(np.int64) if self.COUNT else np.ones(self.size, dtype=np.int64)

    def reserve(self, values, where):
        """The numbers of sites and memory for them, if they change."""
        n = self.array(self.COUNT).copy() if self.COUNT else np.ones(self.size)
        if self.COUNT in values:
            n[where] = values[self.COUNT]
        if np.array_equal(n, np.diff(self.first_site)):
            return None
        try:
            if n.sum() > MOST_SITES:
                raise MemoryError
            return n.astype(np.int64), np.zeros(int(n.sum()))
        except MemoryError:
            raise MemoryError(
                f"{self.owner}.{self.COUNT}: {n.sum():g} release sites do not fit into memory") from None

    def store(self, values, where):
        if "tau_rec" in values:
            self.rescale_recovery(values["tau_rec"], where)
        if self.reserved is not None:
            self.lay_out(*self.reserved)
        DynamicSynapses.store(self, values, where)

    def rescale_recovery(self, tau_rec, where):
        """Recovery has no memory: what is left of its time is stretched with its mean."""
        ratio = np.ones(self.size)
        before = np.asarray(self.tau_rec)[where]
        ratio[where] = tau_rec / np.where(before > 0.0, before, tau_rec)
        ready, now = np.asarray(self.ready), self.now * self.post.timestep
        ready[:] = np.where(ready > now, now + (ready - now) * np.repeat(ratio, np.diff(self.first_site)), ready)

    def lay_out(self, n, ready):
        """Give every connection its sites, in zeroed memory; those that are new hold a vesicle."""
        before = np.diff(self.first_site)
        first = np.concatenate([[0], np.cumsum(n)]).astype(np.int64)
        kept = np.minimum(n, before)
        within = np.arange(kept.sum()) - np.repeat(np.cumsum(kept) - kept, kept)
        old_first = np.asarray(self.first_site)
        ready[np.repeat(first[:self.size], kept) + within] = (
            np.asarray(self.ready)[np.repeat(old_first[:self.size], kept) + within])
        self.first_site, self.ready = first, ready

    def check_states(self, values, where, owner):
        if self.SITES not in values:
            return
        n = self.n_sites()[where]
        given = np.broadcast_to(values[self.SITES], n.shape)
        if (given > n).any():
            at = np.argmax(given > n)
            refuse(owner, self.SITES, f"{given[at]:g}", f"at most the number of release sites, {n[at]}")

    def write_states(self, values, where):
        values = dict(values)
        vesicles = values.pop(self.SITES, None)
        DynamicSynapses.write_states(self, values, where)
        if vesicles is None:
            return
        cdef long[::1] chosen = np.arange(self.size)[where]
        cdef double[::1] wanted = np.array(np.broadcast_to(vesicles, len(chosen)), dtype=np.float64)
        cdef Py_ssize_t i, site
        for i in range(chosen.shape[0]):
            for site in range(self.first_site[chosen[i]], self.first_site[chosen[i] + 1]):
                self.ready[site] = 0.0
                if site - self.first_site[chosen[i]] >= wanted[i]:
                    self.ready[site] = self.recovered_at(chosen[i], self.now)

    def rewind(self):
        self.draws[:] = 0
        self.relax()

    def records(self):
        return {"ready": (np.repeat(np.arange(self.size), np.diff(self.first_site)), np.array(self.ready))}

    def recall_records(self, tables):
        connection, ready = tables["ready"]
        if not np.array_equal(connection, np.repeat(np.arange(self.size), np.diff(self.first_site))):
            raise ValueError(f"{self.owner}: numbers of release sites differ")
        np.asarray(self.ready)[:] = ready

    # ---- the step loop

    cdef double recovered_at(self, Py_ssize_t k, long now) noexcept nogil:
        """When a site of connection `k` has its next vesicle, if it has become empty at step `now`."""
        self.draws[k] += 1
        return now * self.post.timestep + self.tau_rec[k] * exponential_draw(
            self.post.key, self.stream[k], self.draws[k] - 1)

    cdef Py_ssize_t count_ready(self, Py_ssize_t k, long now) noexcept nogil:
        cdef double time = now * self.post.timestep
        cdef Py_ssize_t site, n = 0
        for site in range(self.first_site[k], self.first_site[k + 1]):
            n += self.ready[site] <= time
        return n

    cdef void carry(self, Py_ssize_t k, long now, KnownDecays* known) noexcept nogil:
        self.u[k] = self.u_at(k, now, known)
        self.last[k] = now

    cdef double value_at(self, long now, long variable, Py_ssize_t k, KnownDecays* known) noexcept nogil:
        if variable == WEIGHT:
            return self.weight[k]
        return self.u_at(k, now, known) if variable == U_USED else self.count_ready(k, now)

    cdef void transmit(
        self, const Rows* of, const int* rows, const double* factors, Py_ssize_t n, long now
    ) noexcept nogil:
        cdef Py_ssize_t s, k, site, available, released
        cdef double probability, amount, time = now * self.post.timestep
        cdef KnownDecays known = none_known()
        for s in range(n):
            for k in range(of.begin[rows[s]], of.end[rows[s]]):
                self.carry(k, now, &known)
                probability = self.use(k)
                available = released = 0
                for site in range(self.first_site[k], self.first_site[k + 1]):
                    if self.ready[site] > time:
                        continue
                    available += 1
                    self.draws[k] += 1
                    if uniform(self.post.key, self.stream[k], self.draws[k] - 1) <= probability:
                        released += 1
                        self.ready[site] = self.recovered_at(k, now)
                amount = self.weight[k] * released * factors[s]
                slot(self.ring, now + self.delay[k])[self.column_of_targets() + self.target[k]] += amount
                if self.logging:
                    self.note(WEIGHT, k, now, self.weight[k])
                    self.note(U_USED, k, now, probability)
                    self.note(AVAILABLE, k, now, available)
                    self.note(RELEASED, k, now, released)
                    self.note(TRANSMITTED, k, now, amount)
