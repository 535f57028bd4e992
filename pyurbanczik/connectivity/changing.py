"""Changes of connections that exist: all are checked before any is made."""

import numpy as np

from .. import simulator
from ..parameters import InvalidConnectionError
from .connecting import within

# Attributes of a connection that say which one it is.
ADDRESS = ("presynaptic_index", "postsynaptic_index")


def set_values(projection, values, where=None):
    """Check values of the connections `where` (or all) together with what they meet there, then set."""
    synapse_type = projection.synapse_type
    pick = slice(None) if where is None else where
    for name, value in values.items():
        if name in ADDRESS:
            raise AttributeError(f"{name} cannot be set")
        synapse_type.check_name(name)
        if where is not None:
            values[name] = projection.entry(name).number(value)
    met = set(synapse_type.local_parameters)
    if values.keys() & set(synapse_type.related):
        met.update(synapse_type.related)
    others = {name: projection._value(name) for name in met - values.keys()}
    others = {name: value[pick] if np.ndim(value) else value for name, value in others.items()}
    unit = projection._target_unit()
    synapse_type.check_values(values, unit)
    synapse_type.check_together({**others, **values}, unit)
    if "weight" in values:
        n = len(projection) if where is None else len(where)
        projection._check_weights(np.broadcast_to(values["weight"], n), projection._post_index[pick])
    delay_steps = _check_delay_change(projection, values, others, where)
    _change(projection, values, delay_steps, where)
    projection._remember(values, where)
    if "delay" in values:
        simulator.state.note_delays(values["delay"])


def _check_delay_change(projection, values, others, where):
    """The new delays in steps, or None. The part on the axon is fixed once connections exist."""
    if not {"delay", "dendritic_delay_fraction"} & values.keys():
        return None
    merged = {**others, **values}
    steps = projection._delay_steps(merged["delay"])
    axonal = np.minimum(projection.synapse_type.axonal_steps(steps, merged), steps)
    now = projection._axonal
    if where is not None and np.ndim(now):
        now = now[where]
    if np.any(axonal != now):
        name = "delay" if "delay" in values else "dendritic_delay_fraction"
        raise InvalidConnectionError(
            f"{type(projection.synapse_type).__name__}.{name}: a change of the delay before the synapse (with "
            "a dendritic_delay_fraction below 1) is not allowed once "
            "connections exist; make a new Projection"
        )
    return steps


def _change(projection, values, delay_steps, where):
    """Let the core projections take over checked values, those for several threads together."""
    core_values = projection._core_values(values)
    changes = _changes_of(projection, core_values, delay_steps, where)
    longest_delay = max((int(np.max(new, initial=0)) for _, _, _, new in changes), default=0)
    together = where is None and not projection.everywhere
    if together:
        projection._elsewhere.before_change(changes, values.keys())
        longest_delay = max(longest_delay, projection._elsewhere.longest_delay)
    if core_values:
        owner = type(projection.synapse_type).__name__
        rows = [core.affected(own, chosen) for core, chosen, own, _ in changes]
        for core, chosen, own, _ in changes:
            of_siblings = [r for r, change in zip(rows, changes) if _is_sibling(change[0], core)]
            core.set(own, chosen, owner, np.unique(np.concatenate(of_siblings)))
    if delay_steps is not None:
        if together:
            projection._elsewhere.hold()
        for core, _, _, _ in changes:
            core.expect_delay(longest_delay)
        for core, chosen, _, steps in changes:
            core.set_delay_steps(steps, chosen)
    if together:
        projection._elsewhere.after_change()


def _is_sibling(a, b):
    """Whether two core projections differ in nothing but the thread of their targets."""
    return a.pre is b.pre and a.post is b.post and a.axonal_steps == b.axonal_steps


def _changes_of(projection, core_values, delay_steps, where):
    """[(core projection, its connections among those `where`, their values, and delays)], of those that have any,
    and of those that belong to the same cells but for other threads.
    """
    changes = []
    for core, positions in projection._parts:
        chosen, picked = within(positions, where)
        own = {name: value[picked] if np.ndim(value) else value for name, value in core_values.items()}
        steps = 0
        if delay_steps is not None:
            steps = (delay_steps[picked] if np.ndim(delay_steps) else delay_steps) - core.axonal_steps
        changes.append((core, chosen, own, steps))
    concerned = [core for core, chosen, _, _ in changes if chosen is None or len(chosen)]
    return [change for change in changes if any(_is_sibling(change[0], core) for core in concerned)]
