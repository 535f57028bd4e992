from .cells cimport Cells, SpikeCounts, SpikeTrain
from .ring_buffers cimport InputBuffer
from ..engine.pointer_list cimport PointerList


cdef class Population(Cells):
    cdef readonly unsigned long long first_stream
    cdef readonly double timestep
    cdef unsigned long long key         # of the random streams of this trial
    cdef dict _parameters, _initial, _private   # private: what else is state, one number a cell
    cdef list _relaxing           # of these, those that `relax` sets to zero
    cdef object _digest           # of the parameters; None if it is to be computed
    cdef readonly InputBuffer input_buffer
    cdef readonly bint late_input
    cdef readonly bint takes_at_once   # what arrives at a step joins the states in it, else when the next one begins
    cdef readonly bint looked_at       # while a run goes on, somebody samples what input changes
    cdef readonly bint goes_ahead      # it has `step_through`, and keeps values of the last steps
    cdef object _injected
    cdef double* injected         # nA, compartment by compartment
    cdef Py_ssize_t n_injected
    cdef bint driven              # some electrode injects here
    cdef readonly PointerList observers
    # whether there are lists of its spikes, else those who want them read its train, or how many each cell has; and
    # whether somebody needs lists whatever others read
    cdef readonly bint listed
    cdef bint watched
    cdef SpikeTrain train
    cdef SpikeCounts counted

    cdef void step(self, long now, int partition) noexcept nogil
    cdef void step_through(self, long first, long last, int partition) noexcept nogil
    cdef void begin_stretch(self, long now, long foreseen) noexcept nogil
    cdef void absorb(self, long now, int partition) noexcept nogil
    cdef void begin(self, long now) noexcept nogil
    cdef void start(self) noexcept nogil
    cdef void clear_current(self, int partition) noexcept nogil
