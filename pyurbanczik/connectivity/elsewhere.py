"""What a process has to know of the connections of a projection that other processes have."""

from typing import NamedTuple

import numpy as np

from backend_cython.synapses.elsewhere import SynapsesElsewhere
from backend_cython.synapses.urbanczik_senn import UrbanczikSennSynapses

from .. import simulator


class Outline(NamedTuple):
    """The connections of a projection that one process has, or all of them have together."""

    n: int
    longest_delay: int  # steps, behind the synapse
    delays: np.ndarray  # ms: the shortest and the longest, if there are any
    late: set  # indices of the target populations with input that arrives at once
    tau_Delta: dict  # distinct values for each target population that learns


class Elsewhere:
    """The connections of a projection, seen from a process that has only a part of them.

    Parameters
    ----------
    projection : Projection
    """

    def __init__(self, projection):
        self.projection = projection
        members = getattr(projection.post, "populations", [projection.post])
        self.targets = [group._population._core for group in members]
        self.learning = {}
        self.longest_delay = 0
        self._unused = []

    def prepare(self, parts, delay_steps, core_values, delays):
        """The `Outline` of the connections of all processes; this one is prepared for those that it does not have."""
        learns = issubclass(self.projection.synapse_type.core, UrbanczikSennSynapses)
        late, tau_Delta, longest = set(), {}, 0
        for part in parts:
            steps = part.pick(delay_steps) - part.axonal
            target = self.targets.index(part.post._core)
            longest = max(longest, int(np.max(steps)))
            if np.min(steps) == 0:
                late.add(target)
            if learns:
                tau_Delta.setdefault(target, set()).update(_distinct(part.pick(core_values["tau_Delta"])))
        ends = np.array([np.min(delays), np.max(delays)] if np.size(delays) else [])
        own = Outline(len(self.projection), longest, ends, late, tau_Delta)
        n, longest, ends, late, tau_Delta = zip(*self._share("connect", own))
        whole = Outline(sum(n), max(longest), np.concatenate(ends), set().union(*late), _union(tau_Delta))
        for target in whole.late:
            self.targets[target].expect_late_input()
        self.longest_delay = whole.longest_delay
        for target, values in sorted(whole.tau_Delta.items()):
            self.learning[target] = SynapsesElsewhere(self.targets[target], self.projection.receptor_type)
            self.learning[target].use(values, self.longest_delay)
        return whole

    def before_change(self, changes, names):
        """Prepare for a change of all connections; `changes` are those of this process."""
        if not self.learning or not names & {"tau_Delta", "delay", "dendritic_delay_fraction"}:
            return
        tau_Delta, longest = {}, 0
        for core, _, own, steps in changes:
            longest = max(longest, int(np.max(steps, initial=0)))
            if "tau_Delta" in own:
                tau_Delta.setdefault(self.targets.index(core.post), set()).update(_distinct(own["tau_Delta"]))
        found, all_longest = zip(*self._share("set", (tau_Delta, longest)))
        for target, values in sorted(_union(found).items()):
            synapses = self.learning[target]
            self._unused.append((synapses, synapses.use(values, self.longest_delay)))
        self.longest_delay = max(self.longest_delay, *all_longest)

    def hold(self):
        """Delays up to the longest one are to be expected from now on."""
        for _, synapses in sorted(self.learning.items()):
            for error in synapses.errors:
                error.hold(self.longest_delay)

    def after_change(self):
        """Forget what the connections needed before."""
        for synapses, errors in self._unused:
            synapses.leave(errors)
        self._unused = []

    def _share(self, doing, own):
        return simulator.state.processes.share(f"{doing} {self.projection.label}", own)


def _distinct(values):
    return np.unique(values).tolist()


def _union(found):
    """One of several dictionaries of sets."""
    whole = {}
    for table in found:
        for key, values in table.items():
            whole.setdefault(key, set()).update(values)
    return whole
