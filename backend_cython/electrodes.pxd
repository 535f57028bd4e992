cdef class Electrode:
    cdef readonly object network
    cdef unsigned long long seed, stream
    cdef double** site            # where the current of each cell is summed
    cdef Py_ssize_t n_sites
    cdef list _populations        # keeps the memory that `site` points to
    cdef double amplitude(self, long step) noexcept nogil
    cdef void drive(self, long now) noexcept nogil


cdef class StepCurrent(Electrode):
    cdef long[::1] steps
    cdef double[::1] amplitudes
    cdef Py_ssize_t cursor


cdef class SineCurrent(Electrode):
    cdef long start_step, stop_step
    cdef double peak, offset, radians_per_step, phase


cdef class NoiseCurrent(Electrode):
    cdef long start_step, stop_step, interval_steps
    cdef double mean, stdev
