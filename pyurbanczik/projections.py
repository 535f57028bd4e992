"""Projection and its connections."""

from __future__ import annotations

from collections.abc import Mapping
from copy import deepcopy
from functools import partial
from typing import Any

import neo
import numpy as np
from pyNN import common, errors
from pyNN.connectors import Connector
from pyNN.core import deprecated
from pyNN.parameters import LazyArray, ParameterSpace
from pyNN.random import RandomDistribution

from .connectivity.attributes import arrays, at_connections, evaluate
from .connectivity.connection_list import Collector, check_indices, index_of, joined
from .connectivity.connection_table import ADDRESS, ConnectionTable
from .connectivity.connections import Connection, Connections
from .connectivity.connectors import connect
from .connectivity.files import write_values
from .connectivity.space import own_space
from .connectivity.validation import check_arguments
from .objects.assignments import NoAssignments
from .objects.presentation import ShownProjection
from .parameters import Entry, NonExistentParameterError, check_choice, refuse
from .parameters.calls import check_arguments_of
from .parameters.changes import undoing_draws
from .parameters.hints import Cells, File, Names, Number
from .parameters.units import TARGETS_UNITS, TargetUnit, is_integer
from .recording.merging import columns_of
from .recording.neo_export import write
from .recording.projection_recorder import ProjectionRecorder
from .simulation.lifetime import Labelled, changing, reading
from .storage.flushing import ENDING, is_recording_file
from .synapses.static import StaticSynapse


class Projection(ShownProjection, NoAssignments, Labelled, common.Projection):
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
        A receptor of the postsynaptic cells; by default (None or "default") their first one for weights of zero or
        more, their second one for negative weights.
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
    _made = False

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
        if receptor_type == "default":
            receptor_type = None
        check_arguments(presynaptic_neurons, postsynaptic_neurons, connector, synapse_type, receptor_type)
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
        processes = self.simulation.processes
        self.everywhere = processes is None or self.synapse_type.everywhere
        # that of weights: nA, uS or mV
        self.target_unit = self.post.members[0].celltype.weight_unit(self.receptor_type)
        self.local_targets = np.array(self.post.local_mask)
        self.collector: Any = Collector(list(self.synapse_type.default_parameters))
        connect(self, connector)
        found = self.collector.finish()
        if processes is not None and self.everywhere:
            found = joined(processes.share(f"connect {self.label}", found))
        self.collector = None
        check_indices(type(connector).__name__, "connect", found[0], found[1], self.shape)
        self.table = ConnectionTable(self, *found)
        values = found[2]
        for name, default in self.synapse_type.default_initial_values.items():
            self.initial_values[name] = self._initial_array(values[default] if isinstance(default, str) else default)
        self._recorder = ProjectionRecorder(self)
        self.simulation.projections[self.simulation.projections_made] = self
        self.simulation.projections_made += 1
        self._made = True

    def _instead(self, name):
        if hasattr(type(self), name):
            return None
        if name in self.synapse_type.default_parameters:
            return f"use set({name}=...)"
        return f"use initialize({name}=...)" if name in self.synapse_type.states else None

    def _guess_receptor_type(self):
        weight = self.synapse_type.parameter_space["weight"]
        sample = None if weight.operations else weight.base_value
        if callable(weight.base_value):
            # for all presynaptic cells at once, as when connections are made
            space = self._handle_distance_expressions(ParameterSpace({"weight": deepcopy(weight)}, None, self.shape))
            pre = np.arange(self.pre.size)
            sample = at_connections(space["weight"], pre, np.full(len(pre), self.post.size - 1))[-1]
        if isinstance(sample, np.ndarray) and sample.ndim == 2:
            sample = np.append(0.0, sample[~np.isnan(sample)])[-1]
        if isinstance(sample, float):
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
        for name in values:
            # PyNN's connectors give a delay to synapses without one, too
            if name != "delay":
                self.synapse_type.check_name(name)
        defaults = self.synapse_type.parameter_space
        for name in self.collector.names:
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
            values = {name: self.synapse_type.entry(name).convert(values[name]) for name in self.collector.names}
            self.collector.add(presynaptic_indices, target, values)

    # ---- reading

    def __len__(self):
        return len(self.table)

    def size(self, gather: bool | str = True) -> int:
        """Number of connections: of all, or (without `gather`) of those onto local cells."""
        return self.table.total if gather else len(self)

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
        check_choice("Projection.save", "format", format, ("list", "array"))
        is_array = format == "array"
        if not names and (is_array or not with_address):
            refuse("Projection.save", "attribute_names", repr(attribute_names), "one name at least")
        values = self.get(
            names if is_array or with_address or len(names) > 1 else names[0], format, gather, with_address
        )
        if self.simulation.mpi_rank == 0:
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
        self.table.change({name: evaluate(self, self.table.entry(name), value) for name, value in attributes.items()})

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
        if initial_values:
            for name, values in self.table.initialize(initial_values, self).items():
                self.initial_values[name] = self._initial_array(values)

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
        return TargetUnit.of(unit, self.target_unit) if unit in TARGETS_UNITS else unit

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
            What to return; everything by default. Of what is left out no copy is made.
        clear : bool
            Forget what has been recorded so far; ``get_data([], clear=True)`` needs no memory for that.
        gather : bool
            With several processes: return the data of all connections in process 0. Otherwise, and in the other
            processes, they are those of the connections onto local cells. All processes must call it.

        Returns
        -------
        neo.Block
            Signals on a grid are the memory of the recording, not copies of it, as those of `Population.get_data`.
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
        write(get, io, gather, [self._recorder] if clear else [])


check_arguments_of(Projection)
