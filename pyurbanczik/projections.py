"""Projection and its connections."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

import neo
import numpy as np
from pyNN import common, errors
from pyNN.connectors import Connector
from pyNN.core import deprecated
from pyNN.parameters import LazyArray
from pyNN.random import RandomDistribution

from backend_cython.model import projection as core_projection

from .arguments import check_arguments_of
from .changes import undoing_draws
from .connectivity.arguments import RULES, check_choice
from .connectivity.attributes import arrays, evaluate
from .connectivity.connecting import pairs, within
from .connectivity.connection_list import Collector, check_indices, index_of, joined
from .connectivity.connections import ADDRESS, Connection, Connections
from .connectivity.connectors import connect
from .connectivity.files import write_values
from .connectivity.space import own_space
from .connectivity.validation import check_arguments
from .hints import Cells, File, Names, Number
from .lifetime import Labelled, changing, reading
from .parameters import Entry, InvalidConnectionError, NonExistentParameterError, on_grid, refuse
from .populations import Population
from .recording.flushing import ENDING, is_recording_file
from .recording.merging import columns_of
from .recording.neo_export import write
from .recording.projection_recorder import ProjectionRecorder
from .synapses.static import StaticSynapse
from .units import TARGETS_UNITS, TargetUnit, is_integer


def _pick(value, positions):
    """The values of some connections; a number is that of all, and None stays None."""
    return value if positions is None or not np.ndim(value) else value[positions]


class Projection(Labelled, common.Projection):
    """Connections of one kind from one group of cells to another.

    Parameters
    ----------
    presynaptic_neurons, postsynaptic_neurons : Population, PopulationView or Assembly
    connector : pyNN.connectors.Connector
        Decides who connects to whom.
    synapse_type : SynapseType, optional
        Static synapses by default.
    source : str, optional
        Which signal of the presynaptic cells is passed on: their "spikes", the only one.
    receptor_type : str, optional
        A receptor of the postsynaptic cells; by default their first one for weights of zero or more, their
        second one for negative weights.
    space : pyNN.space.Space, optional
        How distances are measured.
    label : str, optional

    Raises
    ------
    pyNN.errors.ConnectionError
        For cells without this receptor, and for values that no connection can have; it is a `ValueError` as
        well in the latter case. Nothing is connected then.

    Notes
    -----
    Connections are ordered by presynaptic index, then postsynaptic index, then as the connector delivered
    them: `get` as a list, `connections` and indexing agree.
    """

    _static_synapse_class = StaticSynapse

    @changing
    @undoing_draws
    def __init__(
        self,
        presynaptic_neurons: Cells,
        postsynaptic_neurons: Cells,
        connector: Connector,
        synapse_type: Any = None,
        source: str | None = None,
        receptor_type: str | None = None,
        space: Any = None,
        label: str | None = None,
    ) -> None:
        check_arguments(presynaptic_neurons, postsynaptic_neurons, connector, synapse_type)
        super().__init__(
            presynaptic_neurons,
            postsynaptic_neurons,
            connector,
            synapse_type,
            source,
            synapse_type.receptor(receptor_type) if synapse_type else receptor_type,
            own_space(space),
            label,
        )
        processes = self._simulator.state.processes
        self.everywhere = processes is None or self.synapse_type.everywhere
        self.local_targets = np.array(self.post._mask_local)
        self._collector = Collector(list(self.synapse_type.default_parameters))
        connect(self, connector)
        found = self._collector.finish()
        if processes is not None and self.everywhere:
            found = joined(processes.share(f"connect {self.label}", found))
        self._pre_index, self._post_index, values = found
        check_indices(type(connector).__name__, "connect", self._pre_index, self._post_index, self.shape)
        self._collector = None
        self._local, self._given, self._cache = {}, {}, (None, {})
        self._version = 0
        self._build(values)
        for name, default in self.synapse_type.default_initial_values.items():
            self.initial_values[name] = self._initial_array(values[default] if isinstance(default, str) else default)
        self._recorder = ProjectionRecorder(self)

    def _guess_receptor_type(self):
        weight = self.synapse_type.parameter_space["weight"]
        sample = weight.base_value
        if isinstance(sample, np.ndarray) and sample.ndim == 2:
            sample = np.append(0.0, sample[~np.isnan(sample)])[-1]
        if isinstance(sample, float) and not weight.operations:
            types = self.post.receptor_types
            self.receptor_type = types[1] if sample < 0 and len(types) > 1 else types[0]
        else:
            super()._guess_receptor_type()

    def _convergent_connect(self, presynaptic_indices, postsynaptic_index, location_selector=None, **values):
        """Take over the connections that a connector makes to one cell."""
        if location_selector is not None:
            raise errors.ConnectionError(
                f"location_selector: {location_selector!r} is not allowed; the receptor type says where a synapse is"
            )
        defaults = self.synapse_type.parameter_space
        for name in self._collector.names:
            if name not in values:
                values[name] = defaults[name].base_value
        if len(presynaptic_indices) and not isinstance(presynaptic_indices, np.ndarray):
            presynaptic_indices = [index_of(self.pre, cell) for cell in presynaptic_indices]
        sources, target = np.asarray(presynaptic_indices), index_of(self.post, postsynaptic_index)
        owner = type(self._connector).__name__
        if sources.size and sources.dtype.kind not in "iu":
            refuse(owner, "connect", f"presynaptic indices of type {sources.dtype}", "integers")
        if not 0 <= target < self.post.size:
            check_indices(owner, "connect", sources, np.array([target]), self.shape)
        if self.local_targets[target]:
            values = {name: self.synapse_type.entry(name).convert(values[name]) for name in self._collector.names}
            self._collector.add(presynaptic_indices, target, values)

    # ---- from values to the core

    def _build(self, values):
        """Check all values together, then create the core projections."""
        for population in getattr(self.pre, "populations", [self.pre]):
            self.synapse_type.check_source(population.celltype)
        for population in getattr(self.post, "populations", [self.post]):
            self.synapse_type.check_target(population.celltype, self.receptor_type)
        self.synapse_type.check_target_unit(self._target_unit())
        self.synapse_type.check_all(values, self._target_unit())
        self._check_weights(values["weight"], self._post_index)
        delay_steps = self._delay_steps(values.get("delay", self._simulator.state.dt))
        values = self._with_acting_delay(values)
        axonal = np.minimum(self.synapse_type.axonal_steps(delay_steps, values), delay_steps)
        self._axonal = axonal = axonal if np.ndim(axonal) and axonal.size else int(np.max(axonal, initial=0))
        dendritic = delay_steps - axonal
        state, core_values = self._simulator.state, self._core_values(values)
        delays = values.get("delay", np.empty(0))
        self._n_connections = len(self)
        if not self.everywhere:
            ends = [np.min(delays), np.max(delays)] if np.size(delays) else []
            found = state.processes.share(f"connect {self.label}", (len(self), ends))
            self._n_connections, delays = sum(n for n, _ in found), np.concatenate([ends for _, ends in found])
        streams = None
        if self.synapse_type.core.DRAWS and not all(isinstance(group, Population) for group in (self.pre, self.post)):
            # counted by the cells of these groups, in whichever populations they are
            streams = core_projection.connection_streams(state.network, *self.shape, self._pre_index, self._post_index)
        self._parts = []
        for pre, post, pre_index, post_index, positions in pairs(
            self.pre, self.post, self._pre_index, self._post_index
        ):
            places = np.zeros(post.size, dtype=np.int64)
            places[post_index] = _pick(self._post_index, positions)
            kind = self.synapse_type.core_for(places, self.post.size)
            try:
                core = core_projection.Projection(
                    kind,
                    pre._core,
                    post._core,
                    self.receptor_type,
                    pre_index,
                    post_index,
                    _pick(dendritic, positions),
                    {name: _pick(value, positions) for name, value in core_values.items()},
                    axonal_steps=_pick(axonal, positions),
                    owner=type(self.synapse_type).__name__,
                    streams=_pick(streams, positions),
                    checked=True,
                )
            except ValueError as error:
                raise InvalidConnectionError(str(error)) from None
            self.synapse_type.joined(kind, places, self.post.size)
            self._parts.append((core, positions))
        self._remember(values)
        state.note_delays(delays)

    def _target_unit(self):
        """The unit of weights onto the receptor of this projection: nA, uS or mV."""
        cells = getattr(self.post, "populations", [self.post])[0]
        return cells.celltype.weight_unit(self.receptor_type)

    def entry(self, name: str) -> Entry:
        """Where values of a parameter of the connections are given."""
        return self.synapse_type.entry(name, self._target_unit())

    def _delay_steps(self, delay):
        # to the nearest step, halves up as in NEST, although 0.15 ms / 0.1 ms is a little less than 1.5
        return np.maximum(np.floor(np.asarray(delay) / self._simulator.state.dt + (0.5 + 1e-9)).astype(int), 1)

    def _with_acting_delay(self, values):
        """`values` with the delay (ms) that acts, on the grid of time, in the place of the one given."""
        if "delay" not in values:
            return values
        delay = values["delay"]
        return {**values, "delay": on_grid(delay, self._delay_steps(delay), self._simulator.state.dt)}

    def _core_values(self, values):
        parameters = self.synapse_type.parameters
        return {
            parameters[name].core: value * parameters[name].factor
            for name, value in values.items()
            if name in parameters
        }

    def _check_weights(self, weights, post_index):
        offset = 0
        for population in getattr(self.post, "populations", [self.post]):
            here = weights
            if np.ndim(weights) and population is not self.post:
                here = weights[(post_index >= offset) & (post_index < offset + population.size)]
            population.celltype.check_weights(here, self.receptor_type)
            offset += population.size

    def _remember(self, values, where=None):
        """Keep what the core does not know (delays in ms), and what a change of units would round."""
        for name, value in values.items():
            term = self.synapse_type.parameters.get(name)
            if term is None or term.factor != 1.0:
                table = self._local if term is None else self._given
                if where is None or len(where) == len(self):
                    table[name] = value if np.ndim(value) == 0 else np.array(value)
                else:
                    if np.ndim(table[name]) == 0:
                        table[name] = np.full(len(self), table[name])
                    table[name][where] = value
        self._version += 1

    # ---- reading

    def __len__(self):
        return len(self._pre_index)

    def size(self, gather: bool | str = True) -> int:
        """Number of connections: of all, or (without `gather`) of those onto local cells."""
        return self._n_connections if gather else len(self)

    def __getitem__(self, i):
        """The connection number `i`, or a list of connections for a slice."""
        if isinstance(i, slice):
            return [Connection(self, k) for k in range(*i.indices(len(self)))]
        if not is_integer(i):
            raise TypeError(
                f"{self.label}[{i!r}] is not possible; connections have whole numbers, or are a slice of them"
            )
        n = len(self)
        if not -n <= i < n:
            raise IndexError(f"connection {i} of {n}")
        return Connection(self, int(i) % n)

    @property
    def connections(self) -> Connections:
        """All connections, as a sequence."""
        return Connections(self)

    @reading
    def _value(self, name):
        """Present values of one attribute: a float if all are given by one number, else an array."""
        if name in ADDRESS:
            return self._pre_index if name == ADDRESS[0] else self._post_index
        if name in self._local:
            return self._local[name]
        self.synapse_type.check_name(name)
        state = self._simulator.state
        key = (state.segment_counter, state.network.step, self._version)
        if self._cache[0] != key:
            self._cache = (key, {})
        if name not in self._cache[1]:
            self._cache[1][name] = self._read(name)
        return self._cache[1][name]

    def _read(self, name):
        term = self.synapse_type.parameters[name]
        values = np.empty(len(self))
        for core, positions in self._parts:
            values[slice(None) if positions is None else positions] = core.get(term.core)
        if term.factor != 1.0:
            given = self._given[name]
            values = np.where(values == given * term.factor, given, values / term.factor)
            if name == "weight" and self.synapse_type.bounds:
                # nor must rounding push a weight over its bounds
                values = np.clip(values, *(self._value(bound) for bound in self.synapse_type.bounds))
        return values

    @reading
    def get(
        self,
        attribute_names: Names,
        format: str,
        gather: bool | str = True,
        with_address: bool = True,
        multiple_synapses: str = "sum",
    ) -> Any:
        """Values of attributes of all connections.

        Parameters
        ----------
        attribute_names : str or sequence of str
            "weight", "delay" or another parameter of the synapse type.
        format : {"list", "array"}
            "list": tuples (presynaptic index, postsynaptic index, values...). "array": one array of shape
            (size of pre, size of post) for each name, NaN where there is no connection.
        gather : bool or "all"
            With several processes: return the values of all connections in process 0, or in every process ("all").
            Otherwise they are those of the connections onto local cells.
        with_address : bool
            Put the indices into the tuples of a list.
        multiple_synapses : {"sum", "first", "last", "min", "max"}
            What an array shows for a pair with several connections.

        Raises
        ------
        pyNN.errors.NonExistentParameterError
            For an unknown name.
        """
        single = isinstance(attribute_names, str)
        names = self._names(attribute_names)
        check_choice("Projection.get", "format", format, ("list", "array"))
        check_choice("Projection.get", "multiple_synapses", multiple_synapses, tuple(self.MULTI_SYNAPSE_OPERATIONS))
        pre, post, *columns = columns_of(self, names, gather)
        if format == "list":
            if single and not with_address:
                return columns[0].tolist()
            return list(zip(*(c.tolist() for c in ([pre, post, *columns] if with_address else columns))))
        found = arrays(self.shape, pre, post, columns, multiple_synapses)
        return found[0] if single else found

    def _names(self, attribute_names):
        """Names of attributes as a list, all of which exist."""
        names = [attribute_names] if isinstance(attribute_names, str) else list(attribute_names)
        for name in names:
            if name not in ADDRESS:
                self.synapse_type.check_name(name)
        return names

    def save(
        self,
        attribute_names: Names,
        file: File,
        format: str = "list",
        gather: bool | str = True,
        with_address: bool = True,
    ) -> None:
        """Write what `get` returns to a file (process 0 does).

        Parameters
        ----------
        attribute_names : str or sequence of str
            As for `get`; "all" means all parameters of the synapse type.
        file : str, path, pyNN.recording.files.BaseFile, or open text file
            A text file begins with a line that names the columns. What is saved as a list with addresses is what
            :class:`FromFileConnector` reads.
        format, gather, with_address
            As for `get`. Arrays are written with zeros where there are no connections, one below the other.

        Raises
        ------
        pyNN.errors.NonExistentParameterError
            For an unknown name.
        pyNN.errors.InvalidParameterValueError
            For an argument that is not allowed.
        OSError
            For a file that cannot be written.
        """
        if isinstance(attribute_names, str) and attribute_names in ("all", "connections"):
            attribute_names = self.synapse_type.get_parameter_names()
        names = self._names(attribute_names)
        RULES["file"]("Projection.save", "file", file)
        check_choice("Projection.save", "format", format, ("list", "array"))
        is_array = format == "array"
        if not names and (is_array or not with_address):
            refuse("Projection.save", "attribute_names", repr(attribute_names), "one name at least")
        values = self.get(
            names if is_array or with_address or len(names) > 1 else names[0], format, gather, with_address
        )
        if self._simulator.state.mpi_rank == 0:
            write_values(file, values, names, is_array, with_address)

    # ---- changing

    @changing
    def set(self, **attributes: Any) -> None:
        """Set attributes of all connections.

        Parameters
        ----------
        **attributes
            Each a number, a `RandomDistribution`, an array of shape (size of pre, size of post) in which NaN
            stands for "no connection there", a list or array with one value a connection (or one for each
            connected pair), or a function (or, as a string, an expression) of the distance.

        Raises
        ------
        pyNN.errors.InvalidParameterValueError
            For a value that is not allowed; nothing is changed then.
        pyNN.errors.NonExistentParameterError
            For an unknown name; nothing is changed then.
        """
        for name in attributes:
            self.synapse_type.check_name(name)
        self._change({name: evaluate(self, self.entry(name), value) for name, value in attributes.items()})

    @changing
    def _change(self, values, where=None):
        """Check values of the connections `where` (or all) together with what they meet there, then set."""
        synapse_type = self.synapse_type
        pick = slice(None) if where is None else where
        for name, value in values.items():
            if name in ADDRESS:
                raise AttributeError(f"{name} cannot be set")
            synapse_type.check_name(name)
            if where is not None:
                values[name] = self.entry(name).number(value)
        met = set(synapse_type.local_parameters)
        if values.keys() & set(synapse_type.related):
            met.update(synapse_type.related)
        others = {name: _pick(self._value(name), pick) for name in met - values.keys()}
        unit = self._target_unit()
        synapse_type.check_values(values, unit)
        synapse_type.check_together({**others, **values}, unit)
        if "weight" in values:
            n = len(self) if where is None else len(where)
            self._check_weights(np.broadcast_to(values["weight"], n), self._post_index[pick])
        dendritic = self._changed_delays({**others, **values}, values.keys(), pick)
        core_values, changes = self._core_values(values), []
        for core, positions in self._parts:
            chosen, places = within(positions, where)
            own = {name: _pick(value, places) for name, value in core_values.items()}
            changes.append(core.change(own, chosen, _pick(dendritic, places), checked=True))
        for change in changes:
            change()
        values = self._with_acting_delay(values)
        self._remember(values, where)
        if "delay" in values:
            self._simulator.state.note_delays(values["delay"])

    def _changed_delays(self, values, names, pick):
        """The delays behind the synapse in steps; None if `names` are of other parameters. The part on the axon is
        fixed once connections exist.
        """
        if not {"delay", "dendritic_delay_fraction"} & names:
            return None
        steps = self._delay_steps(values["delay"])
        axonal = np.minimum(self.synapse_type.axonal_steps(steps, values), steps)
        if np.any(axonal != _pick(self._axonal, pick)):
            name = "delay" if "delay" in names else "dendritic_delay_fraction"
            raise InvalidConnectionError(
                f"{type(self.synapse_type).__name__}.{name}: a change of the delay before the synapse (with a "
                "dendritic_delay_fraction below 1) is not allowed once connections exist; make a new Projection"
            )
        return steps - axonal

    @changing
    def annotate(self, **annotations: Any) -> None:
        super().annotate(**annotations)

    @changing
    def initialize(self, **initial_values: Any) -> None:
        """Set state variables of the synapses, now and at every reset.

        Parameters
        ----------
        **initial_values
            Names from ``synapse_type.default_initial_values``, with values in any of the forms that `set`
            takes.

        Raises
        ------
        pyNN.errors.NonExistentParameterError
            For a name that is no state variable of the synapse type; nothing is changed then.
        pyNN.errors.InvalidParameterValueError
            For a value that is not allowed; nothing is changed then.
        """
        offered = self.synapse_type.default_initial_values
        owner = f"initial value of {type(self.synapse_type).__name__}"
        for name in initial_values:
            if name not in offered:
                raise NonExistentParameterError(name, f"initial values of {type(self.synapse_type).__name__}", offered)
        if not initial_values:
            return
        values = {}
        for name, value in initial_values.items():
            term = self.synapse_type.states[name]
            entry = Entry(owner, name, self.synapse_type.core.STATES[term.core].allowed, term.unit, term.factor)
            values[name] = np.asarray(entry.check(evaluate(self, entry, value)))
        terms, changes = self.synapse_type.states, []
        for core, positions in self._parts:
            own = {terms[name].core: _pick(value, positions) * terms[name].factor for name, value in values.items()}
            try:
                changes.append(core.change_states(own, owner=owner, checked=True))
            except ValueError as error:
                raise errors.InvalidParameterValueError(str(error)) from None
        for change in changes:
            change()
        for name, value in values.items():
            self.initial_values[name] = self._initial_array(value)

    def _initial_array(self, values):
        values = np.asarray(values, dtype=float)
        return LazyArray(values if values.ndim else float(values), shape=(len(self),), dtype=float)

    @deprecated("set(name=value)")
    def setSynapseDynamics(self, parameter_name: str, value: Any) -> None:
        self.set(**{parameter_name: value})

    @deprecated("set(name=rand_distr)")
    def randomizeSynapseDynamics(self, parameter_name: str, rand_distr: RandomDistribution) -> None:
        self.set(**{parameter_name: rand_distr})

    @deprecated("numpy.histogram()")
    def weightHistogram(
        self, min: Number | None = None, max: Number | None = None, nbins: int = 10
    ) -> tuple[np.ndarray, np.ndarray]:
        owner = "Projection.weightHistogram"
        unit = self.find_units("weight")
        min, max = (
            value if value is None else Entry(owner, name, unit=unit).number(value)
            for name, value in (("min", min), ("max", max))
        )
        if not is_integer(nbins) or nbins < 1:
            refuse(owner, "nbins", repr(nbins), "a positive integer")
        weights = np.array(self.get("weight", format="list", gather=True, with_address=False))
        # without connections, the range of numpy.histogram
        low = np.min(weights) if min is None and weights.size else min or 0.0
        high = np.max(weights) if max is None and weights.size else 1.0 if max is None else max
        if low > high:
            refuse(owner, "min", repr(low), f"at most max, {high}")
        return np.histogram(weights, np.linspace(low, high, nbins + 1))

    # ---- recording

    @changing
    def record(
        self,
        variables: Names | None,
        sampling_interval: Number | None = None,
        connections: Any = None,
        to_file: File | None = None,
    ) -> None:
        """Record variables of the connections: the weight, and the states of dynamic synapses.

        Parameters
        ----------
        variables : str or list of str
            Names from ``synapse_type.recordable``, or "all".
        sampling_interval : float, optional
            ms, a multiple of the time step. Without it, the value that each presynaptic spike meets is
            recorded.
        connections : int, slice, mask or sequence of int, optional
            Which connections, by their number; all of them by default.
        to_file : str or path, optional
            A file that is written while the simulation runs, as for `Population.record`; its name ends in
            ".zarr".

        Raises
        ------
        pyNN.errors.RecordingError
            For a variable that the synapse type does not have.
        pyNN.errors.InvalidParameterValueError
            With a `sampling_interval`, for what exists only while a spike passes ("all" leaves it out); and for
            a variable that is being recorded elsewhere.
        OSError, ImportError
            For a file that cannot be made, as for `Population.record`.
        """
        if to_file is not None and not is_recording_file(to_file):
            refuse(f"{self.label}.record", "to_file", repr(to_file), f"None, or a name that ends in {ENDING}")
        self._recorder.record(variables, sampling_interval, connections, to_file)

    def find_units(self, variable: str) -> str:
        """The unit of a parameter, state or recordable variable of the connections."""
        unit = self.synapse_type.units.get(variable)
        if unit is None:
            offered = list(self.synapse_type.units)
            raise NonExistentParameterError(variable, type(self.synapse_type).__name__, offered)
        return TargetUnit.of(unit, self._target_unit()) if unit in TARGETS_UNITS else unit

    def can_sample(self, name: str) -> bool:
        """Whether a recordable variable has a value at any time, or only while a spike passes."""
        variable = self.synapse_type.signals[name].core
        return all(variable in core.variables for core, _ in self._parts)

    @reading
    def get_data(self, variables: Names | None = "all", clear: bool = False, gather: bool | str = True) -> neo.Block:
        """What has been recorded, as a `neo.Block` with a segment for each run between resets.

        Recording at events gives one `IrregularlySampledSignal` a connection: at the time of each presynaptic
        spike, the value that the spike carried. Recording on a grid gives one `AnalogSignal` with a channel a
        connection, from t = 0 on, each sample integrated to its time. (Array) annotations `presynaptic_index`
        and `postsynaptic_index` say which connection it is.

        Parameters
        ----------
        variables : str or list of str
            What to return; everything by default.
        clear : bool
            Forget what has been recorded so far.
        gather : bool
            With several processes: return the data of all connections in process 0. Otherwise, and in the other
            processes, they are those of the connections onto local cells. All processes must call it.
        """
        return self._recorder.get(variables, clear, gather=gather)

    @reading
    def write_data(
        self,
        io: File,
        variables: Names | None = "all",
        gather: bool | str = True,
        clear: bool = False,
        annotations: Mapping[str, Any] | None = None,
    ) -> None:
        """Write what `get_data` returns to a Neo IO, or to a file."""
        get = partial(self._recorder.get, variables, annotations=annotations, gather=gather)
        write(get, io, gather, partial(get, clear=True) if clear else None)


check_arguments_of(Projection)
