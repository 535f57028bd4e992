"""Lists for loops without the interpreter."""

from libc.stdlib cimport free

from .memory cimport resize


cdef class PointerList:
    """A list whose members `nogil` loops can reach by pointer."""

    def __cinit__(self):
        self.members = []

    def __dealloc__(self):
        free(self.item)

    def add(self, member):
        """Put an object at the end."""
        resize(<void**> &self.item, (self.n + 1) * sizeof(PyObject*))
        self.members.append(member)
        self.item[self.n] = <PyObject*> member
        self.n += 1

    def remove(self, member):
        """Take an object out; those behind it move up."""
        cdef Py_ssize_t i
        self.members.remove(member)
        self.n = len(self.members)
        for i in range(self.n):
            self.item[i] = <PyObject*> self.members[i]
