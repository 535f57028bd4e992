"""Loops over neighbouring synapses, which compilers vectorise; see error_integrals.pyx.

`sum_0` … `sum_3` are the sums of the error at the target of each synapse: against e^{−Lu} and K(u), plain and
low-pass filtered.
"""

from backend_cython.numerics.restrict cimport Alone, AloneInput


cdef inline void add_blocks(
    Py_ssize_t n, double gain, double p, double q, double decay_factor, AloneInput sum_0, AloneInput sum_1,
    AloneInput sum_2, AloneInput sum_3, AloneInput eta, Alone base, Alone lag
) noexcept nogil:
    """Add complete blocks to the integrals, and see them from the anchor of the next block."""
    cdef double p_weight = gain * p, q_weight = gain * q
    cdef Py_ssize_t i
    for i in range(n):
        base[i] += eta[i] * (p_weight * sum_0[i] + q_weight * sum_1[i])
        lag[i] = decay_factor * (lag[i] + (p * sum_2[i] + q * sum_3[i]))


cdef inline void weigh_synapses(
    Py_ssize_t n, double gain, double p, double q, double decay_factor, double next_p, double next_q, AloneInput sum_0,
    AloneInput sum_1, AloneInput sum_2, AloneInput sum_3, AloneInput eta, AloneInput w_min, AloneInput w_max,
    Alone base, Alone lag, Alone weight
) noexcept nogil:
    """The weights, with the running block, which a PSP (p, q) has seen; then take off what the next one did not see.

    Both is done as a whole even if it is nearly the same PSP: then it cancels exactly.
    """
    cdef double p_weight = gain * p, q_weight = gain * q, lag_weight = gain * decay_factor
    cdef double next_p_weight = gain * next_p, next_q_weight = gain * next_q, whole, whole_lag
    cdef Py_ssize_t i
    for i in range(n):
        whole = base[i] + eta[i] * (p_weight * sum_0[i] + q_weight * sum_1[i])
        whole_lag = lag[i] + (p * sum_2[i] + q * sum_3[i])
        weight[i] = min(max(whole - eta[i] * (lag_weight * whole_lag), w_min[i]), w_max[i])
        base[i] = whole - eta[i] * (next_p_weight * sum_0[i] + next_q_weight * sum_1[i])
        lag[i] = whole_lag - (next_p * sum_2[i] + next_q * sum_3[i])


cdef inline void add_general_blocks(
    Py_ssize_t n, double gain, double p, double q, double decay_factor, double left, AloneInput sum_0, AloneInput sum_1,
    AloneInput sum_2, AloneInput sum_3, AloneInput gate, AloneInput eta, Alone base, Alone lag
) noexcept nogil:
    """The same with general sums (see general_sums.pxd), `left` of a weight."""
    cdef Py_ssize_t i
    for i in range(n):
        base[i] = left * (base[i] + gain * eta[i] * ((p * sum_0[i] + q * sum_1[i]) - gate[i] * lag[i]))
        lag[i] = decay_factor * (lag[i] + (p * sum_2[i] + q * sum_3[i]))


cdef inline void weigh_generally(
    Py_ssize_t n, double gain, double p, double q, double left, double next_p, double next_q, bint keep,
    AloneInput sum_0, AloneInput sum_1, AloneInput sum_2, AloneInput sum_3, AloneInput gate, AloneInput eta,
    AloneInput w_min, AloneInput w_max, Alone base, Alone lag, Alone weight
) noexcept nogil:
    """The same with general sums; with `keep` what the bounds cut off is lost for good."""
    cdef double change, whole, whole_lag, beneath, grown = 1.0 / left if keep else 0.0
    cdef Py_ssize_t i
    for i in range(n):
        change = gain * eta[i]
        whole = base[i] + change * (p * sum_0[i] + q * sum_1[i])
        whole_lag = lag[i] + (p * sum_2[i] + q * sum_3[i])
        beneath = left * (whole - change * gate[i] * whole_lag)
        weight[i] = min(max(beneath, w_min[i]), w_max[i])
        base[i] = whole + (weight[i] - beneath) * grown - change * (next_p * sum_0[i] + next_q * sum_1[i])
        lag[i] = whole_lag - (next_p * sum_2[i] + next_q * sum_3[i])


cdef inline void close_general(
    Py_ssize_t n, double gain, double decay_factor, double left, AloneInput gate, AloneInput eta, Alone base, Alone lag
) noexcept nogil:
    """See weights and what is filtered from now, not from the anchor."""
    cdef Py_ssize_t i
    for i in range(n):
        base[i] = left * (base[i] - gain * eta[i] * gate[i] * lag[i])
        lag[i] *= decay_factor


cdef inline void open_general(
    Py_ssize_t n, double gain, double decay_factor, double left, AloneInput gate, AloneInput eta, Alone base, Alone lag
) noexcept nogil:
    """The reverse."""
    cdef Py_ssize_t i
    for i in range(n):
        lag[i] /= decay_factor
        base[i] = base[i] / left + gain * eta[i] * gate[i] * lag[i]


cdef inline void add_scaled(Py_ssize_t n, double factor, AloneInput weight, Alone arriving) noexcept nogil:
    cdef Py_ssize_t i
    for i in range(n):
        arriving[i] += factor * weight[i]
