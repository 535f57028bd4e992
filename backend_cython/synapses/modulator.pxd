from backend_cython.model.observer cimport Observer
from backend_cython.model.population cimport Population
from backend_cython.model.recorder cimport Recorder


cdef class Modulator:
    cdef object _steps, _rows           # the values from each of these steps on
    cdef long* steps
    cdef double* rows
    cdef Py_ssize_t n_rows, width       # of values: one, or one a cell
    cdef object _initial
    cdef readonly Population population
    cdef readonly double weight, decay, baseline
    cdef double[::1] level              # by partition and parity of the step
    cdef long[::1] last                 # step of the newest level of each partition
    cdef readonly list watchers
    cdef const double* before(self, long now, int partition, Py_ssize_t first, Py_ssize_t* stride) noexcept nogil
    cdef void follow(self, long now, int partition) noexcept nogil


cdef class SpikeWatcher(Observer):
    cdef Modulator modulator


cdef class ModulatorRecorder(Recorder):
    cdef readonly Modulator modulator
    cdef int partition                  # that keeps them
    cdef double[::1] memory
    cdef readonly long start            # the step of the first one
    cdef readonly Py_ssize_t n          # values so far
