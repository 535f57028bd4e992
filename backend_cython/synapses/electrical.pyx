"""Gap junctions, a conductance between the potentials of two cells, and nudging, which acts on one of them.

A connection of conductance w lets the current w (V_pre − V_post) flow into the postsynaptic cell, and, through a gap
junction, the same current out of the presynaptic one.

Numerics: populations do not see each other within a step, so that the current over (t, t + h] is constant.
It is that of the potentials expected at t + h/2, from those at t and at t − h:

    V(t + h/2) ≈ V(t) + (V(t) − V(t − h)) / 2.

The error of a potential is of order h², against order h with the current as it stands at t. After a spike,
which may have reset the potential, V(t) is taken instead. Junctions are stable as long as all conductances
at a cell, whatever projection they belong to, stay well below C / h, 10 µS for 1 nF at 0.1 ms; stronger ones than half
of that are refused.
"""

from libc.limits cimport LONG_MAX
from libc.stdlib cimport free, malloc

import numpy as np

from backend_cython.model.schema import Parameter, beside, refuse
from backend_cython.model.observer cimport Observer
from backend_cython.model.cells cimport Block, SpikeList

# Largest conductance at a cell × step / capacitance for which the extrapolated current is stable: two equal
# cells relax with twice their rate, and the two-step scheme bears rates up to 1 / h.
STABLE = 0.5


def coupled_compartment(cells):
    """Number of the compartment that junctions connect, and what cells (or their model) declare of it; None if there
    is none.
    """
    for number, compartment in enumerate(cells.COMPARTMENTS.values()):
        if compartment.coupled:
            return number, compartment
    return None


cdef class Potentials:
    """Potentials of a population in the middle of the step to come."""

    def __init__(self, Population population):
        number, compartment = coupled_compartment(population)
        self.population = population
        self.v = population.column[<long> population.variables[compartment.potential]]
        self.into = population.injected + <Py_ssize_t> number * population.size
        self.before = np.zeros(population.size)
        self.ahead = np.zeros(population.size)
        self.known = np.zeros(population.n_partitions, dtype=np.int64)

    def reset(self):
        self.known[:] = 0

    def memory(self):
        population = self.population
        known = np.asarray(self.known)[population.partitions_of(np.arange(population.size))]
        return population, {"before": np.array(self.before), "known": known}

    def recall(self, memory):
        """Take over what `memory` gave, of the cells of this process."""
        np.asarray(self.before)[self.population.local] = memory["before"]
        self.known[:] = int(memory["known"].any())

    def coupling(self):
        return np.asarray(self.ahead), self.population.bounds_of_processes()

    cdef void extrapolate(self, long now, int partition) noexcept nogil:
        """Expect the potentials of a partition's cells half a step after `now`."""
        cdef const Block* block = &self.population.block[partition]
        cdef const SpikeList* spikes = self.population.spikes(now, partition)
        cdef const double* v = self.v + self.population.offset(partition)
        cdef Py_ssize_t i
        for i in range(block.first, block.last):
            self.ahead[i] = v[i]
            if self.known[partition]:
                self.ahead[i] += 0.5 * (v[i] - self.before[i])
            self.before[i] = v[i]
        for i in range(spikes.n):
            self.ahead[spikes.index[i]] = v[spikes.index[i]]
        self.known[partition] = True


