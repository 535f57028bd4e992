from backend_cython.model.synapse_group cimport Rows
from backend_cython.model.uniform_array cimport Column

from .active_rows cimport ActiveRows
from .error_sums cimport ErrorSums
from .psp cimport Shift
from .segments cimport Segment, SegmentedRows


cdef class ErrorIntegrals(SegmentedRows):
    cdef double[::1] base               # w_init + c ∫Π dt, less what was in the running sums when the PSP began
    cdef double[::1] lag                # ∫Π e^{(t − anchor)/τ_Δ} dt, likewise
    cdef Column eta, w_min, w_max
    cdef ActiveRows rows
    cdef long horizon
    cdef object affected_rows           # by groups of other partitions, at the next `store`
    cdef bint settled
    cdef bint keeps_bounds              # a weight that comes to its bound stays there
    cdef dict keys                      # of the Learning: a number, or one a connection
    cdef void settle_row(self, long row) noexcept nogil
    cdef void resume_row(self, long row) noexcept nogil
    cdef void keep_weights(self, ErrorSums sums, Segment* segment) noexcept nogil
    cdef void settle_segment(self, ErrorSums sums, Segment* segment) noexcept nogil
    cdef void resume_segment(self, ErrorSums sums, Segment* segment) noexcept nogil
    cdef Py_ssize_t transmit_together(
        self, const Rows* of, const int* rows, const double* factors, Py_ssize_t n, long now) noexcept nogil
    cdef void update(self, long row, double factor, long now, bint spike) noexcept nogil
    cdef void update_segment(
        self, ErrorSums sums, Segment* segment, double factor, long now, bint spike) noexcept nogil
    cdef void advance(self, ErrorSums sums, Segment* segment, long step, double* base, double* lag) noexcept nogil
    cdef void add_blocks_of(
        self, ErrorSums sums, const Segment* segment, const Shift* shift, double* base, double* lag) noexcept nogil
    cdef bint transmit_alone(self, ErrorSums sums, Segment* segment, double factor, long now) noexcept nogil
    cdef void transmit_segment(self, ErrorSums sums, Segment* segment, double factor, long now) noexcept nogil
    cdef void transmit_many(self, ErrorSums sums, const Segment* segment, double factor, double p, double q,
                            double* arriving, long now) noexcept nogil
    cdef void weigh(self, ErrorSums sums, const Segment* segment, Py_ssize_t k, Py_ssize_t n, long step,
                    double p, double q, bint keep, double* base, double* lag, double* weight) noexcept nogil
    cdef void weigh_one(self, ErrorSums sums, const Segment* segment, Py_ssize_t k, long step, double p,
                        double q, double* base, double* lag, double* weight) noexcept nogil
    cdef void weigh_with_gate(
        self, ErrorSums sums, const Segment* segment, Py_ssize_t k, Py_ssize_t n, long step, double p, double q,
        bint keep, double* base, double* lag, double* weight) noexcept nogil
    cdef void read(self, Py_ssize_t k, Py_ssize_t n, double* weight) noexcept nogil
    cdef void read_part(self, ErrorSums sums, Segment* part, double* base, double* lag, double* weight) noexcept nogil
