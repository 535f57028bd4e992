from .failure cimport Failure
from .team cimport Team
from .pointer_list cimport PointerList


cdef class Network:
    cdef readonly double timestep
    cdef readonly unsigned long long seed
    cdef readonly unsigned long long trial
    cdef readonly unsigned long long key  # of all random streams of the trial: the seed itself in trial 0
    cdef readonly long step
    cdef readonly object processes
    cdef readonly int n_threads, n_partitions
    cdef readonly int first_partition  # of this process
    cdef readonly list cells_of_threads   # number of them, of sources as well
    cdef readonly long interval     # most steps in a row of the cells before the synapses follow
    cdef public bint changed      # there are more or less members than the partitions know
    cdef unsigned long long next_stream, next_device_stream, next_connection_stream
    cdef readonly bint started
    cdef long first_units         # of time after which a run looks at Ctrl-C for the first time
    cdef readonly PointerList electrodes, populations, projections, recorders
    cdef readonly Failure failure
    cdef readonly Team team
    cdef int pass_steps(self, long n) except -1
