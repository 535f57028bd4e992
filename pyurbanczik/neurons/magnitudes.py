"""Numbers that were probably meant in NEST's units."""

import sys
import warnings
from collections.abc import Mapping
from typing import Any

# Magnitudes that belong to no cell: (end of the name, unit): (is it one, the unit in NEST, which has so many of ours).
SUSPICIOUS = {
    ("cm", "nF"): (lambda x: x > 10.0, "pF", 1e-3),
    ("g_leak", "uS"): (lambda x: x > 10.0, "nS", 1e-3),
    ("phi_max", "Hz"): (lambda x: 0.0 < x < 1.0, "1/ms", 1e3),
}
# Potentials that are smaller (mV) than any of a cell at rest: the numbers are without units then.
SMALL_POTENTIAL = 10.0


def _outside():
    """The level on the stack of whoever calls this package, for a warning that the caller gives."""
    level, frame = 1, sys._getframe(1)
    while frame.f_back and frame.f_globals["__name__"].startswith("pyurbanczik"):
        level, frame = level + 1, frame.f_back
    return level


def warn_of_nest_units(owner: str, values: Mapping[str, Any], units: Mapping[str, str]) -> None:
    """Warn of numbers among the `values` given for a cell that look as if they were in NEST's units.

    Sets of numbers without units, which a resting potential near zero tells, pass.
    """
    rests = [x for name, x in values.items() if name.endswith(("v_rest", "theta")) and isinstance(x, float)]
    if rests and all(abs(x) < SMALL_POTENTIAL for x in rests):
        return
    for name, value in values.items():
        for (end, unit), (is_suspicious, theirs, factor) in SUSPICIOUS.items():
            if name.endswith(end) and units.get(name) == unit and isinstance(value, float) and is_suspicious(value):
                unit = unit.replace("uS", "µS")
                warnings.warn(
                    f"{owner}.{name}: {value:g} {unit} is an unusual magnitude; {value:g} {theirs} in NEST's units are "
                    f"{value * factor:g} {unit}",
                    stacklevel=_outside(),
                )
