cimport cython

from backend_cython.model.observer cimport Observer

from .modulator cimport Modulator
from .psp cimport Instant, Psp


cdef enum:
    KEPT_BLOCKS = 32        # power of two


@cython.final
cdef class ErrorSums(Observer):
    cdef object clock                           # the network
    cdef double timestep
    cdef const double* error                    # of the partition's first cell, if the cells have it; else
    cdef const double* plus                     # it is (plus − minus) · factor, or that of the target,
    cdef const double* minus
    cdef double target, factor
    cdef const double* recent_error             # of the same, the last steps, if the one cell goes ahead
    cdef const double* recent_plus
    cdef const double* recent_minus
    cdef bint looked                            # and is in `history` only
    cdef readonly bint general, exponential, unfiltered
    cdef double left_by_spike                   # of what is filtered, 1 if the sums are general and anything is
    cdef long delay                             # of general sums, steps from the synapse to the error
    cdef Modulator modulator
    cdef object _psp                            # memory of the next two
    cdef Psp* psp
    cdef object _shifts, _instants, _weights
    # of each step of a block, if there is but one cell, else NULL; and the weights of the error in each step of it
    cdef const Instant* instants
    cdef const double* weights
    cdef Py_ssize_t first, n_cells, n_runs, width
    cdef long[::1] run_of                       # of each cell of the population
    cdef long block_steps, origin, horizon, look_back, n_shifts
    cdef long known_from                        # the first step whose error is known, and may be in `history`
    cdef long block, block_end                  # the running block, and its last step
    cdef long merged, merge_at                  # how many blocks are in `done`, and when the next one will be
    cdef long ring_mask, total_mask, history_mask
    cdef bint chunked                           # `after_step` is called
    cdef object _memory                         # arrays that the pointers below lie in
    cdef double* ring                           # [step][row][neuron], with N_SUMS rows, or N_ROWS of general sums
    cdef double* done                           # [block][row][neuron]
    cdef double* total
    cdef double* history                        # [step][neuron], the error itself

    cdef inline long block_of(self, long step) noexcept nogil:
        # mostly the running one, which needs no division
        if self.block_end - self.block_steps <= step < self.block_end:
            return self.block
        return (step - self.origin) // self.block_steps if step > self.origin else 0

    cdef inline long anchor(self, long block) noexcept nogil:
        return self.origin + block * self.block_steps

    cdef inline double since_anchor(self, long block, long step) noexcept nogil:
        """From the anchor of `block` to `step`, in ms."""
        return (step - self.anchor(block)) * self.timestep

    cdef inline const Instant* instant(self, long block, long step) noexcept nogil:
        """Of a step in `block`; NULL if it is to be computed."""
        cdef long k = step - self.anchor(block)
        return self.instants + k if self.instants != NULL and 0 <= k < self.block_steps else NULL

    # tables [row][neuron of the partition]
    cdef inline const double* running(self, long step) noexcept nogil:
        """The sums over the block of `step`, up to `step`."""
        return self.ring + (step & self.ring_mask) * self.width

    cdef inline const double* complete(self, long block) noexcept nogil:
        """Over a complete `block`, and over all later ones that are merged if this one is."""
        if block < self.merged:
            return self.done + (block & (KEPT_BLOCKS - 1)) * self.width
        return self.total + (block & self.total_mask) * self.width

    cdef inline long end_of(self, long block) noexcept nogil:
        """The first block that is not in `complete`."""
        return self.merged if block < self.merged else block + 1

    cdef void keep(self, long now, const double* error, const double* plus, const double* minus) noexcept nogil
    cdef void add_many(self, long now, long end) noexcept nogil
    cdef void book(self, long now, const double* error) noexcept nogil
    cdef void book_general(self, long now, const double* error, const double* before, double* here) noexcept nogil
    cdef void end_block(self, double* here) noexcept nogil
    cdef void merge(self, long block) noexcept nogil
