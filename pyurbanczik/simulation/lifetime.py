"""What belongs to a simulation: until when it can be changed."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from ..objects.copies import Lasting, name_of
from ..parameters import refuse
from . import simulator
from .gate import gate


class Member(Lasting):
    """Mixin of all that belongs to the simulation in which it is made, from one `setup()` to the next.

    After that it can still be read, as it was at the end of its simulation, and refuses everything else.

    `_simulator` is what PyNN reads of the simulator: its `state`.
    """

    _simulator: simulator.State

    def __new__(cls, *args, **kwargs):
        self = super().__new__(cls)
        object.__setattr__(self, "_simulator", simulator.state)
        return self

    @property
    def simulation(self) -> simulator.State:
        """The simulation to which it belongs."""
        return self._simulator

    def check_present(self) -> None:
        """Refuse to be changed after the end of the simulation."""
        if self._simulator is not simulator.state:
            raise RuntimeError(
                f"{name_of(self)} belongs to a simulation before setup() and can only be read; make it anew"
            )


class NotEnoughMemoryError(MemoryError):
    """A change for which there is no memory; nothing has changed."""

    def __init__(self, change: str, reason: Any) -> None:
        super().__init__(f"{change}: there is not enough memory; {reason}")
        self.reason = reason


def _called(member, method, keywords):
    """How the call of a method looks, without what it was given."""
    if method.__name__ == "__init__":
        name = type(member).__name__
    else:
        name = name_of(member) + ("" if method.__name__.startswith("_") else f".{method.__name__}")
    return f"{name}({', '.join(f'{keyword}=...' for keyword in keywords)})"


def changing(method: Callable[..., Any]) -> Callable[..., Any]:
    """A method of a `Member` that changes it, or the simulation."""

    @wraps(method)
    def guarded(self, /, *args, **kwargs):
        gate.enter(lambda: f"{type(self).__name__}.{method.__name__}")
        try:
            self.check_present()
            return method(self, *args, **kwargs)
        except MemoryError as error:
            raise NotEnoughMemoryError(_called(self, method, kwargs), getattr(error, "reason", error)) from None
        finally:
            gate.leave()

    return guarded


def reading(method: Callable[..., Any]) -> Callable[..., Any]:
    """A method of a `Member` that reads what a run changes."""

    @wraps(method)
    def guarded(self, /, *args, **kwargs):
        gate.enter(lambda: f"{type(self).__name__}.{method.__name__}")
        try:
            return method(self, *args, **kwargs)
        finally:
            gate.leave()

    return guarded


class Labelled(Member):
    """Mixin of members with a label, a text or None."""

    @property
    def label(self) -> str | None:
        return self._label

    @label.setter
    def label(self, label: str | None) -> None:
        if hasattr(self, "_label"):
            self.check_present()
        if not isinstance(label, str | None):
            refuse(type(self).__name__, "label", repr(label), "a text, or None")
        self._label = label
