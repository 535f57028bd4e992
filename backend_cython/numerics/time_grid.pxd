from backend_cython.numerics.restrict cimport AloneInput


cdef bint find_steps(
    Py_ssize_t n, AloneInput time, double timestep, long* step, bint* on_grid
) noexcept nogil
cdef bint are_steady(Py_ssize_t n, AloneInput time, double timestep, long* first) noexcept nogil
cdef Py_ssize_t most_together(Py_ssize_t n, const long* step) noexcept nogil
