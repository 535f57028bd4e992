"""Groups of synapses, or parts of them, to which a thread delivers spikes."""

from libc.stdlib cimport free

from .memory cimport CACHE_LINE, resize


cdef class Deliveries(PointerList):

    def __dealloc__(self):
        free(self.memory)

    def add(self, member):
        PointerList.add(self, member)
        # what lies next to it must not share a cache line, since other threads write there in every step
        resize(<void**> &self.memory, self.n * sizeof(PyObject*) + 2 * CACHE_LINE)
        self.due = <PyObject**> (self.memory + CACHE_LINE)