cdef class CoupledCells(Observer):
    """The cells of a population into which conductances let currents flow, those of all projections together.

    It refuses what the time step cannot resolve: weights too large for the capacitances, and capacitances too small for
    the weights.
    """

    def __init__(self, Population population):
        _, compartment = coupled_compartment(population)
        self.population, self.capacitance = population, compartment.capacitance
        if isinstance(self.capacitance, str):
            self.depends_on = {self.capacitance}
        self.synapses = []
        self.total = np.zeros(population.size)

    @staticmethod
    def of(population):
        """Those of a population, which begin to follow it when the first synapses join."""
        found = [observer for observer in population.observers.members if isinstance(observer, CoupledCells)]
        return found[0] if found else CoupledCells(population)

    def join(self, ElectricalSynapses synapses):
        """Count the conductances of these synapses from now on."""
        if not self.synapses:
            self.population.add_observer(self)
        self.total = self.total_with(synapses, synapses.fetch("weight"))
        self.synapses.append(synapses)

    def count(self):
        """Sum the conductances anew, in the order of projections."""
        self.total = self.total_with(None, None)

    def total_with(self, ElectricalSynapses changed, weight):
        """The sum of the conductances at each cell (uS), with other weights of some synapses, which may be new."""
        if changed is not None and changed not in self.synapses:
            total = self.total + changed.total_at(self.population, weight)
            for projection in changed.beside:
                total += projection.groups[0].total_at(self.population, projection.proposed("weight"))
            return total
        total = np.zeros(self.population.size)
        for synapses in self.synapses:
            total += synapses.total_at(self.population, weight if synapses is changed else synapses.fetch("weight"))
        return total

    def check_weights(self, ElectricalSynapses changed, weight):
        """Refuse weights of some synapses."""
        total = self.total_with(changed, weight)
        most = STABLE * self.population.declared(self.capacitance) / self.population.timestep
        if (total > most).any():
            at = int(np.argmax(total > most))
            of = self.capacitance if self.depends_on else f"{self.capacitance:g} nF"
            side = "post" if self.population is changed.post else "pre"
            several = " over all projections" if self.total.any() or changed.beside else ""
            refuse(changed.owner, "weight",
                   f"a sum of {beside(total[at], most[at])} uS at {side}synaptic cell {at}{several}",
                   f"at most {beside(most[at], total[at])} uS, half of {of} / time step")

    def check_change(self, population, parameters, owner):
        after = parameters[self.capacitance]
        least = self.total * population.timestep / STABLE
        if (after < least).any():
            at = int(np.argmax(after < least))
            names = " and ".join(dict.fromkeys(synapses.owner for synapses in self.synapses))
            refuse(owner, self.capacitance, f"{beside(after[at], least[at])} nF at cell {at}",
                   f"at least {beside(least[at], after[at])} nF: the weights of {names} there sum to "
                   f"{self.total[at]:g} uS, which may be half of {self.capacitance} / time step")

    def close(self):
        self.synapses = []


cdef class GapCurrent(Electrode):
    """What flows through the junctions of one projection."""

    def __init__(self, ElectricalSynapses synapses):
        super().__init__(synapses.network)
        self.coupled = True
        self.synapses = synapses
        self.pre = Potentials(synapses.pre)
        self.post = self.pre if synapses.post is synapses.pre else Potentials(synapses.post)
        synapses.pre.expect_current()
        synapses.post.expect_current()
        self._lay_out()

    def __dealloc__(self):
        free(self.junctions)

    def _lay_out(self):
        """Give each partition the sides of the connections that its cells have, in the order of connections."""
        cdef int n_sides = 2 if self.synapses.BOTH_SIDES else 1
        cdef Py_ssize_t n = n_sides * self.synapses.size, i
        cdef long[::1] source = self.synapses.source
        cdef const int[::1] target = self.synapses._target
        cdef Potentials pre = self.pre, post = self.post
        partition = np.stack([post.population.partitions_of(target), pre.population.partitions_of(source)][:n_sides],
                             axis=1).ravel()
        cdef long[::1] order = np.argsort(partition, kind="stable")
        self.bounds = np.searchsorted(partition[np.asarray(order)], np.arange(self.n_partitions + 1))
        self.junctions = <Junction*> malloc((n + 1) * sizeof(Junction))
        if self.junctions == NULL:
            raise MemoryError
        for i in range(n):
            k = order[i] // n_sides
            if order[i] % n_sides == 0:
                self.junctions[i] = Junction(post.into + target[k], &post.ahead[target[k]],
                                             &pre.ahead[source[k]], k)
            else:
                self.junctions[i] = Junction(pre.into + source[k], &pre.ahead[source[k]],
                                             &post.ahead[target[k]], k)

    def reset(self):
        self.reset_states()

    def reset_states(self):
        self.pre.reset()
        self.post.reset()

    def memory(self):
        return [self.pre.memory()] if self.pre is self.post else [self.pre.memory(), self.post.memory()]

    def recall(self, memories):
        for potentials, memory in zip((self.pre, self.post), memories):
            (<Potentials> potentials).recall(memory)

    def couplings(self):
        return [self.pre.coupling()] if self.pre is self.post else [self.pre.coupling(), self.post.coupling()]

    cdef void prepare(self, long now, int partition) noexcept nogil:
        self.pre.extrapolate(now - 1, partition)
        if self.post is not self.pre:
            self.post.extrapolate(now - 1, partition)

    cdef void drive(self, long now, int partition) noexcept nogil:
        cdef Junction* junction
        cdef Py_ssize_t i
        for i in range(self.bounds[partition], self.bounds[partition + 1]):
            junction = &self.junctions[i]
            junction.into[0] += self.synapses.weight[junction.k] * (junction.there[0] - junction.here[0])


