cimport cython

from .partition cimport step_all, step_all_through
from .pointer_list cimport PointerList
from ..model.population cimport Population
from ..model.recorder cimport watch


@cython.final
cdef class WholeCells:
    cdef readonly PointerList populations, sources
    cdef PointerList watching     # who records the spikes of these
    cdef int number               # of the block of all cells

    cdef inline void step(self, long now) noexcept nogil:
        step_all(self.populations, self.number, now)

    cdef inline void record(self, long now) noexcept nogil:
        """Recorders look at the spikes of step `now`."""
        watch(self.watching, self.number, now)

    cdef inline void go_ahead(self, long first, long last) noexcept nogil:
        """The sources' spikes of the steps `first` … `last`."""
        step_all_through(self.sources, self.number, first, last)

    cdef inline void begin(self, long now, long ahead) noexcept nogil:
        """Cells are stepped so from step `now` on, and sources from `ahead` on, to which partitions have gone."""
        cdef Py_ssize_t i
        for i in range(self.populations.n):
            (<Population> self.populations.item[i]).be_whole(True)
        for i in range(self.sources.n):
            (<Population> self.sources.item[i]).gather(now + 1, ahead)

    cdef inline void end(self) noexcept nogil:
        """They are stepped by partition."""
        cdef Py_ssize_t i
        for i in range(self.populations.n):
            (<Population> self.populations.item[i]).be_whole(False)
        for i in range(self.sources.n):
            (<Population> self.sources.item[i]).be_whole(False)
