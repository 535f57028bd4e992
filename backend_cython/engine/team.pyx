"""A team of threads, each with its partition: in step, or one of them for all."""

from cython.parallel cimport parallel, threadid

import os

from ..model.observer cimport RECENT, Observer
from ..model.population cimport Population
from ..model.synapse_group cimport SynapseGroup
from .deliveries cimport Deliveries
from .partition cimport Partition
from .pointer_list cimport PointerList
from .spike_exchange cimport Exchange
from .whole_cells cimport WholeCells

from .partition import can_go_ahead


def can_use_threads():
    """Whether this build can work with several threads."""
    return bool(threads_available())


def dismiss():
    """End the threads that wait for the next run: in a forked process they do not exist, and a run would wait for
    them for ever.
    """
    dismiss_team()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(before=dismiss)


cdef class Team:
    """Partitions in step.

    Parameters
    ----------
    network : Network
    crossing : list of Population
        Those whose spikes other partitions and processes must know.
    """

    def __init__(self, network, crossing):
        cdef int n = network.n_threads, i
        self.interval = network.interval
        cells = [any(population.has_cells(network.first_partition + i) for population in network.populations.members)
                 for i in range(n)]
        # a small network lies in the first partition
        cdef bint alone = n == 1 or network.processes is None and not any(cells[1:])
        self.goes_ahead = alone and network.processes is None and can_go_ahead(network, network.first_partition)
        # whole intervals, whenever a run begins
        self.leap = self.interval * max(1, (SHORT_LEAP if alone or crossing else LEAP) // self.interval)
        if self.goes_ahead:
            self.leap = RECENT
            for population in network.populations.members:
                # all that arrives in a leap lies in a row
                population.input_buffer.hold(RECENT, network.step)
        self.coupled = any(electrode.coupled for electrode in network.electrodes.members)
        self.members = [Partition(network, network.first_partition + i, self.leap) for i in range(n)]
        self.partitions = PointerList()
        for partition in self.members[:1] if alone else self.members:
            self.partitions.add(partition)
        foreseen = set()
        cdef Partition member
        for member in self.members:
            foreseen.update(member.foreseen.members)
        # one thread alone goes through rows as a whole, and through cells
        self.whole = WholeCells(network, self.partitions.n > 1 and not self.coupled, crossing)
        self.groups = Deliveries()
        for projection in network.projections.members:
            for group in projection.groups:
                if group not in foreseen:
                    self.groups.add(group)
        self._choose_lists(network, foreseen)
        self.exchange = None if network.processes is None else Exchange(network, crossing)
        self.crossing = len(crossing) > 0 and not (alone and network.processes is None)
        # what is left of the cells of one partition in the cache is worth less than whole rows of many synapses
        self.apart = self.exchange is None and not self.coupled and (self.partitions.n == 1 or not (
            self.crossing or self.whole.populations.n
            or any(group.n_parts > 1 and group.size > group.post.size for group in self.groups.members)))
        self.threads = ThreadExchange(network, crossing if self.crossing else [])
        # synapses whose rows are undivided read all spikes themselves
        self.tells = self.crossing and not set(crossing) <= set(self.whole.members) and (
            any(group.as_told for group in self.groups.members)
            or any(projection.third_parties for projection in network.projections.members)
            or any(observer.SEES_ALL_SPIKES for population in network.populations.members
                   for observer in population.observers.members))
        self.have_sources = any(population.replicated for population in network.populations.members)
        # two pieces of an interval then: while cells do one, the spikes of the one before are on their way
        self.lags = self.crossing and self.interval > 1 and network.processes is None and not self.coupled
        self.piece = (self.interval + 1) // 2 if self.lags else self.interval
        self.choice = ThreadChoice(self.leap)

    def _choose_lists(self, network, foreseen):
        """Let there be no lists of spikes that nobody reads."""
        cdef Population population
        readers = {id(population): [] for population in network.populations.members}
        for projection in network.projections.members:
            # also those without synapses, which are asked to deliver as well
            for population in (projection.pre, *projection.third_parties):
                readers[id(population)] += projection.groups
        for population in network.populations.members:
            groups = readers[id(population)]
            unlisted = population.observers.n == 0 and len(groups) > 0 and all(
                group.pre is population for group in groups)
            as_train = unlisted and self.partitions.n == 1 and all(
                group in foreseen and group.reads_train() for group in groups)
            as_counts = unlisted and population.counts_spikes() and all(group.reads_counts() for group in groups)
            population.read_spikes(as_train or as_counts)

    def assign(self, watching, pieces):
        """Recorders that are called at every step, and for each partition pieces of columns that it samples."""
        cdef Partition partition
        self.with_cells, self.with_others, self.observers = PointerList(), PointerList(), PointerList()
        divided = self.whole.assign(watching)
        for partition, own in zip(self.members, pieces):
            partition.assign(watching, own, self.goes_ahead, self.whole.members, divided)
        for partition in self.partitions.members:
            if partition.has_cells_divided():
                self.with_cells.add(partition)
            if partition.has_others_divided():
                self.with_others.add(partition)
            for observer in partition.observers.members:
                self.observers.add(observer)

    def wake(self):
        """A run begins, and anything may have changed."""
        cdef Partition partition
        groups = set(self.groups.members)
        for partition in self.members:
            groups.update(partition.groups.members)
        for group in groups:
            group.wake()

    cdef void advance(self, long now, long n_steps) noexcept nogil:
        """Take all partitions from step `now` to `now` + `n_steps`."""
        cdef long end = now + n_steps, first
        cdef Py_ssize_t i
        cdef double started
        self.reached = self.ahead = now
        if self.partitions.n == 1:
            self.go_alone(end)
        elif self.exchange is not None:
            # all processes must have the same intervals
            while self.reached < end:
                self.go_together(end)
        else:
            while self.reached < end:
                first = self.reached
                if self.choice.begins_with_all() and processors_are_short(self.partitions.n):
                    # one of the threads would hold up the others for some milliseconds
                    self.choice.postpone()
                started = wall_time()
                if self.choice.together:
                    self.go_together(min(first + self.choice.steps, end))
                else:
                    self.go_alone(min(first + self.choice.steps, end))
                self.choice.note(self.reached - first, wall_time() - started)
        for i in range(self.groups.n):
            # those of which threads had parts have come to the same step
            (<SynapseGroup> self.groups.item[i]).now = self.reached
        for i in range(self.partitions.n):
            # whoever looks at states finds them complete
            (<Partition> self.partitions.item[i]).catch_up(self.reached)

    cdef void go_together(self, long end) noexcept nogil:
        """All threads, each with its own partition; they may part before the `end` if one of them had to sleep."""
        # a thread may be late, and another one through with it then
        cdef Walk begin = Walk(0, self.count, 0, self.reached, self.reached, self.ahead, False, False)
        self.whole.end()
        with parallel(num_threads=self.partitions.n):
            # the system may grant fewer threads; all of them see that
            if team_size() == self.partitions.n:
                self.go(threadid(), begin, end)
            elif threadid() == 0:
                self.go_alone(end)

    cdef void go_alone(self, long end) noexcept nogil:
        """One thread does the work of all partitions."""
        cdef Py_ssize_t n = self.partitions.n, i
        cdef long now = self.reached, ahead = self.ahead, last, step
        if self.apart:
            self.go_apart(end)
            return
        self.reached = end
        self.whole.begin(now, ahead)
        while now < end:
            if now == ahead:
                ahead = min(now + self.leap, end)
                self.whole.go_ahead(now + 1, ahead)
                for i in range(n):
                    (<Partition> self.partitions.item[i]).go_ahead_divided(now + 1, ahead)
                for i in range(n):
                    (<Partition> self.partitions.item[i]).foresee(now + 1, ahead)
            last = min(now + self.interval, min(ahead, end))
            if self.coupled:
                for i in range(n):
                    (<Partition> self.partitions.item[i]).couple(now + 1)
                if self.exchange is not None:
                    self.exchange.potentials()
            for step in range(now + 1, last + 1):
                self.step_alone(step)
            if self.exchange is not None:
                self.exchange.spikes(now + 1, last)
            if self.tells:
                self.tell_all(now + 1, last)
            for step in range(now + 1, last + 1):
                self.follow_alone(step)
            now = last
        self.ahead = ahead

    cdef void go_apart(self, long end) noexcept nogil:
        """The same, partition by partition through a leap."""
        cdef Py_ssize_t i
        cdef long now = self.reached, last
        self.whole.end()
        while now < end:
            if now == self.ahead:
                # that of cells which go ahead lies between multiples of its length
                self.ahead = min(now + self.leap - ((now + 1) % self.leap if self.goes_ahead else 0), end)
                for i in range(self.partitions.n):
                    (<Partition> self.partitions.item[i]).go_ahead(now + 1, self.ahead)
                for i in range(self.partitions.n):
                    (<Partition> self.partitions.item[i]).foresee(now + 1, self.ahead)
            last = min(self.ahead, end)
            for i in range(self.partitions.n):
                (<Partition> self.partitions.item[i]).pass_steps(now + 1, last)
            now = last
        self.reached = end

    cdef inline void step_alone(self, long now) noexcept nogil:
        """The first half of step `now`, of all partitions."""
        cdef Py_ssize_t i
        for i in range(self.partitions.n):
            (<Partition> self.partitions.item[i]).inject(now)
        self.whole.step(now)
        for i in range(self.with_cells.n):
            (<Partition> self.with_cells.item[i]).divided_cells(now)

    cdef inline void follow_alone(self, long now) noexcept nogil:
        """The second half."""
        cdef Py_ssize_t i
        for i in range(self.observers.n):
            (<Observer> self.observers.item[i]).observe(now)
        self.groups.come_to(now)
        for i in range(self.with_others.n):
            (<Partition> self.with_others.item[i]).finish_divided(now)
        self.whole.record(now)

    cdef void tell_all(self, long first, long last) noexcept nogil:
        """One thread lets all partitions know the spikes of these steps."""
        cdef int i
        for i in range(self.partitions.n):
            self.threads.hear_alone(i, first, last)

    cdef void go(self, int own, Walk walk, long end) noexcept nogil:
        """The part of one thread, from where all of them begin.

        Sources of spikes go ahead by a leap, and all threads wait for each other then. If there are spikes of other
        cells that may reach another partition, or processes that do so, the cells of all partitions must also have come
        to the end of an interval before any partition delivers its spikes. There is no need to wait after that: a
        partition makes its own lists of the spikes that it hears of.

        To hear of spikes takes a while. If an interval can be divided into two pieces, cells go on to the second one
        meanwhile, and synapses are always a piece behind; the cells of the next piece need no spikes but those. Pieces
        of an odd interval are unequal by turns.
        """
        cdef long last, step
        walk.own = own
        while walk.now < end and not walk.part:
            if walk.now == walk.ahead:
                walk.ahead = min(walk.now + self.leap, end)
                if self.have_sources or not self.crossing:
                    # others read spikes of the last leap until then
                    self.follow(&walk)
                    (<Partition> self.partitions.item[own]).go_ahead(walk.now + 1, walk.ahead)
                    self.meet(&walk)
                    (<Partition> self.partitions.item[own]).foresee(walk.now + 1, walk.ahead)
            # no further ahead of the synapses than by an interval
            last = min(min(walk.now + self.piece, walk.followed + self.interval), min(walk.ahead, end))
            if self.coupled:
                (<Partition> self.partitions.item[own]).couple(walk.now + 1)
                self.meet(&walk)
                if self.exchange is not None:
                    if own == 0:
                        self.exchange.potentials()
                    self.meet(&walk)
            for step in range(walk.now + 1, last + 1):
                (<Partition> self.partitions.item[own]).cells(step)
            if self.crossing:
                walk.count += 1
                self.threads.tell(own, walk.count, walk.now + 1, last)
                arrive(self.threads.arrivals, own, walk.count, &walk.slept)
            if self.lags:
                self.follow(&walk)
            walk.told, walk.now = walk.count, last
            if self.exchange is not None and self.crossing:
                self.wait(&walk, walk.told)
                if own == 0:
                    self.exchange.spikes(walk.followed + 1, last)
                self.meet(&walk)
            elif self.coupled and not self.crossing:
                self.meet(&walk)
            if not self.lags:
                self.follow(&walk)
        self.follow(&walk)
        if own == 0:
            self.reached, self.ahead, self.count = walk.now, walk.ahead, walk.count

    cdef void meet(self, Walk* walk) noexcept nogil:
        """All threads come to the same point."""
        walk.count += 1
        arrive(self.threads.arrivals, walk.own, walk.count, &walk.slept)
        self.wait(walk, walk.count)

    cdef void wait(self, Walk* walk, unsigned int count) noexcept nogil:
        """Until all threads have arrived that often."""
        walk.part |= wait_for_all(self.threads.arrivals, <int> self.partitions.n, count, &walk.slept)

    cdef void follow(self, Walk* walk) noexcept nogil:
        """Synapses come up to the cells, as far as these were when they told of their spikes."""
        cdef long step
        if walk.followed == walk.now:
            return
        if self.crossing:
            self.wait(walk, walk.told)
            self.threads.hear(walk.own, walk.told, walk.followed + 1, walk.now)
        for step in range(walk.followed + 1, walk.now + 1):
            (<Partition> self.partitions.item[walk.own]).synapses(step)
        walk.followed = walk.now
