"""What terminals and notebooks show of cells, synapses, populations, projections and modulators.

`repr`, `describe()` and the table in a notebook all say the same: what it is, and which parameters differ from the
default.
"""

from __future__ import annotations

import html
import reprlib
from collections.abc import Iterable
from typing import Any, NamedTuple

import numpy as np
from pyNN.parameters import LazyArray, Sequence

from ..parameters.arguments import check_argument

# Of so many connections the present values of parameters are looked at, and of more those with which they were made.
MOST_CONNECTIONS = 100_000
# The name of our own description among the templates of PyNN.
OWN = "pyurbanczik"


class Row(NamedTuple):
    """A parameter: its value as text, its unit, and its default as text."""

    name: str
    value: str
    unit: str
    default: str


class Shown:
    """Mixin of what is shown.

    A class says in `_arguments` what stands first in its `repr`, in `_facts` what there is to say, as (name, text), and
    in `_changed` which parameters differ from the default.
    """

    __slots__ = ()

    def _title(self):
        return type(self).__name__

    def _arguments(self) -> list[str]:
        return []

    def _facts(self) -> list[tuple[str, str]]:
        return []

    def _changed(self) -> list[Row]:
        return []

    def __repr__(self):
        return self._shown_with(self._changed())

    def _shown_with(self, rows):
        """The `repr`, with these parameters."""
        given = [f"{row.name}={row.value}" for row in rows]
        return f"{type(self).__name__}({', '.join([*self._arguments(), *given])})"

    def describe(self) -> str:
        """A description to read."""
        rows = self._changed()
        lines = [self._title()]
        width = max((len(name) for name, _ in self._facts()), default=0)
        lines += [f"    {name:{width}}  {text}" for name, text in self._facts()]
        if rows:
            lines.append("    other than the default:")
            name, value, unit = (max(len(getattr(row, column)) for row in rows) for column in ("name", "value", "unit"))
            lines += [
                f"        {row.name:{name}}  {row.value:>{value}} {row.unit:{unit}}  (default {row.default})".rstrip()
                for row in rows
            ]
        elif self._has_parameters():
            lines.append("    all parameters at their defaults")
        return "\n".join(lines)

    def _has_parameters(self):
        return False

    def _repr_html_(self) -> str:
        """The table that a notebook shows."""
        rows, facts = self._changed(), self._facts()
        parts = [f"<strong>{html.escape(self._title())}</strong>"]
        if facts:
            parts.append("<br>" + "<br>".join(f"{html.escape(name)}: {html.escape(text)}" for name, text in facts))
        if rows:
            cells = "".join(
                "<tr>" + "".join(f"<td>{html.escape(text)}</td>" for text in (*row[:3], row.default)) + "</tr>"
                for row in rows
            )
            heads = "".join(f"<th>{head}</th>" for head in ("parameter", "value", "unit", "default"))
            parts.append(f"<table><thead><tr>{heads}</tr></thead><tbody>{cells}</tbody></table>")
        elif self._has_parameters():
            parts.append("<br>all parameters at their defaults")
        return f"<div>{''.join(parts)}</div>"


class DescribedByPyNN(Shown):
    """Mixin in front of classes of PyNN, which describe themselves by templates."""

    __slots__ = ()

    def describe(self, template: Any = OWN, engine: Any = "default") -> Any:
        """A description to read; by a template and an engine of `pyNN.descriptions`, or as a dictionary (None)."""
        for name, value in (("template", template), ("engine", engine)):
            check_argument(f"{type(self).__name__}.describe", name, value)
        if template == OWN:
            return Shown.describe(self)
        return super(Shown, self).describe(template, engine)


class ShownModel(DescribedByPyNN):
    """Mixin of types of cells and synapses, and of their parts."""

    def _has_parameters(self):
        return True

    def _units(self):
        # PyNN's parts of cells have none
        return getattr(self, "units", {})

    def _changed(self, values=None):
        """Of these values, or of those with which it was made."""
        return changed(self._values_to_show() if values is None else values, self.default_parameters, self._units())

    def _values_to_show(self):
        return self.parameter_space


