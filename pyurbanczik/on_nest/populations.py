"""Populations of NEST with compartments, units, and initial values that are drawn once."""

from __future__ import annotations

from typing import Any

import nest
import numpy as np
from pyNN import common, errors
from pyNN.nest import populations, simulator
from pyNN.parameters import ArrayParameter, LazyArray, ParameterSpace, Sequence, simplify
from pyNN.standardmodels import StandardCellType

from ..compare.faults import mended
from ..compare.mends import draw_once
from .recording import Recorder
from .units import plain, plain_parameters


class _Cells:
    """What populations and views share."""

    def set(self, **parameters: Any) -> None:
        """Set parameters, as numbers, quantities, arrays, distributions or functions of the index."""
        celltype = self.celltype
        parameters = plain_parameters(parameters, getattr(celltype, "units", {}))
        if hasattr(celltype, "state_variables"):
            parameters = {name: celltype.check_parameter(name, v) for name, v in celltype.flatten(parameters).items()}
        super().set(**parameters)

    def get(self, parameter_names: Any, gather: bool = False, simplify: bool = True) -> Any:
        """Values of parameters, "soma_cm" or "soma.cm"; the name of a compartment gives a dictionary of its own."""
        celltype = self.celltype
        if not hasattr(celltype, "own_name"):
            return super().get(parameter_names, gather, simplify)
        if not isinstance(parameter_names, str):
            return [self.get(name, gather, simplify) for name in parameter_names]
        members = celltype.group(parameter_names)
        if members:
            return dict(zip(members, super().get(list(members.values()), gather, simplify)))
        return super().get(celltype.own_name(parameter_names), gather, simplify)

    def initialize(self, **initial_values: Any) -> None:
        """Set initial values of state variables; "v" of a cell with compartments sets all of them."""
        celltype = self.celltype
        if hasattr(celltype, "resolve_states"):
            # a value may be the name of a parameter, from which the state starts
            names = celltype.default_parameters
            initial_values = {
                state: self.get(value, simplify=False) if isinstance(value, str) and value in names else value
                for state, value in celltype.resolve_states(initial_values).items()
            }
        super().initialize(**{name: plain(value) for name, value in initial_values.items()})

    def record(self, variables: Any, to_file: Any = None, sampling_interval: Any = None, locations: Any = None) -> None:
        """Record variables, of compartments if they are named."""
        super().record(variables, to_file, plain(sampling_interval), locations)

    def _nodes(self):
        return self.node_collection[self._mask_local]

    def _set_parameters(self, parameter_space):
        if not hasattr(self.celltype, "state_variables"):
            return super()._set_parameters(parameter_space)
        parameter_space.evaluate(mask=np.flatnonzero(self._mask_local))
        _set_nested(self._nodes(), [dict(cell) for cell in parameter_space])

    def _get_parameters(self, *names):
        celltype = self.celltype
        if not isinstance(celltype, StandardCellType) or hasattr(celltype, "post_synaptic_receptors"):
            return super()._get_parameters(*names)
        wanted = () if celltype.computed_parameters_include(names) else names
        native = self._get_native_parameters(*celltype.get_native_names(*wanted))
        if any(_is_array(value.base_value) for _, value in native.items()):
            mended("array-parameters")
        return celltype.reverse_translate(native)

    def _get_native_parameters(self, *names):
        if not hasattr(self.celltype, "state_variables"):
            return super()._get_native_parameters(*names)
        status = nest.GetStatus(self._nodes())
        found = {}
        for name in names:
            compartment, _, inner = name.rpartition(".")
            values = np.array([cell[compartment][inner] if compartment else cell[inner] for cell in status])
            found[name] = simplify(values)
        return ParameterSpace(found, shape=(self.local_size,))

    def _set_initial_value_array(self, variable, value):
        draw_once(value)
        states = getattr(self.celltype, "state_variables", None)
        if states is None:
            return super()._set_initial_value_array(variable, value)
        values = np.broadcast_to(value.evaluate(simplify=False), (self.size,))[self._mask_local]
        if variable not in states:
            if np.any(values != 0.0):
                raise errors.InvalidParameterValueError(
                    f"initial value of {type(self.celltype).__name__}.{variable}: {values} is not allowed on NEST, "
                    "where it begins with 0"
                )
            return
        compartment, name = states[variable]
        _set_nested(self._nodes(), [{f"{compartment}.{name}": v} for v in values])


