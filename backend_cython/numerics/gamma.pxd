"""Gamma-distributed waiting times, as their integrated hazard and its inverse.

A time x (in units of the scale) with the density x^(a−1) e^(−x) / Γ(a) is survived with the probability
Q(a, x) = Γ(a, x) / Γ(a), the regularised incomplete gamma function; its integrated hazard is H = −ln Q.
Series and continued fraction: Abramowitz & Stegun (1964), 6.5.29 and 6.5.31.
"""

from libc.math cimport exp, fabs, lgamma, log, log1p

# Many more than are ever needed: bounds that rounding cannot outwit.
cdef enum:
    MOST_TERMS = 100_000
    MOST_CORRECTIONS = 200


cdef inline double lower_series(double a, double x) noexcept nogil:
    """The sum of x^n / (a (a + 1) … (a + n)), so that P(a, x) = x^a e^(−x) / Γ(a) times it."""
    cdef double term = 1.0 / a, total = term
    cdef int n
    for n in range(1, MOST_TERMS):
        term *= x / (a + n)
        total += term
        if term < 1e-17 * total:
            break
    return total


cdef inline double upper_fraction(double a, double x) noexcept nogil:
    """The continued fraction that makes Q(a, x) = x^a e^(−x) / Γ(a) times it, by Lentz's method."""
    cdef double b = x + 1.0 - a, above = 1e300, below = 1.0 / b, value = below, numerator, change
    cdef int n
    for n in range(1, MOST_TERMS):
        numerator = n * (a - n)
        b += 2.0
        below = 1.0 / (b + numerator * below)
        above = b + numerator / above
        change = above * below
        value *= change
        if fabs(change - 1.0) < 1e-16:
            break
    return value


cdef inline double log_hazard_integral(double a, double log_gamma, double x, double* slope) noexcept nogil:
    """ln H(x) for x > 0, and its slope d ln H / d ln x; `log_gamma` is ln Γ(a).

    The logarithm is what stays accurate however unlikely a shorter or a longer time is.
    """
    cdef double front = a * log(x) - x - log_gamma     # ln of x times the density
    cdef double log_P, H
    if x < a + 1.0:
        log_P = front + log(lower_series(a, x))
        H = -log1p(-exp(log_P))
        if H < 1e-9:
            slope[0] = exp(front - log_P)
            return log_P
    else:
        H = -front - log(upper_fraction(a, x))
    slope[0] = exp(front + H) / H
    return log(H)


cdef inline double hazard_integral(double a, double log_gamma, double x) noexcept nogil:
    """H(x)"""
    cdef double slope
    return exp(log_hazard_integral(a, log_gamma, x, &slope)) if x > 0.0 else 0.0


cdef inline double waiting_time(double a, double log_gamma, double H) noexcept nogil:
    """The x at which the integrated hazard is H: of an exponentially distributed H, a gamma-distributed x.

    Newton's method on ln H as a function of ln x. It falls from the slope a to 1 (a > 1) or rises from a to 1
    (a < 1), so that both asymptotes, for short and for long times, bound x from the side from which no step
    overshoots; the start is the nearer one.
    """
    cdef double target, s, slope, change
    cdef int _n
    if H <= 0.0:
        return 0.0
    target = log(H)
    s = (target + log_gamma + log(a)) / a
    s = max(s, target) if a > 1.0 else min(s, target)
    if s < -700.0:
        return exp(s)
    for _n in range(MOST_CORRECTIONS):
        change = target - log_hazard_integral(a, log_gamma, exp(s), &slope)
        change /= slope
        s += change
        if fabs(change) < 1e-13:
            break
    return exp(s)


cdef inline double met_interval(double a, double H) noexcept nogil:
    """The interval that an arbitrary time lies in: it is met the more likely, the longer it is, so a is one more."""
    return waiting_time(a + 1.0, lgamma(a + 1.0), H)
