"""Loops over up to `STRIP` synapses with one rule, which compilers vectorise; see stdp.pyx and pair_rule.pxd."""

from backend_cython.numerics.sigmoid cimport exponential

from .pair_rule cimport power


cdef void left_of_many(Py_ssize_t n, long now, const Trace* traces, const int* which, Alone out) noexcept nogil:
    """These traces at `now`."""
    cdef double exponent[STRIP]
    cdef const Trace* trace
    cdef Py_ssize_t i
    for i in range(n):
        trace = &traces[which[i]]
        out[i] = trace.value
        exponent[i] = (trace.step - now) * trace.rate
    for i in range(n):
        out[i] *= exponential(exponent[i])


cdef inline void powers(Py_ssize_t n, double mu, double sign, double from_here, double inverse, AloneInput weight,
                        Alone out) noexcept nogil:
    """By what changes of weights are scaled: `sign` × (`from_here` − weight) × `inverse` to the power of `mu`."""
    cdef Py_ssize_t i
    if mu == 0.0:
        for i in range(n):
            out[i] = 1.0
        return
    for i in range(n):
        out[i] = sign * (from_here - weight[i]) * inverse
    if mu != 1.0:
        for i in range(n):
            out[i] = power(out[i], mu)


cdef void increase_many(const Rule* rule, Py_ssize_t n, double gain, AloneInput trace, Alone weight) noexcept nogil:
    """`increased` by `gain` × trace, where there is a trace."""
    cdef double scale[STRIP]
    cdef double raised, low = rule.low, high = rule.high
    cdef Py_ssize_t i
    powers(n, rule.mu_plus, 1.0, rule.w_max, rule.inverse, weight, scale)
    for i in range(n):
        raised = weight[i] + gain * trace[i] * scale[i]
        raised = min(max(raised, low), high)
        weight[i] = raised if trace[i] != 0.0 else weight[i]


cdef void decrease_many(const Rule* rule, Py_ssize_t n, AloneInput trace, Alone weight) noexcept nogil:
    """What presynaptic spikes do."""
    cdef double scale[STRIP]
    cdef double changed, low = rule.low, high = rule.high, minus = rule.pre_minus, constant = rule.pre_constant
    cdef Py_ssize_t i
    if rule.pre_plus != 0.0:
        powers(n, rule.mu_plus, 1.0, rule.w_max, rule.inverse, weight, scale)
        for i in range(n):
            changed = weight[i] + rule.pre_plus * trace[i] * scale[i]
            weight[i] = min(max(changed, low), high)
    powers(n, rule.mu_minus, -1.0, rule.foot, rule.inverse, weight, scale)
    for i in range(n):
        changed = weight[i] - (minus * trace[i] + constant) * scale[i]
        weight[i] = min(max(changed, low), high)
