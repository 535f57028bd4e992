"""Sums of the error for weights with a modulator M or a decay λ, or without a filter.

With D = 1/τ_Δ, the anchor a of a block, u = t − a and the gate f(t) = −D ∫_a^t M(s) e^{(λ − D)(s − a)} ds, a synapse
with the trace x that weighs `base` at the anchor and has the filtered products `lag` there, has the weight

    w(t) = e^{−λu} (base + η (P − f(t) (lag + A))),     A = Σ e x e^{Du},     P = Σ e x e^{Du} f,

over the steps of the block. So two rows hold P and two rows A (for the two exponentials in x), and one holds f.
Complete blocks hold R = P − f A instead of P, with f at their end: nothing cancels when blocks are merged.
Without a filter P has M e^{λu} instead of f e^{Du}, and A and f are zero.
"""

from backend_cython.numerics.restrict cimport Alone, AloneInput

from .psp cimport Psp, Shift


cdef inline void add_filtered(
    Py_ssize_t n, const Psp* psp, const double* modulator, Py_ssize_t stride, AloneInput error, AloneInput before_0,
    AloneInput before_1, AloneInput before_2, AloneInput before_3, AloneInput gate_before, Alone here_0, Alone here_1,
    Alone here_2, Alone here_3, Alone gate
) noexcept nogil:
    """The sums with the errors of a step."""
    cdef double step = psp.gate, weight_L = psp.weight[2], weight_K = psp.weight[3], left, right
    cdef Py_ssize_t i
    for i in range(n):
        gate[i] = gate_before[i] - step * modulator[i * stride]
        left = weight_L * error[i]
        right = weight_K * error[i]
        here_0[i] = before_0[i] + gate[i] * left
        here_1[i] = before_1[i] + gate[i] * right
        here_2[i] = before_2[i] + left
        here_3[i] = before_3[i] + right


cdef inline void add_unfiltered(
    Py_ssize_t n, const Psp* psp, const double* modulator, Py_ssize_t stride, AloneInput error, AloneInput before_0,
    AloneInput before_1, Alone here_0, Alone here_1
) noexcept nogil:
    cdef double weight_L = psp.weight[2], weight_K = psp.weight[3], gated
    cdef Py_ssize_t i
    for i in range(n):
        gated = modulator[i * stride] * error[i]
        here_0[i] = before_0[i] + weight_L * gated
        here_1[i] = before_1[i] + weight_K * gated


cdef inline void complete_block(Py_ssize_t n, double* total) noexcept nogil:
    """Turn P into R."""
    cdef double* gate = total + 4 * n
    cdef Py_ssize_t i
    for i in range(n):
        total[i] -= gate[i] * total[2 * n + i]
        total[n + i] -= gate[i] * total[3 * n + i]


cdef inline void append_block(
    Py_ssize_t n, const Shift* shift, Py_ssize_t pitch, AloneInput total, Alone done
) noexcept nogil:
    """Add a block to those before it that are seen from an earlier anchor; rows are `pitch` apart."""
    cdef Shift s = shift[0]
    cdef Py_ssize_t i, K = pitch, A_L = 2 * pitch, A_K = 3 * pitch, f = 4 * pitch
    cdef double gate
    for i in range(n):
        gate = s.to_gate * total[f + i]
        done[i] += s.to_gate * s.filtered_L * total[i] - gate * done[A_L + i]
        done[K + i] += s.to_gate * (s.filtered_K * total[i] + s.filtered_s * total[K + i]) - gate * done[A_K + i]
        done[A_L + i] += s.filtered_L * total[A_L + i]
        done[A_K + i] += s.filtered_K * total[A_L + i] + s.filtered_s * total[A_K + i]
        done[f + i] += gate
