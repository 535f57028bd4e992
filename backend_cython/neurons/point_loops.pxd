from backend_cython.numerics.restrict cimport Alone, AloneInput

from .leaky_membrane cimport Exact, Membrane, Sampled
from .point_neuron cimport Run
from .responses cimport Course


cdef extern from *:
    """
    #ifndef PYURBANCZIK_COUNTS
    #define PYURBANCZIK_COUNTS
    typedef int* __restrict alone_counts;
    typedef const int* __restrict alone_count_input;
    #endif
    """
    ctypedef int* AloneCounts "alone_counts"
    ctypedef const int* AloneCountInput "alone_count_input"


cdef enum:
    STRIP = 64              # cells that loops take at once, whose states then are at hand for the next loop


cdef void relax(
    Py_ssize_t n, double v_rest, double decay, double i_offset, double of_current, AloneInput injected, Alone v
) noexcept nogil
cdef void add_values(Py_ssize_t n, double of_value, AloneInput value, Alone v) noexcept nogil
cdef void add_rising(
    Py_ssize_t n, double of_value, double of_rise, AloneInput value, AloneInput rise, Alone v
) noexcept nogil
cdef void run_down(const Course* r, Py_ssize_t n, Alone value, Alone rise) noexcept nogil
cdef void take_in(Py_ssize_t n, double gain, Alone arriving, Alone held) noexcept nogil
cdef void lift(Py_ssize_t n, AloneCountInput refractory, Alone arriving, Alone v) noexcept nogil
cdef bint clamp(Py_ssize_t n, double v_thresh, double v_reset, AloneCounts refractory, Alone v) noexcept nogil
cdef Py_ssize_t find_spiking(Py_ssize_t n, double v_thresh, AloneInput v, int* place) noexcept nogil
cdef bint step_two_alike(
    const Run* run, const Membrane* m, const Course* r, const Exact* e, Py_ssize_t n, const double* injected,
    Alone arriving, Alone other_arriving, Alone value, Alone other_value, Alone rise, Alone other_rise,
    AloneCounts refractory, Alone v
) noexcept nogil
cdef void step_two_conductances(
    const Membrane* membrane, const Course* courses, const Sampled* sampled, Py_ssize_t n, double i_offset,
    AloneInput injected, Alone value, Alone other_value, Alone v
) noexcept nogil
cdef void step_two_rising(
    const Membrane* membrane, const Course* courses, const Sampled* sampled, Py_ssize_t n, double i_offset,
    AloneInput injected, Alone value, Alone other_value, Alone rise, Alone other_rise, Alone v
) noexcept nogil
cdef bint take_two_conductances(
    const Membrane* membrane, const Course* courses, const Sampled* sampled, Py_ssize_t n, double limit, Alone arriving,
    Alone other_arriving, Alone value, Alone other_value, Alone rise, Alone other_rise
) noexcept nogil
cdef bint integrate_conductances(
    const Membrane* m, const Course* courses, const Sampled* sampled, Py_ssize_t n_responses, double** value,
    double** rise, Py_ssize_t first, Py_ssize_t n, double limit, double i_offset, AloneInput injected, Alone v
) noexcept nogil
