"""What NEST cannot do, by name."""

from collections.abc import Iterator
from contextlib import contextmanager

from pyNN import errors

from .. import neurons, synapses
from ..parameters import NonExistentParameterError
from ..synapses.modulators import Modulator, SpikeModulator

_OURS = {**vars(neurons), **vars(synapses), "Modulator": Modulator, "SpikeModulator": SpikeModulator}
REASONS = {
    "Vogels2011Rule": "NEST has the rule as vogels_sprekeler_synapse, which PyNN does not offer there",
    "ElectricalSynapse": "NEST's gap_junction joins neurons made for it, which PyNN does not offer there",
}


@contextmanager
def names_of(owner: str) -> Iterator[None]:
    """Let PyNN's refusal of the name of a parameter name the class."""
    try:
        yield
    except errors.NonExistentParameterError as error:
        raise NonExistentParameterError(error.parameter_name, owner, error.valid_parameter_names) from None


def refused(name: str) -> AttributeError:
    """The error for a name that this package has, and NEST has not."""
    if name in REASONS:
        return AttributeError(f"NEST has no {name}: {REASONS[name]}")
    if not name.startswith("_") and isinstance(_OURS.get(name), type):
        return AttributeError(f"NEST has no {name}: it has no such model")
    return AttributeError(f"module 'pyurbanczik.on_nest' has no attribute {name!r}")
