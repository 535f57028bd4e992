"""The sums of an error that belong to the targets of some synapses."""

from backend_cython.model.uniform_array cimport CHUNK

from .error_sums cimport ErrorSums
from .segments cimport Segment, are_neighbours


cdef inline void look_up(
    int n_rows, ErrorSums sums, const Segment* segment, const int* target, Py_ssize_t n, const double* table,
    double* memory, const double** found
) noexcept nogil:
    """Where the sums of `n` targets lie: in the table itself, or gathered from it."""
    cdef Py_ssize_t n_cells = sums.n_cells, first = sums.first, i
    cdef int r
    if are_neighbours(segment, target, n):
        for r in range(n_rows):
            found[r] = table + target[0] - first + r * n_cells
        return
    for r in range(n_rows):
        found[r] = memory
        for i in range(n):
            memory[i] = table[target[i] - first]
        memory += CHUNK
        table += n_cells
