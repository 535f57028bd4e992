"""Rows of connections (those of one presynaptic cell) whose synapses still see a PSP."""

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
        self.last_step = np.full(size, now)
        self.older = np.full(size, UNLISTED)
        self.newer = np.full(size, UNLISTED)
        self.oldest = self.newest = NO_ROW
