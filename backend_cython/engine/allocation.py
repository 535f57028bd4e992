"""Memory for arrays: cache lines of their own for some, and for large ones blocks that are used again.

The system clears every page that a process takes, which costs more time than filling it with a recording. Large
arrays therefore lie in blocks of their own, of huge pages, that are not given back at once.
"""

import gc
import itertools
import mmap
import sys
from contextlib import suppress
from typing import Any

import numpy as np

# Smaller arrays (numbers of float64) are left to NumPy.
LARGE = 1 << 17
# Blocks that nobody uses are kept up to this many numbers, 64 MB.
KEPT = 1 << 23
# Bytes that the system clears at once for memory that asks for it, hundreds of times as many as an ordinary page.
HUGE_PAGE = 1 << 21
# References to an unused block while the loops below look at it: the list, the loop variable, the argument.
UNUSED = 3

# Bytes that a processor takes from memory at once, and so what two of them must not both write.
CACHE_LINE = 64
# Bytes of a page. What lies equally far behind the beginnings of pages shares few lines of a first-level cache, and
# processors take a load for one of a store elsewhere there: a loop over six such arrays can take twice as long.
PAGE = 4096
# From one place in a page to the next: the places of sixteen arrays are four lines or more away from each other.
APART = 28 * CACHE_LINE
# Bytes of an array that is worth a place of its own; two smaller ones next to each other do not lie equally far behind.
PLACED = 2048
# Bytes of a number.
NUMBER = 8

_blocks = []
_places = itertools.count()


def zeros(n: int, dtype: Any = np.float64, place: int | None = None) -> np.ndarray:
    """An array of `n` zeros that begins with a cache line, and shares its last one with nobody.

    The few numbers of a single cell rather lie close to each other. A large array begins at the next place of a page,
    or at the one given.
    """
    n_bytes = n * np.dtype(dtype).itemsize
    if n_bytes < 2 * CACHE_LINE:
        return np.zeros(n, dtype)
    alignment, behind = CACHE_LINE, 0
    if whole_lines(n_bytes) >= PLACED:
        alignment, behind = PAGE, APART * (take_places() if place is None else place)
    memory = np.zeros(n_bytes + alignment + CACHE_LINE, dtype=np.int8)
    start = (behind - memory.__array_interface__["data"][0]) % alignment
    return memory[start : start + n_bytes].view(dtype)


def take_places(n: int = 1) -> int:
    """The first of the next `n` places, for arrays that loops go through together."""
    return min(itertools.islice(_places, n), default=0)


def table_layout(n: int, n_rows: int) -> tuple[int, int]:
    """Numbers from one to the next of `n_rows` rows of `n` numbers in a table, and from one such table to the next.

    Large rows begin at one place after the other, and those of all tables at the same places.
    """
    row = whole_lines(n * NUMBER)
    if row < 2 * CACHE_LINE:
        return n, n_rows * n
    table = n_rows * row
    if row >= PLACED:
        row += (APART - row) % PAGE
        table = n_rows * row
        table += -table % PAGE
    return row // NUMBER, table // NUMBER


def whole_lines(n_bytes: int) -> int:
    """Bytes of the cache lines that hold so many."""
    return n_bytes + -n_bytes % CACHE_LINE


def empty(n: int) -> np.ndarray:
    """An uninitialised float64 array of length `n`; what is never written of a large one takes no memory."""
    if n < LARGE:
        return np.empty(n)
    unused = _find_unused(n)
    if unused is None and _blocks:
        # recordings are parts of reference cycles (of Neo), in which they outlive their last use; young ones
        # are found quickly
        gc.collect(1)
        unused = _find_unused(n)
    if unused is None:
        _give_back(KEPT)
        # not from NumPy, whose allocator may hand it back to the system, or cut it up, when it is free
        try:
            unused = np.frombuffer(_huge_pages(8 * n))
        except (OSError, OverflowError):
            raise MemoryError(f"no room for {8 * n} bytes") from None
        _blocks.append(unused)
    return unused[:n]


def large_zeros(n: int) -> np.ndarray:
    """An array of `n` zeros, in huge pages if they are many: those who read it here and there wait less."""
    memory = empty(n)
    memory.fill(0.0)
    return memory


def _huge_pages(n_bytes):
    """So much private memory at least, in huge pages if the system has them."""
    whole = -(-n_bytes // HUGE_PAGE) * HUGE_PAGE
    if not hasattr(mmap, "MADV_HUGEPAGE"):
        return mmap.mmap(-1, whole)
    memory = mmap.mmap(-1, whole, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)
    with suppress(OSError):
        memory.madvise(mmap.MADV_HUGEPAGE)
    return memory


def _find_unused(n):
    for block in _blocks:
        if n <= block.size <= 2 * n and sys.getrefcount(block) == UNUSED:
            return block
    return None


def _give_back(kept):
    """Return unused blocks to the system, the oldest first, until no more than `kept` numbers are unused."""
    unused = [block.size for block in _blocks if sys.getrefcount(block) == UNUSED]
    excess = sum(unused) - kept
    still = []
    for block in _blocks:
        if excess > 0 and sys.getrefcount(block) == UNUSED:
            excess -= block.size
        else:
            still.append(block)
    _blocks[:] = still
