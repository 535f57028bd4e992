"""Running sums of the dendritic error δΠ, from which a plastic synapse reads its integral in O(1).

The learning rule integrates δΠ against the PSP that earlier presynaptic spikes left, a difference of
two exponentials, plain and seen through a low-pass filter. So four sums a neuron are enough,

    R_r(t) = Σ_{t' ≤ t} δΠ(t') e^{−(t' − anchor) r},   r ∈ {1/τ_L, 1/τ_s, 1/τ_L − 1/τ_Δ, 1/τ_s − 1/τ_Δ},

and a synapse subtracts what they were at its last spike from what they are at this one. The anchor moves
every block of a few time constants, so that nothing overflows or cancels. Of the recent blocks the sum
over them and all later ones is kept as seen from their anchor (`done`); blocks into which a delayed synapse may
still look are kept one by one (`total`) and merged later. A synapse that is silent for longer than the
kept blocks is brought up to date before they are forgotten, so that memory is bounded.
"""

from libc.math cimport exp, fmax, fmin
from libc.stdlib cimport free, realloc

import numpy as np

from backend_cython.transfer cimport UNIT_VOLTAGE

# e^BLOCK_EXPONENT is what cancellation within a block can cost in relative precision: two digits.
cdef double BLOCK_EXPONENT = 5.0
# Largest exponent of a sum seen from the oldest anchor (1/τ_Δ > 1/τ makes sums grow); a double holds e^709.
cdef double GROWTH_LIMIT = 600.0
# e^−36 is below the rounding of a double: a faster decay within one step changes nothing any more.
cdef double FASTEST = 36.0
# Relative splitting of equal time constants. The PSP is a divided difference of exponentials, so that a
# symmetric split errs by its square, and loses its inverse to cancellation.
cdef double SPLIT = 1e-5


