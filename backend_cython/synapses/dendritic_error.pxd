cimport cython
from libc.math cimport fabs

from backend_cython.population cimport Observer, Population


cdef enum:
    N_SUMS = 4              # of a neuron: against e^{−Lu} and K(u), plain and low-pass filtered
    N_SHIFT = 6             # numbers that move the anchor of the four sums
    KEPT_BLOCKS = 32        # power of two


cdef struct Psp:
    # of a run of neighbouring neurons with the same time constants, counted from the lane's first one
    Py_ssize_t first, last
    double gain             # weight change (nA) per eta and unit of the integral
    double L, s, D          # 1/τ_L, 1/τ_s, 1/τ_Δ in 1/ms
    double per_step[N_SHIFT]
    double weight[N_SUMS]   # of the error of this step, as seen from the anchor
    double* per_block       # [number of blocks][N_SHIFT]


cdef inline double psp_kernel(double u, double left, double right, double gap) noexcept nogil:
    """K(u) = (e^{−Lu} − e^{−su}) / (s − L), given both exponentials and the gap s − L."""
    cdef double x = u * gap
    if fabs(x) > 0.03:
        return (left - right) / gap
    # (1 − e^{−x}) / x, where the difference would cancel
    return u * left * (1.0 - x * (1.0 / 2 - x * (1.0 / 6 - x * (1.0 / 24 - x * (1.0 / 120 - x * (
        1.0 / 720 - x * (1.0 / 5040)))))))


cdef inline void add_shifted(double* sums, const double* shift, const double* part) noexcept nogil:
    """Add sums seen from one anchor to sums seen from an earlier one."""
    sums[0] += shift[0] * part[0]
    sums[1] += shift[1] * part[0] + shift[2] * part[1]
    sums[2] += shift[3] * part[2]
    sums[3] += shift[4] * part[2] + shift[5] * part[3]


@cython.final
cdef class ErrorSums(Observer):
    cdef object clock                           # the network
    cdef const double* error                    # of the lane's first cell
    cdef object _psp                            # memory of the next
    cdef Psp* psp
    cdef Py_ssize_t first, n_cells, n_runs, width
    cdef long[::1] run_of                       # of each cell of the population
    cdef long block_steps, origin, horizon, lag, merged, n_shifts
    cdef long block, block_end                  # the running block, and its last step
    cdef long ring_mask, total_mask
    cdef bint kept                              # `look` has kept the errors for `observe`
    cdef object _memory                         # arrays that the pointers below lie in
    cdef double* ring                           # [step][neuron][N_SUMS]
    cdef double* done                           # [block][neuron][N_SUMS]
    cdef double* total
    cdef double* history                        # [step][neuron], the error itself
    cdef double[::1] shifts

    cdef inline long block_of(self, long step) noexcept nogil:
        return (step - self.origin) // self.block_steps if step > self.origin else 0

    cdef inline long anchor(self, long block) noexcept nogil:
        return self.origin + block * self.block_steps

    cdef inline const double* running(self, long step) noexcept nogil:
        """The sums over the block of `step`, up to `step`, [neuron of the lane][N_SUMS]."""
        return self.ring + (step & self.ring_mask) * self.width

    cdef inline const double* sums_of(self, long step, Py_ssize_t cell) noexcept nogil:
        return self.running(step) + (cell - self.first) * N_SUMS

    cdef inline void since(self, const Psp* psp, long block, long step, Py_ssize_t cell,
                           double* sums) noexcept nogil:
        """The sums of a neuron from the anchor of `block` up to `step`, seen from that anchor."""
        cdef long last = self.block_of(step), k
        cdef Py_ssize_t place = (cell - self.first) * N_SUMS
        cdef const double* done = self.done + (block & (KEPT_BLOCKS - 1)) * self.width + place
        cdef int r
        for r in range(N_SUMS):
            sums[r] = done[r] if block < self.merged else 0.0
        for k in range(max(block, self.merged), last):
            # complete, but a delayed synapse may still look into it
            add_shifted(sums, psp.per_block + (k - block) * N_SHIFT,
                        self.total + (k & self.total_mask) * self.width + place)
        add_shifted(sums, psp.per_block + (last - block) * N_SHIFT, self.running(step) + place)

    cdef void book(self, long now, const double* error) noexcept nogil
    cdef void _fill_shifts(self, Psp* psp, double timestep) noexcept
    cdef void end_block(self, double* here) noexcept nogil
    cdef void merge(self, long block) noexcept nogil


@cython.final
cdef class DendriticError(Observer):
    cdef readonly Population population
    cdef readonly str receptor
    cdef readonly double tau_Delta
    cdef readonly list users, sums
    cdef readonly long look_back, block_steps
    cdef readonly long horizon                  # steps after which a synapse must have been updated
    cdef double[::1] L, s                       # 1/τ_L, 1/τ_s of each cell,
    cdef double decay                           # and 1/τ_Δ; in 1/ms
