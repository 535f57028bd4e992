"""Differences between simulators that are known, with their sizes: the machine-readable side of
docs/simulator_differences.md, whose entries have the same names.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.ndimage import maximum_filter1d, minimum_filter1d

PAGE = "docs/simulator_differences.md"


@dataclass(frozen=True)
class Difference:
    """One known difference of a simulator from this one.

    Attributes
    ----------
    name : str
        The entry of the page.
    simulator : str
    models : tuple of str
        Cell types, or synapse types, that it concerns; empty: all.
    variables : tuple of str
        What it concerns: "spikes", "weight", or names of signals, that of a compartment or receptor left out.
    text : str
        In a few words.
    size : float
        How large a difference may be, in the unit of the variable; ms for "spikes".
    relative : float
        In addition, this part of the largest value.
    steps : float
        In addition, as much as a shift by this many samples would make; for "spikes", this many time steps.
    spread : float
        In addition, this part of the distance between the largest and the smallest value of each cell, for each ms of
        the time step: errors of a method of first order.
    shift : float
        In addition, as much as a shift by up to this time would make, ms.
    """

    name: str
    simulator: str
    models: tuple[str, ...]
    variables: tuple[str, ...]
    text: str
    size: float = 0.0
    relative: float = 0.0
    steps: float = 0.0
    spread: float = 0.0
    shift: float = 0.0

    def allowed(self, values: np.ndarray, timestep: float, interval: float | None = None) -> np.ndarray | float:
        """How far other samples may be from these, shape (samples, cells), taken every `interval` (ms)."""
        allowed: Any = self.size + self.relative * float(np.nanmax(np.abs(values), initial=0.0))
        if self.steps:
            allowed = allowed + self.steps * steepest(values)
        if self.spread and len(values):
            allowed = allowed + self.spread * timestep * np.ptp(values, axis=0)
        if self.shift and len(values):
            allowed = allowed + moved(values, int(np.ceil(self.shift / (interval or timestep))))
        return allowed


def moved(values: np.ndarray, n: int) -> np.ndarray:
    """How far the largest and the smallest of the n samples before and after each are from it."""
    window = 2 * n + 1
    above, below = (edge(values, window, axis=0, mode="nearest") for edge in (maximum_filter1d, minimum_filter1d))
    return np.maximum(above - values, values - below)


def steepest(values: np.ndarray) -> np.ndarray:
    """The larger change of the two intervals that meet at each sample."""
    change = np.pad(np.abs(np.diff(values, axis=0)), ((1, 1), (0, 0)))
    return np.maximum(change[1:], change[:-1])


CONDUCTANCE = ("IF_cond_exp", "IF_cond_alpha", "IF_facets_hardware1", "IF_cond_exp_gsfa_grr")
ADEXP = ("EIF_cond_exp_isfa_ista", "EIF_cond_alpha_isfa_ista", "PointNeuron")
TWO_COMPARTMENTS = ("UrbanczikSenn", "pp_cond_exp_mc_urbanczik")
SOLVED = (*CONDUCTANCE, *ADEXP, "HH_cond_exp", "GIF_cond_exp", *TWO_COMPARTMENTS)
CONDUCTANCES = ("gsyn_exc", "gsyn_inh", "gsyn", "g_r", "g_s", "g_ex.s", "g_in.s")
RESPONSES = (*CONDUCTANCES, "isyn")
SOLVER = "NEST's Runge-Kutta-Fehlberg solver keeps 1e-3 (mV, nS) a step"
EVERYTHING = ("v", "u", "w", "i_eta", "v_t")
NEURON_STEP = "NEURON takes implicit steps of first order, and samples before events of the same time"
NEURON_HH = "pyNN.neuron starts with m = h = n = 0 whatever is given; a spike is the rise through 10 mV"
BRIAN_HH = "a spike in pyNN.brian2 is the rise through -40 mV, in NEST and here the first fall from the peak"
BRIAN_STEP = "in Brian2 spikes are stamped with the start of their step, and input acts a step later"
ADEXP_RESET = "NEST resets at the end of its solver's step"

DIFFERENCES = (
    Difference("nest-solver", "nest", CONDUCTANCE, ("v",), SOLVER, size=1e-4),
    Difference("nest-solver", "nest", SOLVED, CONDUCTANCES, SOLVER, relative=2e-6),
    Difference("nest-solver", "nest", SOLVED, ("spikes",), f"{SOLVER}: a spike may be one step off", steps=1),
    Difference("nest-adexp-reset", "nest", ADEXP, ("v",), ADEXP_RESET, size=0.02, steps=0.1),
    Difference("nest-adexp-reset", "nest", ADEXP, ("w",), ADEXP_RESET, relative=2e-4),
    Difference("nest-hh", "nest", ("HH_cond_exp",), ("v",), SOLVER, size=0.01, steps=0.2),
    Difference("nest-izhikevich", "nest", ("Izhikevich",), ("v",), "NEST takes Euler steps", size=0.1, steps=2.0),
    Difference("nest-izhikevich", "nest", ("Izhikevich",), ("u",), "NEST takes Euler steps", size=0.05, steps=2.0),
    Difference("nest-izhikevich", "nest", ("Izhikevich",), ("spikes",), "NEST takes Euler steps", steps=50),
    Difference(
        "nest-gif", "nest", ("GIF_cond_exp",), ("v",), "NEST's state after spikes is a step late", 0.02, steps=1
    ),
    Difference("nest-gif", "nest", ("GIF_cond_exp",), ("i_eta", "v_t"), "NEST's are a step late", 1e-9, steps=1.01),
    Difference("nest-urbanczik-senn", "nest", TWO_COMPARTMENTS, ("v", "v_star", "V_m.s", "V_m.p"), SOLVER, size=4e-4),
    Difference("nest-urbanczik-senn", "nest", TWO_COMPARTMENTS, ("rate", "rate_star", "error"), SOLVER, relative=2e-4),
    Difference("neuron-hh", "neuron", ("HH_cond_exp",), ("v",), NEURON_HH, size=0.4, shift=0.5, spread=0.3),
    Difference("neuron-hh", "neuron", ("HH_cond_exp",), ("m", "h", "n"), NEURON_HH, size=1.0),
    Difference("neuron-hh", "neuron", ("HH_cond_exp",), ("spikes",), NEURON_HH, size=0.5),
    Difference("neuron-steps", "neuron", ("Izhikevich",), ("v", "u"), NEURON_STEP, steps=3, spread=0.3),
    Difference("neuron-steps", "neuron", ADEXP, ("v",), NEURON_STEP, shift=0.1, spread=0.3),
    Difference("neuron-steps", "neuron", (), RESPONSES, NEURON_STEP, steps=1, spread=1.0),
    Difference("neuron-steps", "neuron", (), EVERYTHING, NEURON_STEP, steps=2, spread=0.3),
    Difference("neuron-steps", "neuron", (), ("spikes",), NEURON_STEP, steps=10),
    Difference("brian2-hh", "brian2", ("HH_cond_exp",), ("spikes",), BRIAN_HH, size=0.3),
    Difference("brian2-hh", "brian2", ("HH_cond_exp",), ("v", "m", "h", "n"), BRIAN_STEP, shift=0.1, spread=0.3),
    Difference("brian2-steps", "brian2", ("Izhikevich",), ("v", "u"), BRIAN_STEP, steps=3, spread=0.3),
    Difference("brian2-steps", "brian2", ADEXP, ("v",), BRIAN_STEP, shift=0.1, spread=0.3),
    Difference("brian2-steps", "brian2", (), RESPONSES, BRIAN_STEP, steps=1, spread=1.0),
    Difference("brian2-steps", "brian2", (), (*EVERYTHING, "m", "h", "n"), BRIAN_STEP, steps=1, spread=0.3),
    Difference("brian2-steps", "brian2", (), ("spikes",), BRIAN_STEP, steps=10),
)
# Its size is known of each weight, see `capture.results.ProjectionResult.carried`.
LAST_WEIGHTS = tuple(
    Difference(
        f"{simulator}-last-weight",
        simulator,
        ("STDPMechanism", "UrbanczikSennSynapse", "urbanczik_synapse"),
        ("weight",),
        "the weight that is read there is that of the last presynaptic spike, and is that of ours",
    )
    for simulator in ("nest", "neuron")
)
RANDOM_STREAMS = Difference(
    "random-streams",
    "",
    (),
    (),
    "simulators draw other random numbers: single runs differ, --seeds compares laws",
)
FIRST_DIVERGENCE = "after the first spike that differs everything may"


def find(simulator: str, model: str, variable: str) -> Difference | None:
    """The entry that concerns a variable of a model."""
    names = {variable, variable.rpartition(".")[2]}
    for entry in DIFFERENCES:
        concerned = model in entry.models or not entry.models
        if entry.simulator == simulator and concerned and not names.isdisjoint(entry.variables):
            return entry
    return None