cdef class ElectricalSynapses(SynapseGroup):
    """Gap junctions between the somata of cells, in both directions; see `Projection`.

    `receptor` and delays have no meaning here.
    """

    PARAMETERS = {"weight": Parameter(0.0, "uS", "non-negative")}
    RECORDABLES = {}
    # each partition computes the currents into its cells
    DELIVERS = False
    BOTH_SIDES = True

    def __init__(self, projection, *args):
        self.beside = projection.beside
        super().__init__(projection, *args)

    @classmethod
    def check_ends(cls, pre, post, receptor, owner):
        for side, population in (("presynaptic", pre), ("postsynaptic", post)):
            if coupled_compartment(population) is None:
                refuse(owner, f"{side} cells", type(population).__name__,
                       "cells with a potential into which current can be injected")

    def join(self):
        self.beside = []
        if not self.size:
            return
        GapCurrent(self)
        for population in self.limited():
            CoupledCells.of(population).join(self)

    def allocate_states(self):
        self.weight = np.zeros(self.size)
        self.source = np.ascontiguousarray(self.pre_index, dtype=np.int64)

    def check_together(self, values, where):
        """Refuse conductances that the time step cannot resolve."""
        if "weight" not in values:
            return
        weight = np.array(self.weight)
        weight[where] = values["weight"]
        for population in self.limited():
            CoupledCells.of(population).check_weights(self, weight)

    def limited(self):
        """The populations into whose cells current flows."""
        return [self.post, self.pre] if self.BOTH_SIDES and self.pre is not self.post else [self.post]

    def total_at(self, population, weight):
        """The sum of the conductances of `weight` that act on each cell of a population."""
        source, target = np.asarray(self.source), np.asarray(self._target)
        if self.pre is self.post:
            weight = np.where(source == target, 0.0, weight)      # a cell with itself
        sides = [(self.post, target), (self.pre, source)]
        return sum(np.bincount(index, weight, minlength=population.size)
                   for side, index in (sides if self.BOTH_SIDES else sides[:1]) if side is population)

    def store(self, values, where):
        if "weight" in values:
            np.asarray(self.weight)[where] = values["weight"]
            for population in self.limited():
                CoupledCells.of(population).count()

    def fetch(self, name):
        return np.array(self.weight)

    cdef void deliver(self, long now) noexcept nogil:
        self.wait_until(LONG_MAX)


cdef class NudgingSynapses(ElectricalSynapses):
    """Conductances that draw postsynaptic somata towards the potentials of presynaptic ones; see `Projection`."""

    BOTH_SIDES = False
