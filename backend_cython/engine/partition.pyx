"""Partitions: the cells that one thread computes, with all that happens to them in a step; and a team of threads.

The two halves of a step are those of network.pyx. No partition writes what another one may read at the same time.
"""

from cpython.ref cimport PyObject
from cython.parallel cimport parallel, threadid

import os

from ..model.current_source cimport Electrode
from .spike_exchange cimport Exchange
from ..model.observer cimport RECENT, Observer

from ..model.population cimport Population
from ..model.recorder cimport Recorder, Sampler, watch
from ..model.synapse_group cimport SynapseGroup
from .pointer_list cimport PointerList
from .whole_cells cimport WholeCells


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


def what_can_be_foreseen(groups, long leap, long now):
    """Groups that go ahead with their sources: those onto receptors of few cells that no other group reaches, so
    that every sum of inputs is in the order that it always has.
    """
    onto = {}
    for group in groups:
        onto.setdefault((group.post, group.receptor), []).append(group)
    foreseen = set()
    for (post, _), together in onto.items():
        # the delays of many synapses take time to look at
        if post.can_hold(leap) and all(group.is_foreseeable() for group in together):
            longest = leap + max(group.longest_delay() for group in together)
            if post.can_hold(longest):
                post.input_buffer.hold(longest, now)
                foreseen.update(together)
    return foreseen


def can_go_ahead(network, int number):
    """Whether cells of this partition can do several steps before their synapses follow: a few single ones, with no
    input but from sources, at steps that are known, and steady currents.
    """
    for population in network.populations.members:
        if population.has_cells(number):
            observers = [observer for observer in population.observers.members if observer.partition == number]
            if population.late_input or not all(observer.goes_ahead for observer in observers):
                return False
            if not (population.replicated or population.goes_ahead):
                return False
    return all(one.can_go_ahead() for one in (*network.electrodes.members, *deliveries_in(network, number)))


def deliveries_in(network, int number):
    """What a partition delivers spikes to, in the order of projections."""
    return [delivery for projection in network.projections.members for delivery in projection.deliveries
            if delivery.partition == number]


