cimport cython
from libc.limits cimport LONG_MAX


cdef enum:
    NO_ROW = -1
    UNLISTED = -2


@cython.final
cdef class ActiveRows:
    cdef long[::1] last_step            # of each row's last update
    cdef long[::1] older, newer
    cdef long oldest, newest

    cdef inline bint overdue(self, long step) noexcept nogil:
        """Whether the oldest row's last update was before `step`."""
        return self.oldest != NO_ROW and self.last_step[self.oldest] < step

    cdef inline long overdue_after(self, long steps) noexcept nogil:
        """The step at which the oldest row's last update was more than so many steps before."""
        return LONG_MAX if self.oldest == NO_ROW else self.last_step[self.oldest] + steps + 1

    cdef inline void touch(self, long row, long now, bint active) noexcept nogil:
        """Note an update: move the row to the end of the list, or out of it."""
        self.last_step[row] = now
        if self.newest == row and active:
            return
        self.take_out(row)
        if active:
            self.append(row)

    cdef inline void take_out(self, long row) noexcept nogil:
        cdef long before = self.older[row], after = self.newer[row]
        if before == UNLISTED:
            return
        if before == NO_ROW:
            self.oldest = after
        else:
            self.newer[before] = after
        if after == NO_ROW:
            self.newest = before
        else:
            self.older[after] = before
        self.older[row] = UNLISTED

    cdef inline void append(self, long row) noexcept nogil:
        self.older[row] = self.newest
        self.newer[row] = NO_ROW
        if self.newest == NO_ROW:
            self.oldest = row
        else:
            self.newer[self.newest] = row
        self.newest = row
