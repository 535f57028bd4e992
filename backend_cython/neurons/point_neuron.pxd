from backend_cython.neurons.responses cimport Responses
from backend_cython.model.cells cimport Block
from backend_cython.model.population cimport Population


cdef struct Run:
    # neighbours with equal parameters: positions first … last - 1 in arrays of states, the first one's being of `cell`
    Py_ssize_t first, last, cell
    double i_offset, v_thresh, v_reset
    int refractory_steps


cdef class PointNeuron(Population):
    cdef Run* runs
    cdef Py_ssize_t n_runs
    cdef Responses responses
    cdef Py_ssize_t n_receptors        # responses after these are to the cell's own spikes
    cdef double* v
    cdef bint jumps                    # some input makes the potential jump: what arrives matters for the step's spikes
    cdef int* refractory               # steps for which the potential is still clamped
    cdef double* array(self, name) except? NULL

    cdef inline int cell_at(self, const Run* run, Py_ssize_t i) noexcept nogil:
        return <int> (i - run.first + run.cell)

    cdef inline const double* current(self, Py_ssize_t number) noexcept nogil:
        """What electrodes inject into the cells of a run (nA), by position."""
        return self.injected + self.runs[number].cell - self.runs[number].first

    cdef void fetch_input(self, const double* arriving, const Block* block) noexcept nogil
    cdef void advance(self, Py_ssize_t number) noexcept nogil
    cdef void step_run(self, Py_ssize_t number, double* arriving) noexcept nogil
    cdef void fire(self, Py_ssize_t number, Py_ssize_t first, Py_ssize_t last) noexcept nogil
    cdef void spike_above(self, const Run* run, Py_ssize_t first, Py_ssize_t n) noexcept nogil
    cdef void fire_overdue(self, const Block* block) noexcept nogil
    cdef void spike(self, const Run* run, Py_ssize_t i) noexcept nogil
    cdef void propagate(self, Py_ssize_t number, Py_ssize_t first, Py_ssize_t last) noexcept nogil
    cdef void take(self, Py_ssize_t number, Py_ssize_t first, Py_ssize_t last, double* arriving) noexcept nogil
