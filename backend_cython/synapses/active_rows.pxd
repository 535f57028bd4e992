cimport cython


cdef struct Row:
    long last_step                # of its last update
    long before, after            # its neighbours in the list, itself if it is not in there


@cython.final
cdef class ActiveRows:
    cdef object memory
    cdef Row* row
    cdef long head                # a row more, before the oldest and after the newest one, which is never overdue

    cdef inline long oldest(self) noexcept nogil:
        return self.row[self.head].after

    cdef inline bint overdue(self, long step) noexcept nogil:
        """Whether the oldest row's last update was before `step`."""
        return self.row[self.oldest()].last_step < step

    cdef inline long overdue_after(self, long steps) noexcept nogil:
        """The step at which the oldest row's last update was more than so many steps before."""
        return self.row[self.oldest()].last_step + steps + 1

    cdef inline void touch(self, long row, long now, bint active) noexcept nogil:
        """Note an update: move the row to the end of the list, or out of it."""
        cdef Row* rows = self.row
        cdef Row* moved = &rows[row]
        cdef Row* head = &rows[self.head]
        moved.last_step = now
        rows[moved.before].after = moved.after
        rows[moved.after].before = moved.before
        if active:
            moved.before = head.before
            moved.after = self.head
            rows[head.before].after = row
            head.before = row
        else:
            moved.before = moved.after = row
