"""What stands in for ``pyNN.spiNNaker`` when ``python -m pyurbanczik`` runs a script of sPyNNaker.

It is this package, with what sPyNNaker has besides PyNN: what only places the network on its machine or sizes its
memory is accepted and has no effect; synaptic currents are recorded under sPyNNaker's names, and recorded data are
given in its shapes. Models that exist on SpiNNaker only are refused by name.
"""

import sys
import types
from collections.abc import Iterable, Mapping
from importlib.machinery import ModuleSpec
from typing import Any

import neo
import numpy as np

import pyurbanczik

from .. import control
from ..neurons import integrate_and_fire
from ..parameters import Entry, NonExistentParameterError, refuse
from ..populations import population as populations
from ..simulation.simulator import name as simulator_name

# Of `Population`, or in its `additional_parameters`. Noise has its seed from `setup(rng_seed=)`, for all populations.
PLACING = frozenset(
    [
        "constraints",
        "drop_late_spikes",
        "in_partitions",
        "incoming_spike_buffer_size",
        "max_atoms_per_core",
        "max_expected_summed_weight",
        "max_rate",
        "n_colour_bits",
        "n_synapse_cores",
        "neurons_per_core",
        "ring_buffer_sigma",
        "seed",
        "spikes_per_second",
        "splitter",
        "splitter_object",
    ]
)
PLACING_OF_SETUP = frozenset(
    ["database_socket_addresses", "graph_label", "n_boards_required", "n_chips_required", "time_scale_factor"]
)
STRUCTURAL = "connections that are made and removed while the simulation runs are not offered"
LIVE = "devices and live spikes are not offered; change sources by set() in the callbacks of run(), read by get_data()"
MODULATED = "neuromodulation of STDP is not offered"
# name on SpiNNaker: what to say about it
MISSING = {
    **dict.fromkeys(
        [
            "StructuralMechanismStatic",
            "StructuralMechanismSTDP",
            "RandomSelection",
            "LastNeuronSelection",
            "DistanceDependentFormation",
            "RandomByWeightElimination",
        ],
        STRUCTURAL,
    ),
    "external_devices": LIVE,
    "get_machine": "there is no machine of SpiNNaker",
    "SpikeInjector": LIVE,
    "IF_curr_dual_exp": "use PointNeuron with three CurrExpPostSynapticResponse",
    "IFCondExpStoc": "use GIF_cond_exp, whose threshold is stochastic too",
    "IF_curr_exp_sEMD": "use PointNeuron, with one response for each input",
    "IFCurrExpCa2Adaptive": "use AdExp, which adapts too",
    "Izhikevich_cond": "use Izhikevich, or AdExp for synaptic conductances",
    "Neuromodulation": MODULATED,
    "PfisterSpikeTriplet": "use SpikePairRule; rules of triplets are not offered",
    "RecurrentRule": "use SpikePairRule or Vogels2011Rule",
    "WeightDependenceAdditiveTriplet": "use AdditiveWeightDependence; rules of triplets are not offered",
    "Vogels": "use STDPMechanism with Vogels2011Rule",
}


def _advice(path, name):
    """The error for a name that SpiNNaker has, and we lack."""
    why = MISSING.get(name, "pyurbanczik has nothing of that name")
    return AttributeError(f"{path}.{name}: {why}")


def __getattr__(name):
    try:
        return getattr(pyurbanczik, name)
    except AttributeError:
        raise _advice("pyNN.spiNNaker", name) from None


def name() -> str:
    """Name of the simulator."""
    return simulator_name


def set_number_of_neurons_per_core(neuron_type: Any, max_permitted: int) -> None:
    """Accepted and without effect: cells are divided among the threads and processes that `setup` was given."""
    if not isinstance(neuron_type, type) or not issubclass(neuron_type, pyurbanczik.neurons.base.CellType):
        refuse("set_number_of_neurons_per_core", "neuron_type", repr(neuron_type), "a cell type")
    Entry("set_number_of_neurons_per_core", "max_permitted", "positive").take(max_permitted)


set_number_of_synapse_cores = set_number_of_neurons_per_core


def setup(*arguments: Any, **keywords: Any) -> int:
    """`pyurbanczik.setup`, without what sizes the machine of SpiNNaker."""
    return control.setup(*arguments, **{k: v for k, v in keywords.items() if k not in PLACING_OF_SETUP})


