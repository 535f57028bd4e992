"""The connectors of this simulator, under the names of PyNN's.

They are PyNN's classes, with arguments that are checked when they are given and obeyed when a projection is made.
Those of PyNN itself, which other modules may have made, are adopted: checked and replaced when a projection is made.
Where parameters need no evaluation cell by cell (`values.py`), they do without PyNN's loop over targets; the
connections, their order and their values are the same.
"""

from __future__ import annotations

import inspect
import os
from typing import TYPE_CHECKING, Any

import numpy as np
from pyNN import common, connectors
from pyNN.connectors import Connector
from pyNN.parameters import LazyArray

from ..parameters import Entry, InvalidConnectionError
from ..parameters.arguments import RULES, check_argument, rule, rule_for
from ..recording.merging import numbering
from ..simulation import simulator
from ..simulation.lifetime import Member
from .attributes import at_connections
from .base import (
    CheckedConnector,
    allowed_pairs,
    arguments_of,
)
from .connection_list import INDEX, check_indices
from .files import read_connections
from .fixed_number import FixedNumberPostConnector, FixedNumberPreConnector, FixedTotalNumberConnector
from .probability import (
    DisplacementDependentProbabilityConnector,
    DistanceDependentProbabilityConnector,
    FixedProbabilityConnector,
    IndexBasedProbabilityConnector,
)
from .small_world import SmallWorldConnector
from .values import picked, plain_parameters

if TYPE_CHECKING:
    from ..projections import Projection

RULES["reference_projection"] = rule(
    lambda value: isinstance(value, common.Projection) and isinstance(value, Member), "a Projection of this simulator"
)


class AllToAllConnector(CheckedConnector, connectors.AllToAllConnector):
    """Connects all presynaptic cells to all postsynaptic cells.

    Parameters
    ----------
    allow_self_connections : bool or "NoMutual"
        Whether a cell may be connected to itself; "NoMutual": nor a pair of cells in both directions.
    location_selector, safe, callback
        As for :class:`FixedProbabilityConnector`.

    Raises
    ------
    pyNN.errors.InvalidParameterValueError
        For values that are not allowed.
    """

    __init__ = arguments_of(connectors.AllToAllConnector)

    def connect(self, projection: Projection) -> None:
        """Connect up a projection."""
        if not self.callback and self._at_once(projection):
            return
        allowed: Any = True
        if self.allow_self_connections is not True:
            allowed = allowed_pairs(projection, self.allow_self_connections)
        self._connect_with_map(projection, LazyArray(allowed, shape=projection.shape))

    def _at_once(self, projection):
        parameters = plain_parameters(projection)
        if parameters is None:
            return False
        n_pre, local = projection.shape[0], np.flatnonzero(projection.local_targets).astype(INDEX)
        shape = n_pre, len(local)
        pre = np.broadcast_to(np.arange(n_pre, dtype=INDEX)[:, np.newaxis], shape).flatten()
        post = np.broadcast_to(local, shape).flatten()
        if self.allow_self_connections is not True:
            allowed = allowed_pairs(projection, self.allow_self_connections)[:, local].ravel()
            pre, post = pre[allowed], post[allowed]
        projection.collector.add(pre, post, picked(parameters, pre, post))
        return True


class OneToOneConnector(CheckedConnector, connectors.OneToOneConnector):
    """Connects the first cell to the first, the second one to the second, and so on.

    If there are more cells on one side, the last of them are not connected.

    Parameters
    ----------
    location_selector, safe, callback
        As for :class:`FixedProbabilityConnector`.

    Raises
    ------
    pyNN.errors.InvalidParameterValueError
        For values that are not allowed.
    """

    __init__ = arguments_of(connectors.OneToOneConnector)

    def connect(self, projection: Projection) -> None:
        """Connect up a projection."""
        parameters = None if self.callback else plain_parameters(projection)
        if parameters is None:
            super().connect(projection)
            return
        index = np.arange(min(projection.shape))
        projection.collector.add_local(projection.local_targets, index, index, picked(parameters, index, index))


