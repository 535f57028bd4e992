"""Projections of NEST that record weights, and read what NEST scales."""

from __future__ import annotations

from typing import Any

import neo
import nest
import numpy as np
import quantities as pq
from pyNN import common, errors
from pyNN.nest import projections, simulator
from pyNN.space import Space

from ..compare.faults import mended
from ..parameters import InvalidConnectionError
from .recording import Device
from .synapses import StaticSynapse, UrbanczikSennSynapse
from .units import plain

PICO = 1e-3  # pA, nS in nA, µS


class NotRecordableError(errors.RecordingError):
    """A variable of synapses that NEST does not record."""

    def __str__(self):
        return f"on NEST, {type(self.cell_type).__name__}.{self.variable} cannot be recorded; only weight can"


class Projection(projections.Projection):
    __doc__ = common.Projection.__doc__
    _static_synapse_class = StaticSynapse

    def __init__(
        self,
        presynaptic_population: Any,
        postsynaptic_population: Any,
        connector: Any,
        synapse_type: Any = None,
        source: str | None = None,
        receptor_type: str | None = None,
        space: Any = None,
        label: str | None = None,
    ) -> None:
        self._weights: Device | None = None
        self._chosen: Any = None
        cells: Any = getattr(postsynaptic_population, "celltype", None)
        self._scale = getattr(cells, "receptor_scale", 1.0)
        # NEST's weights (pA, nS) over those that are read and written: PyNN takes all synapses for standard ones
        self._read_scale = PICO if getattr(synapse_type, "is_native", False) else self._scale
        if receptor_type == "default":
            receptor_type = None
        _check(presynaptic_population, cells, synapse_type, receptor_type)
        if receptor_type is None and hasattr(cells, "state_variables"):
            receptor_type = cells.receptor_types[0]
        synapse_type = synapse_type or StaticSynapse()
        synapse_type.shares_model = self._from_device = _is_device(presynaptic_population)
        super().__init__(
            presynaptic_population,
            postsynaptic_population,
            connector,
            synapse_type,
            source,
            receptor_type,
            space or Space(),
            label,
        )

    def _convergent_connect(self, presynaptic_indices, postsynaptic_index, location_selector=None, **parameters):
        if isinstance(self.synapse_type, UrbanczikSennSynapse):
            self.synapse_type.check_native(parameters)
        if self._scale != 1.0 and "Wmax" in parameters:
            # what PyNN does to the weight alone
            parameters["Wmax"] = parameters["Wmax"] * self._scale
            mended("w-max-unit")
        super()._convergent_connect(presynaptic_indices, postsynaptic_index, location_selector, **parameters)

    def set(self, **attributes: Any) -> None:
        """Set attributes of connections."""
        attributes = {name: plain(value) for name, value in attributes.items()}
        if isinstance(self.synapse_type, UrbanczikSennSynapse):
            self.synapse_type.check_values(attributes, self._present)
        super().set(**attributes)

    def _set_attributes(self, parameter_space):
        if self._scale != 1.0:
            for name in {"weight", "Wmax"}.intersection(parameter_space.keys()):
                parameter_space[name] = parameter_space[name] * self._scale
        super()._set_attributes(parameter_space)

    def _get_attributes_as_list(self, names):
        if len(self.nest_connections) == 0:
            return []
        rows = super()._get_attributes_as_list(names)
        divisors = [self._divisor(name) for name in names]
        if all(divisor == 1.0 for divisor in divisors):
            return rows
        return [tuple(value / divisor for value, divisor in zip(row, divisors)) for row in rows]

    def _get_attributes_as_arrays(self, names, multiple_synapses="sum"):
        arrays = super()._get_attributes_as_arrays(names, multiple_synapses)
        return [array / self._divisor(name) for name, array in zip(names, arrays)]

    def _divisor(self, name):
        """What PyNN reads over what it should: it converts weights, but not their bounds."""
        if name in ("Wmin", "Wmax"):
            return self._read_scale / PICO
        return self._read_scale if name == "weight" else 1.0

    def _present(self, name):
        return np.array(self.get(name, "list", with_address=False))

    # ---- recording

    def record(
        self, variables: Any, sampling_interval: Any = None, connections: Any = None, to_file: Any = None
    ) -> None:
        """Record the weight that each presynaptic spike carries.

        Raises
        ------
        pyNN.errors.RecordingError
            For anything else: NEST records weights only, and only at spikes.
        """
        names = [variables] if isinstance(variables, str) else list(variables)
        if names not in (["weight"], ["all"]):
            raise NotRecordableError(names[0], self.synapse_type)
        if self._from_device:
            raise errors.ConnectionError(
                "on NEST, weights of synapses from a WeightedSpikeSourceArray are not recorded"
            )
        if sampling_interval is not None or to_file is not None:
            argument = "sampling_interval" if to_file is None else "to_file"
            raise errors.InvalidParameterValueError(
                f"Projection.record.{argument}: not on NEST, which records weights at presynaptic spikes, in memory"
            )
        if self._weights is None:
            device = nest.Create("weight_recorder")
            nest.SetDefaults(self.nest_synapse_model, {"weight_recorder": device})
            self._weights = Device(device)
        self._chosen = connections

    def get_data(self, variables: Any = "all", clear: bool = False, gather: bool = True) -> neo.Block:
        """The recorded weights: an `IrregularlySampledSignal` for each connection."""
        block = neo.Block(name=self.label)
        block.segments.append(neo.Segment(name=f"segment{simulator.state.segment_counter:03d}"))
        if self._weights is not None:
            events = self._weights.until_now()
            block.segments[0].irregularlysampledsignals.extend(list(self._signals(events)))
            if clear:
                self._weights.clear()
        return block

    def _signals(self, events):
        status = nest.GetStatus(self.nest_connections, ["source", "target", "port"])
        columns = [status[name] for name in ("source", "target", "port")] if isinstance(status, dict) else zip(*status)
        keys = np.array([np.asarray(column) for column in columns]).T
        keys = keys[np.lexsort(keys.T[::-1])]
        happened = np.column_stack([events["senders"], events["targets"], events["ports"]])
        order = np.lexsort((events["times"], *happened.T[::-1]))
        happened, times, weights = happened[order], events["times"][order], events["weights"][order]
        everything = np.concatenate([keys, happened])
        _, numbers = np.unique(everything, axis=0, return_inverse=True)
        numbers = numbers.ravel()
        first = np.searchsorted(numbers[len(keys) :], numbers[: len(keys)], side="left")
        last = np.searchsorted(numbers[len(keys) :], numbers[: len(keys)], side="right")
        unit, scale = self._unit_of_weight(), PICO / self._read_scale * self._sign()
        chosen = np.arange(len(keys)) if self._chosen is None else np.atleast_1d(np.arange(len(keys))[self._chosen])
        timestep = simulator.state.dt
        times = np.round(np.rint(times / timestep) * timestep, 9)
        pre, post = (_indices(cells, keys[:, k]) for k, cells in enumerate((self.pre, self.post)))
        for i in chosen:
            part = slice(first[i], last[i])
            yield neo.IrregularlySampledSignal(
                times[part] * pq.ms,
                (weights[part] * scale).reshape(-1, 1),
                units=unit,
                time_units="ms",
                name="weight",
                presynaptic_index=int(pre[i]),
                postsynaptic_index=int(post[i]),
            )

    def _sign(self):
        return -1.0 if self.receptor_type == "inhibitory" and self.post.conductance_based else 1.0

    def _unit_of_weight(self):
        if self._read_scale == PICO:
            return "nS" if self.post.conductance_based and not str(self.receptor_type).startswith("dend") else "pA"
        celltype = getattr(self.post, "celltype", None)
        if hasattr(celltype, "weight_unit"):
            return celltype.weight_unit(self.receptor_type)
        if self._scale != 1.0:
            return "mV"
        return "uS" if self.post.conductance_based else "nA"