cdef class DendriticError(Observer):
    """The sums of one population for one receptor and one τ_Δ.

    Parameters
    ----------
    population : Population
        Has `error` among its variables and the receptor's synaptic time constant in ``PSP_TAU``.
    receptor : str
    tau_Delta : float
        ms
    """

    def __init__(self, Population population, str receptor, double tau_Delta):
        cdef double[::1] error = population.state("error")
        self.population = population
        self.receptor = receptor
        self.tau_Delta = tau_Delta
        self.users = []
        self.timestep = population.timestep
        self.error = &error[0]
        self.width = N_SUMS * population.size
        self.history = np.zeros((1, population.size))
        self.rebuild(0)
        population.observers.add(self)

    def __dealloc__(self):
        free(self.psp)

    @staticmethod
    def of(Population population, str receptor, double tau_Delta):
        """The sums that synapses of this kind onto `population` share."""
        for observer in population.observers.members:
            if (isinstance(observer, DendriticError) and observer.receptor == receptor
                    and observer.tau_Delta == tau_Delta):
                return observer
        return DendriticError(population, receptor, tau_Delta)

    @property
    def runs(self):
        """Number of the run of equal neighbours that each neuron belongs to."""
        return np.asarray(self.run_of)

    def leave(self, projection):
        """`projection` does not need these sums any more."""
        self.users.remove(projection)
        if not self.users:
            self.population.observers.remove(self)

    def hold(self, long delay_steps):
        """Let synapses look back by `delay_steps`."""
        if delay_steps > self.look_back:
            self.before_change()
            self.rebuild(delay_steps)
            self.resume()

    def before_change(self):
        for projection in self.users:
            projection.settle()

    def after_change(self):
        self.rebuild(self.look_back)

    def resume(self):
        for projection in self.users:
            projection.resume()

    def reset(self):
        self.history[...] = 0.0
        self.rebuild(self.look_back)

    def rebuild(self, long look_back):
        """Start the sums anew with the population's present parameters, from the error of the last steps."""
        cdef long now = self.population.network.step, step
        recent = [np.array(self.history[step & self.ring_mask]) if self.look_back > 0 else None
                  for step in range(now - self.look_back + 1, now + 1)]
        self._prepare_runs(look_back)
        cdef long slots = 1
        while slots < look_back + 1:
            slots *= 2
        self.ring_mask = slots - 1
        self.ring = np.zeros((slots, self.width))
        self.history = np.zeros((slots, self.population.size))
        slots = 1
        while slots < self.lag + 2:
            slots *= 2
        self.total_mask = slots - 1
        self.total = np.zeros((slots, self.width))
        self.done = np.zeros((KEPT_BLOCKS, self.width))
        self.merged = 0
        self.look_back = look_back
        self.origin = now - len(recent)
        self.block = 0
        self.block_end = self.anchor(1)
        cdef double[::1] error
        for step, error in zip(range(self.origin + 1, now + 1), recent):
            self.book(step, &error[0])

    cdef void observe(self, long now) noexcept nogil:
        self.book(now, self.error)

    cdef void book(self, long now, const double* error) noexcept nogil:
        cdef double* before = &self.ring[(now - 1) & self.ring_mask, 0]
        cdef double* here = &self.ring[now & self.ring_mask, 0]
        cdef double* kept = &self.history[now & self.ring_mask, 0]
        cdef Psp* psp
        cdef Py_ssize_t run, i
        cdef double change
        cdef int r
        for run in range(self.n_runs):
            psp = &self.psp[run]
            for r in range(N_SUMS):
                psp.weight[r] *= psp.per_step[r]
            for i in range(psp.first, psp.last):
                change = error[i]
                kept[i] = change
                for r in range(N_SUMS):
                    here[N_SUMS * i + r] = before[N_SUMS * i + r] + psp.weight[r] * change
        if now == self.block_end:
            self.end_block(here)

    cdef void end_block(self, double* here) noexcept nogil:
        """Keep the sums of the running block, and start the next one from zero."""
        cdef double* total = &self.total[self.block & self.total_mask, 0]
        cdef Py_ssize_t run, i
        cdef int r
        for i in range(self.width):
            total[i] = here[i]
            here[i] = 0.0
        for run in range(self.n_runs):
            for r in range(N_SUMS):
                self.psp[run].weight[r] = 1.0
        if self.block >= self.lag:
            self.merge(self.block - self.lag)
        self.block += 1
        self.block_end += self.block_steps

    cdef void merge(self, long block) noexcept nogil:
        """Add a complete block that no synapse looks into any more to the sums of the kept ones."""
        cdef const double* total = &self.total[block & self.total_mask, 0]
        cdef double* done = &self.done[block & (KEPT_BLOCKS - 1), 0]
        cdef const double* power
        cdef Py_ssize_t run, i
        cdef long earlier
        cdef int r
        for i in range(self.width):
            done[i] = total[i]
        for earlier in range(max(0, block - KEPT_BLOCKS + 1), block):
            done = &self.done[earlier & (KEPT_BLOCKS - 1), 0]
            for run in range(self.n_runs):
                power = self.psp[run].per_block + (block - earlier) * N_SUMS
                for i in range(self.psp[run].first, self.psp[run].last):
                    for r in range(N_SUMS):
                        done[N_SUMS * i + r] += power[r] * total[N_SUMS * i + r]
        self.merged = block + 1

    def _prepare_runs(self, long look_back):
        """Time constants and gain of each run of equal neighbours; block length and horizon for all."""
        get = self.population.parameter
        h = self.timestep
        tau_L = get("dendrite_cm") / get("dendrite_g_leak")
        tau_s = get(self.population.PSP_TAU[self.receptor])
        table = np.stack([tau_L, tau_s])
        bounds = np.concatenate([[0], np.flatnonzero((table[:, 1:] != table[:, :-1]).any(axis=0)) + 1,
                                 [self.population.size]])
        self.n_runs = len(bounds) - 1
        self.run_of = np.repeat(np.arange(self.n_runs), np.diff(bounds))
        tau_L, tau_s = table[:, bounds[:self.n_runs]]
        decay_L, decay_s = 1.0 / tau_L, 1.0 / tau_s
        middle = 0.5 * (decay_L + decay_s)
        equal = np.abs(decay_s - decay_L) < 2 * SPLIT * middle
        decay_L = np.where(equal, middle * (1 - SPLIT), decay_L)
        decay_s = np.where(equal, middle * (1 + SPLIT), decay_s)
        # PSP of the weight 1: (C τ_s / g_L) (e^{−t/τ_L} − e^{−t/τ_s}) / (τ_L − τ_s) / C. An inhibitory one is negative.
        sign = -1.0 if self.receptor.endswith("inh") else 1.0
        # eta refers to weights in pA
        gain = sign * 1e-3 * UNIT_VOLTAGE / (decay_s - decay_L)
        decay_L, decay_s = np.minimum(decay_L, FASTEST / h), np.minimum(decay_s, FASTEST / h)
        decay_Delta = min(1.0 / self.tau_Delta, FASTEST / h, 0.5 * GROWTH_LIMIT / (h * (look_back + 4)))
        rates = np.stack([decay_L, decay_s, decay_L - decay_Delta, decay_s - decay_Delta], axis=1)
        fastest = h * np.abs(rates).max()
        self.block_steps = max(1, min(int(BLOCK_EXPONENT / fastest), 100_000))
        self.lag = (look_back + self.block_steps - 1) // self.block_steps
        self.horizon = max(1, min(KEPT_BLOCKS - 2, int(0.5 * GROWTH_LIMIT / (fastest * self.block_steps))))
        self.n_powers = KEPT_BLOCKS + self.lag + 3
        self._fill_runs(bounds, gain, decay_L, decay_s, decay_Delta, rates)

    def _fill_runs(self, bounds, gain, decay_L, decay_s, double decay_Delta, double[:, ::1] rates):
        cdef Py_ssize_t run
        cdef long k
        cdef int r
        cdef Psp* psp
        self.powers = np.empty(self.n_runs * self.n_powers * N_SUMS)
        self.psp = <Psp*> realloc(self.psp, self.n_runs * sizeof(Psp))
        if self.psp == NULL:
            raise MemoryError
        for run in range(self.n_runs):
            psp = &self.psp[run]
            psp.first = bounds[run]
            psp.last = bounds[run + 1]
            psp.gain = gain[run]
            psp.decay_L = decay_L[run]
            psp.decay_s = decay_s[run]
            psp.decay_Delta = decay_Delta
            psp.per_block = &self.powers[run * self.n_powers * N_SUMS]
            for r in range(N_SUMS):
                psp.per_step[r] = exp(-self.timestep * rates[run, r])
                psp.weight[r] = 1.0
                for k in range(self.n_powers):
                    psp.per_block[k * N_SUMS + r] = exp(-self.timestep * self.block_steps * k * rates[run, r])
