"""Rate functions φ of a somatic potential, and φ'/φ, inline.

logistic     φ(u) = phi_max / (1 + rate_slope e^{beta (theta − u)})     Urbanczik & Senn (2014), eq. 3
softplus     φ(u) = gain ln(1 + e^{beta (u − theta)})
rectified    φ(u) = gain (u − theta), between 0 and phi_max
exponential  φ(u) = rho_0 e^{beta (u − theta)}

φ'/φ (1/mV) is what a spike adds to the error of a dendrite that predicts φ: the gradient of the log-likelihood.
"""

from libc.math cimport fabs, log1p

from backend_cython.numerics.sigmoid cimport exponential, odds

cdef enum:
    HIGHEST_EXPONENT = 300      # beyond it there would only be rates that overflow when they are multiplied


cdef enum Shape:
    LOGISTIC
    SOFTPLUS
    RECTIFIED
    EXPONENTIAL


cdef struct RateFunction:
    # `scale` is phi_max, gain or rho_0 (Hz, of the rectified one Hz/mV); what a shape does not have is unused
    double scale, beta, theta, rate_slope, phi_max


cdef inline double rate_at(Shape shape, const RateFunction* f, double u, double* log_slope) noexcept nogil:
    """φ(u), in Hz, and φ'/φ; loops with a constant shape are loops without branches."""
    cdef double x, near, rise
    if shape == LOGISTIC:
        x = odds(u, f.rate_slope, f.beta, f.theta)
        near = 1.0 / (1.0 + x)
        log_slope[0] = f.beta * (x * near)
        return f.scale * near
    if shape == SOFTPLUS:
        x = f.beta * (u - f.theta)
        near = exponential(-fabs(x))
        rise = log1p(near) + max(x, 0.0)
        log_slope[0] = f.beta * ((1.0 if x >= 0.0 else near) / (1.0 + near)) / rise
        return f.scale * rise
    if shape == RECTIFIED:
        x = f.scale * (u - f.theta)
        # where φ is 0 there are no spikes, and where it is constant nothing to learn from them
        log_slope[0] = f.scale / x if 1e-300 < x < f.phi_max else 0.0
        return min(max(x, 0.0), f.phi_max)
    log_slope[0] = f.beta
    return f.scale * exponential(min(f.beta * (u - f.theta), HIGHEST_EXPONENT))
