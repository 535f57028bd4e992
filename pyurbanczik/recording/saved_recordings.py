"""What recorders hold, as parts of the state of a simulation that is saved.

What goes to a file stays there: a recorder that goes on from a saved state writes what follows to the file that it has
been given, in a segment of its own.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from typing import Any

import numpy as np

from backend_cython.model.snapshot import Snapshot, in_order

from ..storage.annotations import from_plain, plain
from ..storage.signals import EventTable, SampledSignal, SegmentContent, SpikeTable
from ..storage.zarr_arrays import Table
from .merging import side_by_side


def called(key: str | tuple) -> str:
    """The name of a recording in a snapshot."""
    return key if isinstance(key, str) else " ".join(key)


class DifferentRecordings(ValueError):
    """The saved simulation recorded something else than the present one."""


class SavedRecordings:
    """Mixin of recorders."""

    _recordings: dict[Any, Any]

    def _sources(self) -> list[tuple[Any, int]]:
        """The core objects that samplers look at, and the number of the first row that this process has of each."""
        raise NotImplementedError

    def _interval(self, key: str | tuple) -> int | None:
        """Steps from sample to sample; None for what is not sampled."""
        raise NotImplementedError

    def _outline(self):
        return {called(key): self._interval(key) for key in self._recordings}

    def _offset(self, snapshots, own):
        """The number of the first row of the owner's snapshot, which may be that of a source."""
        source, number = self._sources()[0]
        return number if own is snapshots.get(id(source)) else 0

    # ---- saving

    def save(self, snapshots: Mapping[int, Snapshot], own: Snapshot) -> None:
        """Add what is recorded now to the snapshots of the sources, by their `id`, and to that of the owner."""
        own.facts["recordings"] = self._outline()
        own.facts["cleared"] = self._cleared_step
        first = {id(source): number for source, number in self._sources()}
        for key, recording in self._recordings.items():
            name = f"recorded/{called(key)}"
            for sampler in recording.samplers:
                snapshot, offset = snapshots[id(sampler.source)], first[id(sampler.source)]
                if recording.kind == "samples":
                    (start, begun), indices, samples = sampler.save()
                    own_name = _unused(f"{name}/{start}", snapshot.tables)
                    snapshot.facts[own_name] = [start, begun]
                    snapshot.tables[own_name] = (indices - offset, samples)
                elif recording.kind == "spikes":
                    (recorded, since), (cell, step, due) = sampler.save()
                    snapshot.tables[name] = (recorded - offset, since)
                    snapshot.tables[f"{name}/spikes"] = _by_row(cell - offset, step, due)
                else:
                    recorded, (connection, step, value) = sampler.save()
                    snapshot.tables[f"{name}/{sampler.lag}"] = (recorded,)
                    snapshot.tables[f"{name}/{sampler.lag}/events"] = _by_row(connection, step, value)
        for number, content in enumerate(self._kept):
            _save_content(own, f"kept/{number}", content, self._offset(snapshots, own))

    # ---- restoring

    def restoring(self, snapshots: Mapping[int, Snapshot], own: Snapshot) -> Callable[[], None]:
        """Check the snapshots of what this process has; a function that goes on from them.

        Raises
        ------
        DifferentRecordings
            If something else is recorded here; nothing has changed then.
        """
        there, here = own.facts["recordings"], self._outline()
        if there != here:
            raise DifferentRecordings(f"records {_told(there)} there, {_told(here)} here")
        changes = []
        for key, recording in self._recordings.items():
            for source, offset in self._sources():
                samplers = [sampler for sampler in recording.samplers if sampler.source is source]
                prefix, snapshot = f"recorded/{called(key)}", snapshots[id(source)]
                saved = list(_saved_samplers(recording.kind, snapshot, prefix, offset, samplers))
                rows = np.unique(np.concatenate([np.empty(0, np.int64), *(indices for indices, _ in saved)]))
                own_rows = np.unique(np.concatenate([np.empty(0, np.int64), *(sampler.own for sampler in samplers)]))
                if not np.array_equal(rows, own_rows):
                    raise DifferentRecordings(
                        f"records {called(key)!r} of {len(rows)} there, {len(own_rows)} others here"
                    )
                changes.append((recording, samplers, [restore for _, restore in saved]))
        kept = list(_contents(own, self._offset(snapshots, own)))

        def restore():
            for recording, samplers, restores in changes:
                found = [restore() for restore in restores]
                if recording.kind == "samples":
                    for sampler in samplers:
                        sampler.stop()
                        recording.samplers.remove(sampler)
                    recording.samplers += found
                recording.sinks = {}
            for recording in self._recordings.values():
                if recording.kind == "samples":
                    recording.samplers.sort(key=lambda sampler: sampler.recorder.start_step)
            self._kept = kept
            self._cleared_step = own.facts["cleared"]

        return restore


