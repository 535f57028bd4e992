"""The state of a population or projection as arrays in canonical order, whatever threads and processes share it.

An object gives a `Snapshot` of the rows (cells or connections) that its process has; `Snapshot.join` makes one of those
of all processes, `select` cuts it for the process that takes it back.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np


class Snapshot:
    """The state of one object.

    Attributes
    ----------
    facts : dict
        What JSON can hold, the same in all processes.
    rows : dict
        ``{name: array}``, a row for each cell or connection.
    tables : dict
        ``{name: (row, column, ...)}``, any number of records of each row, in their order.
    spikes : dict
        ``{name: (step, cell, factor)}``, sorted; of each process other ones, not of rows.
    shared : dict
        Likewise, but the same in all processes that have them.
    """

    def __init__(
        self,
        facts: Mapping[str, Any] | None = None,
        rows: Mapping[str, np.ndarray] | None = None,
        tables: Mapping[str, tuple] | None = None,
        spikes: Mapping[str, tuple] | None = None,
        shared: Mapping[str, tuple] | None = None,
    ) -> None:
        self.facts, self.rows = dict(facts or {}), dict(rows or {})
        self.tables, self.spikes, self.shared = dict(tables or {}), dict(spikes or {}), dict(shared or {})

    @classmethod
    def join(cls, parts: Sequence[Snapshot], numbers: Sequence[np.ndarray]) -> Snapshot:
        """One of several; `numbers` are, for each of them, those of its rows among all."""
        joined = cls()
        n = sum(map(len, numbers))
        for part in reversed(parts):
            joined.facts.update(part.facts)
            joined.shared.update(part.shared)
        for name in _names(part.rows for part in parts):
            some = next(part.rows[name] for part in parts if name in part.rows)
            # what a process does not have it does not need
            whole = np.full((n, *some.shape[1:]), np.nan if some.dtype.kind == "f" else 0, some.dtype)
            for part, own in zip(parts, numbers, strict=True):
                if name in part.rows:
                    whole[own] = part.rows[name]
            joined.rows[name] = whole
        for name in _names(part.tables for part in parts):
            pieces = [
                (own[part.tables[name][0]], *part.tables[name][1:])
                for part, own in zip(parts, numbers, strict=True)
                if name in part.tables
            ]
            joined.tables[name] = in_order(pieces, (0,))
        for name in _names(part.spikes for part in parts):
            joined.spikes[name] = in_order([part.spikes[name] for part in parts if name in part.spikes], (0, 1))
        return joined

    def select(self, mine: np.ndarray, n: int) -> Snapshot:
        """The rows `mine` of `n`, increasing numbers."""
        selected = Snapshot(
            self.facts, {name: values[mine] for name, values in self.rows.items()}, {}, self.spikes, self.shared
        )
        number = np.full(n, -1)
        number[mine] = np.arange(len(mine))
        for name, (row, *columns) in self.tables.items():
            keep = np.flatnonzero(number[row] >= 0)
            selected.tables[name] = (number[row[keep]], *(column[keep] for column in columns))
        return selected

    def prefixed(self, prefix: str) -> dict[str, np.ndarray]:
        """The rows whose names begin with `prefix` and a slash, by the rest of the name."""
        return {name[len(prefix) + 1 :]: v for name, v in self.rows.items() if name.startswith(f"{prefix}/")}

    def check_rows(self, n: int) -> None:
        """Refuse rows and tables that do not belong to `n` rows."""
        for name, values in self.rows.items():
            if len(values) != n:
                raise ValueError(f"{name} has {len(values)} rows for {n}")
        for name, (row, *columns) in self.tables.items():
            check_indices(name, row, n)
            if any(len(column) != len(row) for column in columns):
                raise ValueError(f"the columns of {name} differ in length")

    def shape(self) -> dict[str, tuple]:
        """What a model decides on: names of parameters and states, their types and widths."""
        fixed = {name: v for name, v in self.rows.items() if name.split("/")[0] in ("parameter", "state", "private")}
        return {name: (values.dtype.str, values.shape[1:]) for name, values in fixed.items()} | {
            name: (len(table),) for name, table in self.tables.items() if "/" not in name
        }


def check_indices(name: str, indices: np.ndarray, n: int) -> None:
    """Refuse numbers of cells or connections that there are not."""
    if indices.dtype.kind not in "iu" or (len(indices) and not 0 <= indices.min() <= indices.max() < n):
        raise ValueError(f"{name} has a number that is not one of {n}")


def in_order(pieces: Sequence[tuple], keys: Sequence[int]) -> tuple:
    """The columns of several tables below each other, sorted by those that `keys` say."""
    filled = [piece for piece in pieces if len(piece[0])] or list(pieces[:1])
    columns = [np.concatenate(column) if len(filled) > 1 else column[0] for column in zip(*filled, strict=True)]
    order = np.lexsort([columns[key] for key in reversed(keys)])
    if (np.diff(order) == 1).all():
        return tuple(columns)
    return tuple(column[order] for column in columns)


def _names(tables):
    return dict.fromkeys(name for table in tables for name in table)