def _is_array(value):
    return isinstance(value, ArrayParameter) and not isinstance(value, Sequence)


def _set_nested(nodes, cells):
    """Set parameters with names like "soma.C_m", a dictionary for each node."""
    nested = []
    for cell in cells:
        status: dict[str, Any] = {}
        for name, value in cell.items():
            compartment, _, inner = name.rpartition(".")
            (status.setdefault(compartment, {}) if compartment else status)[inner] = float(value)
        nested.append(status)
    nest.SetStatus(nodes, nested)


class Assembly(populations.Assembly):
    __doc__ = common.Assembly.__doc__


class PopulationView(_Cells, populations.PopulationView):
    __doc__ = common.PopulationView.__doc__
    _assembly_class = Assembly

    def _get_view(self, selector, label=None):
        return PopulationView(self, selector, label)

    def _set_initial_value_array(self, variable, value):
        super()._set_initial_value_array(variable, value)
        # of what the parent knows, only the cells of the view change
        whole = self.grandparent.initial_values
        every = np.array(
            np.broadcast_to(whole[variable].evaluate(simplify=False), (self.grandparent.size,)), dtype=float
        )
        every[self.index_in_grandparent(np.arange(self.size))] = value.evaluate(simplify=False)
        whole[variable] = LazyArray(every, shape=every.shape, dtype=float)


class Population(_Cells, populations.Population):
    __doc__ = common.Population.__doc__
    _recorder_class = Recorder
    _assembly_class = Assembly

    def __init__(
        self,
        size: Any,
        cellclass: Any,
        cellparams: Any = None,
        structure: Any = None,
        initial_values: Any = None,
        label: str | None = None,
    ) -> None:
        initial_values = initial_values or {}
        if hasattr(cellclass, "resolve_states"):
            # before they are mixed with the default ones, which are of single states
            kind = cellclass if isinstance(cellclass, type) else type(cellclass)
            initial_values = kind.resolve_states(kind, initial_values)
        super().__init__(size, cellclass, cellparams, structure, initial_values, label)

    def _get_view(self, selector, label=None):
        return PopulationView(self, selector, label)

    def _create_cells(self):
        if not hasattr(self.celltype, "state_variables"):
            super()._create_cells()
            return
        self.celltype.parameter_space.shape = (self.size,)
        self.node_collection = nest.Create(self.celltype.nest_name["on_grid"], self.size)
        self._mask_local = np.atleast_1d(np.array(self.node_collection.local))
        self.all_cells = np.array([simulator.ID(node) for node in self.node_collection.tolist()], simulator.ID)
        for cell in self.all_cells:
            cell.parent = self
            cell.node_collection = nest.NodeCollection([int(cell)])
        self._set_parameters(self.celltype.native_parameters)

    def _connect_parrot_neurons(self):
        """A relay neuron comes a min_delay after its source: the source starts and stops as much earlier."""
        early = simulator.state.min_delay
        for name in ("start", "stop"):
            if name in self.celltype.get_native_names():
                times = np.array(nest.GetStatus(self.node_collection_source, name), dtype=float)
                moved = np.where((times > early) & (times < 1e9), times - early, times)
                if np.any(moved != times):
                    mended("source-delay")
                    nest.SetStatus(self.node_collection_source, [{name: float(time)} for time in moved])
        super()._connect_parrot_neurons()
