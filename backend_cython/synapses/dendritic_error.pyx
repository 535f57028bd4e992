"""The dendritic error of a population, the sums of which its partitions keep, and the synapses that learn from them."""

from libc.math cimport exp, expm1, fabs

import numpy as np

from backend_cython.model.schema import ErrorDifference
from backend_cython.numerics.sigmoid cimport UNIT_VOLTAGE

from .error_sums cimport KEPT_BLOCKS, ErrorSums
from .learning import Learning

# e^BLOCK_EXPONENT is what cancellation within a block can cost in relative precision: two digits.
cdef double BLOCK_EXPONENT = 5.0
# Largest exponent by which sums grow within the horizon if 1/τ_Δ > 1/τ; a double holds e^709.
cdef double GROWTH_LIMIT = 300.0
# e^−36 is below the rounding of a double: nothing is left after a step of what decays faster.
cdef double FASTEST = 36.0


def numbers_of(network):
    """{id of a modulator: its number among those of the network}, in the order of the projections that use them."""
    choices = [getattr(projection.kind, "CHOICE", None) for projection in network.projections.members]
    used = dict.fromkeys(id(choice.modulator) for choice in choices if choice and choice.modulator is not None)
    return {modulator: number for number, modulator in enumerate(used)}


cdef class DendriticError(Observer):
    """The sums of one population for one receptor and what is learnt there, and the synapses that use them.

    All partitions move their anchors at the same steps, so that results do not depend on the number of partitions.

    Parameters
    ----------
    population : Population
    receptor : str
        One of ``population.LEARNABLE``.
    tau_Delta : float
        ms; short for a `learning` that differs from the default one in nothing else.
    learning : Learning
    look_back : int
        How many steps its first user looks back by.
    """

    def __init__(self, Population population, str receptor, tau_Delta=100.0, learning=None, look_back=0):
        self.population = population
        self.declared = population.LEARNABLE[receptor]
        self.learning = Learning(tau_Delta=tau_Delta) if learning is None else learning
        error = self.declared.errors[self.learning.error]
        self.source = error, self.learning.v_target
        self.scale = 1.0 if isinstance(error, ErrorDifference) else error.scale
        self.receptor = receptor
        self.users = []
        self.depends_on = self.declared.parameters
        # by partition; None for a partition without cells
        self.sums = [ErrorSums(self, partition) if population.has_cells(partition) else None
                     for partition in range(population.n_partitions)]
        # others have seen the errors that a delayed synapse will still ask for, if only of another target
        others = self.all_of(population)
        source = max((other for other in others if other.source[0] == error), key=lambda other: other.kept,
                     default=None)
        if self.learning.general:
            look_back = 0
        elif others:
            # they will look back as far, see `hold`
            look_back = 0 if source is None else source.kept
        self.rebuild(look_back, source)
        for observer in self._observers():
            population.add_observer(observer)

    def close(self):
        for user in self.users:
            user.close()
        self.users = []

    def _observers(self):
        return [self, *(sums for sums in self.sums if sums is not None)]

    @staticmethod
    def of(Population population, str receptor, tau_Delta=100.0, learning=None, look_back=0):
        """The sums that synapses with this learning onto `population` share."""
        learning = Learning(tau_Delta=tau_Delta) if learning is None else learning
        for group in DendriticError.all_of(population):
            if (group.receptor, group.learning) == (receptor, learning):
                return group
        return DendriticError(population, receptor, learning=learning, look_back=look_back)

    @property
    def tau_Delta(self):
        return self.learning.tau_Delta

    @property
    def kept(self):
        """For how many steps errors are kept."""
        return self.learning.delay if self.learning.general else self.look_back

    @staticmethod
    def share_horizon(Population population):
        """Let all synapses that learn from `population` be updated when the first of its sums needs it.

        So the updates do not depend on which of the synapses lie in one partition.
        """
        groups = DendriticError.all_of(population)
        horizon = min((group.horizon for group in groups), default=0)
        for group in groups:
            for user in group.users:
                user.take_horizon(horizon)

    def join(self, user, long delay_steps):
        """`user` needs these sums from now on, and looks back by up to `delay_steps`."""
        self.hold(delay_steps)
        if user not in self.users:
            self.users.append(user)

    def leave(self, user):
        """`user` does not need these sums any more."""
        self.users.remove(user)
        if not self.users:
            for observer in self._observers():
                self.population.remove_observer(observer)

    @staticmethod
    def all_of(Population population):
        """All such sums of a population."""
        return [observer for observer in population.observers.members if isinstance(observer, DendriticError)]

    def hold(self, long delay_steps):
        """Let synapses look back by `delay_steps`, those that use other sums of the population as well."""
        if delay_steps <= self.look_back or self.learning.general:
            return
        groups = [group for group in self.all_of(self.population) if not group.learning.general]
        # sums of another dendrite may look back further than these
        delay_steps = max(delay_steps, *(group.look_back for group in groups))
        for group in groups:
            group.before_change()
        for group in groups:
            group.rebuild(delay_steps)
        for group in groups:
            group.resume()

    @staticmethod
    def memory(Population population, long look_back):
        """What `hold` takes, to see whether there is so much."""
        return [sums.memory(look_back) for group in DendriticError.all_of(population)
                if group.look_back < look_back and not group.learning.general
                for sums in group.sums if sums is not None]

    def before_change(self):
        for user in self.users:
            user.settle()

    def after_change(self):
        before = self.capacitance
        self.rebuild(self.look_back)
        if not np.array_equal(before, self.capacitance):
            for user in self.users:
                user.rescale(self, self.capacitance / before)

    def resume(self):
        for user in self.users:
            user.resume()
        self.share_horizon(self.population)

    def reset(self):
        modulator = self.learning.modulator
        if modulator is not None and modulator.population is None:
            modulator.reset()
        self.reset_states()

    def reset_states(self):
        for sums in self._observers()[1:]:
            sums.forget()
        self.rebuild(self.look_back)

    def key(self):
        """By which it is known in a snapshot of its population: what is learnt, by which modulator of the network."""
        learning = self.learning
        modulator = "" if learning.modulator is None else numbers_of(self.population.network)[id(learning.modulator)]
        return "errors/" + " ".join(map(str, (self.receptor, *learning.numbers, modulator)))

    def save(self, facts, rows):
        key = self.key()
        own = [sums for sums in self.sums if sums is not None]
        if own:
            facts[key] = [self.look_back, *own[0].blocks()]
            tables = [sums.rows() for sums in own]
            rows.update((f"{key}/{name}", np.concatenate([table[name] for table in tables])) for name in tables[0])

    def restore(self, snapshot):
        key = self.key()
        look_back, *blocks = snapshot.facts[key]
        rows = snapshot.prefixed(key)
        for sums in self._observers()[1:]:
            sums.forget()
        self.rebuild(look_back)
        for sums in self._observers()[1:]:
            first, n = sums.cells()
            sums.recall(blocks, {name: values[first:first + n] for name, values in rows.items()})
        self.share_horizon(self.population)

    def rebuild(self, long look_back, DendriticError source=None):
        """Start the sums anew with the population's present parameters, from the error of the last steps."""
        if source is None:
            source = self
        recent = [None if sums is None else sums.recent_errors(source.kept) for sums in source.sums]
        if source.source != self.source:
            moved = self.learning.v_target - source.learning.v_target
            moved *= self.source[0].factor * self.population.timestep
            recent = [None if errors is None else [error + moved for error in errors] for errors in recent]
        self.look_back = look_back
        self._prepare()
        for sums, errors in zip(self.sums, recent):
            if sums is not None:
                sums.rebuild(self, errors)

    def _prepare(self):
        """Time constants of all neurons; block length and horizon for all."""
        cdef double h = self.population.timestep, D, decay, step
        value = self.population.declared
        learning = self.learning
        if learning.kernel == "exponential":
            L = s = np.full(self.population.size, 1.0 / learning.tau_kernel)
            self.capacitance = None
        else:
            self.capacitance = value(self.declared.capacitance).copy()
            L = value(self.declared.conductance) / value(self.declared.capacitance)
            s = 1.0 / value(self.declared.tau_syn)
        decay = min(learning.decay, FASTEST / h)
        D = min(1.0 / learning.tau_Delta, FASTEST / h) if learning.tau_Delta > 0.0 else decay
        fastest = h * max(np.abs(x).max() for x in (L, s, L - D, s - D, np.array([D - decay, decay])))
        self.block_steps = max(1, min(int(BLOCK_EXPONENT / fastest), 100_000))
        growth = h * (max(0.0, (D - np.minimum(L, s)).max()) + max(0.0, decay - D))
        blocks = KEPT_BLOCKS - 3
        if growth > 0.0:
            blocks = max(1, min(blocks, int(GROWTH_LIMIT / (growth * self.block_steps))))
        self.horizon = blocks * self.block_steps
        self.L, self.s, self.D, self.decay = L, s, D, decay
        step = h * (decay - D)
        self.first_gate = D * h * (expm1(step) / step if step != 0.0 else 1.0)
        limited = learning.tau_Delta > 0.0 and (D < 1.0 / learning.tau_Delta or decay < learning.decay)
        if learning.decay > 0.0 and limited:
            # of both nothing may be left after a step, but what is learnt in it depends on how fast they are
            self.first_gate = exp(h * decay) * learnt_in_step(h, learning.tau_Delta, learning.decay)

    def gain(self, Py_ssize_t cell):
        """What a weight gains per η and unit of the sums."""
        if self.learning.kernel == "nest":
            # eta refers to weights in pA
            return 1e-3 * self.declared.sign * UNIT_VOLTAGE * (UNIT_VOLTAGE / self.scale)
        if self.learning.kernel == "psp":
            return self.declared.sign / self.population.declared(self.declared.capacitance)[cell] / self.scale
        return 1.0 / self.scale


cdef double learnt_in_step(double h, double tau_Delta, double decay) noexcept:
    """D (e^{−λh} − e^{−Dh}) / (D − λ), of what is filtered when a step begins; D = 1/τ_Δ, or next to infinite."""
    cdef double D = min(1.0 / tau_Delta, 1e300), gap = fabs(D - decay)
    if gap == 0.0:
        return D * h * exp(-D * h)
    return exp(-h * min(D, decay)) * -expm1(-h * gap) * (D / gap)
