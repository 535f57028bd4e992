from .population cimport Roster
from .recorder cimport Rhythm, Tap


cdef class Network:
    cdef readonly double timestep
    cdef readonly unsigned long long seed
    cdef readonly long step
    cdef unsigned long long next_stream, next_device_stream, next_connection_stream
    cdef readonly bint started
    cdef bint late_input
    cdef readonly Roster electrodes, populations, projections, recorders
    cdef Roster watching          # recorders that are called every step
    cdef Tap** taps               # and those whose value is just copied, rhythm by rhythm
    cdef Rhythm* rhythms
    cdef Py_ssize_t n_rhythms
    cdef void step_once(self) noexcept nogil
    cdef void deliver(self, long now) noexcept nogil
