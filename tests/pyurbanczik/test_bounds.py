"""With parameters, weights and initial values at their bounds every state stays finite."""

import numpy as np
import pytest

import pyurbanczik as sim
from backend_cython.model.schema import LARGEST, RULES
from pyurbanczik.neurons.base import CellType

CELLS = [
    cls
    for cls in vars(sim).values()
    if isinstance(cls, type) and issubclass(cls, CellType) and cls.core and cls.core.RECEPTORS
]


def set_to_bounds(core, choose):
    """Set one parameter after the other to the bound of its rule, as far as those set before allow it."""
    reached = 0
    for name, parameter in core.PARAMETERS.items():
        rule = RULES[parameter.allowed]
        try:
            core.set({name: choose(rule.least, min(rule.most, LARGEST))})
            reached += 1
        except ValueError:
            continue
    assert reached > len(core.PARAMETERS) / 3


CHOICES = {"least": lambda least, most: least, "most": lambda least, most: most}


@pytest.mark.parametrize("choice", [*CHOICES, *range(4)])
@pytest.mark.parametrize("cls", CELLS, ids=lambda cls: cls.__name__)
def test_all_states_stay_finite(sim, cls, choice):
    rng = np.random.default_rng([choice]) if isinstance(choice, int) else None
    choose = CHOICES.get(choice) or (lambda least, most: (least, most)[rng.integers(2)])
    cells = sim.Population(1, cls())
    set_to_bounds(cells._core, choose)
    source = sim.Population(1, sim.SpikeSourceArray(spike_times=[0.2, 0.5, 0.6]))
    for receptor, sign in zip(cls.receptor_types[:2], (1.0, 1.0 if cls.conductance_based else -1.0)):
        synapse = sim.StaticSynapse(weight=sign * LARGEST)
        sim.Projection(source, cells, sim.AllToAllConnector(), synapse, receptor_type=receptor)
    cells.record([name for name in cls.recordable if name != "spikes"])
    sim.run(1.0)
    for signal in cells.get_data().segments[0].analogsignals:
        assert np.isfinite(signal.magnitude).all(), signal.name
