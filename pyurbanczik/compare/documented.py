"""Differences between simulators that are known, with their sizes: the machine-readable side of
docs/simulator_differences.md, whose entries have the same names.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

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

    def allowed(self, values: np.ndarray, timestep: float) -> np.ndarray | float:
        """How far other samples may be from these, shape (samples, cells)."""
        allowed = self.size + self.relative * float(np.nanmax(np.abs(values), initial=0.0))
        if self.steps:
            allowed = allowed + self.steps * steepest(values)
        if self.spread and len(values):
            allowed = allowed + self.spread * timestep * np.ptp(values, axis=0)
        return allowed


def steepest(values: np.ndarray) -> np.ndarray:
    """The larger change of the two intervals that meet at each sample."""
    change = np.pad(np.abs(np.diff(values, axis=0)), ((1, 1), (0, 0)))
    return np.maximum(change[1:], change[:-1])


CONDUCTANCE = ("IF_cond_exp", "IF_cond_alpha", "IF_facets_hardware1", "IF_cond_exp_gsfa_grr")
ADEXP = ("EIF_cond_exp_isfa_ista", "EIF_cond_alpha_isfa_ista", "PointNeuron")
SOLVED = (*CONDUCTANCE, *ADEXP, "HH_cond_exp", "GIF_cond_exp", "UrbanczikSenn")
CONDUCTANCES = ("gsyn_exc", "gsyn_inh", "gsyn", "g_r", "g_s")
SOLVER = "NEST's Runge-Kutta-Fehlberg solver keeps 1e-3 (mV, nS) a step"
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
    Difference("nest-urbanczik-senn", "nest", ("UrbanczikSenn",), ("v", "v_star"), SOLVER, size=4e-4),
    Difference(
        "nest-urbanczik-senn", "nest", ("UrbanczikSenn",), ("rate", "rate_star", "error"), SOLVER, relative=2e-4
    ),
)
# Its size is known of each weight, see `results.ProjectionResult.carried`.
LAST_WEIGHT = Difference(
    "nest-last-weight",
    "nest",
    ("STDPMechanism", "UrbanczikSennSynapse"),
    ("weight",),
    "the weight that NEST gives is that of the last presynaptic spike, and is that of ours",
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
    inner = variable.rpartition(".")[2]
    for entry in DIFFERENCES:
        concerned = model in entry.models or not entry.models
        if (entry.simulator, True, True) == (simulator, concerned, inner in entry.variables):
            return entry
    return None
