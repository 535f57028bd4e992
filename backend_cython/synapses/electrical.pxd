from backend_cython.electrodes cimport Electrode
from backend_cython.population cimport Population
from backend_cython.projection cimport Projection


cdef class Potentials:
    cdef Population population
    cdef const double* v          # mV, now
    cdef double[::1] before       # one step ago
    cdef double[::1] ahead        # as they are expected in the middle of the step to come
    cdef bint known               # `before` holds
    cdef void look_ahead(self) noexcept nogil


cdef class GapCurrent(Electrode):
    cdef ElectricalSynapses synapses
    cdef Potentials pre, post


cdef class ElectricalSynapses(Projection):
    cdef double[::1] weight
    cdef long[::1] source
