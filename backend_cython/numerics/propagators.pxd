"""The exact solution of a cascade of three linear stages over a time s, inline.

    v' = −m v + g,    g' = −d g + x,    x' = −r x

The propagator is the exponential of a bidiagonal matrix. Shifted by the largest rate that matrix has no negative
entry, so that its Taylor series and the squarings of the result cancel no digits: all entries are good to
rounding, however close the rates are to each other.
"""

from libc.math cimport exp, expm1

cdef enum:
    TERMS = 20         # of the series, whose matrix has a norm of about 1


cdef struct Cascade:
    double vv, vg, vx, gg, gx, xx      # ab: what a holds after s of a unit that b held before


cdef inline Cascade follow(const Cascade* a, const Cascade* b) noexcept nogil:
    """First `b`, then `a`."""
    return Cascade(a.vv * b.vv, a.vv * b.vg + a.vg * b.gg, a.vv * b.vx + a.vg * b.gx + a.vx * b.xx,
                   a.gg * b.gg, a.gg * b.gx + a.gx * b.xx, a.xx * b.xx)


cdef inline Cascade cascade(double m, double d, double r, double s) noexcept nogil:
    """The propagator over s ms of stages with rates m, d, r (1/ms, zero or positive)."""
    cdef double shift = max(m, max(d, r)), part = s, fall
    cdef int doublings = 0, k, _doubling
    cdef Cascade step, term = Cascade(1.0, 0.0, 0.0, 1.0, 0.0, 1.0), total = term
    while shift * part > 1.0 and doublings < 1000:
        part *= 0.5
        doublings += 1
    for k in range(1, TERMS + 1):
        step = Cascade((shift - m) * part / k, part / k, 0.0, (shift - d) * part / k, part / k, (shift - r) * part / k)
        term = follow(&step, &term)
        total = Cascade(total.vv + term.vv, total.vg + term.vg, total.vx + term.vx,
                        total.gg + term.gg, total.gx + term.gx, total.xx + term.xx)
    fall = exp(-shift * part)
    step = Cascade(fall, 0.0, 0.0, fall, 0.0, fall)
    total = follow(&step, &total)
    for _doubling in range(doublings):
        total = follow(&total, &total)
    total.vv = exp(-m * s)
    total.gg = exp(-d * s)
    total.xx = exp(-r * s)
    return total


cdef inline double expm1_ratio(double x) noexcept nogil:
    """(e^x − 1) / x"""
    return expm1(x) / x if x != 0.0 else 1.0