class ShownCells(DescribedByPyNN):
    """Mixin of populations, views and assemblies."""

    def _title(self):
        return f"{type(self).__name__} {self.label!r}"

    def _arguments(self):
        kinds = [_shown_type(cells) for cells in self.members]
        return [str(self.size), *kinds, f"label={self.label!r}"]

    def __repr__(self):
        return f"{type(self).__name__}({', '.join(self._arguments())})"

    def _facts(self):
        if len(self.members) != 1 or self.members[0] is not self:
            return [("cells", str(self.size))] + [
                (repr(cells.label), _shown_type(cells, True)) for cells in self.members
            ]
        celltype = self.celltype
        parent = [] if self.root is self else [("of", repr(self.root.label))]
        return [
            ("cells", f"{self.size} × {type(celltype).__name__}"),
            *parent,
            ("receptors", listed(celltype.receptor_types)),
            ("recordable", listed(celltype.recordable)),
        ]

    def _changed(self):
        single = len(self.members) == 1 and self.members[0] is self
        return _changed_of(self) if single else []

    def _has_parameters(self):
        return len(self.members) == 1 and self.members[0] is self


def _changed_of(cells):
    """Rows of the present values of the cells of one population, of those in this process."""
    celltype = cells.celltype
    try:
        return celltype._changed(cells._values_to_show())
    except RuntimeError:
        # asked for by another thread, or the handler of a signal, while time passes
        return celltype._changed()


def _shown_type(cells, with_size=False):
    celltype = cells.celltype
    return f"{cells.size} × " * with_size + celltype._shown_with(_changed_of(cells))


class ShownProjection(DescribedByPyNN):
    """Mixin of projections."""

    def _title(self):
        return f"Projection {self.label!r}"

    def __repr__(self):
        return f"Projection({self.label!r}, {self.size()} connections, {self.receptor_type!r}, {self.synapse_type!r})"

    def _facts(self):
        return [
            ("connections", str(self.size())),
            ("from", repr(self.pre.label)),
            ("onto", f"{self.receptor_type} of {self.post.label!r}"),
            ("by", repr(self._connector)),
            ("synapses", repr(self.synapse_type)),
            ("recordable", listed(getattr(self.synapse_type, "recordable", ()))),
        ]

    def _changed(self):
        names = self.synapse_type.default_parameters
        try:
            if len(self) <= MOST_CONNECTIONS:
                return self.synapse_type._changed({name: self.table.value(name) for name in names})
        except RuntimeError:
            # as above
            pass
        return self.synapse_type._changed()

    def _has_parameters(self):
        return True


def changed(values: Any, defaults: Any, units: Any) -> list[Row]:
    """Rows of those of the values (a mapping, or a `ParameterSpace`) that differ from their defaults."""
    rows = []
    for name, value in values.items():
        default = defaults[name]
        if isinstance(value, LazyArray) and not value.operations:
            value = value.base_value
        if default is not None and not _same(value, default):
            unit = str(units.get(name) or "").replace("dimensionless", "").replace("uS", "µS")
            rows.append(Row(name, text(value), unit, text(default)))
    return rows


def _same(value, default):
    if isinstance(value, Sequence) or isinstance(default, Sequence):
        value, default = (getattr(x, "value", x) for x in (value, default))
        return np.array_equal(value, default)
    if isinstance(value, float) and isinstance(default, float):
        return value == default
    try:
        # an array has a value for each cell or connection; where there is none, nothing differs
        return value is default or bool(np.all(np.equal(value, default)))
    except (TypeError, ValueError):
        return False


def text(value: Any) -> str:
    """A value, in few characters."""
    if isinstance(value, (bool, np.bool_)) or value is None:
        return str(value)
    if isinstance(value, (float, np.floating)):
        short = f"{value:.12g}"
        return f"{short}.0" if short.lstrip("-").isdigit() else short
    if isinstance(value, Sequence):
        value = value.value
    if isinstance(value, np.ndarray):
        return _text_of_array(value)
    if callable(value) and hasattr(value, "__name__"):
        return f"<function {value.__name__}>"
    return reprlib.repr(value)


def _text_of_array(values):
    if values.dtype.kind not in "iuf" or not values.size or np.isnan(values).all():
        return f"<{values.size} values>"
    low, high = np.nanmin(values), np.nanmax(values)
    if values.ndim == 1 and values.size <= 3:
        return f"[{', '.join(text(float(x)) for x in values)}]"
    if low == high:
        return text(float(low))
    return f"<{' × '.join(map(str, values.shape))} values, {low:.4g} to {high:.4g}>"


def listed(names: Iterable[str]) -> str:
    """Names with commas between, or a dash."""
    return ", ".join(names) or "—"
