from backend_cython.model.population cimport Population


cdef class SpikeSourceArray(Population):
    cdef object _events           # arrays that the pointers below lie in
    cdef const long* event_step   # ends with a step that never comes, unless those of a steady train are not in memory
    cdef long first_step          # of such a train
    cdef int* event_cell
    cdef double* event_factor
    cdef const double* event_time  # ms, as given; NULL if all lie on the grid
    cdef Py_ssize_t n_events, next_event
    cdef readonly bint on_grid    # every time given was exactly its step × the time step
    cdef void pass_train(self, long first, long last) noexcept nogil
