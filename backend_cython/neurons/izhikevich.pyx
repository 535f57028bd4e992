"""The simple model of Izhikevich (2003), IEEE Transactions on Neural Networks 14: 1569–1572.

    v' = 0.04 v² + 5 v + 140 − u + I / C,    u' = a (b v − u)          (v in mV, u in mV/ms, t in ms)

v ≥ 30 mV is a spike, after which v is c and u larger by d. PyNN measures I in nA and sets C = 1 pF; a synaptic
weight is a jump of v, in mV, so that an inhibitory one is negative.

Between spikes the adaptive integrator of ode.pxd is used. A cell that reaches the peak within a step stays there
to the step's end, where it spikes, whatever arrives then; its u goes on towards b × 30 mV.
"""

from libc.math cimport INFINITY, exp
from libc.stdlib cimport free

from backend_cython.model.schema import Compartment, Parameter, State
from backend_cython.engine.memory cimport resize
from backend_cython.neurons.point_neuron cimport PointNeuron, Run
from backend_cython.neurons.responses import Response
from backend_cython.numerics.ode cimport SUBSTEPS, Path, integrate

# mV; the capacitance in nF
cdef double PEAK = 30.0
cdef double CAPACITANCE = 1e-3
# Below these a potential (mV) and a recovery variable (mV/ms) are small.
cdef double[2] SCALE = [1.0, 1.0]


cdef struct Cell:
    double a, b, c, d
    double drive                       # I / C, mV/ms


cdef void slopes(double s, const double* y, double* slope, const void* cell) noexcept nogil:
    cdef const Cell* p = <const Cell*> cell
    slope[0] = (0.04 * y[0] + 5.0) * y[0] + 140.0 - y[1] + p.drive
    slope[1] = p.a * (p.b * y[0] - y[1])


cdef class Izhikevich(PointNeuron):
    """Izhikevich neurons. Neighbours with equal parameters are stepped together, as one run."""

    cdef Cell* cells                   # run by run
    cdef double* u

    PARAMETERS = {
        "a": Parameter(0.02, "/ms", "non-negative"),
        "b": Parameter(0.2, "/ms"),
        "c": Parameter(-65.0, "mV"),
        "d": Parameter(2.0, "mV/ms"),
        "i_offset": Parameter(0.0, "nA"),
    }
    CONSTANTS = {"v_thresh": PEAK}
    COMPARTMENTS = {"soma": Compartment("v", CAPACITANCE, coupled=True)}
    STATES = {"v": State(-70.0, "mV"), "u": State(-14.0, "mV/ms")}
    RESPONSES = {"excitatory": Response("curr_delta"), "inhibitory": Response("curr_delta")}

    def __dealloc__(self):
        free(self.cells)

    def allocate_states(self):
        PointNeuron.allocate_states(self)
        self.u = self.array("u")

    def prepare_membrane(self):
        cdef Py_ssize_t run, i
        cdef const double[::1] a = self.parameter("a"), b = self.parameter("b")
        cdef const double[::1] c = self.parameter("c"), d = self.parameter("d")
        resize(<void**> &self.cells, self.n_runs * sizeof(Cell))
        for run in range(self.n_runs):
            i = self.runs[run].cell
            self.cells[run] = Cell(a[i], b[i], c[i], d[i], 0.0)

    cdef void advance(self, Py_ssize_t number) noexcept nogil:
        cdef const Run* run = &self.runs[number]
        cdef Cell cell = self.cells[number]
        cdef const double* injected = self.current(number)
        cdef Path path
        cdef double y[2]
        cdef double at_peak = cell.b * PEAK
        cdef Py_ssize_t i
        for i in range(run.first, run.last):
            cell.drive = (run.i_offset + injected[i]) / CAPACITANCE
            y[0] = self.v[i]
            y[1] = self.u[i]
            path = Path(0.0, self.timestep, SUBSTEPS)
            if integrate(slopes, &cell, 2, SCALE, PEAK, &path, y):
                y[0] = INFINITY        # until `spike`: no input that arrives now can undo the peak
                y[1] = at_peak + (y[1] - at_peak) * exp(-cell.a * (path.end - path.s))
            self.v[i] = y[0]
            self.u[i] = y[1]

    cdef void spike(self, const Run* run, Py_ssize_t i) noexcept nogil:
        cdef const Cell* cell = &self.cells[run - self.runs]
        self.emit(self.cell_at(run, i))
        self.v[i] = cell.c
        self.u[i] += cell.d
