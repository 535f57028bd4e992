from ..engine.pointer_list cimport PointerList
from .population cimport Population


cdef class Projection:
    cdef readonly object network
    cdef readonly object kind          # the class of its groups
    cdef readonly Population pre, post
    cdef readonly Py_ssize_t size
    cdef readonly str owner
    cdef readonly int receptor
    cdef readonly list third_parties, groups
    cdef list parts                    # of each group: itself, or its parts
    cdef readonly list deliveries      # all of them: what partitions deliver spikes to
    cdef readonly list beside          # before `join`: projections that are to be connected along with this one
    cdef readonly PointerList axons    # a SpikeHistory for each partition; none without axonal delays
    cdef tuple pending                 # before `join`: what it needs
    cdef readonly object common        # what they share; None if that is nothing
    cdef readonly long longest_delay   # from a synapse to its target, in steps; of other processes' as well
    cdef list positions                # numbers of the connections of each group, increasing; None: it has all
