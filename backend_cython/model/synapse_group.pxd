from cpython.ref cimport PyObject

from ..engine.pointer_list cimport PointerList
from .ring_buffers cimport Ring, SpikeHistory
from .observer cimport Sampled
from .cells cimport Block, SpikeList, any_spikes_of, first_with_spikes
from .population cimport Population
from .recorder cimport EventLog


cdef struct Rows:
    # the synapses that are meant: those of presynaptic cell i are begin[i] … end[i] - 1
    const long* begin
    const long* end
    int first_part, last_part     # their targets belong to the parts first_part … last_part - 1 of the group
    # the cells first_single … last_single - 1 have one synapse each, neighbours of each other, and no others have any;
    # 0 and 0 if that is not so
    int first_single, last_single


cdef Rows rows_between(const long[::1] begin, const long[::1] end, int first_part, int last_part)


cdef class SynapseGroup(Sampled):
    cdef readonly object network
    cdef readonly Population pre, post
    cdef readonly Py_ssize_t size
    cdef readonly str owner
    cdef readonly int receptor
    cdef readonly long axonal_steps
    cdef readonly long shortest_delay    # from the synapse to the target, in steps
    cdef readonly int partition        # whose cells are the targets; the first one of them
    cdef readonly int n_parts          # how many partitions have them, from there on: more than one only if `UNDIVIDED`
    cdef long now                 # the step that it has come to
    cdef long next_call           # the step from which on `deliver` has something to do whether there are spikes or not
    cdef object common            # what the groups of a projection share, see `COMMON`
    cdef public object reserved       # what `reserve` returned for the next `store`
    cdef const Block* sources     # of `pre`
    cdef int n_sources            # partitions from there on with cells
    cdef bint direct              # there is one, and no axonal delay
    cdef readonly bint as_told    # these are the lists of what threads tell each other
    cdef bint fetches             # it is worth it to fetch rows before `deliver`
    cdef bint waits               # `deliver` is only called if it has something to do
    cdef object _row_start, _target, _delay
    cdef long* row_start          # connections of presynaptic cell i: row_start[i] … row_start[i + 1] - 1
    cdef Rows own                 # the synapses that it delivers to
    cdef Py_ssize_t first_row, last_row    # other partitions than those of first_row … last_row - 1 reach none
    cdef const int* target        # cells; where they lie in arrays, if the rule is `UNDIVIDED`
    cdef Py_ssize_t inputs        # where the inputs of the receptor to `target` begin in a slot of the ring
    cdef int* delay               # steps from the synapse to the target
    cdef bint one_delay           # all are equal
    cdef const Ring* ring         # input on its way to `post`
    cdef PointerList axons        # of the projection
    cdef public object streams    # random streams of the connections, before `join`, if they have any
    cdef dict _logs, _initial, _private
    cdef PyObject** logs          # an EventLog for each of RECORDABLES and each part; NULL if nobody asked for it
    cdef bint logging             # there is any of them
    cdef EventLog log             # the one of "weight", of the only part
    cdef int log_as(self, str variable, list logs) except -1

    cdef inline bint reached_from(self, const Block* sources) noexcept nogil:
        """Whether any of these presynaptic cells may have connections; those of other partitions mostly have none if
        cells are connected one to one.
        """
        return sources.first < self.last_row and sources.last > self.first_row

    cdef inline Py_ssize_t column_of_targets(self) noexcept nogil:
        """Where the input of the receptor begins in a slot of the ring, for `target`."""
        return self.inputs

    cdef inline void note(self, int variable, Py_ssize_t k, long now, double value) noexcept nogil:
        """Log a value of an event, if that variable (its number in RECORDABLES) of connection `k` is recorded."""
        cdef PyObject** log = self.logs + variable * self.n_parts
        cdef int part
        if log[0] != NULL:
            for part in range(self.n_parts):
                if (<EventLog> log[part]).selected[k]:
                    (<EventLog> log[part]).append(k, now, value)

    cdef inline void wait_until(self, long step) noexcept nogil:
        """Without spikes, `deliver` has nothing to do before that step."""
        if self.waits:
            self.next_call = step

    cdef inline bint is_due(self, long now) noexcept nogil:
        """Whether there is anything to do at step `now`; most steps have no spikes, which is best seen without a call.
        Else it has come to that step.
        """
        cdef int i
        if now >= self.next_call:
            return True
        for i in range(self.n_sources):
            if any_spikes_of(&self.sources[i], now) != NULL:
                return True
        self.now = now
        return False

    cdef inline long next_step(self, long now, long last) noexcept nogil:
        """The first step from `now` on at which there is anything to do; `last` if there is none before it."""
        last = min(last, self.next_call)
        return first_with_spikes(self.sources, now, last - 1) if now < last else now

    cdef inline void deliver_spikes(self, long now) noexcept nogil:
        """Spikes of step `now`, or of `axonal_steps` before it, reach their synapses."""
        cdef const SpikeList* spikes
        if not self.direct:
            self.deliver_all(now)
            return
        # most steps have none, which is best seen without a call
        spikes = any_spikes_of(self.sources, now)
        if spikes != NULL:
            self.transmit(&self.own, spikes.index, spikes.factor, spikes.n, now)

    cdef bint has_far_rows(self) noexcept nogil
    cdef void fetch_rows(self, long now) noexcept nogil
    cdef void fetch_synapses(self, const Rows* of, const int* rows, Py_ssize_t n) noexcept nogil
    cdef void deliver_all(self, long now) noexcept nogil
    cdef void deliver_through(self, long first, long last) noexcept nogil
    cdef void deliver(self, long now) noexcept nogil
    cdef void follow_axons(self, SpikeHistory axons, long now) noexcept nogil
    cdef void deliver_from_axons(self, SpikeHistory axons, long now) noexcept nogil
    cdef void transmit(
        self, const Rows* of, const int* rows, const double* factors, Py_ssize_t n, long now) noexcept nogil
    cdef void before_spikes(self, const Rows* of, long now) noexcept nogil
    cdef void after_spikes(self, const Rows* of, long now) noexcept nogil
    cdef void sample_at(self, long now, long variable, const long* indices, Py_ssize_t n, double* out) noexcept nogil
