cimport cython
from backend_cython.population cimport Roster
from backend_cython.projection cimport Projection

from .dendritic_error cimport N_SUMS, DendriticError, ErrorSums, Psp, psp_kernel


cdef struct Segment:
    # a stretch of one row's synapses that share PSP, τ_Δ and delay
    Py_ssize_t first, last
    long row, run, delay
    long updated, block                 # step of the last update, and block of the error sums then
    int group
    double p, q                         # PSP of past spikes at the last update: p e^{−Lu} + q K(u) from then on
    double open_p, open_q               # the same as seen from the anchor of `block`,
    double filtered_p, filtered_q       # and against the low-pass filtered sums


@cython.final
cdef class UrbanczikSennSynapses(Projection):
    cdef double[::1] base               # w_init + c ∫Π, less what was in the sums at the last update
    cdef double[::1] lag                # ∫Π e^{−(t_s − t)/τ_Δ}, likewise, without c
    cdef double[::1] eta, w_min, w_max, w_init
    cdef int[::1] group                 # number of the synapse's τ_Δ in `errors`
    cdef Roster errors                  # DendriticError
    cdef Roster sums                    # and of each its ErrorSums
    cdef Segment* segments
    cdef Py_ssize_t n_segments
    cdef long[::1] row_segment          # segments of a row: row_segment[row] … row_segment[row + 1] - 1
    cdef long[::1] last_step            # of the row's last update
    cdef object affected_rows           # of parts for other lanes, at the next `store`
    cdef long now, longest_delay, horizon
    cdef bint settled
    # rows with a PSP still alive, in order of their last update
    cdef long[::1] older, newer
    cdef long oldest, newest
    cdef void closed(self, const Segment* segment, Py_ssize_t k, long now, double fade,
                     double* base, double* lag) noexcept nogil
    cdef void close_segment(self, Segment* segment, long now) noexcept nogil
    cdef bint open_segment(self, Segment* segment, long now) noexcept nogil
    cdef void transmit_segment(self, const Segment* segment, double factor, long now) noexcept nogil
    cdef void update(self, long row, double factor, long now, bint spike) noexcept nogil
    cdef const Psp* psp_of(self, const Segment* segment) noexcept nogil
    cdef double clipped(self, Py_ssize_t k, double gain, double base, double lag) noexcept nogil
    cdef double weight_now(self, Py_ssize_t k) noexcept nogil
    cdef void touch(self, long row, bint alive) noexcept nogil
    cdef const Segment* segment_of(self, Py_ssize_t k) noexcept nogil
