from backend_cython.engine.pointer_list cimport PointerList
from backend_cython.model.ring_buffers cimport SpikeHistory
from backend_cython.model.synapse_group cimport SynapseGroup
from backend_cython.synapses.pair_rule cimport Rule, Trace


cdef struct Column:
    # synapses of one target that share a delay and K₋
    long first, last                    # by_column[first] … by_column[last - 1]
    long delay
    long seen                           # later postsynaptic spikes count; the others were seen with another delay


cdef class STDPSynapses(SynapseGroup):
    cdef double[::1] values, w_init
    cdef double* weight
    cdef dict table                     # parameters of each rule
    cdef int[::1] rule                  # of each connection
    cdef Rule* rules
    cdef Py_ssize_t n_rules
    cdef bint built
    cdef Trace* pre_traces              # K₊, those of each part apart, since each thread grows its own
    cdef Py_ssize_t n_pre_traces
    cdef int[::1] pre_of                # trace of each connection
    cdef long[::1] row_trace            # of row i in a part: row_trace[i × parts + part] up to that of the next row
    cdef Column* columns                # in order of target and delay
    cdef Trace* post_traces             # K₋ of each
    cdef Py_ssize_t n_columns
    cdef int[::1] column_of
    cdef int[::1] by_column             # connections, column by column
    cdef int[::1] trace_by_column       # and their traces
    cdef long[::1] target_column        # columns of a target, likewise
    cdef long[::1] delays               # the distinct ones, increasing
    cdef PointerList arrived            # postsynaptic spikes in the dendrites, a SpikeHistory for each part
    cdef void arrive(self, SpikeHistory arrived, long now, bint count) noexcept nogil
    cdef long first_column(self, int target, long delay) noexcept nogil
    cdef void increase(self, const Column* column, long now) noexcept nogil
    cdef void increase_one(self, long k, long now) noexcept nogil
    cdef void transmit_row(self, long first, long last, double factor, long now) noexcept nogil
    cdef void transmit_alike(self, long first, long last, double factor, long now) noexcept nogil
