"""What NEST's devices have recorded of a population, in PyNN's units and from t = 0 on."""

from __future__ import annotations

from typing import Any

import nest
import numpy as np
from pyNN import errors
from pyNN.nest import simulator
from pyNN.nest.recording import Recorder as RecorderOfPyNN
from pyNN.recording import Variable

from .cells import Recordable, derive


class Device:
    """Events of one of NEST's recording devices, and what remained of them when it was cleared."""

    def __init__(self, device: Any) -> None:
        self.device = device
        self.kept: dict[str, np.ndarray] | None = None

    def events(self) -> dict[str, np.ndarray]:
        """Arrays of the events until now, with times since the start of the segment, ms."""
        simulator.state.flush()
        events = {name: np.asarray(values) for name, values in nest.GetStatus(self.device, "events")[0].items()}
        events["times"] = events["times"] - simulator.state._time_offset
        if self.kept is not None:
            events = {name: np.concatenate([self.kept[name], values]) for name, values in events.items()}
        return events

    def until_now(self) -> dict[str, np.ndarray]:
        """Those that the script may know of."""
        events = self.events()
        known = events["times"] <= simulator.state.t + simulator.state.dt / 2
        return {name: values[known] for name, values in events.items()}

    def clear(self) -> None:
        """Forget the past. NEST may have recorded something of the future already."""
        events = self.events()
        future = events["times"] > simulator.state.t + simulator.state.dt / 2
        self.kept = {name: values[future] for name, values in events.items()}
        nest.SetStatus(self.device, {"n_events": 0})


