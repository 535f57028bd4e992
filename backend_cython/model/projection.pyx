"""Projections: all connections of one kind from one population to another, as those know them who made them."""

import numpy as np

from .ring_buffers cimport SpikeHistory
from .numbering import in_order_of_events, within
from .schema import check, equal_runs, find, refuse
from .synapse_group import LONGEST
from .synapse_part import parts_of


def connection_streams(network, Py_ssize_t n_pre, Py_ssize_t n_post, pre, post):
    """A random stream for each connection between `n_pre` and `n_post` cells, in the order of connections.

    It depends on its cells alone, and on its number among connections between the same two.
    """
    pair = pre.astype(np.int64) * n_post + post
    number = np.arange(len(pair)) - np.searchsorted(pair, pair, "left")
    return np.uint64(network.take_connection_streams()) + (pair + number * (n_pre * n_post)).astype(np.uint64)


cdef class Projection:
    """Connections of one kind from a population to one receptor of another.

    Connections are ordered by presynaptic and then by postsynaptic index; everything that is given or returned by
    connection follows this order. They are held by `groups`, one for each axonal delay and partition (or one for all
    partitions, if the rule is `UNDIVIDED`), of which nobody else needs to know.

    With several processes each of them makes the projection at the same time, with the connections onto its own cells.

    Parameters
    ----------
    kind : type
        The rule, a subclass of `SynapseGroup`.
    pre, post : Population
    receptor : str
        Name of the receptor type of `post`; without meaning for a rule that delivers to none.
    pre_index, post_index : integer arrays of equal length, sorted by (pre, post); pairs may repeat.
    delay_steps : int or integer array
        Steps from the synapse to the target.
    parameters : dict
        ``{name: number or array}``, units as in ``kind.PARAMETERS``; what is missing has its default.
    axonal_steps : int or integer array
        Steps from the presynaptic cell to the synapse.
    owner : str, optional
        The class to name in errors.
    third_parties : list of Population
        Others than `pre` whose spikes the synapses read.
    streams : integer array, optional
        Random streams of the connections, if they have any; by default new ones, see `connection_streams`.
    checked : bool
        Whether the indices are sorted, of cells, and never changed, and the parameters obey their rules for sure, each
        for itself; what they must be together is checked.
    beside : list of Projection, optional
        Those that are to be connected along with this one, or none of them: it is only checked, together with them, and
        appended. `join` connects each, once nothing can be refused any more.

    Raises
    ------
    ValueError
        For values, cells or a receptor that are not allowed; nothing is connected then.
    KeyError
        For a parameter that the rule does not have.
    """

    def __init__(self, kind, Population pre, Population post, receptor, pre_index, post_index, delay_steps, parameters,
                 axonal_steps=0, owner=None, streams=None, third_parties=(), checked=False, beside=None):
        self.kind, self.owner = kind, owner or kind.__name__
        kind.check_ends(pre, post, receptor, self.owner)
        self.network, self.pre, self.post = post.network, pre, post
        self.third_parties = [*third_parties, *kind.third_parties()]
        self.receptor = post.receptor(receptor) if kind.DELIVERS else 0
        pre_index = np.ascontiguousarray(pre_index, dtype=np.int32)
        # a copy, unless those who gave it do not change it
        target = (np.ascontiguousarray if checked else np.array)(post_index, dtype=np.int32)
        self.size = len(pre_index)
        if not checked:
            self._check_indices(pre_index, target)
        defaults = {name: p.default for name, p in kind.PARAMETERS.items()}
        values = self._checked({**defaults, **parameters}, self.size, checked)
        axonal = np.asarray(axonal_steps)
        delay = self._checked_delays(delay_steps, self.size, axonal)
        self.groups, self.beside = [], list(beside or ())
        self.common = kind.COMMON and kind.COMMON(self)
        self._divide(pre_index, target, delay, axonal)
        self.pending = values, self._parts(values, None), delay
        self._hold(delay)
        if beside is None:
            self.join(streams)
        else:
            beside.append(self)

    def join(self, streams=None):
        """Connect what has been checked; see `beside` and `streams` above."""
        values, parts, delay = self.pending
        self.pending, self.beside = None, []
        self.longest_delay = delay.max(initial=0)
        needs, late = self._agree("connect", values, delay.min(initial=1) == 0)
        if late:
            self.post.expect_late_input()
        self._take_over(parts, needs, self.longest_delay, True)
        if self.kind.DRAWS:
            if streams is None:
                streams = connection_streams(self.network, self.pre.size, self.post.size, self.pre_index,
                                             self.post_index)
            for group, positions in zip(self.groups, self.positions):
                group.streams = streams if positions is None else streams[positions]
        for group in self.groups:
            group.join()
        if self.common is not None:
            self.common.finish()
        self.network.add_projection(self)

    def proposed(self, name):
        """Values of a parameter before `join`, one a connection."""
        return np.broadcast_to(self.pending[0][name], self.size)

    # ---- checks

    def _check_indices(self, pre_index, target):
        if self.size != len(target):
            raise ValueError(f"{self.owner}: {self.size} presynaptic, but {len(target)} postsynaptic indices")
        for name, index, n in (("pre_index", pre_index, self.pre.size), ("post_index", target, self.post.size)):
            if self.size and (index.min() < 0 or index.max() >= n):
                raise ValueError(f"{self.owner}.{name}: {index.min()} to {index.max()} is not allowed; "
                                 f"it must lie between 0 and {n - 1}")
        step = np.diff(pre_index)
        if (step < 0).any() or (np.diff(target)[step == 0] < 0).any():
            raise ValueError(f"{self.owner}: connections must be sorted by (pre_index, post_index)")

    def _checked(self, parameters, n, checked):
        return self._checked_values(parameters, n, self.kind.PARAMETERS, self.owner, checked)

    def _checked_values(self, given, n, declared, owner, checked):
        values = {}
        for name, value in given.items():
            about = find(owner, declared, name)
            if checked:
                values[name] = value = np.asarray(value, dtype=np.float64)
            else:
                values[name] = value = check(owner, name, value, about.allowed, about.unit)
            if value.ndim and value.shape != (n,):
                refuse(owner, name, f"an array of shape {value.shape}", f"one number, or one for each of {n}")
        return values

    def _checked_delays(self, delay_steps, n, axonal):
        """Delays of `n` connections, behind the synapse, as int32."""
        delay = np.broadcast_to(delay_steps, n)
        if n:
            shortest = delay.min()
            whole = np.min(delay + axonal) if axonal.ndim else shortest + axonal
            if whole < 1:
                refuse(self.owner, "delay", f"{whole} steps", "at least one time step")
            if shortest < 0 or axonal.min() < 0:
                refuse(self.owner, "delay", f"{axonal.min()} + {shortest} steps", "no sum with a negative part")
            if max(delay.max(), axonal.max()) > LONGEST:
                refuse(self.owner, "delay", f"{max(delay.max(), axonal.max())} steps", f"at most {LONGEST} steps")
        return np.array(delay, dtype=np.int32)

    # ---- groups

    def _divide(self, pre_index, target, delay, axonal):
        """Make the groups, in order of axonal delays and partitions."""
        first, n = self.post.first_partition, self.post.n_partitions
        self.axons = PointerList()
        for _ in range(n if axonal.any() else 0):
            self.axons.add(SpikeHistory(axonal.max(), self.network.failure))
        partition = np.array(first)
        if self.kind.DELIVERS and n > 1 and self.size:
            local = self.post.local
            elsewhere = (target < local.start) | (target >= local.stop)
            if elsewhere.any():
                wrong = target[elsewhere]
                raise ValueError(f"{self.owner}.post_index: {wrong.min()} to {wrong.max()} is not allowed; the targets "
                                 "must be cells of this process")
            if not self.kind.UNDIVIDED:
                partition = self.post.partitions_of(target)
            else:
                partition = self.post.partitions_of(target.min())
        label = np.atleast_1d(axonal.astype(np.int64) * n + partition)
        order = np.argsort(label, kind="stable")
        bounds = equal_runs([label[order]])
        n_labels = len(bounds) - 1
        labels = label[order[bounds[:n_labels]]]
        if n_labels > 1:
            self.positions = np.split(order, bounds[1:n_labels])
            pieces = [(pre_index.take(own), target.take(own), delay.take(own)) for own in self.positions]
        else:
            labels = labels if n_labels else [first]
            self.positions, pieces = [None], [(pre_index, target, delay)]
        for number, piece in zip(labels, pieces):
            self.groups.append(self.kind(self, number % n, number // n, *piece))
        self.parts = [parts_of(group) for group in self.groups]
        self.deliveries = [part for parts in self.parts for part in parts]

    def _within(self, number, where):
        """Of the connections `where` (None: all) those of a group: numbers in it, and positions in `where`."""
        return within(self.positions[number], where)

    def _joined(self, values, dtype=np.float64):
        """One array of what each group has, one value a connection."""
        if self.positions[0] is None:
            return np.array(values[0], dtype)
        whole = np.empty(self.size, dtype)
        for positions, own in zip(self.positions, values):
            whole[positions] = own
        return whole

    def pieces(self, indices):
        """Who samples which connections: [(group or part, its partition, positions in `indices`, numbers in group)]."""
        found = []
        for number, (group, parts) in enumerate(zip(self.groups, self.parts)):
            own, chosen = self._within(number, indices)
            chosen = np.arange(len(indices))[chosen]
            found += [(part, part.partition, chosen[mine], own[mine]) for part, mine in zip(parts, group.by_part(own))]
        return found

    def expect_samples(self, variable):
        """Nothing to do: synapses are up to date at every step."""

    # ---- changes

    def change(self, parameters, indices=None, delay_steps=None, checked=False):
        """Check values of parameters and delays of all connections or of those at `indices`, and get what memory they
        need. Those that are `checked` already, each for itself, are not checked again.

        Returns
        -------
        function
            It makes the change, which nothing can refuse any more.
        """
        # negative and boolean indices become plain ones here, and indices out of range are refused
        where = None if indices is None else np.arange(self.size)[indices]
        n = self.size if where is None else len(where)
        values = self._checked(parameters, n, checked)
        parts = self._parts(values, where)
        delays = []
        if delay_steps is not None:
            given = np.broadcast_to(delay_steps, n)
            for group, chosen, picked, _, _ in parts:
                own = given[picked]
                delay = group.delay_steps.copy()
                delay[chosen] = self._checked_delays(own, len(own), np.asarray(group.axonal_steps))
                delays.append(delay)
            for delay in delays:
                self._hold(delay)
        reserved = []
        if delays and self.common is not None:
            reserved.append(self.common.reserve(max(delay.max(initial=0) for delay in delays)))
        return lambda: self._change(values, parts, delays, where is None, reserved)

    def set(self, parameters, indices=None, delay_steps=None):
        """Set parameters and delays of all connections or of those at `indices`; see `change`."""
        self.change(parameters, indices, delay_steps)()

    def set_delay_steps(self, values, indices=None):
        """Set the steps from the synapse to the target. What is on its way keeps its time of arrival."""
        self.set({}, indices, values)

    def _parts(self, values, where):
        """What each group has to take over: [(group, its connections, their positions in `where`, values, memory)]."""
        parts = []
        for number, group in enumerate(self.groups):
            chosen, picked = self._within(number, where)
            parts.append((group, chosen, picked, {name: v[picked] if v.ndim else v for name, v in values.items()}))
        if where is not None:
            # groups of other partitions may be affected
            axons = {group.axonal_steps for group, chosen, _, _ in parts if len(chosen)}
            parts = [part for part in parts if part[0].axonal_steps in axons]
        for group, chosen, _, own in parts:
            group.check_together(own, chosen)
        return [(*part, part[0].reserve(part[3], part[1])) for part in parts]

    def _hold(self, delay):
        """Get memory for input on its way."""
        if delay.size:
            self.post.input_buffer.hold(delay.max(), self.network.step)

    def _agree(self, doing, values, late):
        """Learn what other processes need; returns (needs, whether any input is late) of all."""
        own = self.common.needs(values) if self.common is not None else frozenset(), self.longest_delay, late
        if self.network.processes is None or not self.kind.DELIVERS:
            return own[0], late
        what = f"{doing} {self.owner}"
        needs, longest, late = zip(*self.network.processes.share(what, own))
        self.longest_delay = max(longest)
        return frozenset().union(*needs), any(late)

    def _change(self, values, parts, delays, of_all, reserved):
        needs = self.common.needs(values) if self.common is not None else frozenset()
        before = self.longest_delay
        self.longest_delay = max(before, *(delay.max(initial=0) for delay in delays), 0)
        late = any(delay.min(initial=1) == 0 for delay in delays)
        if of_all and (delays or self.common is not None and self.common.concerns(values)):
            needs, late = self._agree("set", values, late)
        if values:
            self._take_over(parts, needs, before, of_all)
        if delays:
            reserved.clear()
            if self.common is not None:
                self.common.expect_delay(self.longest_delay)
            for part, delay in zip(parts, delays):
                part[0].assign_delays(delay)
            if late:
                self.post.expect_late_input()
            self.network.changed = True
        if self.common is not None:
            self.common.finish()

    def _take_over(self, parts, needs, longest_delay, of_all):
        """Let groups store their values."""
        if self.common is not None:
            self.common.prepare(needs, longest_delay, of_all)
        if len(parts) > 1:
            # states of one row are brought up to date together, so that rounding does not depend on partitions
            rows = {}
            for group, chosen, _, own, _ in parts:
                rows.setdefault(group.axonal_steps, []).append(group.affected(own, chosen))
            for group, _, _, _, _ in parts:
                group.affect(np.unique(np.concatenate(rows[group.axonal_steps])))
        for group, chosen, _, own, reserved in parts:
            group.reserved = reserved
            group.store(own, chosen)
            group.reserved = None

    # ---- values

    def get(self, name):
        """Values of a parameter, one a connection, as they are now."""
        find(self.owner, self.kind.PARAMETERS, name)
        return self._joined([group.fetch(name) for group in self.groups])

    @property
    def variables(self):
        """Names of what can be sampled, with their numbers."""
        return self.groups[0].variables

    def value(self, name):
        """Values of a variable (of those in `variables`) as they are now, one a connection."""
        find(self.owner, self.variables, name)
        return self._joined([group.value(name) for group in self.groups])

    def initialize(self, states, indices=None, owner=None):
        """Set state variables of all connections or of those at `indices`, now and at every reset.

        Parameters
        ----------
        states : dict
            ``{name: number or array}``, names and units as in ``kind.STATES``; checked together before anything
            changes.
        owner : str, optional
            What to name in errors.
        """
        self.change_states(states, indices, owner)()

    def change_states(self, states, indices=None, owner=None, checked=False):
        """Check what `initialize` takes, and return a function that does it; see `change` for `checked`."""
        where = None if indices is None else np.arange(self.size)[indices]
        owner = owner or self.owner
        n = self.size if where is None else len(where)
        values = self._checked_values(states, n, self.kind.STATES, owner, checked)
        changes = []
        for number, group in enumerate(self.groups):
            chosen, picked = self._within(number, where)
            own = {name: v[picked] if v.ndim else v for name, v in values.items()}
            group.check_states(own, chosen, owner)
            changes.append((group, own, chosen))

        def change():
            for group, own, chosen in changes:
                group.initialize(own, chosen)
        return change

    def initial(self, name):
        """What a state variable is set to at a reset, one value a connection."""
        return self._joined([group.initial(name) for group in self.groups])

    @property
    def pre_index(self):
        """The presynaptic cell of each connection, int64."""
        return self._joined([group.pre_index for group in self.groups], np.int64)

    @property
    def post_index(self):
        """The postsynaptic cell of each connection, int32."""
        return self._joined([group.post_index for group in self.groups], np.int32)

    def get_delay_steps(self):
        """Steps from the synapse to the target, one a connection."""
        return self._joined([group.delay_steps for group in self.groups], np.int32)

    @property
    def axonal_steps(self):
        """Steps from the presynaptic cell to the synapse, one number if all are equal, else one a connection."""
        steps = [group.axonal_steps for group in self.groups]
        if min(steps) == max(steps):
            return steps[0]
        return self._joined([np.full(group.size, group.axonal_steps) for group in self.groups], np.int64)

    @property
    def longest_interval(self):
        """Most steps that cells may go before these synapses follow; `LONGEST` without connections."""
        shortest = min(group.shortest_delay for group in self.groups)
        # what arrives at the end of a step is not needed in it by cells that take it later
        return max(1, shortest if self.post.takes_at_once else shortest + 1)

    @property
    def needs_spikes_of(self):
        """Populations whose spikes the synapses read, as those of all cells, in every partition and process."""
        return [self.pre, *self.third_parties] if self.size and self.kind.DELIVERS else []

    # ---- events

    def record_events(self, indices=None, variable="weight"):
        """Log the value of a variable at each presynaptic spike, for all connections or those at `indices`."""
        find(self.owner, self.kind.RECORDABLES, variable)
        where = None if indices is None else np.arange(self.size)[indices]
        for number, group in enumerate(self.groups):
            group.record_events(self._within(number, where)[0], variable)

    def _with_delay(self, axonal_steps):
        """[(group, numbers of its connections)] of the groups with this axonal delay, or of all."""
        return [(group, positions) for group, positions in zip(self.groups, self.positions)
                if axonal_steps is None or group.axonal_steps == axonal_steps]

    def events_of(self, variable, axonal_steps=None):
        """Logged so far: (connection, step of the presynaptic spike, value), in order of time, and then of spikes; of
        all connections, or of those with one axonal delay.
        """
        try:
            found = [(positions, *group.events_of(variable)) for group, positions in self._with_delay(axonal_steps)]
        except KeyError:
            raise ValueError(f"{self.owner}: events are not recorded") from None
        if len(self.deliveries) == 1:
            return found[0][1:]
        connection, step, value = (np.concatenate(columns) for columns in zip(*(
            (numbers if positions is None else positions[numbers], *others)
            for positions, numbers, *others in found)))
        return in_order_of_events(self.pre_index, connection, step, value)

    def restore_events(self, variable, axonal_steps, connection, step, value):
        """Let these, and no others, be the events of a variable of the connections with one axonal delay; those of one
        connection are in order.
        """
        connection, step, value = in_order_of_events(self.pre_index, connection, step, value)
        for group, positions in self._with_delay(axonal_steps):
            own, chosen = within(positions, connection)
            group.restore_events(variable, own.astype(np.int32), step[chosen].astype(np.int64), value[chosen])

    @property
    def events(self):
        """`events_of` "weight"."""
        return self.events_of("weight")

    def count_events(self, variable, axonal_steps=None):
        """Number of events of a variable logged so far."""
        return sum(group.count_events(variable) for group, _ in self._with_delay(axonal_steps))

    def clear_events(self, variable=None, axonal_steps=None):
        """Forget the events of one variable, or of all of them."""
        for group, _ in self._with_delay(axonal_steps):
            group.clear_events(variable)

    def adopt_weights(self):
        """Let the weights of now be those to which a reset goes back."""
        for group in self.groups:
            group.adopt_weights()

    def reset(self):
        """Back to step 0: weights as they were set last, no spikes on their way."""
        for axons in self.axons.members:
            axons.clear()
        for group in self.groups:
            group.reset()

    def reset_states(self):
        """Back to the state at step 0, without spikes on their way; weights, time and random numbers go on."""
        for axons in self.axons.members:
            axons.clear()
        for group in self.groups:
            group.relax()
