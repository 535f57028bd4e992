"""What the spikes that reach a synapse do to it, inline; see stdp.pyx."""

from libc.math cimport pow

from backend_cython.numerics.sigmoid cimport exponential


cdef struct Rule:
    double w_max, inverse               # and 1 / w_max, or 0
    double low, high                    # bounds of the weight, in order
    double foot                         # weight at which decreases vanish
    double mu_plus, mu_minus
    double post_plus, pre_plus, pre_minus, pre_constant


cdef struct Trace:
    double value                        # at `step`
    double rate                         # of its decay, per time step
    long step


cdef inline double left(const Trace* trace, long now) noexcept nogil:
    """A trace at `now`."""
    if trace.value == 0.0 or trace.step == now:
        return trace.value
    return trace.value * exponential((trace.step - now) * trace.rate)


cdef inline double power(double x, double exponent) noexcept nogil:
    if exponent == 0.0:
        return 1.0
    return x if exponent == 1.0 else pow(x, exponent)


cdef inline double increased(const Rule* rule, double weight, double amount) noexcept nogil:
    weight += amount * power((rule.w_max - weight) * rule.inverse, rule.mu_plus)
    return min(max(weight, rule.low), rule.high)


cdef inline double decreased(const Rule* rule, double weight, double amount) noexcept nogil:
    weight -= amount * power((weight - rule.foot) * rule.inverse, rule.mu_minus)
    return min(max(weight, rule.low), rule.high)