class Population(populations.Population):
    """`pyurbanczik.Population`, whose place on the machine of SpiNNaker is accepted and without effect."""

    def __init__(
        self,
        size: int,
        cellclass: Any,
        cellparams: Mapping[str, Any] | None = None,
        structure: Any = None,
        initial_values: Mapping[str, Any] | None = None,
        label: str | None = None,
        constraints: Any = None,
        additional_parameters: Any = None,
        **keywords: Any,
    ) -> None:
        for given in {**keywords, **(additional_parameters or {})}:
            if given not in PLACING:
                raise NonExistentParameterError(given, "Population", PLACING)
        super().__init__(size, cellclass, cellparams, structure, initial_values, label)

    def set_max_atoms_per_core(self, max_atoms_per_core: int) -> None:
        """Accepted and without effect."""

    def add_placement_constraint(self, x: Any, y: Any, p: Mapping[str, Any] | None = None) -> None:
        """Accepted and without effect."""

    def spinnaker_get_data(self, variable: str) -> np.ndarray:
        """Recorded data as rows: (index, time in ms) of spikes, (index, time in ms, value) of another variable."""
        return convert_data(self.get_data(variable), variable)


class IF_curr_exp(integrate_and_fire.IF_curr_exp):
    __doc__ = integrate_and_fire.IF_curr_exp.__doc__ or ""

    core = integrate_and_fire.IF_curr_exp.core
    signal_aliases = {"gsyn_exc": "isyn_exc", "gsyn_inh": "isyn_inh"}  # nA
    recordable = ["spikes", "v", *signal_aliases]


class IF_curr_alpha(integrate_and_fire.IF_curr_alpha):
    __doc__ = integrate_and_fire.IF_curr_alpha.__doc__ or ""

    core = integrate_and_fire.IF_curr_alpha.core
    signal_aliases = IF_curr_exp.signal_aliases
    recordable = IF_curr_exp.recordable


# ---- shapes of recorded data


def convert_spiketrains(spiketrains: Iterable[neo.SpikeTrain]) -> np.ndarray:
    """Spikes of Neo's spike trains as rows (index of the cell, time in ms), one cell after the other."""
    rows = [np.column_stack(np.broadcast_arrays(t.annotations["source_index"], t.magnitude)) for t in spiketrains]
    return np.concatenate([np.empty((0, 2)), *rows])


def convert_spikes(neo: neo.Block, run: int = 0) -> np.ndarray:
    """Spikes of a segment of a block, as `convert_spiketrains` gives them."""
    return convert_spiketrains(neo.segments[run].spiketrains)


def convert_data(data: Any, name: str, run: int = 0) -> np.ndarray:
    """Rows (index of the cell, time in ms, value) of a recorded variable; of "spikes" those of `convert_spikes`."""
    if name == "spikes":
        return convert_spikes(data, run)
    (signal,) = data.segments[run].filter(name=name)
    indices = signal.array_annotations["channel_index"]
    times = signal.times.rescale("ms").magnitude
    return np.column_stack([np.repeat(indices, len(times)), np.tile(times, len(indices)), signal.magnitude.T.ravel()])


# ---- modules


class _Placement:
    """Anything that says where neurons and synapses are to be: accepted and without effect."""

    def __init__(self, *arguments: Any, **keywords: Any) -> None:
        pass


def _module(path, content=None, also=None):
    """A module of the given content; `also(name)` makes what else it has, or None."""
    module = types.ModuleType(path)
    module.__dict__.update(content or {})
    module.__path__ = []
    module.__spec__ = ModuleSpec(path, None, is_package=True)

    def other(name):
        found = also(name) if also and not name.startswith("__") else None
        if found is None:
            raise _advice(path, name)
        return found

    module.__getattr__ = other
    return module


extra_models = _module("pyNN.spiNNaker.extra_models", {"IFCurDelta": pyurbanczik.IF_curr_delta})


def _splitter(name):
    return _Placement if name.startswith("Splitter") else None


def stand_in() -> None:
    """From now on the import of what sPyNNaker brings besides ``pyNN.spiNNaker`` gives what is here."""
    shapes = {function.__name__: function for function in (convert_spikes, convert_spiketrains, convert_data)}
    # as the whole was called until 2021
    sys.modules["spynnaker8"] = sys.modules[__name__]
    for module in (
        _module("spynnaker8.utilities"),
        _module("spynnaker8.utilities.neo_convertor", shapes),
        _module("spynnaker8.extra_models", {"IFCurDelta": pyurbanczik.IF_curr_delta}),
        _module("spynnaker"),
        _module("spynnaker.pyNN"),
        _module("spynnaker.pyNN.extra_algorithms"),
        _module("spynnaker.pyNN.extra_algorithms.splitter_components", also=_splitter),
        _module("spynnaker.pyNN.utilities"),
        _module("spynnaker.pyNN.utilities.neo_convertor", shapes),
        _module("pacman"),
        _module("pacman.model"),
        _module("pacman.model.partitioner_splitters", also=_splitter),
        extra_models,
    ):
        sys.modules[module.__name__] = module
        parent, _, own = module.__name__.rpartition(".")
        if parent and not parent.startswith("pyNN"):
            setattr(sys.modules[parent], own, module)
