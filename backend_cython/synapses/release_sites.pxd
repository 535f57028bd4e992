from libc.stdint cimport uint64_t

from backend_cython.synapses.dynamic cimport DynamicSynapses, KnownDecays


cdef class ReleaseSites(DynamicSynapses):
    cdef double[::1] weight, U, tau_rec, tau_facil, u
    cdef long[::1] first_site     # sites of connection k: first_site[k] … first_site[k + 1] - 1
    cdef double[::1] ready        # when a site has its next vesicle, ms
    cdef const uint64_t[::1] stream
    cdef uint64_t[::1] draws
    cdef double u_at(self, Py_ssize_t k, long now, KnownDecays* known) noexcept nogil
    cdef double use(self, Py_ssize_t k) noexcept nogil
    cdef double recovered_at(self, Py_ssize_t k, long now) noexcept nogil
    cdef Py_ssize_t count_ready(self, Py_ssize_t k, long now) noexcept nogil
