"""Cells that one thread alone steps as if they were not divided among partitions.

Their states lie where partitions have them. The spikes of all cells are in one list, which those read who are called by
one thread alone; others read the lists of partitions, so that cells whose spikes they need are stepped by partition.
"""

from ..model.recorder cimport Recorder


def can_be_whole(network, Population population):
    """Whether all who read the spikes of these cells can read those of all cells from one list."""
    if not population.can_be_whole():
        return False
    if any(observer.partition >= 0 or observer.SEES_ALL_SPIKES for observer in population.observers.members):
        return False
    for projection in network.projections.members:
        if projection.size and projection.post is population and projection.kind.FOLLOWS_TARGETS:
            return False
        if population in projection.needs_spikes_of and (
                population in projection.third_parties or set(projection.groups) & set(projection.deliveries)):
            # a group that has no parts is delivered to by its partition
            return False
    return True


cdef class WholeCells:
    """Those of some populations.

    Parameters
    ----------
    network : Network
    possible : bool
        Whether there can be any.
    """

    def __init__(self, network, bint possible):
        cdef Population population
        self.populations, self.sources, self.watching = PointerList(), PointerList(), PointerList()
        for population in network.populations.members:
            if possible and can_be_whole(network, population):
                (self.sources if population.replicated else self.populations).add(population)
                self.number = population.whole
        for projection in network.projections.members:
            for group in projection.groups:
                if group not in projection.deliveries:
                    group.follow_whole(group.pre in self.members)

    @property
    def members(self):
        """Populations and sources."""
        return self.populations.members + self.sources.members

    def assign(self, watching):
        """Take, of the recorders that are called at every step, those of the spikes of these cells; returns others."""
        cdef Recorder watcher
        cdef Population population
        self.watching, others = PointerList(), []
        for watcher in watching:
            for population in self.members:
                if watcher.block == population.block:
                    self.watching.add(watcher)
                    break
            else:
                others.append(watcher)
        return others
