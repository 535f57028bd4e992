"""What formats of files cannot hold, or Neo cannot read from them again."""

from __future__ import annotations

import datetime
import warnings
from collections.abc import Iterable, Mapping
from numbers import Real
from typing import Any

import neo
import numpy as np
import quantities as pq

from ..parameters import refuse

# Under these names NIX keeps something else.
NIX_NAMES = ("name", "description", "neo_name", "nix_name", ".", "")
NIX_VALUES = (
    "a number, text, time or quantity, or a list or one-dimensional array of one kind of these, under a name "
    f"without '/' that is none of {', '.join(map(repr, NIX_NAMES))}, as a file of NIX holds nothing else"
)


def fit(blocks: neo.Block | list[neo.Block], kind: type) -> None:
    """Make blocks such that a class of Neo can write them and read them again; refused if that cannot be."""
    for block in blocks if isinstance(blocks, list) else [blocks]:
        if issubclass(kind, neo.io.NixIO):
            for owner in (block, *block.segments):
                check_annotations(f"{block.name}.write_data", owner.annotations)
        for segment in block.segments:
            if issubclass(kind, neo.io.NWBIO):
                _without_silent(segment)
            elif issubclass(kind, neo.io.NeoMatlabIO):
                _warn_of_single_samples(block, segment)


def check_annotations(owner: str, annotations: Mapping[str, Any]) -> None:
    """Refuse annotations that come back from a file of NIX as something else, or not at all."""
    for name, value in annotations.items():
        if not isinstance(name, str) or "/" in name or name in NIX_NAMES or not _fits_nix(value):
            refuse(owner, "annotations", f"{name}={value!r}", NIX_VALUES)


def _fits_nix(value):
    if isinstance(value, Mapping):
        return False
    if isinstance(value, Iterable) and not isinstance(value, str | bytes) and getattr(value, "ndim", 1):
        kinds = {_kind(item) for item in value}
        return len(kinds) < 2 and not kinds & {None, "time", "bytes"}
    return _kind(value) is not None


def _kind(value):
    """What kind of single value it is; None for what NIX has not."""
    if isinstance(value, datetime.date | datetime.time):
        return "time"
    if isinstance(value, pq.Quantity):
        return None if value.ndim or value.dtype.kind not in "iuf" else str(value.dimensionality)
    if isinstance(value, np.generic | np.ndarray) and not value.ndim:
        value = value.item()
    if isinstance(value, bytes):
        return "bytes" if _is_text(value) else None
    if isinstance(value, str):
        return "text" if _is_text(value) else None
    if isinstance(value, bool):
        return "truth"
    if isinstance(value, int):
        return "integer" if -(2**63) <= value < 2**63 else None
    return "number" if isinstance(value, Real) else None


def _is_text(value):
    try:
        return "\0" not in (value.decode() if isinstance(value, bytes) else value)
    except UnicodeDecodeError:
        return False


def _without_silent(segment):
    """Leave out signals at events of connections that had none: Neo cannot read a file of NWB with such."""
    signals = segment.irregularlysampledsignals
    segment.irregularlysampledsignals = [signal for signal in signals if len(signal)]
    for signal in segment.irregularlysampledsignals:
        # which says whose it is, since annotations are lost
        ends = ", ".join(f"{name} {value}" for name, value in signal.annotations.items())
        signal.annotations.setdefault("nwb:description", ends or "no description")


def _warn_of_single_samples(block, segment):
    """MATLAB reads them as they are."""
    for signal in (*segment.irregularlysampledsignals, *segment.analogsignals):
        if len(signal) == 1 and (signal.shape[1] > 1 or isinstance(signal, neo.IrregularlySampledSignal)):
            warnings.warn(
                f"{block.name}.write_data: Neo cannot read {signal.name!r} again from a file of MATLAB, since it has "
                "one sample only; other formats can hold it",
                stacklevel=2,
            )
            return
