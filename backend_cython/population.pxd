from cpython.ref cimport PyObject

from .delays cimport Inbox


cdef class Roster:
    cdef readonly list members
    cdef PyObject** item
    cdef Py_ssize_t n


cdef class Sampled:
    cdef double** column
    cdef readonly dict variables
    cdef list _published
    cdef const double* address(self, long variable, long index) noexcept nogil
    cdef int publish(self, str name, double[::1] values) except -1
    cdef void sample(self, long variable, const long* indices, Py_ssize_t n, double* out) noexcept nogil


cdef class Observer:
    cdef readonly set depends_on
    cdef void observe(self, long now) noexcept nogil


cdef class Population(Sampled):
    cdef readonly object network
    cdef readonly Py_ssize_t size
    cdef readonly unsigned long long first_stream
    cdef readonly double timestep
    cdef unsigned long long seed
    cdef dict _parameters, _initial
    cdef readonly Inbox inbox
    cdef readonly bint late_input
    cdef object _injected
    cdef double* injected         # nA, compartment by compartment
    cdef Py_ssize_t n_injected
    cdef bint driven              # some electrode injects here
    cdef Roster observers
    # spikes of the current step: cell, and the factor by which each multiplies a synapse's weight
    cdef int* spike_index
    cdef double* spike_factor
    cdef const double* spike_time  # ms, when each was due; NULL: at the end of the step
    cdef Py_ssize_t n_spikes
    cdef int* emitted             # memory of `emit`
    cdef double* ones
    cdef Py_ssize_t capacity
    cdef void step(self, long now) noexcept nogil
    cdef void absorb(self, long now) noexcept nogil
    cdef void begin(self, long now) noexcept nogil
    cdef void start(self) noexcept nogil
    cdef int emit(self, int cell) except -1 nogil
    cdef void notify(self, long now) noexcept nogil
    cdef void clear_current(self) noexcept nogil