class ArrayConnector(CheckedConnector, connectors.ArrayConnector):
    """Connects the pairs of cells that are true in an array.

    Parameters
    ----------
    array : array of bool (or of zeros and ones), shape (size of pre, size of post)
    location_selector, safe, callback
        As for :class:`FixedProbabilityConnector`.

    Raises
    ------
    pyNN.errors.InvalidParameterValueError
        For values that are not allowed: also when a projection is made, if the shape is not that of the projection.
    """

    __init__ = arguments_of(connectors.ArrayConnector)

    def connect(self, projection: Projection) -> None:
        """Connect up a projection."""
        if self.array.shape != projection.shape:
            self.refuse("array", f"the shape {self.array.shape}", f"of shape {projection.shape}")
        self._connect_with_map(projection, LazyArray(self.array, projection.shape))


class CloneConnector(CheckedConnector, connectors.CloneConnector):
    """Makes the same connections as another projection has, with parameters of their own.

    Parameters
    ----------
    reference_projection : Projection
        Between the same groups of cells.
    safe, callback
        As for :class:`FixedProbabilityConnector`.

    Raises
    ------
    pyNN.errors.InvalidParameterValueError
        For values that are not allowed.
    pyNN.errors.ConnectionError
        When a projection is made between other cells.
    """

    __init__ = arguments_of(connectors.CloneConnector)

    def connect(self, projection: Projection) -> None:
        """Connect up a projection."""
        reference = self.reference_projection
        for side in ("pre", "post"):
            own, other = getattr(projection, side), getattr(reference, side)
            if not np.array_equal(own.all_cells, other.all_cells) or own.simulation is not other.simulation:
                raise InvalidConnectionError(
                    f"{type(self).__name__}.reference_projection: {reference.label!r} is not allowed; its "
                    f"{side}synaptic cells, {other.label!r}, must be those of the new projection, {own.label!r}"
                )
        sources, targets, _ = numbering(reference)
        self._connect_pairs(projection, sources, targets)


class CSAConnector(CheckedConnector, connectors.CSAConnector):
    """Connects as a set of the Connection Set Algebra says (package csa).

    Parameters
    ----------
    cset : csa.ConnectionSet or csa.Mask
        Of arity 0, or 2 (values are the weight and the delay).
    location_selector, safe, callback
        As for :class:`FixedProbabilityConnector`.

    Raises
    ------
    pyNN.errors.InvalidParameterValueError
        For values that are not allowed.
    RuntimeError
        Without the package csa.

    References
    ----------
    .. [1] Djurfeldt M (2012) The connection-set algebra. Neuroinformatics 10:287–304.
    """

    if connectors.haveCSA:
        __init__ = arguments_of(connectors.CSAConnector)


class FromListConnector(CheckedConnector, connectors.FromListConnector):
    """Makes the connections of a list.

    Parameters
    ----------
    conn_list : sequence of tuples, or array
        ``(presynaptic index, postsynaptic index, value, ...)``, a row for each connection. Values may be quantities.
    column_names : sequence of str, optional
        The parameters of the synapse type that the values are of; "weight" and "delay" if there are two values.
    location_selector, safe, callback
        As for :class:`FixedProbabilityConnector`.

    Raises
    ------
    pyNN.errors.InvalidParameterValueError
        For values that are not allowed.
    pyNN.errors.ConnectionError
        When a projection is made, for indices of cells that do not exist.
    """

    __init__ = arguments_of(connectors.FromListConnector)
    source = "conn_list"  # the argument to name in errors

    def prepare(self) -> None:
        super().prepare()
        self._name_columns()

    def check_attributes(self) -> None:
        super().check_attributes()
        self._name_columns()

    def _name_columns(self):
        names = self.column_names
        n_values = self.conn_list.shape[1] - 2 if self.conn_list.size else len(names or ())
        if names is None:
            if n_values not in (0, 2):
                self.refuse("column_names", "None", f"the names of the {n_values} columns of values")
            names = ("weight", "delay")[:n_values]
        if len(names) != n_values:
            self.refuse("column_names", repr(names), f"the names of the {n_values} columns of values")
        self.column_names = names

    def connect(self, projection: Projection) -> None:
        """Connect up a projection."""
        self._connect_table(projection, self.conn_list, self.column_names)

    def _connect_table(self, projection, table, column_names):
        for name in column_names:
            projection.synapse_type.check_name(name)
        if not table.size:
            return
        if table.dtype == object:
            units = [None, None, *map(projection.find_units, column_names)]
            columns = zip(table.T.tolist(), units)
            table = np.array([Entry(type(self).__name__, self.source, unit=unit).convert(c) for c, unit in columns]).T
        check_indices(type(self).__name__, self.source, table[:, 0], table[:, 1], projection.shape)
        pre, post = table[:, 0].astype(INDEX), table[:, 1].astype(INDEX)
        values = dict(zip(column_names, table[:, 2:].T))
        lazies = self._parameters_from_synapse_type(projection)
        for name in projection.collector.names:
            if name not in values:
                lazy = lazies[name]
                plain = isinstance(lazy.base_value, float) and not lazy.operations
                values[name] = lazy.base_value if plain else at_connections(lazy, pre, post)
        projection.collector.add_local(projection.local_targets, pre, post, values)


