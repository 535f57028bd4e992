"""The sums of an error that belong to the targets of some synapses."""

from backend_cython.model.uniform_array cimport CHUNK

from .error_sums cimport ErrorSums
from .segments cimport Segment, first_neighbour


cdef inline void look_up(
    int n_rows, ErrorSums sums, const Segment* segment, const int* target, Py_ssize_t k, Py_ssize_t n,
    const double* table, double* memory, const double** found
) noexcept nogil:
    """Where the sums of the targets of `n` synapses from `k` on lie: in the table itself, or gathered from it."""
    cdef Py_ssize_t n_cells = sums.n_cells, first = sums.first, i
    cdef long begin = first_neighbour(segment, target, k, n)
    cdef int r
    if begin >= 0:
        for r in range(n_rows):
            found[r] = table + begin - first + r * n_cells
        return
    target += k
    for r in range(n_rows):
        found[r] = memory
        for i in range(n):
            memory[i] = table[target[i] - first]
        memory += CHUNK
        table += n_cells
