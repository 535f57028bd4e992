"""Gamma-distributed waiting times, as their integrated hazard and its inverse.

A time x (in units of the scale) with the density x^(a−1) e^(−x) / Γ(a) is survived with the probability
Q(a, x) = Γ(a, x) / Γ(a), the regularised incomplete gamma function; its integrated hazard is H = −ln Q.
P = 1 − Q, Q and their inverses are SciPy's; what is here keeps the logarithm where Q is below all numbers,
as after a change of parameters amid an interval: the continued fraction of Abramowitz & Stegun (1964), 6.5.31.
"""

from libc.math cimport exp, expm1, fabs, lgamma, log, log1p

from scipy.special.cython_special cimport gammainc, gammaincc, gammaincinv, gammainccinv

cdef enum:
    LONGEST_BY_Q = 690      # the largest H that is computed from Q, with Q still far from denormal numbers
    MOST_TERMS = 10_000     # bounds of both iterations that rounding cannot outwit
    MOST_CORRECTIONS = 200


cdef inline double upper_fraction(double a, double x) noexcept nogil:
    """The continued fraction that makes Q(a, x) = x^a e^(−x) / Γ(a) times it, by Lentz's method; for x > a + 1."""
    cdef double b = x + 1.0 - a, above = 1e300, below = 1.0 / b, value = below, numerator, change
    cdef int n
    for n in range(1, MOST_TERMS):
        numerator = n * (a - n)
        b += 2.0
        below = 1.0 / (b + numerator * below)
        above = b + numerator / above
        change = above * below
        value *= change
        if fabs(change - 1.0) < 1e-15:
            break
    return value


cdef inline double far_hazard_integral(double a, double log_gamma, double x, double* slope) noexcept nogil:
    """H(x) where Q(a, x) cannot be told from 0, and dH/dx, the hazard; `log_gamma` is ln Γ(a)."""
    cdef double fraction = upper_fraction(a, x)
    slope[0] = 1.0 / (x * fraction)
    return x - a * log(x) + log_gamma - log(fraction)


cdef inline double hazard_integral(double a, double log_gamma, double x) noexcept nogil:
    """H(x); whichever of P and Q is the smaller one has the digits."""
    cdef double P, H, slope
    if x <= 0.0:
        return 0.0
    P = gammainc(a, x)
    if P < 0.5:
        return -log1p(-P)
    H = -log(gammaincc(a, x))
    return H if H < LONGEST_BY_Q else far_hazard_integral(a, log_gamma, x, &slope)


cdef inline double waiting_time(double a, double log_gamma, double H) noexcept nogil:
    """The x at which the integrated hazard is H: of an exponentially distributed H, a gamma-distributed x."""
    cdef double P = -expm1(-H), x, slope, change
    cdef int _n
    if P < 0.5:
        return gammaincinv(a, P)
    if H < LONGEST_BY_Q:
        return gammainccinv(a, exp(-H))
    # Newton's method: the slope falls (a < 1) or rises (a > 1) towards 1; no step overshoots, or only the first does.
    x = gammainccinv(a, exp(-<double>LONGEST_BY_Q))
    for _n in range(MOST_CORRECTIONS):
        change = (H - far_hazard_integral(a, log_gamma, x, &slope)) / slope
        x += change
        if fabs(change) < 1e-14 * x:
            break
    return x


cdef inline double met_interval(double a, double H) noexcept nogil:
    """The interval that an arbitrary time lies in: it is met the more likely, the longer it is, so a is one more."""
    return waiting_time(a + 1.0, lgamma(a + 1.0), H)
