"""Kinds of values that many public functions take, for their annotations."""

import os
from collections.abc import Callable, Iterable, Iterator
from typing import Any, TypeAlias

import quantities as pq
from lazyarray import larray
from neo.io.baseio import BaseIO
from numpy.typing import ArrayLike
from pyNN.common import Assembly, BasePopulation
from pyNN.random import RandomDistribution
from pyNN.recording.files import BaseFile

# One number; a quantity is converted into the unit that is wanted.
Number: TypeAlias = float | pq.Quantity

# Numbers for cells or connections: the same for all, one each, or what is to be drawn or computed for them.
Values: TypeAlias = ArrayLike | pq.Quantity | RandomDistribution | larray | Iterator[Any] | Callable[..., Any]

Names: TypeAlias = str | Iterable[str]
Cells: TypeAlias = BasePopulation | Assembly
File: TypeAlias = str | os.PathLike | BaseIO | BaseFile