def _told(recordings):
    return ", ".join(f"{name!r}{f' every {i} steps' if i else ''}" for name, i in recordings.items()) or "nothing"


def _unused(name, tables):
    number = sum(other.startswith(f"{name}.") for other in tables)
    return f"{name}.{number}"


def _by_row(row, *columns):
    return in_order([(np.asarray(row).astype(np.int64), *columns)], (0,))


def _saved_samplers(kind, snapshot, name, offset, samplers):
    """Yield (indices, function that restores) of all samplers of one recording and source."""
    if kind == "samples":
        for own_name, fact in snapshot.facts.items():
            if not own_name.startswith(f"{name}/") or own_name not in snapshot.tables:
                continue
            start, begun = fact
            row, samples = snapshot.tables[own_name]
            if len(row):
                again = (samplers[0].again, start, begun, row + offset, samples) if samplers else None
                yield row + offset, lambda again=again: again[0](*again[1:])
    elif kind == "spikes":
        row, since = snapshot.tables[name]
        cell, step, due = snapshot.tables[f"{name}/spikes"]
        yield row + offset, lambda: samplers[0].restore(since, cell + offset, step, due)
    else:
        for sampler in samplers:
            empty = np.empty(0, np.int64)
            row = snapshot.tables.get(f"{name}/{sampler.lag}", (empty,))[0]
            events = snapshot.tables.get(f"{name}/{sampler.lag}/events", (empty, empty, np.empty(0)))
            yield row, lambda sampler=sampler, events=events: sampler.restore(*events)


# ---- segments that are over


def _save_content(own, name, content, offset):
    own.facts[name] = [content.number, content.stop, content.created.isoformat(), plain(content.annotations)]
    for samples in content.samples:
        if isinstance(samples.data, np.ndarray):
            # the same in all processes, each of which has cells of its own
            own_name = f"{name}/samples/{samples.name}/{samples.start}"
            own.facts[own_name] = [samples.name, samples.unit, samples.start, samples.interval]
            own.tables[own_name] = (samples.indices - offset, np.array(samples.data.T))
    tables = [("spikes", content.spikes)] if content.spikes is not None else []
    for kind, signal in (*tables, *(("events", events) for events in content.events)):
        table = signal.table
        if table.origin is None:
            own_name = _unused(f"{name}/{kind}/{signal.name}", own.tables)
            own.facts[own_name] = [signal.name, signal.unit]
            starts = (signal.starts,) if kind == "spikes" else ()
            own.tables[own_name] = (signal.indices - offset, *starts)
            columns = [table.times] if table.values is None else [table.times, table.values]
            # of one row they are in order, and of all but for what lies within a step
            columns.append(np.arange(len(table.keys)))
            own.tables[f"{own_name}/records"] = _by_row(np.asarray(table.keys) - offset, *columns)


def _contents(own: Snapshot, offset: int) -> Iterator[SegmentContent]:
    """The segments of which a snapshot tells."""
    number = 0
    while (name := f"kept/{number}") in own.facts:
        segment, stop, created, annotations = own.facts[name]
        samples, spikes, events = [], None, []
        for own_name, facts in own.facts.items():
            if not own_name.startswith(f"{name}/") or own_name not in own.tables:
                continue
            kind, (row, *starts) = own_name.split("/")[2], own.tables[own_name]
            row = row + offset
            if kind == "samples":
                if len(row):
                    samples.append(SampledSignal._make((*facts[:2], row, *facts[2:], own.tables[own_name][1].T)))
                continue
            key, *columns, order = own.tables[f"{own_name}/records"]
            order = np.lexsort((order, columns[0]))
            table = Table((key + offset)[order], *(column[order] for column in columns))
            if kind == "spikes":
                # older files tell one start for all
                start = starts[0] if starts else np.full(len(row), facts[2])
                spikes = SpikeTable._make((*facts[:2], row, start, table))
            else:
                events.append(EventTable._make((*facts[:2], row, table)))
        when, annotations = datetime.fromisoformat(created), from_plain(annotations)
        yield SegmentContent(segment, stop, when, side_by_side(samples), spikes, events, annotations)
        number += 1
