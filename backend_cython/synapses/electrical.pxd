from backend_cython.model.current_source cimport Electrode
from backend_cython.model.observer cimport Observer
from backend_cython.model.population cimport Population
from backend_cython.model.synapse_group cimport SynapseGroup


cdef class Potentials:
    cdef Population population
    cdef const double* v          # mV, now
    cdef double* into             # where the currents of the cells are summed
    cdef double[::1] before       # one step ago
    cdef double[::1] ahead        # as they are expected in the middle of the step to come
    cdef long[::1] known          # by partition: 1 if `before` holds
    cdef void extrapolate(self, long now, int partition) noexcept nogil


cdef struct Junction:
    # one side of a connection
    double* into                  # where the current of the cell is summed
    const double* here            # its expected potential, and that of the other cell
    const double* there
    Py_ssize_t k                  # number of the connection


cdef class CoupledCells(Observer):
    cdef Population population
    cdef object capacitance       # nF, or the name of the parameter
    cdef list synapses            # that let currents flow into the cells, in the order of projections
    cdef object total             # sum of their conductances at each cell, uS


cdef class GapCurrent(Electrode):
    cdef ElectricalSynapses synapses
    cdef Potentials pre, post
    cdef Junction* junctions      # both sides of all connections, in the order of connections, partition by partition
    cdef long[::1] bounds         # those of partition i: bounds[i] … bounds[i + 1] - 1


cdef class ElectricalSynapses(SynapseGroup):
    cdef double[::1] weight
    cdef long[::1] source
    cdef list beside              # projections to be connected along with this one, before `join`
