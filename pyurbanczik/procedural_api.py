"""The procedural interface: functions instead of methods, for single cells and for groups of them."""

from collections.abc import Mapping
from typing import Any

from pyNN import common
from pyNN.common import IDMixin
from pyNN.connectors import FixedProbabilityConnector
from pyNN.core import deprecated

from .parameters.arguments import check_argument
from .parameters.hints import Cells, File, Names, Number
from .populations import Population
from .populations.cell_groups import CellGroup
from .projections import Projection
from .synapses import StaticSynapse

create = common.build_create(Population)

connect = common.build_connect(Projection, FixedProbabilityConnector, StaticSynapse)


def _group(owner, name, cells):
    """The group that is meant by a group, or by a single cell."""
    if isinstance(cells, CellGroup):
        return cells
    if isinstance(cells, IDMixin):
        return cells.as_view()
    raise TypeError(f"{owner}.{name}: {cells!r} is not allowed; it must be a cell, population, view or assembly")


@deprecated("Population.set()")
def set(cells: Cells, **parameters: Any) -> None:
    """Set parameters of all cells of a population, view or assembly; see `Population.set`."""
    if isinstance(cells, IDMixin):
        raise AttributeError(
            "set a parameter of one cell by its name, e.g. population[0].tau_m = 20.0, or "
            "use set() of a view, e.g. set(population[0:1], tau_m=20.0)"
        )
    _group("set", "cells", cells).set(**parameters)


@deprecated("Population.initialize()")
def initialize(cells: Cells, **initial_values: Any) -> None:
    """Set initial values of all cells of a population, view or assembly; see `Population.initialize`."""
    _group("initialize", "cells", cells).initialize(**initial_values)


@deprecated("Population.record()")
def record(
    variables: Names,
    source: Cells,
    filename: File,
    sampling_interval: Number | None = None,
    annotations: Mapping[str, Any] | None = None,
) -> None:
    """Record variables of a cell, population, view or assembly, and write them to a file at `end()`; see
    `Population.record`.
    """
    check_argument("record", "annotations", annotations)
    cells = _group("record", "source", source)
    cells.record(variables, to_file=filename, sampling_interval=sampling_interval)
    if annotations:
        cells.annotate(**annotations)


def record_v(source: Cells, filename: File) -> None:
    """Record the membrane potential and write it to a file at `end()`."""
    return record(["v"], source, filename)


def record_gsyn(source: Cells, filename: File) -> None:
    """Record the synaptic conductances and write them to a file at `end()`."""
    return record(["gsyn_exc", "gsyn_inh"], source, filename)
