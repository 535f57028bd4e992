"""Hodgkin–Huxley neurons with the sodium and potassium currents of Traub & Miles.

Traub RD, Miles R (1991), Neuronal Networks of the Hippocampus, Cambridge University Press:

    cm v' = −g_leak (v − e_rev_leak) − gbar_Na m³ h (v − e_rev_Na) − gbar_K n⁴ (v − e_rev_K)
            + i_offset + I_injected + Σ g_k (E_k − v)
    x' = α_x (1 − x) − β_x x,    x = m, h, n

with the rates (1/ms), for U = v − v_offset in mV and L(z) = z / (e^z − 1),

    α_m = 1.28 L((13 − U) / 4)           β_m = 1.4 L((U − 40) / 5)
    α_h = 0.128 e^{(17 − U) / 18}        β_h = 4 / (1 + e^{(40 − U) / 5})
    α_n = 0.16 L((15 − U) / 5)           β_n = 0.5 e^{(10 − U) / 40}

A spike is the first step over which the potential falls, from a peak 30 mV or more above v_offset, as long as
2 ms have passed since the last one (NEST's definition, hh_cond_exp_traub). Nothing is reset.
"""

from libc.math cimport INFINITY, exp, expm1
from libc.stdlib cimport free

from backend_cython.model.schema import Parameter, State, check_least, shortest_time_constant
from backend_cython.engine.memory cimport resize
from backend_cython.neurons.point_neuron cimport PointNeuron, Run
from backend_cython.neurons.responses import pair
from backend_cython.neurons.responses cimport Course, Responses, input_at
from backend_cython.numerics.ode cimport SUBSTEPS, Path, integrate

# Height of a spike above v_offset, mV, and the time without another one, ms.
cdef double PEAK = 30.0
DEAD_TIME = 2.0
# A substep may be wrong by `TOLERANCE` times these, that is by 1e-7 mV and 1e-9 of an activation. Near threshold
# such errors grow a thousandfold until the spike, which forgets them.
cdef double[4] SCALE = [1e3, 1e1, 1e1, 1e1]

_RESPONSES, _SYNAPTIC = pair("cond_exp", 0.2, 2.0, e_rev_I=-80.0)


cdef struct Channels:
    # of a run
    double gbar_Na, gbar_K, g_leak, cm, v_offset, e_rev_Na, e_rev_K, e_rev_leak


cdef struct Cell:
    Channels* channels
    const Responses* responses
    const Course* courses
    Py_ssize_t i
    double current                     # nA, but for channels and synapses


cdef inline double linoid(double z) noexcept nogil:
    """z / (e^z − 1)"""
    return z / expm1(z) if z != 0.0 else 1.0


cdef void slopes(double s, const double* y, double* slope, const void* cell) noexcept nogil:
    cdef const Cell* p = <const Cell*> cell
    cdef const Channels* c = p.channels
    cdef double v = y[0], m = y[1], h = y[2], n = y[3], U = v - c.v_offset, conductance, current
    input_at(p.responses, p.courses, p.i, s, &conductance, &current)
    slope[0] = (p.current + current - conductance * v - c.g_leak * (v - c.e_rev_leak)
                - c.gbar_Na * m * m * m * h * (v - c.e_rev_Na)
                - c.gbar_K * n * n * n * n * (v - c.e_rev_K)) / c.cm
    slope[1] = 1.28 * linoid((13.0 - U) / 4.0) * (1.0 - m) - 1.4 * linoid((U - 40.0) / 5.0) * m
    slope[2] = 0.128 * exp((17.0 - U) / 18.0) * (1.0 - h) - 4.0 / (1.0 + exp((40.0 - U) / 5.0)) * h
    slope[3] = 0.16 * linoid((15.0 - U) / 5.0) * (1.0 - n) - 0.5 * exp((10.0 - U) / 40.0) * n


cdef class HH_cond_exp(PointNeuron):
    """Hodgkin–Huxley neurons with exponentially decaying synaptic conductances."""

    cdef Channels* channels            # run by run
    cdef double* m
    cdef double* h
    cdef double* n
    cdef double[::1] before            # potential at the start of the step

    PARAMETERS = {
        "gbar_Na": Parameter(20.0, "uS", "non-negative"),
        "gbar_K": Parameter(6.0, "uS", "non-negative"),
        "g_leak": Parameter(0.01, "uS", "non-negative"),
        "cm": Parameter(0.2, "nF", "positive"),
        "v_offset": Parameter(-63.0, "mV"),
        "e_rev_Na": Parameter(50.0, "mV"),
        "e_rev_K": Parameter(-90.0, "mV"),
        "e_rev_leak": Parameter(-65.0, "mV"),
        **_SYNAPTIC,
        "i_offset": Parameter(0.0, "nA"),
    }
    CONSTANTS = {"tau_refrac": DEAD_TIME}
    STATES = {
        "v": State(-65.0, "mV"),
        **{response.signal: response.state for response in _RESPONSES.values()},
        "h": State(1.0, "dimensionless", "fraction"),
        "m": State(0.0, "dimensionless", "fraction"),
        "n": State(0.0, "dimensionless", "fraction"),
    }
    RESPONSES = _RESPONSES

    def __dealloc__(self):
        free(self.channels)

    def allocate_states(self):
        PointNeuron.allocate_states(self)
        self.m = self.array("m")
        self.h = self.array("h")
        self.n = self.array("n")
        self.before = self.padded_zeros()

    def check_together(self, p, owner):
        PointNeuron.check_together(self, p, owner)
        shortest = shortest_time_constant(self.timestep)
        check_least(owner, "cm", p["cm"], shortest * p["g_leak"],
                    f"cm / g_leak must not be below {shortest:g} ms, a thousandth of the time step", "nF")

    def prepare_membrane(self):
        resize(<void**> &self.channels, self.n_runs * sizeof(Channels))
        cdef Py_ssize_t run
        for run in range(self.n_runs):
            self.channels[run] = {name: self.parameter(name)[self.runs[run].cell] for name in (
                "gbar_Na", "gbar_K", "g_leak", "cm", "v_offset", "e_rev_Na", "e_rev_K", "e_rev_leak")}

    cdef void advance(self, Py_ssize_t number) noexcept nogil:
        cdef const Run* run = &self.runs[number]
        cdef Cell cell = Cell(&self.channels[number], &self.responses,
                              self.responses.table + number * self.responses.n, 0, 0.0)
        cdef const double* injected = self.current(number)
        cdef Path path
        cdef double y[4]
        cdef Py_ssize_t i
        for i in range(run.first, run.last):
            cell.i = i
            cell.current = run.i_offset + injected[i]
            self.before[i] = self.v[i]
            y[0] = self.v[i]
            y[1] = self.m[i]
            y[2] = self.h[i]
            y[3] = self.n[i]
            path = Path(0.0, self.timestep, SUBSTEPS)
            integrate(slopes, &cell, 4, SCALE, INFINITY, &path, y)
            self.v[i] = y[0]
            self.m[i] = y[1]
            self.h[i] = y[2]
            self.n[i] = y[3]

    cdef void fire(self, Py_ssize_t number, Py_ssize_t first, Py_ssize_t last) noexcept nogil:
        cdef const Run* run = &self.runs[number]
        cdef Py_ssize_t i
        for i in range(first, last):
            if self.refractory[i] > 0:
                self.refractory[i] -= 1
            elif self.before[i] > self.v[i] >= self.channels[number].v_offset + PEAK:
                self.emit(self.cell_at(run, i))
                self.refractory[i] = run.refractory_steps
