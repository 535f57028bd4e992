"""Electrodes, which reach the soma of a cell with compartments."""

from __future__ import annotations

from typing import Any

import nest
from pyNN import errors
from pyNN.nest import simulator
from pyNN.nest.standardmodels import electrodes

from .. import electrodes as ours
from .units import plain, plain_parameters


class Electrode:
    def __init__(self, **parameters: Any) -> None:
        units = getattr(getattr(ours, type(self).__name__, None), "units", {})
        super().__init__(**plain_parameters(parameters, units))

    def set_parameters(self, copy: bool = True, **parameters: Any) -> None:
        super().set_parameters(copy, **{name: plain(value) for name, value in parameters.items()})

    def inject_into(self, cells: Any, location: str | None = None) -> None:
        """Inject into the soma of cells, or into what has no compartments.

        Raises
        ------
        pyNN.errors.InvalidParameterValueError
            For a dendrite, whose currents NEST ignores.
        """
        compartments = {getattr(cell.celltype, "compartments", ()) for cell in cells}
        if not any(len(names) > 1 for names in compartments):
            return super().inject_into(cells)
        if location not in (None, "soma"):
            raise errors.InvalidParameterValueError(
                f"{type(self).__name__}.inject_into.location: {location!r} is not allowed on NEST, which ignores "
                "currents into the dendrite; it must be 'soma'"
            )
        self.cell_list = nest.NodeCollection(sorted(int(cell) for cell in cells))
        ports = {cell.celltype.nest_name["on_grid"] for cell in cells}
        (model,) = ports
        port = nest.GetDefaults(model)["receptor_types"]["soma_curr"]
        nest.Connect(self._device, self.cell_list, syn_spec={"delay": simulator.state.min_delay, "receptor_type": port})


class DCSource(Electrode, electrodes.DCSource):
    __doc__ = electrodes.DCSource.__doc__


class ACSource(Electrode, electrodes.ACSource):
    __doc__ = electrodes.ACSource.__doc__


class StepCurrentSource(Electrode, electrodes.StepCurrentSource):
    __doc__ = electrodes.StepCurrentSource.__doc__


class NoisyCurrentSource(Electrode, electrodes.NoisyCurrentSource):
    __doc__ = electrodes.NoisyCurrentSource.__doc__
