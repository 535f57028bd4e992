"""Electrodes, which reach the soma of a cell with compartments."""

from __future__ import annotations

from typing import Any

import nest
from pyNN import errors
from pyNN.nest import simulator
from pyNN.nest.standardmodels import electrodes

from .. import electrodes as ours
from .refusals import names_of
from .units import plain, plain_parameters


class Electrode:
    """Mixin of current sources; `location` as for those of this package, but for dendrites."""

    def __init__(self, *, location: str | None = None, **parameters: Any) -> None:
        owner = type(self).__name__
        _check_location(owner, location)
        units = getattr(getattr(ours, owner, None), "units", {})
        with names_of(owner):
            super().__init__(**plain_parameters(parameters, units))

    def set_parameters(self, copy: bool = True, **parameters: Any) -> None:
        with names_of(type(self).__name__):
            super().set_parameters(copy, **{name: plain(value) for name, value in parameters.items()})

    def inject_into(self, cells: Any, location: str | None = None) -> None:
        """Inject into the soma of cells, or into what has no compartments.

        Raises
        ------
        pyNN.errors.InvalidParameterValueError
            For a dendrite, whose currents NEST ignores.
        """
        _check_location(f"{type(self).__name__}.inject_into", location)
        compartments = {getattr(cell.celltype, "compartments", ()) for cell in cells}
        if not any(len(names) > 1 for names in compartments):
            return super().inject_into(cells)
        self.cell_list = nest.NodeCollection(sorted(int(cell) for cell in cells))
        ports = {cell.celltype.nest_name["on_grid"] for cell in cells}
        (model,) = ports
        port = nest.GetDefaults(model)["receptor_types"]["soma_curr"]
        nest.Connect(self._device, self.cell_list, syn_spec={"delay": simulator.state.min_delay, "receptor_type": port})


def _check_location(owner, location):
    if location not in (None, "soma"):
        raise errors.InvalidParameterValueError(
            f"{owner}.location: {location!r} is not allowed on NEST, which ignores currents into the dendrite; it must "
            "be 'soma'"
        )


class DCSource(Electrode, electrodes.DCSource):
    __doc__ = electrodes.DCSource.__doc__


class ACSource(Electrode, electrodes.ACSource):
    __doc__ = electrodes.ACSource.__doc__


class StepCurrentSource(Electrode, electrodes.StepCurrentSource):
    __doc__ = electrodes.StepCurrentSource.__doc__


class NoisyCurrentSource(Electrode, electrodes.NoisyCurrentSource):
    __doc__ = electrodes.NoisyCurrentSource.__doc__
