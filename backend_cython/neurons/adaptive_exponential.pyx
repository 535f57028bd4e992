"""The membrane of adaptive exponential integrate-and-fire neurons, with any mix of synaptic responses.

    cm v'    = −g_leak (v − v_rest) + g_leak delta_T e^{(v − v_thresh) / delta_T} − w + I + Σ i_k + Σ g_k (E_k − v)
    tau_w w' = a (v − v_rest) − w,                                            g_leak = cm / tau_m

v reaching v_spike is a spike: v is v_reset from then on for tau_refrac, and w grows by b. With delta_T = 0 the
exponential vanishes, and v_thresh is where the cell spikes. Source: Brette & Gerstner (2005), Adaptive exponential
integrate-and-fire model as an effective description of neuronal activity, J Neurophysiol 94:3637–3642.

Numerics: the adaptive integrator of ode.pxd. A spike happens when v reaches v_spike within the step: v and w are
reset there and go on from there, although the spike is stamped with the end of the step. Without refractory time
there may be several spikes in a step.
"""

from libc.math cimport exp, expm1
from libc.stdlib cimport free

import numpy as np

from backend_cython.model.schema import Parameter, State, check_above, check_time_constant
from backend_cython.engine.memory cimport resize
from backend_cython.neurons.point_neuron cimport Run
from backend_cython.neurons.responses cimport Course, Responses, input_at
from backend_cython.numerics.ode cimport SUBSTEPS, Path, integrate
from backend_cython.numerics.sigmoid cimport exponential

# Values of v (mV) and w (nA) that are small.
cdef double[2] SCALE = [1.0, 1e-3]


cdef struct Cell:
    const Membrane* membrane
    const Responses* responses
    const Course* courses
    Py_ssize_t i
    double current                     # but for synapses


cdef void slopes(double s, const double* y, double* dy, const void* cell) noexcept nogil:
    cdef const Cell* c = <const Cell*> cell
    cdef const Membrane* m = c.membrane
    cdef double conductance, current, v = y[0], w = y[1]
    input_at(c.responses, c.courses, c.i, s, &conductance, &current)
    current += c.current - conductance * v - m.g_leak * (v - m.v_rest) - w
    if m.delta_T > 0.0:
        current += m.g_leak * m.delta_T * exponential((v - m.v_thresh) / m.delta_T)
    dy[0] = current / m.cm
    dy[1] = (m.a * (v - m.v_rest) - w) * m.rate_w


cdef class AdaptiveExponential(PointNeuron):
    """Adaptive exponential integrate-and-fire neurons; see `PointNeuron` for what a cell type declares."""

    PARAMETERS = {
        "cm": Parameter(0.281, "nF", "positive"),
        "tau_refrac": Parameter(0.1, "ms", "time"),
        "v_spike": Parameter(-40.0, "mV"),
        "v_reset": Parameter(-70.6, "mV"),
        "v_rest": Parameter(-70.6, "mV"),
        "tau_m": Parameter(9.3667, "ms", "positive"),
        "i_offset": Parameter(0.0, "nA"),
        "a": Parameter(0.004, "uS"),
        "b": Parameter(0.0805, "nA"),
        "delta_T": Parameter(2.0, "mV", "non-negative"),
        "tau_w": Parameter(144.0, "ms", "positive"),
        "v_thresh": Parameter(-50.4, "mV"),
    }
    STATES = {"v": State(-70.6, "mV"), "w": State(0.0, "nA")}

    def __dealloc__(self):
        free(self.membranes)

    def allocate_states(self):
        super().allocate_states()
        self.w = self.array("w")

    def check_together(self, p, owner):
        super().check_together(p, owner)
        sloping = p["delta_T"] > 0.0
        check_above(owner, "v_spike", np.where(sloping, p["v_spike"], np.inf), p["v_reset"], "v_reset", "mV")
        check_above(owner, "v_thresh", np.where(sloping, np.inf, p["v_thresh"]), p["v_reset"],
                    "v_reset, since delta_T is 0", "mV")
        for name in ("tau_m", "tau_w"):
            check_time_constant(owner, name, p[name], self.timestep)

    def prepare_membrane(self):
        cdef Py_ssize_t run, i
        resize(<void**> &self.membranes, self.n_runs * sizeof(Membrane))
        names = ("cm", "tau_m", "v_rest", "v_thresh", "delta_T", "a", "b", "tau_w", "v_spike")
        cdef const double[:, ::1] p = np.array([self.parameter(name) for name in names])
        for run in range(self.n_runs):
            i = self.runs[run].cell
            self.membranes[run] = Membrane(p[0, i], p[0, i] / p[1, i], p[2, i], p[3, i], p[4, i], p[5, i], p[6, i],
                                           1.0 / p[7, i], p[8, i] if p[4, i] > 0.0 else p[3, i])
            self.runs[run].v_thresh = self.membranes[run].ceiling

    cdef double adapt(self, Py_ssize_t number, double w, double time) noexcept nogil:
        """w after some time at v_reset."""
        cdef const Membrane* m = &self.membranes[number]
        return w * exp(-time * m.rate_w) - m.a * (self.runs[number].v_reset - m.v_rest) * expm1(-time * m.rate_w)

    cdef void advance(self, Py_ssize_t number) noexcept nogil:
        cdef Py_ssize_t i
        for i in range(self.runs[number].first, self.runs[number].last):
            if self.refractory[i] > 0:
                self.w[i] = self.adapt(number, self.w[i], self.timestep)
            else:
                self.advance_cell(number, i)

    cdef void advance_cell(self, Py_ssize_t number, Py_ssize_t i) noexcept nogil:
        cdef const Run* run = &self.runs[number]
        cdef const Membrane* m = &self.membranes[number]
        cdef Cell cell = Cell(m, &self.responses, &self.responses.table[number * self.responses.n], i,
                              run.i_offset + self.current(number)[i])
        cdef Path path = Path(0.0, self.timestep, SUBSTEPS)
        cdef double[2] y = [self.v[i], self.w[i]]
        while integrate(slopes, &cell, 2, SCALE, m.ceiling, &path, y):
            self.w[i] = y[1]
            self.spike(run, i)
            y[0] = self.v[i]
            y[1] = self.w[i]
            if self.refractory[i] > 0:
                # `fire` counts the step that now ends as the first one
                self.refractory[i] += 1
                y[1] = self.adapt(number, y[1], self.timestep - path.s)
                break
            if path.substeps <= 0:
                break
        self.v[i] = y[0]
        self.w[i] = y[1]

    cdef void spike(self, const Run* run, Py_ssize_t i) noexcept nogil:
        PointNeuron.spike(self, run, i)
        self.w[i] += self.membranes[run - self.runs].b
