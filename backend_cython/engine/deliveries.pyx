"""Groups of synapses, or parts of them, to which a thread delivers spikes."""

from libc.stdlib cimport free

from .memory cimport resize


cdef class Deliveries(PointerList):

    def __dealloc__(self):
        free(self.due)

    def add(self, member):
        PointerList.add(self, member)
        resize(<void**> &self.due, self.n * sizeof(PyObject*))
