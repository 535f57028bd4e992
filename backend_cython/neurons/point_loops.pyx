"""Loops over neighbouring point neurons with equal parameters: a module of its own, because they want other compiler
settings than the rest. What they compute is in point_neuron.pyx and integrate_and_fire.pyx.
"""

from libc.math cimport fabs

from backend_cython.numerics.search cimport find_beyond
from backend_cython.numerics.sigmoid cimport short_exponential

from .leaky_membrane cimport FARTHEST, N_NODES


cdef void relax(
    Py_ssize_t n, double v_rest, double decay, double i_offset, double of_current, AloneInput injected, Alone v
) noexcept nogil:
    """Potentials towards rest and with constant currents, over a step."""
    cdef Py_ssize_t i
    for i in range(n):
        v[i] = v_rest + (v[i] - v_rest) * decay + (i_offset + injected[i]) * of_current


cdef void add_values(Py_ssize_t n, double of_value, AloneInput value, Alone v) noexcept nogil:
    """What currents add to the potentials."""
    cdef Py_ssize_t i
    for i in range(n):
        v[i] += value[i] * of_value


cdef void add_rising(
    Py_ssize_t n, double of_value, double of_rise, AloneInput value, AloneInput rise, Alone v
) noexcept nogil:
    """The same of currents that rise."""
    cdef Py_ssize_t i
    for i in range(n):
        v[i] += value[i] * of_value + rise[i] * of_rise


cdef void run_down(const Course* r, Py_ssize_t n, Alone value, Alone rise) noexcept nogil:
    """A response over a step."""
    cdef double decay = r.decay, from_rise = r.from_rise, decay_rise = r.decay_rise
    cdef Py_ssize_t i
    if r.rising:
        for i in range(n):
            value[i] = value[i] * decay + rise[i] * from_rise
            rise[i] *= decay_rise
    else:
        for i in range(n):
            value[i] *= decay


cdef void take_in(Py_ssize_t n, double gain, Alone arriving, Alone held) noexcept nogil:
    """Add what arrives."""
    cdef Py_ssize_t i
    for i in range(n):
        held[i] += gain * arriving[i]
        arriving[i] = 0.0


cdef void lift(Py_ssize_t n, AloneCountInput refractory, Alone arriving, Alone v) noexcept nogil:
    """The same of jumps of the potential, which refractory cells lose."""
    cdef double raised
    cdef Py_ssize_t i
    for i in range(n):
        raised = v[i] + arriving[i]
        v[i] = raised if refractory[i] == 0 else v[i]
        arriving[i] = 0.0


cdef bint clamp(Py_ssize_t n, double v_thresh, double v_reset, AloneCounts refractory, Alone v) noexcept nogil:
    """Clamp refractory cells, below the threshold, and count their steps. True if any other is at its threshold."""
    cdef double potential
    cdef int spiking = 0, resting
    cdef Py_ssize_t i
    for i in range(n):
        resting = refractory[i] > 0
        potential = v_reset if resting else v[i]
        refractory[i] -= resting
        spiking |= potential >= v_thresh
        v[i] = potential
    return spiking != 0


cdef Py_ssize_t find_spiking(Py_ssize_t n, double v_thresh, AloneInput v, int* place) noexcept nogil:
    """How many of `n` cells are at their threshold, and their places; see `find_beyond`."""
    return find_beyond(n, v_thresh, True, v, place)


cdef bint step_two_alike(
    const Run* run, const Membrane* m, const Course* r, const Exact* e, Py_ssize_t n, const double* injected,
    Alone arriving, Alone other_arriving, Alone value, Alone other_value, Alone rise, Alone other_rise,
    AloneCounts refractory, Alone v
) noexcept nogil:
    """All of the above but spikes, in one go, of cells with two currents of one kind, or jumps: what is read is written
    at once. True if any cell is at its threshold. Nothing need be `injected` (NULL).
    """
    # with constants there is no branch in the loop
    if r.jump:
        return two_alike(run, m, r, e, True, False, n, injected, arriving, other_arriving, value, other_value, rise,
                         other_rise, refractory, v)
    if r.rising:
        return two_alike(run, m, r, e, False, True, n, injected, arriving, other_arriving, value, other_value, rise,
                         other_rise, refractory, v)
    return two_alike(run, m, r, e, False, False, n, injected, arriving, other_arriving, value, other_value, rise,
                     other_rise, refractory, v)