cdef class Partition:
    """Cells of one partition.

    Parameters
    ----------
    network : Network
    number : int
    leap : int
        Most steps by which sources of spikes go ahead.
    """

    def __init__(self, network, int number, long leap):
        self.number, self.interval = number, network.interval
        self.electrodes = network.electrodes
        self.sources, self.populations = PointerList(), PointerList()
        self.followers, self.observers = PointerList(), PointerList()
        self.groups, self.late, self.watching = PointerList(), PointerList(), PointerList()
        for population in network.populations.members:
            if population.has_cells(number):
                (self.sources if population.replicated else self.populations).add(population)
                if population.late_input:
                    self.late.add(population)
            for observer in population.observers.members:
                if observer.partition == number:
                    observer.expect_interval(network.interval)
                    self.observers.add(observer)
                    if network.interval > 1:
                        self.followers.add(observer)
        self.foreseen = PointerList()
        groups = deliveries_in(network, number)
        foreseen = what_can_be_foreseen(groups, leap, network.step)
        for group in groups:
            (self.foreseen if group in foreseen else self.groups).add(group)
        self.foresees = (self.electrodes.n == 0 and all(group.reaches_dendrites() for group in self.groups.members)
                         and not any(observer.needs_somata for observer in self.observers.members))

    def assign(self, watching, pieces, bint able, whole, watching_divided):
        """Recorders that are called at every step, and pieces of columns that this partition samples; whether the cells
        are `able` to go ahead. One thread alone steps the populations `whole` as a whole, and not by partition, where
        only the recorders `watching_divided` are called then.
        """
        cdef Recorder watcher
        self.watching, self.watching_divided = PointerList(), PointerList()
        self.divided, self.divided_sources = PointerList(), PointerList()
        for watcher in watching:
            self.watching.add(watcher)
            # others need each step when it is over
            able &= watcher.block != NULL
        for watcher in watching_divided:
            self.watching_divided.add(watcher)
        for populations, divided in ((self.populations, self.divided), (self.sources, self.divided_sources)):
            for population in populations.members:
                if population not in whole:
                    divided.add(population)
        of_cells, of_synapses = [], []
        for recorder, i in pieces:
            # late input still changes the states of cells in the second half
            early = isinstance(recorder.source, Population) and self.late.n == 0
            (of_cells if early else of_synapses).append((recorder, i))
        self.of_cells, self.of_synapses = Sampler(of_cells), Sampler(of_synapses)
        self.goes_ahead = able and self.of_cells.goes_ahead and not of_synapses

    def has_cells_divided(self):
        """Whether there is anything in the first half of a step besides what is stepped as a whole."""
        return self.divided.n + self.followers.n + self.of_cells.n_rhythms > 0

    def has_others_divided(self):
        """The same for the second half, besides the delivery of spikes."""
        return self.observers.n + self.late.n + self.watching_divided.n + self.of_synapses.n_rhythms > 0

    cdef void go_ahead(self, long first, long last) noexcept nogil:
        """The sources' spikes of the steps `first` … `last`."""
        cdef Py_ssize_t i
        for i in range(self.sources.n):
            (<Population> self.sources.item[i]).step_through(first, last, self.number)

    cdef void go_ahead_divided(self, long first, long last) noexcept nogil:
        """The same, but for what one thread steps as a whole."""
        cdef Py_ssize_t i
        for i in range(self.divided_sources.n):
            (<Population> self.divided_sources.item[i]).step_through(first, last, self.number)

    cdef void foresee(self, long first, long last) noexcept nogil:
        """What follows from their spikes alone."""
        cdef Py_ssize_t i
        for i in range(self.foreseen.n):
            (<SynapseGroup> self.foreseen.item[i]).deliver_through(first, last)

    cdef void pass_steps(self, long first, long last) noexcept nogil:
        """The steps `first` … `last`, if no other partition matters. Sources have gone ahead."""
        cdef long now, end
        if self.goes_ahead:
            self.pass_ahead(first, last)
            return
        while first <= last:
            end = min(first + self.interval - 1, last)
            for now in range(first, end + 1):
                self.cells(now)
            for now in range(first, end + 1):
                self.synapses(now)
            first = end + 1

    cdef void pass_ahead(self, long first, long last) noexcept nogil:
        """The same where nothing that arrives depends on the cells: they need not wait until something is delivered."""
        cdef long now = first - 1, end
        cdef Py_ssize_t i
        for i in range(self.populations.n):
            (<Population> self.populations.item[i]).begin_stretch(now, last if self.foresees else now)
        while now < last:
            end = last
            for i in range(self.groups.n):
                end = (<SynapseGroup> self.groups.item[i]).next_step(now + 1, end)
            for i in range(self.electrodes.n):
                end = (<Electrode> self.electrodes.item[i]).steady_until(now + 1, end)
            self.inject(now + 1)
            for i in range(self.populations.n):
                (<Population> self.populations.item[i]).step_through(now + 1, end, self.number)
            for i in range(self.observers.n):
                (<Observer> self.observers.item[i]).observe_through(now + 1, end)
            for i in range(self.groups.n):
                (<SynapseGroup> self.groups.item[i]).come_to(end)
            now = end
        for i in range(self.watching.n):
            (<Recorder> self.watching.item[i]).record_through(first, last, self.number)
        self.of_cells.sample_through(first, last)

    cdef void couple(self, long now) noexcept nogil:
        """Before step `now`: what other partitions need for it."""
        cdef Py_ssize_t i
        for i in range(self.electrodes.n):
            if (<Electrode> self.electrodes.item[i]).coupled:
                (<Electrode> self.electrodes.item[i]).prepare(now, self.number)

    cdef inline void inject(self, long now) noexcept nogil:
        """The currents that electrodes let flow over (now - 1, now]."""
        cdef Py_ssize_t i
        if self.electrodes.n == 0:
            return
        for i in range(self.populations.n):
            (<Population> self.populations.item[i]).clear_current(self.number)
        for i in range(self.electrodes.n):
            (<Electrode> self.electrodes.item[i]).drive(now, self.number)

    cdef inline void cells(self, long now) noexcept nogil:
        """The first half of step `now`."""
        cdef PyObject** population = self.populations.item
        cdef Py_ssize_t n = self.populations.n, i
        cdef int number = self.number
        self.inject(now)
        for i in range(n):
            (<Population> population[i]).step(now, number)
        self.after_cells(now)

    cdef inline void divided_cells(self, long now) noexcept nogil:
        """The same, but for currents and what one thread steps as a whole."""
        cdef PyObject** population = self.divided.item
        cdef Py_ssize_t i
        for i in range(self.divided.n):
            (<Population> population[i]).step(now, self.number)
        self.after_cells(now)

    cdef inline void after_cells(self, long now) noexcept nogil:
        cdef PyObject** follower = self.followers.item
        cdef Py_ssize_t i
        for i in range(self.followers.n):
            (<Observer> follower[i]).after_step(now)
        self.of_cells.sample(now)

    cdef inline void synapses(self, long now) noexcept nogil:
        """The second half of step `now`."""
        self.observe(now)
        self.deliver(now)
        self.finish(now)

    cdef inline void observe(self, long now) noexcept nogil:
        cdef PyObject** observer = self.observers.item
        cdef Py_ssize_t i
        for i in range(self.observers.n):
            (<Observer> observer[i]).observe(now)

    cdef inline void finish(self, long now) noexcept nogil:
        """What follows when all spikes of step `now` have been delivered."""
        self.absorb(now)
        watch(self.watching, self.number, now)
        self.of_synapses.sample(now)

    cdef inline void finish_divided(self, long now) noexcept nogil:
        """The same, but for spikes of what one thread steps as a whole."""
        self.absorb(now)
        watch(self.watching_divided, self.number, now)
        self.of_synapses.sample(now)

    cdef inline void deliver(self, long now) noexcept nogil:
        cdef PyObject** group = self.groups.item
        cdef Py_ssize_t n = self.groups.n, i
        for i in range(n):
            (<SynapseGroup> group[i]).come_to(now)

    cdef inline void absorb(self, long now) noexcept nogil:
        """Input without a delay joins the states of the cells."""
        cdef Py_ssize_t i
        for i in range(self.late.n):
            (<Population> self.late.item[i]).absorb(now, self.number)


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
        self.whole = WholeCells(network, self.partitions.n > 1 and not self.coupled)
        self.groups = PointerList()
        for projection in network.projections.members:
            for group in projection.groups:
                if group not in foreseen:
                    self.groups.add(group)
        self._read_trains(network, foreseen)
        self.exchange = None if network.processes is None else Exchange(network, crossing)
        self.crossing = len(crossing) > 0 and not (alone and network.processes is None)
        # what is left of the cells of one partition in the cache is worth less than whole rows of many synapses
        self.apart = self.exchange is None and not self.coupled and (self.partitions.n == 1 or not (
            self.crossing or self.whole.populations.n
            or any(group.n_parts > 1 and group.size > group.post.size for group in self.groups.members)))
        self.threads = ThreadExchange(network, crossing if self.crossing else [])
        # synapses whose rows are undivided read all spikes themselves
        self.tells = self.crossing and (
            any(group.as_told for group in self.groups.members)
            or any(projection.third_parties for projection in network.projections.members)
            or any(observer.SEES_ALL_SPIKES for population in network.populations.members
                   for observer in population.observers.members))
        self.have_sources = any(population.replicated for population in network.populations.members)
        # two pieces of an interval then: while cells do one, the spikes of the one before are on their way
        self.lags = self.crossing and self.interval > 1 and network.processes is None and not self.coupled
        self.piece = self.interval // 2 if self.lags else self.interval
        self.choice = ThreadChoice(self.leap)

    def _read_trains(self, network, foreseen):
        """Let there be no lists of spikes that nobody reads."""
        cdef Population population
        readers = {id(population): [] for population in network.populations.members}
        for projection in network.projections.members:
            for population in projection.needs_spikes_of:
                readers[id(population)] += projection.groups
        for population in network.populations.members:
            groups = readers[id(population)]
            population.read_spikes(self.partitions.n == 1 and population.observers.n == 0 and len(groups) > 0 and all(
                group in foreseen and group.pre is population and group.reads_train() for group in groups))

    def assign(self, watching, pieces):
        """Recorders that are called at every step, and for each partition pieces of columns that it samples."""
        self.with_cells, self.with_others = PointerList(), PointerList()
        divided = self.whole.assign(watching)
        for partition, own in zip(self.members, pieces):
            partition.assign(watching, own, self.goes_ahead, self.whole.members, divided)
            if partition in self.partitions.members and partition.has_cells_divided():
                self.with_cells.add(partition)
            if partition in self.partitions.members and partition.has_others_divided():
                self.with_others.add(partition)

    def wake(self):
        """A run begins, and anything may have changed."""
        cdef Partition partition
        for group in self.groups.members:
            group.wake()
        for partition in self.members:
            for group in partition.groups.members:
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
        for i in range(self.with_others.n):
            (<Partition> self.with_others.item[i]).observe(now)
        for i in range(self.groups.n):
            (<SynapseGroup> self.groups.item[i]).come_to(now)
        for i in range(self.with_others.n):
            (<Partition> self.with_others.item[i]).finish_divided(now)
        self.whole.record(now)

    cdef void tell_all(self, long first, long last) noexcept nogil:
        """One thread lets all partitions know the spikes of these steps."""
        cdef int i
        if self.tells:
            for i in range(self.partitions.n):
                self.threads.tell(i, self.count, first, last)
            for i in range(self.partitions.n):
                self.threads.hear(i, self.count, first, last)

    cdef void go(self, int own, Walk walk, long end) noexcept nogil:
        """The part of one thread, from where all of them begin.

        Sources of spikes go ahead by a leap, and all threads wait for each other then. If there are spikes of other
        cells that may reach another partition, or processes that do so, the cells of all partitions must also have come
        to the end of an interval before any partition delivers its spikes. There is no need to wait after that: a
        partition makes its own lists of the spikes that it hears of.

        To hear of spikes takes a while. If an interval can be divided into two pieces, cells go on to the second one
        meanwhile, and synapses are always a piece behind; the cells of the next piece need no spikes but those.
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
            last = min(walk.now + self.piece, min(walk.ahead, end))
            if self.coupled:
                (<Partition> self.partitions.item[own]).couple(walk.now + 1)
                self.meet(&walk)
                if self.exchange is not None:
                    if own == 0:
                        self.exchange.potentials()
                    self.meet(&walk)
            for step in range(walk.now + 1, last + 1):
                if step == last and walk.followed < walk.now:
                    look_ahead(self.threads.arrivals, <int> self.partitions.n, own, walk.count)
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
