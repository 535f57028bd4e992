from backend_cython.model.population cimport Population


cdef class RenewalSource(Population):
    cdef double[::1] last              # latest spike; before the first one, the start minus the age there
    cdef double[::1] since             # time up to which the draw has been used up …
    cdef double[::1] left              # … and integrated hazard that it has left then
    cdef double[::1] next_time, stop
    cdef int[::1] begun
    cdef unsigned long long[::1] draws
    cdef object _in_force
    # what a law says
    cdef bint silent(self, Py_ssize_t cell) noexcept nogil
    cdef double hazard(self, Py_ssize_t cell, Py_ssize_t part, double age) noexcept nogil
    cdef double age_at(self, Py_ssize_t cell, Py_ssize_t part, double hazard) noexcept nogil
    cdef double stationary_age(self, Py_ssize_t cell, Py_ssize_t part) noexcept nogil
    cdef Py_ssize_t part_at(self, Py_ssize_t cell, double time) noexcept nogil
    cdef double part_end(self, Py_ssize_t cell, Py_ssize_t part) noexcept nogil
    # what every law gets
    cdef double draw(self, Py_ssize_t cell) noexcept nogil
    cdef double draw_uniform(self, Py_ssize_t cell) noexcept nogil
    cdef void begin_process(self, Py_ssize_t cell, double at) noexcept nogil
    cdef void use_up(self, Py_ssize_t cell, double until) noexcept nogil
    cdef void schedule(self, Py_ssize_t cell) noexcept nogil