cdef inline bint two_alike(
    const Run* run, const Membrane* m, const Course* r, const Exact* e, bint jump, bint rising, Py_ssize_t n,
    const double* injected, Alone arriving, Alone other_arriving, Alone value, Alone other_value, Alone rise,
    Alone other_rise, AloneCounts refractory, Alone v
) noexcept nogil:
    if injected == NULL:
        return all_at_once(run, m, r, e, jump, rising, n, False, NULL, arriving, other_arriving, value, other_value,
                           rise, other_rise, refractory, v)
    return all_at_once(run, m, r, e, jump, rising, n, True, injected, arriving, other_arriving, value, other_value,
                       rise, other_rise, refractory, v)


cdef inline bint all_at_once(
    const Run* run, const Membrane* m, const Course* r, const Exact* e, bint jump, bint rising, Py_ssize_t n,
    bint driven, AloneInput injected, Alone arriving, Alone other_arriving, Alone value, Alone other_value, Alone rise,
    Alone other_rise, AloneCounts refractory, Alone v
) noexcept nogil:
    cdef double v_rest = m.v_rest, decay = m.decay, of_current = m.of_current, i_offset = run.i_offset
    cdef double v_thresh = run.v_thresh, v_reset = run.v_reset, potential, here, there
    # copies, since what is written into the arrays could be any of theirs for a compiler
    cdef Course one = r[0], other = r[1]
    cdef Exact of_one = e[0], of_other = e[1]
    cdef int spiking = 0, resting
    cdef Py_ssize_t i
    for i in range(n):
        potential = v_rest + (v[i] - v_rest) * decay + (i_offset + (injected[i] if driven else 0.0)) * of_current
        if jump:
            potential += arriving[i]
            potential += other_arriving[i]
        elif rising:
            here = rise[i] + one.gain * arriving[i]
            there = other_rise[i] + other.gain * other_arriving[i]
            potential += value[i] * of_one.of_value + here * of_one.of_rise
            potential += other_value[i] * of_other.of_value + there * of_other.of_rise
            value[i] = value[i] * one.decay + here * one.from_rise
            other_value[i] = other_value[i] * other.decay + there * other.from_rise
            rise[i] = here * one.decay_rise
            other_rise[i] = there * other.decay_rise
        else:
            here = value[i] + one.gain * arriving[i]
            there = other_value[i] + other.gain * other_arriving[i]
            potential += here * of_one.of_value
            potential += there * of_other.of_value
            value[i] = here * one.decay
            other_value[i] = there * other.decay
        arriving[i] = other_arriving[i] = 0.0
        resting = refractory[i] > 0
        refractory[i] -= resting
        potential = v_reset if resting else potential
        spiking |= potential >= v_thresh
        v[i] = potential
    return spiking != 0


cdef void step_two_conductances(
    const Membrane* membrane, const Course* courses, const Sampled* sampled, Py_ssize_t n, double i_offset,
    AloneInput injected, Alone value, Alone other_value, Alone v
) noexcept nogil:
    """Cells with two conductances, which must not be too large, up to spikes and refractory time."""
    cdef Membrane m = membrane[0]
    cdef Course r[2]
    cdef Sampled at[2]
    cdef double constant = m.g_leak * m.v_rest + i_offset
    cdef Py_ssize_t i
    r[0], r[1], at[0], at[1] = courses[0], courses[1], sampled[0], sampled[1]
    for i in range(n):
        v[i] = between_two(&m, r, at, False, constant + injected[i], value[i], other_value[i], 0.0, 0.0, v[i])
        value[i] *= r[0].decay
        other_value[i] *= r[1].decay


