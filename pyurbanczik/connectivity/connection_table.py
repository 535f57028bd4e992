"""All connections of a projection: between which cells they are, and the values of their attributes."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
from pyNN.common import Population

from backend_cython.model import projection as core

from ..parameters import Entry, InvalidConnectionError, NonExistentStateError, delay_on_grid
from ..simulation.lifetime import Member, changing, reading
from .attributes import evaluate
from .parts import Parts, pairs, pick

if TYPE_CHECKING:
    from ..projections import Projection

# Attributes of a connection that say which one it is.
ADDRESS = ("presynaptic_index", "postsynaptic_index")


class ConnectionTable(Member):
    """Connections in canonical order, and the core projections of which they are made.

    Values of attributes are in the units that users know: a float if all connections have one number, else an array.

    Parameters
    ----------
    projection : Projection
        Between which cells, with what kind of synapses; it has agreed with other processes on the connections.
    pre_index, post_index : integer arrays
    values : dict
        ``{name: float or array}``, one for each parameter of the synapse type.

    Attributes
    ----------
    parts : Parts
    everywhere : bool
        Whether every process has all connections.
    total : int
        Number of connections in all processes.

    Raises
    ------
    pyNN.errors.ConnectionError
        For values that no connection can have, and cells between which there can be none; nothing is connected then.
    """

    part_of = "Projection"

    def __init__(
        self, projection: Projection, pre_index: np.ndarray, post_index: np.ndarray, values: dict[str, Any]
    ) -> None:
        # a reference to the projection would keep its memory until Python looks for cycles
        self.label, self.synapse_type, self.post = projection.label, projection.synapse_type, projection.post
        self.receptor_type, self.everywhere = projection.receptor_type, projection.everywhere
        self.target_unit = projection.target_unit
        self.pre_index, self.post_index = pre_index, post_index
        self._local, self._given, self._version = {}, {}, 0
        self._cache: tuple[Any, dict[str, Any]] = (None, {})
        synapse_type = self.synapse_type
        for cells in projection.pre.members:
            synapse_type.check_source(cells.celltype)
        for cells in self.post.members:
            synapse_type.check_target(cells.celltype, self.receptor_type)
        synapse_type.check_target_unit(self.target_unit)
        synapse_type.check_all(values, self.target_unit)
        self._check_weights(values["weight"], slice(None))
        self._check_receptor(values)
        self._create(projection.pre, values)

    def _create(self, pre, values):
        """Make the core projections."""
        synapse_type, state = self.synapse_type, self.simulation
        delay_steps, acting = delay_on_grid(values.get("delay", state.dt), state.dt)
        if "delay" in values:
            values = {**values, "delay": acting}
        axonal = synapse_type.axonal_steps(delay_steps, values)
        self._axonal = axonal = np.minimum(axonal, delay_steps) if np.any(axonal) else 0
        dendritic = delay_steps - axonal
        core_values = self._core_values(values)
        delays = values.get("delay", np.empty(0))
        self.total = len(self)
        if not self.everywhere:
            ends = [np.min(delays), np.max(delays)] if np.size(delays) else []
            found = state.processes.share(f"connect {self.label}", (len(self), ends))
            self.total, delays = sum(n for n, _ in found), np.concatenate([ends for _, ends in found])
        self.parts = Parts(len(self))
        checked, joining = [], []
        divided = pairs(pre, self.post, self.pre_index, self.post_index)
        for source, target, source_index, target_index, numbers in divided:
            places = np.zeros(target.size, dtype=int)
            places[target_index] = pick(self.post_index, numbers)
            kind = synapse_type.core_for(places, self.post.size)
            try:
                core.Projection(
                    kind,
                    source.core,
                    target.core,
                    self.receptor_type,
                    source_index,
                    target_index,
                    pick(dendritic, numbers),
                    {name: pick(value, numbers) for name, value in core_values.items()},
                    axonal_steps=pick(axonal, numbers),
                    owner=type(synapse_type).__name__,
                    checked=True,
                    beside=checked,
                )
            except ValueError as error:
                raise InvalidConnectionError(str(error)) from None
            joining.append((kind, places, numbers))
        streams = None
        if synapse_type.core.DRAWS and not all(isinstance(group, Population) for group in (pre, self.post)):
            # counted by the cells of these groups, in whichever populations they are
            streams = core.connection_streams(state.network, pre.size, self.post.size, self.pre_index, self.post_index)
        for part, (kind, places, numbers) in zip(checked, joining, strict=True):
            part.join(pick(streams, numbers))
            synapse_type.joined(kind, places, self.post.size)
            self.parts.add(part, numbers)
        self._remember(values)
        state.note_delays(delays)

    def __len__(self):
        return len(self.pre_index)

    # ---- between users and core

    def entry(self, name: str) -> Entry:
        """Where values of a parameter are given."""
        return self.synapse_type.entry(name, self.target_unit)

    def state_entry(self, name: str) -> Entry:
        """Where initial values of a state variable are given."""
        synapse_type, owner = self.synapse_type, f"initial value of {type(self.synapse_type).__name__}"
        if name not in synapse_type.states:
            offered = synapse_type.default_initial_values
            raise NonExistentStateError(name, type(synapse_type).__name__, offered)
        term = synapse_type.states[name]
        unit = synapse_type.unit(name, self.target_unit)
        return Entry(owner, name, synapse_type.core.STATES[term.core].allowed, unit, term.factor)

    def _core_values(self, values):
        parameters = self.synapse_type.parameters
        return {
            parameters[name].core: value * parameters[name].factor
            for name, value in values.items()
            if name in parameters
        }

    def _check_weights(self, weights, where):
        offset = 0
        for cells in self.post.members:
            here = weights
            if np.ndim(weights) and cells is not self.post:
                post_index = self.post_index[where]
                here = weights[(post_index >= offset) & (post_index < offset + cells.size)]
            cells.celltype.check_weights(here, self.receptor_type, self.synapse_type.unit("weight", self.target_unit))
            offset += cells.size

    def _check_receptor(self, values):
        for cells in self.post.members:
            self.synapse_type.check_onto(cells.celltype, self.receptor_type, values)

    def _remember(self, values, where=None):
        """Keep what the core does not know (delays in ms), and what a change of units would round."""
        for name, value in values.items():
            term = self.synapse_type.parameters.get(name)
            if term is None or term.factor != 1.0:
                table = self._local if term is None else self._given
                if where is None or len(where) == len(self):
                    table[name] = np.array(value) if np.ndim(value) else value
                else:
                    if np.ndim(table[name]) == 0:
                        table[name] = np.full(len(self), table[name])
                    table[name][where] = value
        self._version += 1

    def kept(self) -> dict[str, Any]:
        """What `_remember` has kept."""
        return {
            **{f"local {name}": v for name, v in self._local.items()},
            **{f"{name}": v for name, v in self._given.items()},
        }

    def keep(self, values: Mapping[str, np.ndarray]) -> None:
        """Take over what `kept` returned, one number a connection."""
        for name, value in values.items():
            same = len(value) and (value == value[0]).all()
            own = name.removeprefix("local ")
            (self._given if own == name else self._local)[own] = float(value[0]) if same else np.array(value)
        self._version += 1

    # ---- reading

    @reading
    def value(self, name: str) -> float | np.ndarray:
        """Present values of one attribute."""
        if name in ADDRESS:
            return self.pre_index if name == ADDRESS[0] else self.post_index
        if name in self._local:
            return self._local[name]
        self.synapse_type.check_name(name)
        state = self.simulation
        key = (state.segment_counter, state.state_resets, state.network.step, self._version)
        if self._cache[0] != key:
            self._cache = (key, {})
        if name not in self._cache[1]:
            self._cache[1][name] = self._read(name)
        return self._cache[1][name]

    def _read(self, name):
        term = self.synapse_type.parameters[name]
        values = self.parts.get(term.core)
        if term.factor != 1.0:
            given = self._given[name]
            values = np.where(values == given * term.factor, given, values / term.factor)
            if name == "weight" and self.synapse_type.bounds:
                # nor must rounding push a weight over its bounds
                values = np.clip(values, *(self.value(bound) for bound in self.synapse_type.bounds))
        return values

    # ---- changing

    @changing
    def change(self, values: dict[str, Any], where: np.ndarray | None = None) -> None:
        """Check values of the connections `where` (None: all) together with what they meet there, then set.

        Raises
        ------
        pyNN.errors.InvalidParameterValueError, pyNN.errors.NonExistentParameterError, AttributeError
            For values that are not allowed, unknown names, and indices of cells; nothing is changed then.
        """
        synapse_type = self.synapse_type
        here = slice(None) if where is None else where
        for name, value in values.items():
            if name in ADDRESS:
                raise AttributeError(f"{name} cannot be set")
            synapse_type.check_name(name)
            if where is not None:
                values[name] = self.entry(name).number(value)
        met = set(synapse_type.local_parameters)
        if values.keys() & set(synapse_type.related):
            met.update(synapse_type.related)
        everything = {**{name: pick(self.value(name), here) for name in met - values.keys()}, **values}
        synapse_type.check_values(values, self.target_unit)
        synapse_type.check_together(everything, self.target_unit)
        if "weight" in values:
            n = len(self) if where is None else len(where)
            self._check_weights(np.broadcast_to(values["weight"], n), here)
        self._check_receptor(values)
        dendritic = acting = None
        if "delay" in everything:
            delay_steps, acting = delay_on_grid(everything["delay"], self.simulation.dt)
            dendritic = self._dendritic_delays(everything, values.keys(), delay_steps, here)
        self.parts.change(self._core_values(values), where, dendritic)()
        if "delay" in values:
            values = {**values, "delay": acting}
        self._remember(values, where)
        if "delay" in values:
            self.simulation.note_delays(values["delay"])

    def _dendritic_delays(self, values: Mapping[str, Any], names: Collection[str], steps: Any, here: Any) -> Any:
        """The delays behind the synapse in steps; None if `names` are of other parameters. The part on the axon is
        fixed once connections exist.
        """
        if not {"delay", "dendritic_delay_fraction"} & set(names):
            return None
        axonal = np.minimum(self.synapse_type.axonal_steps(steps, values), steps)
        if np.any(axonal != pick(self._axonal, here)):
            name = "delay" if "delay" in names else "dendritic_delay_fraction"
            raise InvalidConnectionError(
                f"{type(self.synapse_type).__name__}.{name}: a change of the delay before the synapse (with a "
                "dendritic_delay_fraction below 1) is not allowed once connections exist; make a new Projection"
            )
        return steps - axonal

    def initialize(self, initial_values: Mapping[str, Any], projection: Projection) -> dict[str, np.ndarray]:
        """Set state variables, now and at every reset; returns their values."""
        entries = {name: self.state_entry(name) for name in initial_values}
        values = {
            name: np.asarray(entry.check(evaluate(projection, entry, initial_values[name])))
            for name, entry in entries.items()
        }
        terms = self.synapse_type.states
        own = {terms[name].core: value * terms[name].factor for name, value in values.items()}
        self.parts.change_states(own, f"initial value of {type(self.synapse_type).__name__}")()
        return values
