"""A step of one neuron by Taylor series of all its potentials; see compartments.pyx for the equations.

Exponential inputs make the series a short recursion, over as many substeps as its convergence needs.
"""

from backend_cython.numerics.sigmoid cimport exponential

from .compartments cimport Dendrite, Soma, balance

cdef enum:
    ORDER = 16              # of the series
    # where a dendrite keeps its synaptic currents at the begin of a substep, and their next terms
    EXC = ORDER + 1
    INH = ORDER + 2
    EXC_TERM = ORDER + 3
    INH_TERM = ORDER + 4
    WIDTH = ORDER + 5

cdef enum:
    # somatic rate × step beyond which the soma just sits where its currents balance
    PINNED = 500


cdef struct DendriteState:
    # one number for each position of the arrays
    double* v
    double* i_exc
    double* i_inh


cdef inline double sum_terms(double* terms) noexcept nogil:
    """The sum of a series, from its smallest terms on."""
    cdef double total = terms[ORDER]
    cdef int k
    for k in range(ORDER - 1, -1, -1):
        total += terms[k]
    return total


cdef inline double decayed(double value, double decay, int substeps) noexcept nogil:
    """`value` after as many times of `decay`."""
    cdef int _part
    for _part in range(substeps):
        value *= decay
    return value


cdef inline double balanced(
    const Soma* soma, const Dendrite* dendrites, Py_ssize_t n, const double* series, double constant, double g_E,
    double g_I
) noexcept nogil:
    """The somatic potential at which all currents cancel."""
    cdef Py_ssize_t c
    for c in range(n):
        constant += dendrites[c].to_soma * series[c * WIDTH]
    return balance(soma, constant, g_E, g_I)


cdef inline void integrate_series(
    const Soma* soma, const Dendrite* dendrites, Py_ssize_t n, double timestep, int substeps, double* v_soma,
    double* g_exc, double* g_inh, const DendriteState* states, Py_ssize_t i, const double* injected, Py_ssize_t size,
    double* series
) noexcept nogil:
    """Potentials, conductances and currents of the cell at position `i`, with `n` dendrites.

    `substeps` are those whose decay `soma` and `dendrites` hold; ``injected[c * size]`` is the current into compartment
    c. `series` has room for `n` × `WIDTH` numbers.
    """
    cdef double v[ORDER + 1]
    cdef double g[ORDER + 1]          # total synaptic conductance of the soma
    cdef double g_E = g_exc[i], g_I = g_inh[i]
    cdef double constant = soma.i_static + injected[0]
    cdef double somatic = (soma.g_static + g_E + g_I) / soma.cm
    cdef bint pinned = somatic * timestep > PINNED
    cdef double fastest = max(soma.fastest, 0.0 if pinned else somatic)
    cdef long parts = <long> (2.0 * timestep * fastest) + 1, _part
    cdef double h = timestep / parts, e, m, convolved, drive, current
    cdef const Dendrite* d
    cdef double* own
    cdef Py_ssize_t c
    cdef int k, j
    v[0] = v_soma[i]
    for c in range(n):
        own = series + c * WIDTH
        own[0] = states[c].v[i]
        own[EXC] = states[c].i_exc[i]
        own[INH] = states[c].i_inh[i]
    for _part in range(parts):
        e = g_E
        m = g_I
        if pinned:
            v[0] = balanced(soma, dendrites, n, series, constant, g_E, g_I)
        for c in range(n):
            own = series + c * WIDTH
            own[EXC_TERM] = own[EXC]
            own[INH_TERM] = own[INH]
        for k in range(ORDER):
            g[k] = e + m
            convolved = 0.0
            for j in range(k + 1):
                convolved += g[j] * v[k - j]
            drive = e * soma.e_rev_E + m * soma.e_rev_I - convolved - soma.g_static * v[k]
            for c in range(n):
                d = &dendrites[c]
                own = series + c * WIDTH
                drive += d.to_soma * own[k]
                current = own[EXC_TERM] + own[INH_TERM] - (d.leak + d.back) * own[k] + d.back * v[k]
                if k == 0:
                    current += d.leak * d.rest + injected[(c + 1) * size] + d.offset
                own[k + 1] = current * h / (d.cm * (k + 1))
                own[EXC_TERM] *= -h * d.rate_E / (k + 1)
                own[INH_TERM] *= -h * d.rate_I / (k + 1)
            if k == 0:
                drive += constant
            v[k + 1] = 0.0 if pinned else drive * h / (soma.cm * (k + 1))
            e *= -h * soma.rate_E / (k + 1)
            m *= -h * soma.rate_I / (k + 1)
        v[0] = sum_terms(v)
        g_E *= exponential(-h * soma.rate_E)
        g_I *= exponential(-h * soma.rate_I)
        for c in range(n):
            d = &dendrites[c]
            own = series + c * WIDTH
            own[0] = sum_terms(own)
            own[EXC] *= exponential(-h * d.rate_E)
            own[INH] *= exponential(-h * d.rate_I)
    v_soma[i] = balanced(soma, dendrites, n, series, constant, g_E, g_I) if pinned else v[0]
    g_exc[i] = decayed(g_exc[i], soma.decay_E, substeps)
    g_inh[i] = decayed(g_inh[i], soma.decay_I, substeps)
    for c in range(n):
        states[c].v[i] = series[c * WIDTH]
        states[c].i_exc[i] = decayed(states[c].i_exc[i], dendrites[c].decay_E, substeps)
        states[c].i_inh[i] = decayed(states[c].i_inh[i], dendrites[c].decay_I, substeps)
