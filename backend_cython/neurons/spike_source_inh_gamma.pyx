"""Inhomogeneous gamma processes: at every time the hazard, at the age reached, of the parameters of that time.

    λ(t) = density / survival of a gamma distribution with shape a(t) and scale b(t), at the age t − t_last

Muller, Buesing, Schemmel & Meier (2007), Neural Computation 19: 2958–3010, draw from the same law by thinning.
Here the integrated hazard is inverted, bin by bin of the histograms of a and b.
"""

from libc.math cimport INFINITY, lgamma

from zlib import crc32

import numpy as np

from backend_cython.model.schema import MOST_SPIKES, Parameter, check, check_least, refuse
from backend_cython.numerics.gamma cimport hazard_integral, met_interval, waiting_time
from backend_cython.neurons.renewal_source cimport RenewalSource


cdef class SpikeSourceInhGamma(RenewalSource):
    """a(t) and b(t) are constant over the bins that begin at tbins. The first bin also counts before its begin,
    the last one has no end. Times are those of the simulation."""

    # the bins of all sources, one source after the other; those of cell i are first[i] … first[i + 1] - 1
    cdef double[::1] shape, log_gamma, rate, begin
    cdef long[::1] first
    cdef object _bins

    PARAMETERS = {
        "start": Parameter(0.0, "ms", "time"),
        "duration": Parameter(1e10, "ms", "duration"),
    }

    def allocate_states(self):
        RenewalSource.allocate_states(self)
        self._take([(np.ones(1), np.ones(1), np.zeros(1))] * self.size)

    def set_bins(self, a, b, tbins, indices=None, owner=None):
        """Give all sources, or those at `indices`, new histograms.

        Parameters
        ----------
        a : list of 1-d arrays
            Shapes, positive.
        b : list of 1-d arrays
            Scales in s, positive; the mean interval is a · b.
        tbins : list of 1-d arrays
            Where the bins begin, in ms: increasing. As many numbers as `a` and `b` have.
        owner : str, optional
            The class to name in errors.

        Raises
        ------
        ValueError
            For values that are not allowed, and for sequences of different lengths.
        """
        self.take_over_bins(*self.prepared_bins(a, b, tbins, indices, owner))

    def take_over_bins(self, changed, bins):
        """Set what `prepared_bins` has checked."""
        self.change(changed, lambda: self._take(bins))

    def prepared_bins(self, a, b, tbins, indices=None, owner=None):
        """What `take_over_bins` needs to give sources these histograms: checked, and nothing has changed yet.

        Arguments and errors are those of `set_bins`.
        """
        owner = owner or type(self).__name__
        cells = np.arange(self.size) if indices is None else np.arange(self.size)[indices]
        bins = list(self._bins)
        changed = []
        for i, given in zip(cells, zip(a, b, tbins)):
            new = self._checked(owner, i, *given)
            if not all(np.array_equal(x, y) for x, y in zip(new, bins[i])):
                bins[i] = new
                changed.append(i)
        return changed, bins

    def bins(self, indices=None):
        """(a, b, tbins) of each source."""
        return self._bins if indices is None else [self._bins[i] for i in np.arange(self.size)[indices]]

    def _checked(self, owner, cell, a, b, tbins):
        a = np.array(check(owner, "a", a, "shape"))
        b = np.array(check(owner, "b", b, "positive", "s"))
        tbins = np.array(check(owner, "tbins", tbins, "finite", "ms"))
        for name, values in (("a", a), ("b", b), ("tbins", tbins)):
            if values.shape != (max(1, tbins.size),):
                refuse(owner, name, f"{values.size} values for {tbins.size} bins (source {cell})",
                       "one value for each bin, and there must be a bin")
        if (np.diff(tbins) <= 0).any():
            worst = int(np.argmax(np.diff(tbins) <= 0))
            refuse(owner, "tbins", f"{tbins[worst + 1]} ms after {tbins[worst]} ms", "increasing")
        check_least(owner, "b", b, 1e-3 * self.timestep / (MOST_SPIKES * a), "a million spikes a time step", "s")
        return a, b, tbins

    def given(self):
        cell = np.repeat(np.arange(self.size), [len(a) for a, _, _ in self._bins])
        return {"given": (cell, *(np.concatenate(column) for column in zip(*self._bins)))}

    def giving(self, tables):
        cell, *columns = tables["given"]
        bounds = np.searchsorted(cell, np.arange(1, self.size))
        changed, bins = self.prepared_bins(*(np.split(column, bounds) for column in columns))
        return lambda: self.take_over_bins(changed, bins)

    def digest(self):
        return crc32(np.concatenate([self.begin, self.shape, self.rate]), RenewalSource.digest(self))

    def _take(self, bins):
        self._bins = bins
        self.first = np.cumsum([0, *(len(a) for a, _, _ in bins)])
        shape, scale, begin = (np.concatenate(column) for column in zip(*bins))
        self.shape = shape
        self.rate = 1e-3 / scale
        self.begin = begin
        self.log_gamma = np.array([lgamma(a) for a in shape])

    cdef Py_ssize_t part_at(self, Py_ssize_t cell, double time) noexcept nogil:
        """The last bin that has begun, by bisection."""
        cdef Py_ssize_t low = self.first[cell], high = self.first[cell + 1], middle
        while high - low > 1:
            middle = (low + high) // 2
            if self.begin[middle] <= time:
                low = middle
            else:
                high = middle
        return low

    cdef double part_end(self, Py_ssize_t cell, Py_ssize_t part) noexcept nogil:
        return self.begin[part + 1] if part + 1 < self.first[cell + 1] else INFINITY

    cdef double hazard(self, Py_ssize_t cell, Py_ssize_t part, double age) noexcept nogil:
        return hazard_integral(self.shape[part], self.log_gamma[part], age * self.rate[part])

    cdef double age_at(self, Py_ssize_t cell, Py_ssize_t part, double hazard) noexcept nogil:
        return waiting_time(self.shape[part], self.log_gamma[part], hazard) / self.rate[part]

    cdef double stationary_age(self, Py_ssize_t cell, Py_ssize_t part) noexcept nogil:
        cdef double met = met_interval(self.shape[part], self.draw(cell)) / self.rate[part]
        return met * self.draw_uniform(cell)
