"""Recorded arrays that lie in a file: what of them is asked for is read, and no more."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from typing import Any

import numpy as np

# Rows of a table that are kept in memory, and that are looked at together: 20 MB and 5 MB.
KEPT_ROWS = 1 << 20
SCANNED_ROWS = 1 << 18


class StoredArray:
    """The rows of an array in a file, and behind them those that have not been written yet, in memory.

    Parameters
    ----------
    path, name : str
        The file, and the array in it.
    n : int
        Number of valid rows in the file.
    columns : int, optional
        None for an array of one dimension.
    """

    def __init__(self, path: str, name: str, n: int = 0, columns: Any = None) -> None:
        self.path, self.name, self.n = path, name, n
        self.shape = (n,) if columns is None else (n, columns)
        self._waiting = []
        self._array = None

    @classmethod
    def of(cls, path: str, name: str, n: int) -> StoredArray:
        """An array that is there; a `ValueError` if it is not, or is too short."""
        self = cls(path, name, n)
        self.shape = (n, *self._opened().shape[1:])
        return self

    def __len__(self):
        return self.n + sum(map(len, self._waiting))

    def append(self, rows: np.ndarray) -> None:
        """Have `rows` follow, in memory so far."""
        if len(rows):
            self._waiting.append(rows)

    @property
    def waiting(self) -> np.ndarray | None:
        """The rows that are not in the file; None without any."""
        if len(self._waiting) > 1:
            self._waiting = [np.concatenate(self._waiting)]
        return self._waiting[0] if self._waiting else None

    def written(self) -> None:
        """All rows are in the file."""
        self.n, self._waiting = len(self), []

    def _opened(self):
        """The array in the file, with at least the valid rows."""
        if self._array is None or self._array.shape[0] < self.n:
            from .zarr_checks import open_array

            try:
                self._array = open_array(self.path, self.name)
            except Exception as error:
                raise ValueError(f"{self.path}: {self.name} is damaged or missing: {error}") from error
            if self._array.shape[0] < self.n:
                raise ValueError(f"{self.path}: {self.name} is damaged: {self._array.shape[0]} of {self.n} rows")
        return self._array

    def __getitem__(self, selection):
        """Rows: one by its number, or a slice of them; behind it may come a selection of columns."""
        rows, *columns = selection if isinstance(selection, tuple) else (selection,)
        if not isinstance(rows, slice):
            return self[rows : rows + 1][0]
        first, last, _ = rows.indices(len(self))
        parts = []
        if first < min(last, self.n):
            array = self._opened()
            try:
                parts.append(array.oindex[(slice(first, min(last, self.n)), *columns)])
            except Exception as error:
                raise ValueError(f"{self.path}: {self.name} is damaged: {error}") from error
        if last > self.n:
            parts.append(self.waiting[(slice(max(first - self.n, 0), last - self.n), *columns)])
        if not parts:
            return np.empty((0, *self.shape[1:]))[(slice(None), *columns)]
        return parts[0] if len(parts) == 1 else np.concatenate(parts)

    def __getstate__(self):
        return {**self.__dict__, "_array": None}


class Columns:
    """Columns of arrays of shape (at least n, any) side by side.

    Parameters
    ----------
    arrays : list
        NumPy arrays, or `StoredArray`.
    source, column : integer arrays
        For each column the number of its array, and its column there.
    n : int
        Number of rows.
    origin : str
        The file.
    """

    def __init__(self, arrays: list, source: Any, column: np.ndarray, n: int, origin: str | None) -> None:
        self.arrays = arrays
        self.source = source
        self.column = column
        self.origin = origin
        self.shape = (n, len(column))

    @classmethod
    def of(cls, array: np.ndarray, n: int, origin: str | None) -> Columns:
        """All columns of one array."""
        width = array.shape[1]
        return cls([array], np.zeros(width, dtype=int), np.arange(width), n, origin)

    @classmethod
    def join(cls, parts: list, order: np.ndarray) -> Columns:
        """The columns of `parts` (`Columns` and arrays) side by side, in that order."""
        origin = next(part.origin for part in parts if isinstance(part, cls))
        parts = [part if isinstance(part, cls) else cls.of(part, len(part), origin) for part in parts]
        first = np.cumsum([0] + [len(part.arrays) for part in parts])
        source = np.concatenate([part.source + k for part, k in zip(parts, first)])
        column = np.concatenate([part.column for part in parts])
        arrays = [array for part in parts for array in part.arrays]
        return cls(arrays, source[order], column[order], len(parts[0]), origin)

    def __len__(self):
        return self.shape[0]

    def take(self, chosen: np.ndarray) -> Columns:
        """Only the columns `chosen`, a mask or numbers."""
        return Columns(self.arrays, self.source[chosen], self.column[chosen], len(self), self.origin)

    def read(self, first: int = 0, last: int | None = None, columns: Any = slice(None)) -> np.ndarray:
        """The numbers in the rows from `first` to before `last`, of the columns chosen."""
        rows = slice(first, len(self) if last is None else last)
        source, column = self.source[columns], self.column[columns]
        result = np.empty((rows.stop - rows.start, len(column)))
        for number in np.unique(source):
            array, here = self.arrays[number], np.flatnonzero(source == number)
            wanted = column[here]
            if (np.diff(wanted) == 1).all():
                wanted = slice(wanted[0], wanted[-1] + 1)
            result[:, here] = array[rows, wanted]
        return result


def take_columns(data: Any, chosen: np.ndarray) -> np.ndarray | Columns:
    """Columns of an array or of `Columns`."""
    return data.take(chosen) if isinstance(data, Columns) else data[:, chosen]


def join_columns(parts: list, order: np.ndarray) -> np.ndarray | Columns:
    """Arrays or `Columns` side by side, their columns in that order."""
    if any(isinstance(part, Columns) for part in parts):
        return Columns.join(parts, order)
    return np.concatenate(parts, axis=1)[:, order]


class Table:
    """Spikes or synaptic events, in order of time: cell or connection, time (ms), and value if they have any.

    In memory its columns, `keys`, `times` and `values`, are NumPy arrays; in a file (`origin`) they are `StoredArray`.

    The rows of a cell lie among those of all others. Whoever wants them all one after the other would have the
    file searched once for each: what is found on the way of the next cells is kept therefore, as far as it fits
    into memory.

    Parameters
    ----------
    keys, times, values : arrays
    n : int
        Number of rows that are valid.
    origin : str, optional
        The file.
    timestep : float
        ms. Rows are in order of their time step; within one, times that were given to a source may lie anyhow.
    before : Table, optional
        An earlier table of the same arrays: what it has counted needs no counting.
    """

    def __init__(
        self,
        keys: np.ndarray,
        times: np.ndarray,
        values: np.ndarray | None = None,
        *,
        n: int | None = None,
        origin: str | None = None,
        timestep: float = 0.0,
        before: Any = None,
    ) -> None:
        self.timestep = timestep
        self.keys, self.times, self.values = keys, times, values
        self.n = len(keys) if n is None else n
        self.origin = origin
        # up to which row, and how many of each key
        self._counted = (0, np.zeros(0, dtype=np.int64)) if before is None else before._counted
        self._found = None

    def count(self, keys: np.ndarray) -> np.ndarray:
        """Number of rows of each of `keys`."""
        counts = self._count()
        known = keys < len(counts)
        result = np.zeros(len(keys), dtype=np.int64)
        result[known] = counts[keys[known]]
        return result

    def _count(self):
        """Number of rows of the keys 0, 1, ... up to the largest."""
        done, counts = self._counted
        for first in range(done, self.n, SCANNED_ROWS):
            more = np.bincount(self.keys[first : min(first + SCANNED_ROWS, self.n)], minlength=len(counts))
            more[: len(counts)] += counts
            counts = more
        self._counted = self.n, counts
        return counts

    def read(
        self, key: int, first_time: float | None = None, last_time: float | None = None
    ) -> tuple[np.ndarray, np.ndarray | None]:
        """Times (and values, else None) of the rows of `key`, from `first_time` to `last_time`, both included."""
        low = -np.inf if first_time is None else first_time
        high = np.inf if last_time is None else last_time
        margin = 2 * self.timestep
        first = 0 if first_time is None else bisect_left(self.times, low - margin, 0, self.n)
        last = self.n if last_time is None else bisect_right(self.times, high + margin, first, self.n)
        keys, times, values = self._find(key, first, last)
        here = slice(*np.searchsorted(keys, [key, key + 1]))
        inside = (times[here] >= low) & (times[here] <= high)
        return times[here][inside], None if values is None else values[here][inside]

    def _find(self, key, first, last):
        """Rows between `first` and `last` of `key` and of as many keys behind it as may be kept, by key."""
        if self._found is not None:
            rows, keys, columns = self._found
            if rows == (first, last) and keys[0] <= key < keys[1]:
                return columns
        if last - first <= KEPT_ROWS:
            low, high = 0, np.inf
        else:
            up_to = np.cumsum(self._count()[key:])
            low, high = key, key + max(1, int(np.searchsorted(up_to, KEPT_ROWS, "right")))
        found = []
        for start in range(first, last, SCANNED_ROWS):
            rows = slice(start, min(start + SCANNED_ROWS, last))
            keys = self.keys[rows]
            where = np.flatnonzero((keys >= low) & (keys < high))
            if where.size:
                columns = [self.times, *([] if self.values is None else [self.values])]
                found.append([keys[where], *(column[rows][where] for column in columns)])
        if found:
            keys, times, *values = (np.concatenate(column) for column in zip(*found))
        else:
            keys, times, values = np.empty(0, int), np.empty(0), [np.empty(0)] * (self.values is not None)
        order = np.argsort(keys, kind="stable")
        columns = keys[order], times[order], values[0][order] if values else None
        self._found = (first, last), (low, high), columns
        return columns

    def __getstate__(self):
        return {**self.__dict__, "_found": None}
