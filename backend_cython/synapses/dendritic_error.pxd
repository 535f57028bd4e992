from backend_cython.population cimport Observer, Population


cdef enum:
    N_SUMS = 4              # PSP decay and rise, plain and low-pass filtered
    KEPT_BLOCKS = 32        # power of two


cdef struct Psp:
    # of a run of neighbouring neurons with the same time constants
    Py_ssize_t first, last
    double gain             # weight change (nA) per eta and unit of the integral
    double decay_L, decay_s, decay_Delta        # 1/ms
    double per_step[N_SUMS]                     # e^{−h r}
    double weight[N_SUMS]                       # e^{−(now − anchor) r} of the running block
    double* per_block                           # e^{−k · block · r}, [k][N_SUMS]


cdef class DendriticError(Observer):
    cdef readonly Population population
    cdef readonly str receptor
    cdef readonly double tau_Delta
    cdef readonly list users
    cdef double timestep
    cdef const double* error
    cdef Psp* psp
    cdef Py_ssize_t n_runs, width
    cdef long[::1] run_of
    cdef readonly long look_back, block_steps, origin
    cdef long horizon                           # merged blocks that are still looked into
    cdef long lag, merged, n_powers
    cdef long block, block_end                  # the running block, and its last step
    cdef long ring_mask, total_mask
    cdef double[:, ::1] ring, done, total, history
    cdef double[::1] powers

    cdef inline long block_of(self, long step) noexcept nogil:
        return (step - self.origin) // self.block_steps if step > self.origin else 0

    cdef inline long anchor(self, long block) noexcept nogil:
        return self.origin + block * self.block_steps

    cdef inline long oldest_step(self) noexcept nogil:
        """Sums from steps before this one on are about to be forgotten."""
        return self.anchor(self.merged - self.horizon)

    cdef inline const double* running(self, long step) noexcept nogil:
        """Σ δΠ e^{−(t − anchor) r} over the block of `step`, up to `step`, [neuron][N_SUMS]."""
        return &self.ring[step & self.ring_mask, 0]

    cdef inline void since(self, const Psp* psp, long block, long step, Py_ssize_t cell,
                           double* sums) noexcept nogil:
        """Σ δΠ e^{−(t − anchor of `block`) r} from that anchor up to `step`."""
        cdef long last = self.block_of(step), k
        cdef const double* part = self.running(step) + cell * N_SUMS
        cdef const double* power = psp.per_block + (last - block) * N_SUMS
        cdef int r
        for r in range(N_SUMS):
            sums[r] = power[r] * part[r]
        for k in range(max(block, self.merged), last):
            # complete, but a delayed synapse may still look into it
            part = &self.total[k & self.total_mask, cell * N_SUMS]
            power = psp.per_block + (k - block) * N_SUMS
            for r in range(N_SUMS):
                sums[r] += power[r] * part[r]
        if block < self.merged:
            part = &self.done[block & (KEPT_BLOCKS - 1), cell * N_SUMS]
            for r in range(N_SUMS):
                sums[r] += part[r]

    cdef void book(self, long now, const double* error) noexcept nogil
    cdef void end_block(self, double* here) noexcept nogil
    cdef void merge(self, long block) noexcept nogil