cdef void step_two_rising(
    const Membrane* membrane, const Course* courses, const Sampled* sampled, Py_ssize_t n, double i_offset,
    AloneInput injected, Alone value, Alone other_value, Alone rise, Alone other_rise, Alone v
) noexcept nogil:
    """The same of conductances that rise."""
    # a loop of its own: compilers make no copies of one so large for constants, and do not vectorise it with a branch
    cdef Membrane m = membrane[0]
    cdef Course r[2]
    cdef Sampled at[2]
    cdef double constant = m.g_leak * m.v_rest + i_offset
    cdef Py_ssize_t i
    r[0], r[1], at[0], at[1] = courses[0], courses[1], sampled[0], sampled[1]
    for i in range(n):
        v[i] = between_two(
            &m, r, at, True, constant + injected[i], value[i], other_value[i], rise[i], other_rise[i], v[i])
        value[i] = value[i] * r[0].decay + rise[i] * r[0].from_rise
        other_value[i] = other_value[i] * r[1].decay + other_rise[i] * r[1].from_rise
        rise[i] *= r[0].decay_rise
        other_rise[i] *= r[1].decay_rise


cdef inline double between_two(
    const Membrane* m, const Course* r, const Sampled* at, bint rising, double constant, double value,
    double other_value, double rise, double other_rise, double v
) noexcept nogil:
    """The potential of a cell with two conductances after a step: that of the loops below in one expression."""
    cdef double here = weighed(at[0].of_value[N_NODES // 2], at[0].of_rise[N_NODES // 2], value, rise, rising)
    cdef double there = weighed(
        at[1].of_value[N_NODES // 2], at[1].of_rise[N_NODES // 2], other_value, other_rise, rising)
    cdef double reference = (constant + here * r[0].e_rev + there * r[1].e_rev) / (m.g_leak + here + there)
    reference = v if fabs(reference) > FARTHEST else reference
    v = reference + (v - reference) * short_exponential(
        -exponent_from(N_NODES, m, at, value, other_value, rise, other_rise, rising))
    v += node(0, m, r, at, constant, reference, value, other_value, rise, other_rise, rising)
    v += node(1, m, r, at, constant, reference, value, other_value, rise, other_rise, rising)
    v += node(2, m, r, at, constant, reference, value, other_value, rise, other_rise, rising)
    return v


cdef inline double node(
    int q, const Membrane* m, const Course* r, const Sampled* at, double constant, double reference, double value,
    double other_value, double rise, double other_rise, bint rising
) noexcept nogil:
    """What one node adds."""
    cdef double here = weighed(at[0].of_value[q], at[0].of_rise[q], value, rise, rising)
    cdef double there = weighed(at[1].of_value[q], at[1].of_rise[q], other_value, other_rise, rising)
    cdef double exponent = exponent_from(q, m, at, value, other_value, rise, other_rise, rising)
    return m.weight[q] * short_exponential(-exponent) * (
        (constant + here * r[0].e_rev + there * r[1].e_rev) - (m.g_leak + here + there) * reference)


cdef inline double exponent_from(
    int q, const Membrane* m, const Sampled* at, double value, double other_value, double rise, double other_rise,
    bint rising
) noexcept nogil:
    return m.remaining[q] + weighed(at[0].ahead_value[q], at[0].ahead_rise[q], value, rise, rising) + weighed(
        at[1].ahead_value[q], at[1].ahead_rise[q], other_value, other_rise, rising)


cdef inline double weighed(double of_value, double of_rise, double value, double rise, bint rising) noexcept nogil:
    return of_value * value + of_rise * rise if rising else of_value * value


cdef bint take_two_conductances(
    const Membrane* membrane, const Course* courses, const Sampled* sampled, Py_ssize_t n, double limit, Alone arriving,
    Alone other_arriving, Alone value, Alone other_value, Alone rise, Alone other_rise
) noexcept nogil:
    """Add what arrives at cells that have two. True if the conductance of any is too large then for one step of the
    Gauss rule.
    """
    cdef Membrane m = membrane[0]
    cdef Sampled at[2]
    cdef double gain = courses[0].gain, other_gain = courses[1].gain
    cdef int large = 0
    cdef Py_ssize_t i
    at[0], at[1] = sampled[0], sampled[1]
    if courses[0].rising:
        for i in range(n):
            rise[i] += gain * arriving[i]
            other_rise[i] += other_gain * other_arriving[i]
            arriving[i] = other_arriving[i] = 0.0
            large |= fabs(exponent_from(
                N_NODES, &m, at, value[i], other_value[i], rise[i], other_rise[i], True)) > limit
    else:
        for i in range(n):
            value[i] += gain * arriving[i]
            other_value[i] += other_gain * other_arriving[i]
            arriving[i] = other_arriving[i] = 0.0
            large |= fabs(exponent_from(N_NODES, &m, at, value[i], other_value[i], 0.0, 0.0, False)) > limit
    return large != 0


cdef inline double or_zero(const double* rise, Py_ssize_t i) noexcept nogil:
    return 0.0 if rise == NULL else rise[i]


cdef inline void add_current(
    Py_ssize_t n, double of_value, double of_rise, const double* value, const double* rise, Alone drive
) noexcept nogil:
    """What a response adds to the current at a node, or a conductance to an exponent."""
    cdef Py_ssize_t i
    for i in range(n):
        drive[i] += of_value * value[i] + of_rise * or_zero(rise, i)


cdef inline void add_conductance(
    Py_ssize_t n, double of_value, double of_rise, double ahead_value, double ahead_rise, double e_rev,
    const double* value, const double* rise, Alone leak, Alone drive, Alone exponent
) noexcept nogil:
    """The same of a conductance; it also adds to what remains of the exponent there."""
    cdef double here
    cdef Py_ssize_t i
    for i in range(n):
        here = of_value * value[i] + of_rise * or_zero(rise, i)
        leak[i] += here
        drive[i] += here * e_rev
        exponent[i] += ahead_value * value[i] + ahead_rise * or_zero(rise, i)


cdef bint integrate_conductances(
    const Membrane* m, const Course* courses, const Sampled* sampled, Py_ssize_t n_responses, double** value,
    double** rise, Py_ssize_t first, Py_ssize_t n, double limit, double i_offset, AloneInput injected, Alone v
) noexcept nogil:
    """Up to `STRIP` cells over one step without substeps; False, and nothing has changed, if the conductance of any is
    too large for that.
    """
    cdef double exponent[N_NODES + 1][STRIP]
    cdef double leak[N_NODES][STRIP]
    cdef double drive[N_NODES][STRIP]
    cdef double after[STRIP]
    cdef double constant = m.g_leak * m.v_rest + i_offset, reference
    cdef const double* g
    cdef const double* x
    cdef const Sampled* at
    cdef Py_ssize_t i, k
    cdef int q, large = 0
    for q in range(N_NODES):
        for i in range(n):
            exponent[q][i] = m.remaining[q]
            leak[q][i] = m.g_leak
            drive[q][i] = constant + injected[i]
    for i in range(n):
        exponent[N_NODES][i] = m.remaining[N_NODES]
    for k in range(n_responses):
        if courses[k].jump:
            continue
        at = &sampled[k]
        g = value[k] + first
        x = rise[k] + first if courses[k].rising else NULL
        for q in range(N_NODES):
            if courses[k].conductance:
                add_conductance(n, at.of_value[q], at.of_rise[q], at.ahead_value[q], at.ahead_rise[q], courses[k].e_rev,
                                g, x, leak[q], drive[q], exponent[q])
            else:
                add_current(n, at.of_value[q], at.of_rise[q], g, x, drive[q])
        if courses[k].conductance:
            add_current(n, at.ahead_value[N_NODES], at.ahead_rise[N_NODES], g, x, exponent[N_NODES])
    for i in range(n):
        large |= fabs(exponent[N_NODES][i]) > limit
    if large:
        return False
    for i in range(n):
        reference = drive[N_NODES // 2][i] / leak[N_NODES // 2][i]
        reference = v[i] if fabs(reference) > FARTHEST else reference
        after[i] = reference
        v[i] = reference + (v[i] - reference) * short_exponential(-exponent[N_NODES][i])
    for q in range(N_NODES):
        for i in range(n):
            v[i] += m.weight[q] * short_exponential(-exponent[q][i]) * (drive[q][i] - leak[q][i] * after[i])
    return True
