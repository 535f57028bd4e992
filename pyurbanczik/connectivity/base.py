"""What all connectors share: arguments that are checked when they are given, and maps of connections."""

from __future__ import annotations

import functools
import inspect
import reprlib
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np
from pyNN import connectors
from pyNN.connectors import Connector, _get_rng

from backend_cython.numerics.sorting import by_key

from ..objects.presentation import DescribedByPyNN
from ..parameters import refuse
from ..parameters.arguments import check_argument, rule_for
from ..parameters.suggestions import close_to
from .connection_list import INDEX, same_cells
from .values import add_by_target, copied, parameters_at_once

if TYPE_CHECKING:
    from ..projections import Projection


def arguments_of(pynn_class: type) -> Callable[..., None]:
    """An ``__init__`` with the arguments of a connector of PyNN, which checks them and makes them attributes."""

    @functools.wraps(pynn_class.__init__)
    def __init__(self, *args, **kwargs):
        for name in kwargs:
            if name not in signature.parameters:
                hint = close_to(name, [*signature.parameters][1:])
                raise TypeError(f"{type(self).__name__}: got an unexpected keyword argument {name!r}{hint}")
        try:
            given = signature.bind(self, *args, **kwargs)
        except TypeError as error:
            raise TypeError(f"{type(self).__name__}: {error}") from None
        given.apply_defaults()
        self._as_given = {}
        for name, value in list(given.arguments.items())[1:]:
            self._as_given[name] = self.check(name, value)
        self.__dict__.update(self._as_given)
        self.prepare()

    signature = inspect.signature(pynn_class.__init__)
    return __init__


def _is_equal(value, default):
    # arrays have as many answers as elements
    return type(value) is type(default) and value == default


class CheckedConnector(DescribedByPyNN):
    """Mixin of the connectors of this simulator, in front of the class of PyNN that has the same name.

    Attributes have the names of arguments. Values of parameters are always checked: there is nothing that
    ``safe=False`` leaves out.
    """

    location_selector = None
    safe = True
    callback = None
    _as_given = {}  # arguments that were checked

    def _arguments(self):
        usual = inspect.signature(type(self).__init__).parameters
        return [
            f"{name}={reprlib.repr(value)}"
            for name, value in self._as_given.items()
            if name in usual and not (value is usual[name].default or _is_equal(value, usual[name].default))
        ]

    def prepare(self) -> None:
        """Complete the attributes, once all arguments are there."""
        if hasattr(self, "rng"):
            self.rng = _get_rng(self.rng)

    @classmethod
    def adopt(cls, connector: Connector) -> Any:
        """A connector like one of PyNN's own, from whose random numbers it draws; its arguments are checked."""
        own = cls.__new__(cls)
        own.__dict__.update(connector.__dict__)
        own.check_attributes()
        return own

    def check_attributes(self) -> None:
        """Check what may have been given without a check, or changed since."""
        for name in (self._as_given or inspect.signature(type(self).__init__).parameters) & self.__dict__.keys():
            value = self.__dict__[name]
            if rule_for("Connector", name) and value is not self._as_given.get(name, self):
                setattr(self, name, self.check(name, value))

    def check(self, name: str, value: Any) -> Any:
        """The value of an argument, if it is allowed."""
        return check_argument(type(self).__name__, name, value, "Connector")

    def refuse(self, name: str, value: Any, allowed: str) -> None:
        """Raise the error for an impossible value of an argument."""
        refuse(type(self).__name__, name, value, allowed)

    # ---- maps of connections

    def _connect_with_map(self, projection, connection_map, distance_map=None):
        n_pre = projection.pre.size

        def columns(mask=None):
            for column in connection_map.by_column(mask):
                yield np.broadcast_to(np.asarray(column, dtype=bool), (n_pre,))

        self._standard_connect(projection, columns, distance_map)

    def _standard_connect(self, projection, connection_map_generator, distance_map=None):
        """Connect as PyNN does, but without its loop over targets if no parameter needs that."""
        parameters = parameters_at_once(projection, self)
        if parameters is None:
            super()._standard_connect(projection, connection_map_generator, distance_map)
            return
        generated = connection_map_generator()
        # as in PyNN: what the connector draws target by target, it draws after this
        parameters = copied(parameters)
        columns = [_sources(column, projection.pre.size) for column in generated]
        add_by_target(projection, parameters, np.concatenate(columns), [len(column) for column in columns])

    def _connect_pairs(self, projection, sources, targets):
        """Connect these pairs; connections of one target are made in the order in which they are given."""
        parameters = parameters_at_once(projection, self)
        if parameters is None:
            self._standard_connect(projection, columns_from(by_target(sources, targets, projection.post.size)))
            return
        sources, targets = sources.astype(INDEX, copy=False), targets.astype(INDEX, copy=False)
        (sources,), sizes = by_key(targets, projection.post.size, [sources])
        add_by_target(projection, copied(parameters), sources, sizes)


def _sources(column, n_pre):
    """Indices of cells from indices or from a mask, which may be True."""
    if column is True:
        return np.arange(n_pre, dtype=INDEX)
    return (np.flatnonzero(column) if column.dtype == bool else column).astype(INDEX)


def allowed_pairs(projection: Projection, allow_self_connections: bool | str) -> np.ndarray:
    """Which connections may be made, a matrix of truth values.

    Without self-connections a cell is not connected to itself, in whatever group it may be on either side. With
    "NoMutual", of two cells that could be connected both ways only the one with the larger ID is connected to the
    other.
    """
    pre_of_post, post_of_pre = same_cells(projection)
    n_pre, n_post = projection.shape
    if allow_self_connections is True:
        return np.ones((n_pre, n_post), dtype=bool)
    if allow_self_connections is False:
        return np.arange(n_pre)[:, np.newaxis] != pre_of_post
    ids = [group.all_cells.astype(np.int64) for group in (projection.pre, projection.post)]
    both_ways = (post_of_pre >= 0)[:, np.newaxis] & (pre_of_post >= 0)
    return ~both_ways | (ids[0][:, np.newaxis] > ids[1])


def by_target(sources: np.ndarray, targets: np.ndarray, n_post: int) -> list[np.ndarray]:
    """For each target the indices of its sources, in the order in which they are given."""
    (sources,), sizes = by_key(targets.astype(INDEX), n_post, [sources.astype(INDEX)])
    return np.split(sources, sizes.cumsum()[:-1])


def columns_from(columns: Any) -> Callable[..., list]:
    """What PyNN's connectors generate columns with, which may be asked for those of local targets only."""
    return lambda mask=None: columns if mask is None else [columns[i] for i in np.flatnonzero(mask)]


# Classes that are there to be derived from.
ABSTRACT = (connectors.Connector, connectors.MapConnector, connectors.FixedNumberConnector)
