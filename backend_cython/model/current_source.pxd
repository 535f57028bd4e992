cdef struct Sites:
    # where the current of each cell of a partition is summed
    double** site
    Py_ssize_t n


cdef class Electrode:
    cdef readonly object network
    cdef unsigned long long key, stream
    cdef Sites* sites             # partition by partition
    cdef int n_partitions
    cdef list _places             # (population, compartment, cells): keeps the memory that the sites point to
    cdef readonly bint coupled    # needs `prepare`
    cdef double amplitude(self, long step) noexcept nogil
    cdef long steady_until(self, long now, long last) noexcept nogil
    cdef void prepare(self, long now, int partition) noexcept nogil
    cdef void drive(self, long now, int partition) noexcept nogil


cdef class StepCurrent(Electrode):
    cdef long[::1] steps
    cdef double[::1] amplitudes
    cdef Py_ssize_t begun(self, long step) noexcept nogil


cdef class SineCurrent(Electrode):
    cdef long start_step, stop_step
    cdef double peak, offset, radians_per_step, phase


cdef class NoiseCurrent(Electrode):
    cdef long start_step, stop_step, interval_steps
    cdef double mean, stdev
