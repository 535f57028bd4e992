"""Models under NEST's names: those that this package has take what they take there, and are NEST's own."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import nest
from pyNN import nest as theirs
from pyNN.models import BaseSynapseType
from pyNN.nest.synapses import NESTSynapseMixin
from pyNN.parameters import ParameterSpace
from pyNN.standardmodels import StandardCellType, build_translations

from ..nest_names import cells as our_cells
from ..nest_names import synapses as our_synapses
from ..parameters import refuse
from ..synapses.urbanczik_senn import DendriticPrediction
from .cells import Recordable
from .electrodes import Electrode
from .sources import train_translation
from .synapses import OwnModel

FRACTION = "dendritic_delay_fraction"


def _nested(name):
    """A name as NEST nests it."""
    for compartment in our_cells.pp_cond_exp_mc_urbanczik.compartments:
        if name.startswith(f"{compartment}_"):
            return name, f"{compartment}.{name.removeprefix(f'{compartment}_')}", 1.0
    return name, name, 1.0


class pp_cond_exp_mc_urbanczik(our_cells.pp_cond_exp_mc_urbanczik, StandardCellType):
    __doc__ = our_cells.pp_cond_exp_mc_urbanczik.__doc__

    translations = build_translations(*map(_nested, our_cells.pp_cond_exp_mc_urbanczik.default_parameters))
    nest_name = dict.fromkeys(("on_grid", "off_grid"), "pp_cond_exp_mc_urbanczik")
    standard_receptor_type = False
    extra_parameters: Mapping[str, Any] = {}
    # only what NEST has: a port for weights of either sign is missing
    receptor_types = ("dendritic_exc", "dendritic_inh", "soma_exc", "soma_inh")
    recordables = {name: Recordable(name) for name in our_cells.pp_cond_exp_mc_urbanczik.signals}
    state_variables = {"V_m.s": ("soma", "V_m"), "V_m.p": ("dendritic", "V_m")}

    def get_receptor_type(self, name: str) -> int:
        """The number of NEST's port."""
        return nest.GetDefaults(type(self).__name__)["receptor_types"][name]


class spike_generator(our_cells.spike_generator, StandardCellType):
    __doc__ = our_cells.spike_generator.__doc__

    translations = build_translations(
        train_translation(first=1),
        *((name, name) for name in our_cells.spike_generator.default_parameters if name != "spike_times"),
    )
    uses_parrot = always_local = injectable = conductance_based = False
    has_times = True
    standard_receptor_type = True
    extra_parameters: Mapping[str, Any] = {}

    def __init__(self, **parameters: Any) -> None:
        super().__init__(**parameters)
        self._given = {"spike_times", *parameters}

    @property
    def is_device(self) -> bool:
        """Whether it needs NEST's device, which knows weights and reaches static synapses only."""
        return "spike_weights" in self._given

    @property
    def nest_name(self) -> dict[str, str]:
        """NEST's model."""
        name = "spike_generator" if self.is_device else "spike_train_injector"
        return dict.fromkeys(("on_grid", "off_grid"), name)

    @property
    def native_parameters(self) -> Any:
        """Those that were given: NEST does not take all of its own defaults."""
        native = super().native_parameters
        for name in set(native.keys()) - self._given:
            native.pop(name)
        return native


class _NativeSynapse(OwnModel, NESTSynapseMixin, BaseSynapseType):
    """Weights are in pA or nS, and read as they were given."""

    is_native = True
    ours: Any = None  # which refuses what is impossible; the limits of delays are NEST's

    def __init__(self, **parameters: Any) -> None:
        self.ours(**{name: value for name, value in parameters.items() if name != "delay"})
        if parameters.get(FRACTION, 1.0) != 1.0:
            refuse(type(self).__name__, FRACTION, parameters[FRACTION], "1.0 on NEST")
        super().__init__(**parameters)

    @property
    def native_parameters(self) -> Any:
        """As they are; NEST knows delays of dendrites only."""
        return ParameterSpace(
            {name: value for name, value in self.parameter_space.items() if name != FRACTION}, self.get_schema()
        )

    def get_schema(self) -> dict[str, type]:
        """Every parameter is a number."""
        return dict.fromkeys(self.default_parameters, float)

    def get_native_names(self, *names: str) -> tuple[str, ...]:
        """The same."""
        return names


def _synapse(ours):
    contents = {"default_parameters": dict(ours.default_parameters), "units": ours.units, "__doc__": ours.__doc__}
    contents |= {"ours": ours, "nest_name": ours.__name__, "needs_dendrite": issubclass(ours, DendriticPrediction)}
    return type(ours.__name__, (_NativeSynapse,), contents)


CELLS = {cls.__name__: cls for cls in (pp_cond_exp_mc_urbanczik, spike_generator)}
SYNAPSES = {name: _synapse(cls) for name, cls in our_synapses.NATIVE_SYNAPSE_TYPES.items()}


def native_cell_type(model_name: str) -> type:
    """The cell type that NEST calls `model_name`: any of NEST's."""
    return CELLS.get(model_name) or theirs.native_cell_type(model_name)


def native_synapse_type(model_name: str) -> type:
    """The synapse type that NEST calls `model_name`: any of NEST's."""
    return SYNAPSES.get(model_name) or theirs.native_synapse_type(model_name)


def native_electrode_type(model_name: str) -> type:
    """The current source that NEST calls `model_name`: any of NEST's."""
    device = theirs.native_electrode_type(model_name)
    return type(model_name, (Electrode, device), {"__doc__": device.__doc__})
