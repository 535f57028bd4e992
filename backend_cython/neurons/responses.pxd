"""Time courses of synaptic responses, inline. What they mean is in responses.py.

A response has a value g and, unless it is exponential, a rise x, which a spike of weight w increases by N w:

    g' = x − g / τ_decay,    x' = −x / τ_rise          (τ_rise = τ_decay: the alpha function)
    g(s) = g e^{−s/τ_decay} + x κ(s),    κ(s) = (e^{−s/τ_decay} − e^{−s/τ_rise}) / (1/τ_rise − 1/τ_decay)
"""

from libc.math cimport expm1

from backend_cython.numerics.sigmoid cimport exponential


cdef struct Course:
    # of one response, in one run of equal cells
    bint jump                          # of the potential: no time course
    bint conductance
    bint rising                        # not exponential
    double e_rev
    double rate, rate_rise             # 1 / τ
    double gain                        # what a spike of unit weight adds to the value, or else to the rise
    double decay, from_rise, decay_rise    # over a time step: of g from g, of g from x, of x from x


cdef struct Responses:
    Py_ssize_t n
    double** value                     # of each response: one number a cell
    double** rise                      # NULL if it does not rise
    Course* table                    # courses of run 0, of run 1, …


cdef inline double rise_to(const Course* r, double s) noexcept nogil:
    """κ(s) e^{s/τ_decay}"""
    cdef double x = s * (r.rate - r.rate_rise)
    return s * expm1(x) / x if x != 0.0 else s


cdef inline double value_at(const Course* r, double g, double x, double s) noexcept nogil:
    """The value s after it was g and its rise x."""
    if r.rising:
        g += x * rise_to(r, s)
    return g * exponential(-s * r.rate)


cdef inline void input_at(const Responses* all_of_them, const Course* r, Py_ssize_t i, double s,
                          double* conductance, double* current) noexcept nogil:
    """What drives cell `i` s after the start of the step; the synaptic current is `current` − `conductance` v.

    `r` are the courses of the cell's run: `all_of_them.table` + number of the run × n.
    """
    cdef Py_ssize_t k
    cdef double g
    conductance[0] = current[0] = 0.0
    for k in range(all_of_them.n):
        if r[k].jump:
            continue
        g = value_at(&r[k], all_of_them.value[k][i], all_of_them.rise[k][i] if r[k].rising else 0.0, s)
        if r[k].conductance:
            conductance[0] += g
            current[0] += g * r[k].e_rev
        else:
            current[0] += g