class FromFileConnector(FromListConnector, connectors.FromFileConnector):
    """Makes the connections of a list in a file, such as `Projection.save` writes.

    Parameters
    ----------
    file : str, path, pyNN.recording.files.BaseFile, or text file that is open for reading
        Columns are named by a line such as ``# columns = ["i", "j", "weight", "delay"]`` before the rows; "i" and
        "j" are the indices of cells. Without one, they are those of :class:`FromListConnector`.
    distributed : bool
        With several processes: the process with the number n reads the file whose name has ".n" added, and all of
        them make the connections of all these files.
    location_selector, safe, callback
        As for :class:`FixedProbabilityConnector`.

    Raises
    ------
    pyNN.errors.InvalidParameterValueError
        For values that are not allowed, and for a file that holds no list of connections.
    OSError
        For a file that cannot be read.
    """

    __init__ = arguments_of(connectors.FromFileConnector)
    source = "file"

    def prepare(self) -> None:
        if isinstance(self.file, str | os.PathLike) and not self.distributed:
            # to find at once that it is not there
            open(self.file).close()

    def _name_columns(self):
        pass

    def check_attributes(self) -> None:
        CheckedConnector.check_attributes(self)

    def connect(self, projection: Projection) -> None:
        """Connect up a projection."""
        rank, processes = simulator.state.mpi_rank, simulator.state.processes
        table, names = read_connections(type(self).__name__, self.file, rank if self.distributed else None)
        if self.distributed and processes is not None:
            found = processes.share(f"connect {projection.label}", (table, names))
            names = found[0][1]
            table = np.concatenate([rows for rows, _ in found if rows.size] or [table])
        self._connect_table(projection, table, names)


OWN = {
    base: own
    for own in (
        AllToAllConnector,
        OneToOneConnector,
        FixedProbabilityConnector,
        DistanceDependentProbabilityConnector,
        IndexBasedProbabilityConnector,
        DisplacementDependentProbabilityConnector,
        FixedNumberPreConnector,
        FixedNumberPostConnector,
        FixedTotalNumberConnector,
        FromListConnector,
        FromFileConnector,
        ArrayConnector,
        CloneConnector,
        CSAConnector,
        SmallWorldConnector,
    )
    for base in [getattr(connectors, own.__name__)]
}


def connect(projection: Projection, connector: Connector) -> None:
    """Let `connector` fill the collector of a projection."""
    own = OWN.get(type(connector))
    if own is not None:
        connector = own.adopt(connector)
    elif isinstance(connector, CheckedConnector):
        connector.check_attributes()
    else:
        _check_derived(connector)
    connector.connect(projection)
    callback = getattr(connector, "callback", None)
    if callback:
        callback(1.0)


def _check_derived(connector):
    """Check the arguments of a connector of a class that users have derived from one of PyNN's."""
    base = next((base for base in type(connector).__mro__ if base in OWN), connectors.Connector)
    for name in inspect.signature(base.__init__).parameters.keys() & connector.__dict__.keys():
        if rule_for("Connector", name):
            check_argument(type(connector).__name__, name, getattr(connector, name), "Connector")