def _indices(cells, nodes):
    """Where nodes of NEST are among cells. (PyNN asks NEST for all parameters of a cell to answer that.)"""
    own = np.array([int(cell) for cell in cells.all_cells])
    order = np.argsort(own)
    return order[np.searchsorted(own[order], nodes)]


def _is_device(cells):
    return getattr(getattr(cells, "celltype", None), "is_device", False)


def _check(pre, cells, synapse_type, receptor_type):
    """Refuse what NEST would silently do in another way."""
    static = synapse_type is None or getattr(synapse_type, "nest_name", None) == "static_synapse"
    if _is_device(pre) and not static:
        raise errors.ConnectionError(
            f"on NEST, {type(pre.celltype).__name__} with weights of its own reaches static synapses only, not "
            f"{type(synapse_type).__name__}"
        )
    if hasattr(cells, "state_variables") and receptor_type not in (None, *cells.receptor_types):
        offered = ", ".join(cells.receptor_types)
        raise errors.ConnectionError(
            f"on NEST, {type(cells).__name__} has no receptor {receptor_type!r}; it has {offered}"
        )
    if getattr(synapse_type, "needs_dendrite", False):
        dendritic = [name for name in getattr(cells, "receptor_types", ()) if name.startswith("dendritic_")]
        if not hasattr(cells, "state_variables") or receptor_type not in (None, *dendritic):
            allowed = f" ({', '.join(dendritic)})" if dendritic else ""
            raise InvalidConnectionError(
                f"{type(synapse_type).__name__}.receptor_type: {receptor_type!r} of {type(cells).__name__} is not "
                f"allowed; it must be a receptor on a dendrite that predicts its soma{allowed}"
            )
