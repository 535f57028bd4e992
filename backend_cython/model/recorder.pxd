cimport cython
from cpython.ref cimport PyObject

from .cells cimport Block, SpikeList, any_spikes_of
from .population cimport Population
from ..engine.failure cimport Failure
from ..engine.memory cimport prefetch_to_write
from ..engine.pointer_list cimport PointerList


cdef enum:
    AHEAD = 24                    # events, of which memory is asked for before they come


@cython.final
cdef class EventLog:
    cdef Py_ssize_t n, capacity
    cdef int* connection
    cdef long* step
    cdef double* value
    cdef object _selected
    cdef unsigned char* selected
    cdef Failure failure
    cdef long unused[8]           # nothing else lies in the cache lines of these, which one thread writes
    cdef bint grow(self) noexcept nogil

    cdef inline void append(self, int connection, long step, double value) noexcept nogil:
        """Add an event; without memory for it the run ends with an error."""
        cdef Py_ssize_t n = self.n
        if n == self.capacity and not self.grow():
            return
        self.connection[n] = connection
        self.step[n] = step
        self.value[n] = value
        self.n = n + 1
        # by then, the processor will have at hand what comes
        prefetch_to_write(self.connection + n + AHEAD)
        prefetch_to_write(self.step + n + AHEAD)
        prefetch_to_write(self.value + n + AHEAD)


cdef struct Tap:
    # a value that is copied, without a call, to the next row of a column (rows counted from the begin of a run)
    const double* value
    const double* recent          # the same value at the last steps, if its cell goes ahead
    double* column


cdef struct Sheet:
    # neighbouring columns of a recorder, filled by one partition
    PyObject* source              # Sampled
    long variable
    const long* indices
    Py_ssize_t n, width           # of these columns, of all
    double* column                # where the first one begins


cdef struct Rhythm:
    # the taps and sheets first … last - 1, filled at the same steps
    long next_step, interval_steps
    Py_ssize_t row
    Py_ssize_t first_tap, last_tap, first_sheet, last_sheet


cdef Py_ssize_t with_room(Py_ssize_t needed, Py_ssize_t held, Py_ssize_t width)


cdef class Recorder:
    cdef readonly object network
    cdef const Block* block            # if it looks only at steps with spikes: those of all partitions
    cdef void record(self, long now, int partition) noexcept nogil
    cdef void record_through(self, long first, long last, int partition) noexcept nogil
    cdef void seen(self, long now) noexcept nogil


cdef class SampleRecorder(Recorder):
    cdef readonly object source
    cdef list samplers            # of pieces of columns: (who samples them, its partition)
    cdef readonly long interval_steps, start_step
    cdef long variable
    cdef long[::1] indices        # of columns, in those who sample them
    cdef long[::1] bounds         # of the pieces
    cdef object buffer, order     # of the columns in it, None if it is theirs
    cdef readonly bint begun
    cdef readonly Py_ssize_t n    # samples so far
    cdef double* first            # where the first sample lies
    cdef Py_ssize_t n_until(self, long step) noexcept nogil


cdef inline void watch(PointerList watching, int number, long now) noexcept nogil:
    """Recorders that are called at every step look at block `number` of their cells."""
    cdef const Block* block
    cdef Py_ssize_t i
    for i in range(watching.n):
        block = (<Recorder> watching.item[i]).block
        if block == NULL or any_spikes_of(&block[number], now) != NULL:
            (<Recorder> watching.item[i]).record(now, number)


@cython.final
cdef class Sampler:
    # what one partition samples together
    cdef char* memory             # of these
    cdef Tap* taps
    cdef Sheet* sheets
    cdef Rhythm* rhythms
    cdef Py_ssize_t n_rhythms
    cdef bint goes_ahead          # it can sample cells that have gone ahead

    cdef inline void sample(self, long now) noexcept nogil:
        cdef Rhythm* rhythm
        cdef const Tap* tap = self.taps
        cdef Py_ssize_t i, k
        for i in range(self.n_rhythms):
            rhythm = &self.rhythms[i]
            if rhythm.next_step != now:
                continue
            for k in range(rhythm.first_tap, rhythm.last_tap):
                tap[k].column[rhythm.row] = tap[k].value[0]
            if rhythm.first_sheet < rhythm.last_sheet:
                self.fill(rhythm)
            rhythm.next_step += rhythm.interval_steps
            rhythm.row += 1

    cdef void sample_through(self, long first, long last) noexcept nogil
    cdef void fill(self, const Rhythm* rhythm) noexcept nogil


cdef class SpikeRecorder(Recorder):
    cdef readonly Population population
    cdef PointerList logs              # an EventLog for each partition, and one for the cells as a whole
    cdef void note(self, EventLog log, const SpikeList* spikes, long now) noexcept nogil
