"""Texts that stand for functions of a distance or displacement `d`."""

from typing import Any

import lazyarray
import numpy as np

from .entries import Entry

# What an expression may name: the mathematical functions of PyNN's own.
NAMES = {
    name: getattr(lazyarray if hasattr(lazyarray, name) else np, name)
    for name in (
        *("arccos", "arcsin", "arctan", "arctan2", "ceil", "cos", "cosh", "exp", "fabs", "floor", "fmod", "hypot"),
        *("ldexp", "log", "log10", "modf", "power", "sin", "sinh", "sqrt", "tan", "tanh", "maximum", "minimum"),
        *("e", "pi"),
    )
}


class Expression:
    """A function of the array `d`, from the text of an expression."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._code = compile(text.strip(), "expression", "eval")

    def __call__(self, d: Any) -> float | np.ndarray:
        # what is infinite then is refused like any other number
        with np.errstate(all="ignore"):
            return eval(self._code, {"np": np, **NAMES, "d": np.asarray(d)})

    def __reduce__(self):
        return Expression, (self._text,)

    def __repr__(self):
        return repr(self._text)


def of_distance(entry: Entry, text: str) -> Any:
    """The function of the distance that a text stands for, as `Entry.postpone` returns it."""
    one = np.ones(1)
    try:
        function = Expression(text)
        function(one)
    except Exception as error:
        entry.refuse(
            f"{text!r}, which fails ({type(error).__name__}: {error}),",
            "a number, or an expression of the distance d such as 'exp(-d / 100)'",
        )
    postponed = entry.postpone(function)
    # whether it yields numbers
    postponed(one)
    return postponed
