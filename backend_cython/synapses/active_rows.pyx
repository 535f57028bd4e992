"""Rows of connections (those of one presynaptic cell) whose synapses still see a PSP."""

from libc.limits cimport LONG_MAX

import numpy as np


cdef class ActiveRows:
    """These rows as a list in order of their last update, so that the one that waits longest is known.

    Parameters
    ----------
    size : int
        Number of presynaptic cells.
    now : int
        Step at which all rows are up to date; none has a PSP.
    """

    def __init__(self, Py_ssize_t size, long now):
        cdef long[:, ::1] rows = np.empty((size + 1, sizeof(Row) // sizeof(long)), np.int64)
        cdef long i
        self.memory = rows
        self.row, self.head = <Row*> &rows[0, 0], size
        for i in range(size + 1):
            self.row[i] = Row(now, i, i)
        # later than any step, and not so late that horizons cannot be added
        self.row[size].last_step = LONG_MAX // 2
