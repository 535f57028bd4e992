"""Tables and numbers as text."""

import numpy as np


def seconds(value):
    for limit, factor, unit in ((1e-6, 1e9, "ns"), (1e-3, 1e6, "µs"), (1.0, 1e3, "ms")):
        if value < limit:
            return f"{value * factor:.3g} {unit}"
    return f"{value:.2f} s" if value < 100.0 else f"{value:.0f} s"


def times(ratio):
    """A ratio with two to three digits."""
    return f"{ratio:.2g}×" if ratio < 10.0 else f"{ratio:.0f}×"


def table(header, rows):
    lines = [header, ["---"] * len(header), *rows]
    return "\n".join("| " + " | ".join(map(str, line)) + " |" for line in lines)


def median_seconds(rounds, own, peer=None, own_per_round=3):
    """Median seconds of both, measured in turns so that both meet the same load of the machine.

    The first call of each fills caches and compiles what is compiled on first use; it does not count.
    """
    own()
    if peer:
        peer()
    ours_seconds, peer_seconds = [], []
    for _ in range(rounds):
        ours_seconds += [own() for _ in range(own_per_round)]
        if peer:
            peer_seconds.append(peer())
    return float(np.median(ours_seconds)), float(np.median(peer_seconds)) if peer else None
