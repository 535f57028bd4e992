"""Partitions: the cells that one thread computes, with all that happens to them in a step.

The two halves of a step are those of network.pyx. No partition writes what another one may read at the same time.
"""

from cpython.ref cimport PyObject

from ..model.current_source cimport Electrode
from ..model.observer cimport Observer
from ..model.population cimport Population
from ..model.recorder cimport Recorder, Sampler, watch
from ..model.synapse_group cimport SynapseGroup
from .deliveries cimport Deliveries
from .pointer_list cimport PointerList


def what_can_be_foreseen(groups, long leap, long now):
    """Groups that go ahead with their sources: those onto receptors of few cells that no other group reaches, or none
    with another delay, so that every sum of inputs is in the order that it always has.
    """
    onto = {}
    for group in groups:
        onto.setdefault((group.post, group.receptor), []).append(group)
    foreseen = set()
    for (post, _), together in onto.items():
        # the delays of many synapses take time to look at
        if post.can_hold(leap) and all(group.is_foreseeable() for group in together):
            longest = leap + max(group.longest_delay() for group in together)
            in_order = len(together) == 1 or all(group.shortest_delay == longest - leap for group in together)
            if in_order and post.can_hold(longest):
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
        self.groups, self.watching = Deliveries(), PointerList()
        self.late, self.behind = PointerList(), PointerList()
        for population in network.populations.members:
            if population.has_cells(number):
                (self.sources if population.replicated else self.populations).add(population)
                if not population.takes_at_once:
                    self.behind.add(population)
                elif population.late_input:
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
        """The same for the second half, besides the delivery of spikes, and observers."""
        return self.late.n + self.watching_divided.n + self.of_synapses.n_rhythms > 0

    cdef void go_ahead(self, long first, long last) noexcept nogil:
        """The sources' spikes of the steps `first` … `last`."""
        step_all_through(self.sources, self.number, first, last)

    cdef void go_ahead_divided(self, long first, long last) noexcept nogil:
        """The same, but for what one thread steps as a whole."""
        step_all_through(self.divided_sources, self.number, first, last)

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
            self.groups.come_to(end)
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
        self.inject(now)
        step_all(self.populations, self.number, now)
        self.after_cells(now)

    cdef inline void divided_cells(self, long now) noexcept nogil:
        """The same, but for currents and what one thread steps as a whole."""
        step_all(self.divided, self.number, now)
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
        self.finish(self.watching, now)

    cdef inline void observe(self, long now) noexcept nogil:
        cdef PyObject** observer = self.observers.item
        cdef Py_ssize_t i
        for i in range(self.observers.n):
            (<Observer> observer[i]).observe(now)

    cdef inline void finish(self, PointerList watching, long now) noexcept nogil:
        """What follows when all spikes of step `now` have been delivered."""
        self.absorb(now)
        watch(watching, self.number, now)
        self.of_synapses.sample(now)

    cdef inline void finish_divided(self, long now) noexcept nogil:
        """The same, but for spikes of what one thread steps as a whole."""
        self.finish(self.watching_divided, now)

    cdef inline void deliver(self, long now) noexcept nogil:
        self.groups.come_to(now)

    cdef inline void absorb(self, long now) noexcept nogil:
        """Input without a delay joins the states of the cells."""
        absorb_all(self.late, self.number, now)

    cdef void catch_up(self, long now) noexcept nogil:
        """So does what arrived at step `now`, if cells have not taken it yet."""
        absorb_all(self.behind, self.number, now)
