"""Whatever a user gives passes here once: units, conversion, checking, and how it is refused."""

from .entries import Entry, extent, fill, private_copy, simplify, yielding
from .refusals import (
    InvalidConnectionError,
    InvalidPartError,
    NonExistentParameterError,
    NonExistentStateError,
    check_choice,
    optional,
    refuse,
    refuse_choice,
)
from .times import LONGEST_TIME, PARTS, checked_interval, delay_on_grid, exactly, nearest_step, to_steps, to_time
from .units import Unfit, is_lazy

__all__ = [
    "LONGEST_TIME",
    "PARTS",
    "Entry",
    "InvalidConnectionError",
    "InvalidPartError",
    "NonExistentParameterError",
    "NonExistentStateError",
    "Unfit",
    "check_choice",
    "checked_interval",
    "delay_on_grid",
    "exactly",
    "extent",
    "fill",
    "is_lazy",
    "nearest_step",
    "optional",
    "private_copy",
    "refuse",
    "refuse_choice",
    "simplify",
    "to_steps",
    "to_time",
    "yielding",
]
