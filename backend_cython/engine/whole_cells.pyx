"""Cells that one thread alone steps as if they were not divided among partitions.

Their states lie where partitions have them. The spikes of all cells are in one list, which all read who hear of them
through other threads else. Who reads the lists of partitions needs cells that are stepped by partition.
"""

from ..model.recorder cimport Recorder


def can_be_whole(network, Population population, crossing):
    """Whether all who read the spikes of these cells can read those of all cells from one list, and it is worth it."""
    if not population.can_be_whole():
        return False
    if any(projection.size and projection.post is population and projection.kind.FOLLOWS_TARGETS
           for projection in network.projections.members):
        return False
    if not population.replicated:
        # cells that are observed may go through a leap by partition, unless others wait for their spikes
        return population in crossing or not any(observer.partition >= 0 for observer in population.observers.members)
    # of sources, all read what partitions have
    return not (any(observer.SEES_ALL_SPIKES for observer in population.observers.members) or any(
        population in projection.needs_spikes_of and (
            population in projection.third_parties or set(projection.groups) & set(projection.deliveries))
        for projection in network.projections.members))


cdef class WholeCells:
    """Those of some populations.

    Parameters
    ----------
    network : Network
    possible : bool
        Whether there can be any.
    crossing : list of Population
        Those whose spikes other partitions must know.
    """

    def __init__(self, network, bint possible, crossing):
        cdef Population population
        self.populations, self.sources, self.watching = PointerList(), PointerList(), PointerList()
        for population in network.populations.members:
            if possible and can_be_whole(network, population, crossing):
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
