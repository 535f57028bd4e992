from cpython.ref cimport PyObject

from ..model.synapse_group cimport SynapseGroup
from .pointer_list cimport PointerList


cdef class Deliveries(PointerList):
    cdef char* memory
    cdef PyObject** due           # room in it for those that have anything to do

    cdef inline void come_to(self, long now) noexcept nogil:
        """What happens at step `now`. Rows of synapses lie anywhere in memory: all of them are on their way to the
        processor before it needs the first one.
        """
        cdef PyObject** due = self.due
        cdef Py_ssize_t n = 0, i
        for i in range(self.n):
            if (<SynapseGroup> self.item[i]).is_due(now):
                due[n] = self.item[i]
                n += 1
                if (<SynapseGroup> self.item[i]).fetches:
                    (<SynapseGroup> self.item[i]).fetch_rows(now)
        for i in range(n):
            (<SynapseGroup> due[i]).deliver(now)
