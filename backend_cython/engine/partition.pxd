cimport cython

from ..model.population cimport Population
from ..model.recorder cimport Sampler
from .deliveries cimport Deliveries
from .pointer_list cimport PointerList


cdef inline void step_all(PointerList populations, int number, long now) noexcept nogil:
    """Step the cells that block `number` of each population has."""
    cdef Py_ssize_t i
    for i in range(populations.n):
        (<Population> populations.item[i]).step(now, number)


cdef inline void step_all_through(PointerList sources, int number, long first, long last) noexcept nogil:
    """The same from step `first` to step `last`, one population after the other."""
    cdef Py_ssize_t i
    for i in range(sources.n):
        (<Population> sources.item[i]).step_through(first, last, number)


cdef inline void absorb_all(PointerList populations, int number, long now) noexcept nogil:
    """Let what arrives at step `now` join the states of the same cells."""
    cdef Py_ssize_t i
    for i in range(populations.n):
        (<Population> populations.item[i]).absorb(now, number)


@cython.final
cdef class Partition:
    cdef readonly int number
    cdef long interval            # steps that cells do before their synapses follow
    cdef PointerList electrodes, sources, populations, followers, observers, foreseen, watching
    cdef PointerList late, behind         # cells that may get input without a delay, or take it a step later
    cdef Deliveries groups
    cdef PointerList divided, divided_sources, watching_divided   # the same but for cells stepped as a whole
    cdef Sampler of_cells, of_synapses
    cdef readonly bint goes_ahead   # its cells go ahead to the next step with anything to deliver
    cdef bint foresees              # and what reaches their somata is known for as long as sources have gone ahead
    cdef void go_ahead(self, long first, long last) noexcept nogil
    cdef void go_ahead_divided(self, long first, long last) noexcept nogil
    cdef void foresee(self, long first, long last) noexcept nogil
    cdef void couple(self, long now) noexcept nogil
    cdef void pass_steps(self, long first, long last) noexcept nogil
    cdef void pass_ahead(self, long first, long last) noexcept nogil
    cdef void inject(self, long now) noexcept nogil
    cdef void cells(self, long now) noexcept nogil
    cdef void divided_cells(self, long now) noexcept nogil
    cdef void after_cells(self, long now) noexcept nogil
    cdef void synapses(self, long now) noexcept nogil
    cdef void observe(self, long now) noexcept nogil
    cdef void deliver(self, long now) noexcept nogil
    cdef void absorb(self, long now) noexcept nogil
    cdef void catch_up(self, long now) noexcept nogil
    cdef void finish(self, PointerList watching, long now) noexcept nogil
    cdef void finish_divided(self, long now) noexcept nogil