class Recorder(RecorderOfPyNN):
    """Records variables of a population."""

    def __init__(self, population: Any, file: Any = None) -> None:
        super().__init__(population, file)
        self._begin()

    def _begin(self):
        self._spikes, self._samples = Device(self._spike_detector.device), Device(self._multimeter.device)
        self._first_rows: dict[str, dict[int, float]] = {}  # of a recording that went on after it was cleared

    def _reset(self):
        super()._reset()
        self._begin()

    # ---- what to record

    def record(self, variables: Any, ids: Any, sampling_interval: Any = None, locations: Any = None) -> None:
        """Add variables of cells; ``locations`` names compartments, as does "soma.v"."""
        super().record(self._names(variables, locations), ids, sampling_interval)

    def _names(self, variables, locations):
        celltype = self.population.celltype
        variables = [variables] if isinstance(variables, str) else list(variables)
        if variables == ["all"]:
            variables = list(celltype.recordable)
        if locations is None:
            return variables
        names = []
        for variable in variables:
            somewhere = any(name.endswith(f".{variable}") for name in celltype.recordable)
            for location in [locations] if isinstance(locations, str) else locations:
                name = f"{location}.{variable}" if somewhere else variable
                if name not in celltype.recordable:
                    raise errors.RecordingError(name, celltype)
                names.append(name)
        return list(dict.fromkeys(names))

    def _localize_variables(self, variables, locations):
        return [Variable(location=None, name=name, label=None) for name in self._names(variables, locations)]

    def _recordable(self, name):
        """What NEST calls a variable."""
        celltype = self.population.celltype
        own = getattr(celltype, "recordables", None)
        if own is not None:
            return own[name]
        variables = getattr(celltype, "variable_map", None)
        if variables is None:
            return Recordable(name)
        if name not in variables:
            raise errors.RecordingError(name, celltype)
        return Recordable(variables[name], celltype.scale_factors[name])

    def _record(self, variable, new_ids, sampling_interval=None):
        if variable.name == "spikes":
            if getattr(self.population.celltype, "is_device", False):
                nodes, delay = nest.NodeCollection(sorted(map(int, new_ids))), simulator.state.min_delay
                spec = {"synapse_model": "static_synapse_lbl", "delay": delay}
                nest.Connect(nodes, self._spike_detector.device, "all_to_all", spec)
            else:
                self._spike_detector.add_ids(new_ids)
            return
        what = self._recordable(variable.name)
        self.sampling_interval = sampling_interval
        self._multimeter.add_variable(what.variable)
        self._multimeter.add_ids(new_ids)
        if what.derived == "error":
            self._spike_detector.add_ids(new_ids)

    # ---- reading

    def _get_spiketimes(self, ids, clear=False):
        events = self._spikes.until_now()
        wanted = np.isin(events["senders"], np.asarray(ids, dtype=int))
        timestep = simulator.state.dt
        times = np.round(np.rint(events["times"][wanted] / timestep) * timestep, 9)
        return events["senders"][wanted], times

    def _local_count(self, variable, filter_ids):
        senders = self._spikes.until_now()["senders"]
        return {int(cell): int(np.sum(senders == cell)) for cell in self.filter_recorded(variable, filter_ids)}

    def _get_all_signals(self, variable, ids, clear=False):
        if not len(ids):
            return np.empty(0), None
        what, cells = self._recordable(variable.name), np.asarray(ids, dtype=int)
        values = self._table(self._samples.until_now(), what.variable, cells) * what.factor
        first = self._first_rows.get(what.variable)
        if first is not None:
            values[0] = [what.factor * first[cell] for cell in cells.tolist()]
        else:
            values[0] = self._initial_values(variable.name, what, cells)
        if what.derived is not None:
            values = self._derived(what.derived, values, cells)
        return values, None

    def _table(self, events, name, cells):
        """Samples of a variable, shape (samples, cells); the first is not NEST's."""
        start, interval = float(self._recording_start_time.magnitude), self.sampling_interval
        n = int(np.floor((simulator.state.t - start) / interval + 1e-6)) + 1
        rows = np.rint((events["times"] - start) / interval).astype(int)
        order = np.argsort(cells)
        place = np.minimum(np.searchsorted(cells[order], events["senders"]), len(cells) - 1)
        columns = order[place]
        kept = (cells[columns] == events["senders"]) & (rows > 0) & (rows < n)
        table = np.full((n, len(cells)), np.nan)
        table[rows[kept], columns[kept]] = events[name][kept]
        return table

    def _initial_values(self, name, what, cells):
        """Of the cells at t = 0, which NEST does not record."""
        population = self.population
        if what.derived:
            name = {"V_m.s": "soma.v", "V_m.p": "dendrite.v"}[what.variable]
        else:
            name = {"v": "soma.v"}.get(name, name) if hasattr(population.celltype, "recordables") else name
        if name not in population.initial_values:
            return 0.0
        lazy = population.initial_values[name]
        values = np.broadcast_to(lazy.evaluate(simplify=False), (population.size,))
        return values[population.id_to_index(cells)]

    def _derived(self, what, potential, cells):
        population = self.population
        indices = population.id_to_index(cells)
        names = ["soma_g_leak", "soma_v_rest", "g_dendrite_to_soma", "phi_max", "rate_slope", "beta", "theta"]
        parameters = {
            name: np.broadcast_to(values, (population.size,))[indices]
            for name, values in zip(names, population.get(names, simplify=False))
        }
        n_spikes = np.zeros_like(potential)
        timestep = simulator.state.dt
        if what == "error":
            events = self._spikes.until_now()
            start, interval = float(self._recording_start_time.magnitude), self.sampling_interval
            rows = (events["times"] - start) / interval
            for cell, row in zip(events["senders"], rows):
                if abs(row - round(row)) < 0.5 * timestep / interval and 0 <= round(row) < len(n_spikes):
                    n_spikes[round(row), cells == cell] += 1
        values = derive(what, potential, n_spikes, timestep, parameters)
        if what == "error" and not self._first_rows:
            values[0] = 0.0  # there was no step yet
        return values

    def clear(self) -> None:
        """Forget what was recorded; the next recording begins with the present values."""
        events = self._samples.until_now()
        if events["times"].size:
            latest = events["times"] == events["times"].max()
            senders = events["senders"][latest].tolist()
            self._first_rows = {
                name: dict(zip(senders, values[latest].tolist()))
                for name, values in events.items()
                if name not in ("times", "senders")
            }
        super().clear()

    def _clear_simulator(self):
        self._spikes.clear()
        self._samples.clear()

    def store_to_cache(self, annotations: Any = None) -> None:
        """Keep the segment that ends."""
        super().store_to_cache(annotations)
        self._first_rows = {}
