cimport cython

from backend_cython.neurons.point_process cimport PointProcess, CellRange

from .compartments cimport Dendrite, Soma
from .rate_functions cimport RateFunction, Shape
from .taylor_step cimport DendriteState


cdef struct Neuron:
    # all that a run of equal neurons needs to step, but for their dendrites
    CellRange cells
    Soma soma
    RateFunction rate
    int substeps                       # of the Gauss rule


cdef struct Prediction:
    # of a dendrite, one number for each position of the arrays
    double* v_star
    double* rate_star
    double* error
    double* log_slope                  # φ'/φ


cdef class DendriticNeuron(PointProcess):
    cdef Py_ssize_t n_runs, n_dendrites
    cdef Shape shape
    cdef object _memory                # of the next two
    cdef Neuron* neurons               # [run]
    cdef Dendrite* dendrites           # [run][dendrite]
    cdef DendriteState* states         # [dendrite]
    cdef Prediction* predictions       # [dendrite]
    cdef double* series                # [partition][dendrite][term], see taylor_step.pxd
    cdef double* v
    cdef double* g_exc
    cdef double* g_inh
    cdef double* rate
    cdef list _arrays
    cdef double* _column(self, name)
    cdef _prepare_run(self, Neuron* neuron, Dendrite* dendrites, dict p)

    @cython.final
    cdef void absorb_range(self, Py_ssize_t first, Py_ssize_t last, double* arriving) noexcept nogil

    @cython.final
    cdef void integrate(self, const Neuron* neuron, const Dendrite* dendrites, int partition, long now) noexcept nogil

    @cython.final
    cdef bint integrate_smooth(
        self, const Neuron* neuron, const Dendrite* dendrites, Py_ssize_t first, Py_ssize_t n, long now) noexcept nogil

    @cython.final
    cdef bint predict(
        self, const Neuron* neuron, const Dendrite* dendrites, Py_ssize_t i, Py_ssize_t n, long now, double h,
        double* errors) noexcept nogil
