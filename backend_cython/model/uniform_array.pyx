"""Parameters of connections, which mostly are the same for all of them."""

import numpy as np


cdef class Column:
    """One number for each of `size` connections, stored once as long as all are equal.

    Loops need not know: they ask for `CHUNK` numbers, which are copies of the one number then.
    """

    def __init__(self, Py_ssize_t size):
        self.size = size
        self._hold(np.zeros(CHUNK), False)

    def _hold(self, values, varied):
        self.values = values
        self.varied = varied
        self.first = &self.values[0] if len(values) else NULL

    def set(self, values, where):
        """Assign a number, or one for each of the connections `where` (indices, or a slice for all of them)."""
        values = np.asarray(values, dtype=np.float64)
        if values.size == 0:
            return
        number = values.flat[0]
        for_all = isinstance(where, slice)
        if (for_all or not self.varied and number == self.first[0]) and np.all(values == number):
            self._hold(np.full(CHUNK, number), False)
        elif for_all:
            self._hold(np.array(values), True)
        else:
            if not self.varied:
                self._hold(np.array(self.get()), True)
            np.asarray(self.values)[where] = values

    def get(self):
        """All of them, to be read only."""
        return np.asarray(self.values) if self.varied else np.broadcast_to(self.values[0], self.size)
