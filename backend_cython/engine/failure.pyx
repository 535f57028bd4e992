"""Why a run cannot go on."""

from cpython.ref cimport PyObject

from ..model.schema import MOST_SPIKES


cdef class Failure:
    """What has happened in a kernel, which cannot raise: the network does so as soon as it is back from the steps.

    What the kernel had to keep is lost, so that nothing but a reset helps. Several threads may write here at once;
    one of them has the last word.
    """

    cdef void no_room(self, size_t n_bytes) noexcept nogil:
        """So many bytes were not to be had."""
        self.n_bytes = n_bytes
        self.happened = True

    cdef void too_many_spikes(self, PyObject* population, long cell) noexcept nogil:
        """A cell has more spikes in one step than a step can hold."""
        self.population = population
        self.cell = cell
        self.happened = True

    def error(self, time):
        """What to raise; `time` (ms) is that of the network."""
        end = f"the run ended at {time:.10g} ms; reset before the next one"
        if self.population == NULL:
            return MemoryError(f"there is no room for {self.n_bytes} more bytes of spikes and events; {end}")
        name = type(<object> self.population).__name__
        return OverflowError(f"{name}: the rate of cell {self.cell} is too high, more than {MOST_SPIKES:.0f} spikes in "
                             f"a time step without refractory time; {end}")

    def clear(self):
        self.happened = False
        self.population = NULL
