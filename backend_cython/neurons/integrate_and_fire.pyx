"""The membrane of leaky integrate-and-fire neurons, with any mix of synaptic currents, conductances and jumps.

    cm v' = −g_leak (v − v_rest) + i_offset + I_injected + Σ i_k + Σ g_k (E_k − v),    g_leak = cm / tau_m

v ≥ v_thresh is a spike, after which v is v_reset for tau_refrac.

Numerics: without conductances the solution is known, and exact to rounding also where time constants coincide. With
conductances v follows a linear equation C v' = C (b − a v) with the known integrating factor A(s) = ∫_s^h a(u) du,

    v(h) = R + e^{−A(0)} (v(0) − R) + ∫_0^h e^{−A(s)} (b(s) − a(s) R) ds,

by a three-point Gauss rule, over as many substeps as short time constants need; R, the potential to which the cell
relaxes at mid-step, takes out the large part of the integrand. A cell whose conductance is large for the step
is left to the adaptive integrator of ode.pxd for as long as that lasts.
"""

from libc.math cimport INFINITY, ceil, exp, expm1, fabs
from libc.stdlib cimport free

import numpy as np

from backend_cython.model.schema import Parameter, check_above, check_time_constant
from backend_cython.engine.memory cimport resize
from backend_cython.neurons.leaky_membrane cimport FARTHEST, N_NODES, Exact, Membrane, Sampled
from backend_cython.neurons.point_loops cimport (
    STRIP, add_rising, add_values, integrate_conductances, relax, step_two_alike, step_two_conductances,
    step_two_rising, take_two_conductances)
from backend_cython.neurons.point_neuron cimport Run
from backend_cython.neurons.responses cimport Course, Responses, input_at, rise_to
from backend_cython.numerics.ode cimport SUBSTEPS, Path, integrate
from backend_cython.numerics.propagators cimport Cascade, cascade
from backend_cython.numerics.search cimport AT_ONCE
from backend_cython.numerics.sigmoid cimport exponential, short_exponential

# Rate × step up to which the Gauss rule is good to 1e-7 mV, and the short exponentials in it valid.
cdef double GAUSS_LIMIT = 0.5
# A potential is small below this, mV
cdef double SCALE = 1.0
# Fewer cells are quicker one by one.
cdef Py_ssize_t WORTH_A_STRIP = 4

NODES, WEIGHTS = np.polynomial.legendre.leggauss(N_NODES)
cdef double[N_NODES] node = NODES


cdef struct Cell:
    const Responses* responses
    const Course* courses
    Py_ssize_t i
    double cm, g_leak, current         # current at 0 mV but for synapses


cdef void slope(double s, const double* v, double* dv, const void* cell) noexcept nogil:
    cdef const Cell* c = <const Cell*> cell
    cdef double conductance, current
    input_at(c.responses, c.courses, c.i, s, &conductance, &current)
    dv[0] = (c.current + current - (c.g_leak + conductance) * v[0]) / c.cm


cdef inline double* part_of(double* array, Py_ssize_t first) noexcept nogil:
    return array + first if array != NULL else NULL


