"""What processes hold of the same recordings, side by side."""

import numpy as np

from . import simulator
from .contents import Events, Spikes
from .joining import side_by_side


def gathered(doing, contents, names):
    """In process 0 the contents of all processes, in the others their own.

    `names` are those of all samples, in order: a process without cells of its own has none.
    """
    found = simulator.state.processes.gather(doing, contents)
    if found is None:
        return contents
    return [_merge(same, list(names)) for same in zip(*found, strict=True)]


def _merge(contents, names):
    """One segment of several processes."""
    samples = side_by_side([samples for content in contents for samples in content.samples])
    spikes = [content.spikes for content in contents if content.spikes is not None]
    events = [events for content in contents for events in content.events]
    return contents[0]._replace(
        samples=sorted(samples, key=lambda s: (names.index(s.name), s.start)),
        spikes=_merge_spikes(spikes) if spikes else None,
        events=[_merge_events([e for e in events if e.name == name]) for name in dict.fromkeys(e.name for e in events)],
    )


def _merge_spikes(found):
    cell, time = (np.concatenate([getattr(spikes, name) for spikes in found]) for name in ("cell", "time"))
    order = np.lexsort((cell, time))
    indices = np.sort(np.concatenate([spikes.indices for spikes in found]))
    return Spikes(indices, min(spikes.start for spikes in found), cell[order], time[order])


def _merge_events(found):
    connection, time, value = (
        np.concatenate([getattr(events, name) for events in found]) for name in ("connection", "time", "value")
    )
    order = np.lexsort((connection, time))
    indices = np.sort(np.concatenate([events.indices for events in found]))
    return Events(found[0].name, found[0].unit, indices, connection[order], time[order], value[order])
