cimport cython

from .pointer_list cimport PointerList
from ..model.population cimport Population
from ..model.recorder cimport watch


@cython.final
cdef class WholeCells:
    cdef readonly PointerList populations
    cdef PointerList watching     # who records the spikes of these
    cdef int number               # of the block of all cells

    cdef inline void step(self, long now) noexcept nogil:
        cdef Py_ssize_t i
        for i in range(self.populations.n):
            (<Population> self.populations.item[i]).step(now, self.number)

    cdef inline void record(self, long now) noexcept nogil:
        """Recorders look at the spikes of step `now`."""
        watch(self.watching, self.number, now)

    cdef inline void use(self, bint whole) noexcept nogil:
        """Whether cells are stepped so from now on, or by partition."""
        cdef Py_ssize_t i
        for i in range(self.populations.n):
            (<Population> self.populations.item[i]).as_whole = whole
