"""What there is but once: a copy of it is itself."""

from typing import Any


def name_of(thing: Any) -> str:
    """How errors name what there is but once: its class, or that of which it is a part, and its label."""
    kind, label = getattr(type(thing), "part_of", type(thing).__name__), getattr(thing, "label", None)
    return f"{kind} {label!r}" if label else kind


class Lasting:
    """Mixin of what there is but once in a network: a copy of it is itself, and it cannot be pickled."""

    __slots__ = ()
    # what to pickle instead
    picklable = "what get_data() and get() return"

    def __copy__(self):
        return self

    def __deepcopy__(self, memo):
        return self

    def __reduce_ex__(self, protocol):
        raise TypeError(f"{name_of(self)} is part of a simulation and cannot be pickled; pickle {self.picklable}")
