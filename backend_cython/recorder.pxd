from .population cimport Population, Sampled


cdef class EventLog:
    cdef Py_ssize_t n, capacity
    cdef int* connection
    cdef long* step
    cdef double* value
    cdef object _selected
    cdef unsigned char* selected
    cdef int append(self, int connection, long step, double value) except -1 nogil


cdef struct Tap:
    # a value that is copied to where the cursor is, without a call
    const double* value
    double* cursor


cdef struct Rhythm:
    # the taps first … last - 1, copied at the same steps
    long next_step, interval_steps
    Py_ssize_t first, last


cdef class Recorder:
    cdef readonly object network
    cdef void record(self, long now) noexcept nogil


cdef class SampleRecorder(Recorder):
    cdef readonly Sampled source
    cdef readonly long interval_steps, start_step
    cdef long variable
    cdef long[::1] indices
    cdef object buffer
    cdef bint begun
    cdef double* first            # where the first sample lies
    cdef Tap tap                  # of the only column, if it can be copied from where it lies
    cdef readonly long next_step  # of the next sample; of a tap only when a run begins
    cdef readonly bint tapped     # the step loop copies the value by itself, without calling `record`
    cdef void sample_now(self) noexcept nogil


cdef class SpikeRecorder(Recorder):
    cdef readonly Population population
    cdef EventLog log
    cdef readonly bint off_grid   # some source said when its spikes were due