cdef class IntegrateAndFire(PointNeuron):
    """Leaky integrate-and-fire neurons; see `PointNeuron` for what a cell type declares."""

    PARAMETERS = {
        "v_rest": Parameter(-65.0, "mV"),
        "cm": Parameter(1.0, "nF", "positive"),
        "tau_m": Parameter(20.0, "ms", "positive"),
        "tau_refrac": Parameter(0.1, "ms", "time"),
        "v_reset": Parameter(-65.0, "mV"),
        "v_thresh": Parameter(-50.0, "mV"),
        "i_offset": Parameter(0.0, "nA"),
    }

    def __dealloc__(self):
        free(self.membranes)
        free(self.exact)
        free(self.sampled)

    def is_quick(self):
        return not any(response.conductance for response in self.RESPONSES.values())

    def leak(self):
        """Leak conductance of each cell, µS."""
        return self.quantity("cm") / self.quantity("tau_m")

    def check_together(self, p, owner):
        super().check_together(p, owner)
        check_above(owner, "v_thresh", p["v_thresh"], p["v_reset"], "v_reset", "mV")
        if "tau_m" in p:
            check_time_constant(owner, "tau_m", p["tau_m"], self.timestep)

    def prepare_membrane(self):
        cdef Py_ssize_t n = self.responses.n, run, i, k
        cdef const double[::1] cm = self.quantity("cm"), g_leak = self.leak(), v_rest = self.quantity("v_rest")
        cdef double h = self.timestep, fastest
        cdef Membrane* m
        cdef Cascade over
        resize(<void**> &self.membranes, self.n_runs * sizeof(Membrane))
        resize(<void**> &self.exact, (self.n_runs * n + 1) * sizeof(Exact))
        resize(<void**> &self.sampled, (self.n_runs * n + 1) * sizeof(Sampled))
        self.linear = self.is_quick()
        kinds = {response.kind for response in self.RESPONSES.values()}
        self.two_alike = n == self.n_receptors == 2 and len(kinds) == 1
        for run in range(self.n_runs):
            i = self.runs[run].cell
            m = &self.membranes[run]
            m.cm = cm[i]
            m.g_leak = g_leak[i]
            m.v_rest = v_rest[i]
            fastest = m.g_leak / m.cm
            m.decay = exp(-h * fastest)
            m.of_current = -expm1(-h * fastest) / m.g_leak
            for k in range(n):
                r = &self.responses.table[run * n + k]
                if r.jump:
                    continue
                fastest = max(fastest, max(r.rate, r.rate_rise))
                over = cascade(m.g_leak / m.cm, r.rate, r.rate_rise, h)
                self.exact[run * n + k] = Exact(over.vg / m.cm, over.vx / m.cm)
            m.substeps = <int> max(1.0, ceil(h * fastest / GAUSS_LIMIT - 1e-9))
            if not self.linear:
                self._prepare_nodes(run)

    cdef _prepare_nodes(self, Py_ssize_t run):
        cdef Py_ssize_t n = self.responses.n, k
        cdef Membrane* m = &self.membranes[run]
        cdef double h = self.timestep / m.substeps, s
        cdef const Course* r
        cdef Sampled* at
        cdef Cascade whole, part
        cdef int q
        for q in range(N_NODES):
            m.weight[q] = 0.5 * h * WEIGHTS[q] / m.cm
        for q in range(N_NODES + 1):
            s = 0.0 if q == N_NODES else 0.5 * h * (1.0 + node[q])
            m.remaining[q] = (h - s) * m.g_leak / m.cm
            for k in range(n):
                r = &self.responses.table[run * n + k]
                at = &self.sampled[run * n + k]
                # with m = 0 the first stage is the integral of the second
                whole = cascade(0.0, r.rate, r.rate_rise, h)
                part = cascade(0.0, r.rate, r.rate_rise, s)
                at.ahead_value[q] = (whole.vg - part.vg) / m.cm
                at.ahead_rise[q] = (whole.vx - part.vx) / m.cm
                if q < N_NODES:
                    at.of_value[q] = part.gg
                    at.of_rise[q] = part.gx

    cdef void step_run(self, Py_ssize_t number, double* arriving) noexcept nogil:
        if not self.two_alike:
            PointNeuron.step_run(self, number, arriving)
        elif self.linear:
            self.step_linear(number, arriving)
        else:
            self.step_conductances(number, arriving)

    cdef void step_linear(self, Py_ssize_t number, double* arriving) noexcept nogil:
        """All that happens to a run of cells with two currents or jumps in a step, strip by strip."""
        cdef const Run* run = &self.runs[number]
        cdef const double* injected = self.current(number)
        cdef double** value = self.responses.value
        cdef double** rise = self.responses.rise
        cdef double* v = self.v
        cdef Py_ssize_t first = run.first, n
        while first < run.last:
            n = min(AT_ONCE, run.last - first)
            if step_two_alike(
                    run, &self.membranes[number], &self.responses.table[2 * number], &self.exact[2 * number], n,
                    injected + first if self.driven else NULL, arriving + first, arriving + self.stride + first,
                    part_of(value[0], first), part_of(value[1], first), part_of(rise[0], first),
                    part_of(rise[1], first), self.refractory + first, v + first):
                self.spike_above(run, first, n)
            first += n

    cdef void step_conductances(self, Py_ssize_t number, double* arriving) noexcept nogil:
        """The same with two conductances."""
        cdef Py_ssize_t first = self.runs[number].first, last = self.runs[number].last, n
        while first < last:
            n = min(AT_ONCE, last - first)
            if self.take_smoothly(number, first, n, arriving + first):
                self.step_smooth(number, first, n)
            else:
                self.advance_cells(number, first, n)
                self.propagate(number, first, first + n)
            self.fire(number, first, first + n)
            first += n

    cdef bint take_smoothly(self, Py_ssize_t number, Py_ssize_t first, Py_ssize_t n, double* arriving) noexcept nogil:
        """Add what arrives; whether one step of the Gauss rule is good for these cells then."""
        cdef bint large = take_two_conductances(
            &self.membranes[number], &self.responses.table[2 * number], &self.sampled[2 * number], n, GAUSS_LIMIT,
            arriving, arriving + self.stride, self.responses.value[0] + first, self.responses.value[1] + first,
            part_of(self.responses.rise[0], first), part_of(self.responses.rise[1], first))
        return n >= WORTH_A_STRIP and self.membranes[number].substeps == 1 and not large

    cdef void step_smooth(self, Py_ssize_t number, Py_ssize_t first, Py_ssize_t n) noexcept nogil:
        """That step, up to spikes and refractory time."""
        cdef const Membrane* m = &self.membranes[number]
        cdef const Course* r = &self.responses.table[2 * number]
        cdef const Sampled* at = &self.sampled[2 * number]
        cdef const double* injected = self.current(number) + first
        cdef double** value = self.responses.value
        cdef double** rise = self.responses.rise
        cdef double i_offset = self.runs[number].i_offset
        if r.rising:
            step_two_rising(m, r, at, n, i_offset, injected, value[0] + first, value[1] + first, rise[0] + first,
                            rise[1] + first, self.v + first)
        else:
            step_two_conductances(m, r, at, n, i_offset, injected, value[0] + first, value[1] + first, self.v + first)

    cdef void advance(self, Py_ssize_t number) noexcept nogil:
        cdef const Run* run = &self.runs[number]
        cdef Py_ssize_t first = run.first, n
        while first < run.last:
            n = min(STRIP, run.last - first)
            if self.linear:
                self.advance_exactly(number, first, n)
            elif not self.advance_strip(number, first, n):
                self.advance_cells(number, first, n)
            first += n

    cdef void advance_cells(self, Py_ssize_t number, Py_ssize_t first, Py_ssize_t n) noexcept nogil:
        """Cells with conductances one by one."""
        cdef Py_ssize_t i
        for i in range(first, first + n):
            if self.refractory[i] == 0:
                self.advance_cell(number, i)

    cdef void advance_exactly(self, Py_ssize_t number, Py_ssize_t first, Py_ssize_t n) noexcept nogil:
        """Cells without conductances."""
        cdef const Membrane* m = &self.membranes[number]
        cdef const Course* r
        cdef const Exact* e
        cdef double* v = self.v + first
        cdef Py_ssize_t k
        relax(n, m.v_rest, m.decay, self.runs[number].i_offset, m.of_current, self.current(number) + first, v)
        for k in range(self.responses.n):
            r = &self.responses.table[number * self.responses.n + k]
            e = &self.exact[number * self.responses.n + k]
            if r.rising:
                add_rising(n, e.of_value, e.of_rise, self.responses.value[k] + first, self.responses.rise[k] + first, v)
            elif not r.jump:
                add_values(n, e.of_value, self.responses.value[k] + first, v)

    cdef bint advance_strip(self, Py_ssize_t number, Py_ssize_t first, Py_ssize_t n) noexcept nogil:
        """Several cells with conductances, unless each is to be looked at by itself."""
        cdef const Membrane* m = &self.membranes[number]
        cdef Py_ssize_t courses = number * self.responses.n
        return n >= WORTH_A_STRIP and m.substeps == 1 and integrate_conductances(
            m, &self.responses.table[courses], &self.sampled[courses], self.responses.n, self.responses.value,
            self.responses.rise, first, n, GAUSS_LIMIT, self.runs[number].i_offset, self.current(number) + first,
            self.v + first)

    cdef void advance_cell(self, Py_ssize_t number, Py_ssize_t i) noexcept nogil:
        """A cell with conductances."""
        cdef const Membrane* m = &self.membranes[number]
        cdef const Course* courses = &self.responses.table[number * self.responses.n]
        cdef const Sampled* at
        cdef double constant = m.g_leak * m.v_rest + self.runs[number].i_offset + self.current(number)[i]
        cdef double h = self.timestep / m.substeps, value, rise, here, reference, v = self.v[i]
        cdef double exponent[N_NODES + 1]
        cdef double drive[N_NODES]         # C b
        cdef double leak[N_NODES]          # C a
        cdef Py_ssize_t k
        cdef int part, q
        cdef Cell cell
        cdef Path path
        for part in range(m.substeps):
            for q in range(N_NODES):
                exponent[q] = m.remaining[q]
                leak[q] = m.g_leak
                drive[q] = constant
            exponent[N_NODES] = m.remaining[N_NODES]
            for k in range(self.responses.n):
                if courses[k].jump:
                    continue
                at = &self.sampled[number * self.responses.n + k]
                value = self.responses.value[k][i]
                rise = self.responses.rise[k][i] if courses[k].rising else 0.0
                if part > 0:
                    if courses[k].rising:
                        value += rise * rise_to(&courses[k], part * h)
                        rise *= exponential(-part * h * courses[k].rate_rise)
                    value *= exponential(-part * h * courses[k].rate)
                for q in range(N_NODES):
                    here = at.of_value[q] * value + at.of_rise[q] * rise
                    if courses[k].conductance:
                        leak[q] += here
                        drive[q] += here * courses[k].e_rev
                        exponent[q] += at.ahead_value[q] * value + at.ahead_rise[q] * rise
                    else:
                        drive[q] += here
                if courses[k].conductance:
                    exponent[N_NODES] += at.ahead_value[N_NODES] * value + at.ahead_rise[N_NODES] * rise
            if fabs(exponent[N_NODES]) > GAUSS_LIMIT:
                cell = Cell(&self.responses, courses, i, m.cm, m.g_leak, constant)
                path = Path(part * h, self.timestep, SUBSTEPS)
                integrate(slope, &cell, 1, &SCALE, INFINITY, &path, &v)
                break
            reference = drive[N_NODES // 2] / leak[N_NODES // 2]
            if fabs(reference) > FARTHEST:
                reference = v
            v = reference + (v - reference) * short_exponential(-exponent[N_NODES])
            for q in range(N_NODES):
                v += m.weight[q] * short_exponential(-exponent[q]) * (drive[q] - leak[q] * reference)
        self.v[i] = v
