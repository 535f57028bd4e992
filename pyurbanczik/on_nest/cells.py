"""Cell types: that of Urbanczik and Senn by NEST's model, and pyNN.nest's own, mended."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

import nest
import numpy as np
from pyNN import errors
from pyNN.nest.standardmodels import cells
from pyNN.standardmodels import StandardCellType, build_translations

from .. import neurons
from ..compare.faults import mended
from .units import plain_parameters

KILO = 1e3  # nF, nA, µS in pF, pA, nS
UNIT_VOLTAGE = 15.0  # mV, θ − E_L of the paper, in both factors of the rule
MODEL = "pp_cond_exp_mc_urbanczik"
NAMES_IN_COMPARTMENT = {
    "cm": ("C_m", KILO),
    "g_leak": ("g_L", KILO),
    "v_rest": ("E_L", 1.0),
    "e_rev_E": ("E_ex", 1.0),
    "e_rev_I": ("E_in", 1.0),
    "tau_syn_E": ("tau_syn_ex", 1.0),
    "tau_syn_I": ("tau_syn_in", 1.0),
    "i_offset": ("I_e", KILO),
}
NAMES = {
    "g_dendrite_to_soma": ("g_sp", KILO),
    "g_soma_to_dendrite": ("g_ps", KILO),
    "tau_refrac": ("t_ref", 1.0),
    "phi_max": ("phi_max", 1.0 / KILO),  # Hz in 1/ms
    "rate_slope": ("rate_slope", 1.0),
    "beta": ("beta", 1.0),
    "theta": ("theta", 1.0),
}
COMPARTMENTS = {"soma": "soma", "dendrite": "dendritic"}


class Recordable(NamedTuple):
    """A variable of NEST and the factor from its unit to ours; `derived` says what else is computed from it."""

    variable: str
    factor: float = 1.0
    derived: str | None = None


def _translation(name):
    compartment, _, inner = name.partition("_")
    if compartment in COMPARTMENTS:
        theirs, factor = NAMES_IN_COMPARTMENT[inner]
        return name, f"{COMPARTMENTS[compartment]}.{theirs}", factor
    return name, *NAMES[name]


class UrbanczikSenn(neurons.UrbanczikSenn):
    """:class:`pyurbanczik.UrbanczikSenn` by NEST's model ``pp_cond_exp_mc_urbanczik``.

    Raises
    ------
    pyNN.errors.InvalidParameterValueError
        For a `dendrite_i_offset`, which NEST ignores.
    """

    translations = build_translations(*map(_translation, neurons.UrbanczikSenn.default_parameters))
    nest_name = {"on_grid": MODEL, "off_grid": MODEL}
    standard_receptor_type = False
    extra_parameters: Mapping[str, Any] = {}
    # only what NEST has: a port for weights of either sign is missing
    receptor_types = ("dendritic_exc", "dendritic_inh", "soma_exc", "soma_inh")
    recordables = {
        "v": Recordable("V_m.s"),
        "soma.v": Recordable("V_m.s"),
        "dendrite.v": Recordable("V_m.p"),
        "gsyn_exc": Recordable("g_ex.s", 1.0 / KILO),
        "gsyn_inh": Recordable("g_in.s", 1.0 / KILO),
        "isyn_exc": Recordable("I_ex.p", 1.0 / KILO),
        "isyn_inh": Recordable("I_in.p", 1.0 / KILO),
        "v_star": Recordable("V_m.p", 1.0, "v_star"),
        "rate": Recordable("V_m.s", 1.0, "rate"),
        "rate_star": Recordable("V_m.p", 1.0, "rate_star"),
        "error": Recordable("V_m.p", 1.0, "error"),
    }
    state_variables = {"soma.v": ("soma", "V_m"), "dendrite.v": ("dendritic", "V_m")}

    def check_parameter(self, name: str, value: Any) -> Any:
        value = super().check_parameter(name, value)
        if name == "dendrite_i_offset" and np.any(np.asarray(value) != 0.0):
            raise errors.InvalidParameterValueError(
                f"UrbanczikSenn.dendrite_i_offset: {value} is not allowed on NEST, which ignores "
                "currents into the dendrite"
            )
        return value

    def get_receptor_type(self, name: str) -> int:
        """The number of NEST's port."""
        return nest.GetDefaults(MODEL)["receptor_types"][name]


def derive(what: str, potential: np.ndarray, n_spikes: Any, timestep: float, cells: Mapping[str, Any]) -> np.ndarray:
    """What NEST does not record, out of a potential (mV): V*_w, φ(U), φ(V*_w) in Hz, and δΠ of the step.

    Parameters
    ----------
    what : str
        "v_star", "rate", "rate_star" or "error".
    potential : ndarray, shape (n_samples, n_cells)
        Of the dendrite; of the soma for "rate".
    n_spikes : ndarray, shape (n_samples, n_cells)
        Spikes in the step of each sample, for "error".
    cells : dict
        Parameters of the cells, numbers or arrays of shape (n_cells,).
    """
    if what != "rate":
        leak, coupling = cells["soma_g_leak"], cells["g_dendrite_to_soma"]
        potential = (leak * cells["soma_v_rest"] + coupling * potential) / (leak + coupling)
    if what == "v_star":
        return potential
    growth = cells["rate_slope"] * np.exp(cells["beta"] * (cells["theta"] - potential))
    rate = cells["phi_max"] / (1.0 + growth)
    if what != "error":
        return rate
    slope = UNIT_VOLTAGE * cells["beta"] * growth / (1.0 + growth)
    return (n_spikes - rate * 1e-3 * timestep) * slope


class _Plain:
    """Parameters may be quantities."""

    units: Mapping[str, str]

    def __init__(self, **parameters: Any) -> None:
        super().__init__(**plain_parameters(parameters, self.units))


class IF_curr_delta(_Plain, cells.IF_curr_delta):
    __doc__ = cells.IF_curr_delta.__doc__

    variable_map = {"v": "V_m"}
    scale_factors = {"v": 1}

    def __init__(self, **parameters: Any) -> None:
        super().__init__(**parameters)
        mended("unrecordable-v")


class IF_cond_exp_gsfa_grr(_Plain, cells.IF_cond_exp_gsfa_grr):
    __doc__ = cells.IF_cond_exp_gsfa_grr.__doc__

    variable_map = {**cells.IF_cond_exp_gsfa_grr.variable_map, "g_r": "g_rr", "g_s": "g_sfa"}
    scale_factors = {**cells.IF_cond_exp_gsfa_grr.scale_factors, "g_r": 1, "g_s": 1}  # nS in both

    def __init__(self, **parameters: Any) -> None:
        super().__init__(**parameters)
        mended("gsfa-grr-states")


def _units(name, theirs):
    """The units that are declared for parameters, here or by PyNN."""
    return {**theirs.units, **getattr(getattr(neurons, name, None), "units", {})}


for _cls in (IF_curr_delta, IF_cond_exp_gsfa_grr):
    _cls.units = _units(_cls.__name__, _cls)


def standard_cells(present: Mapping[str, Any]) -> dict[str, type]:
    """Those of pyNN.nest among `present` that are not replaced, such that they take quantities."""
    return {
        name: type(name, (_Plain, cls), {"__doc__": cls.__doc__, "__module__": __name__, "units": _units(name, cls)})
        for name, cls in present.items()
        if isinstance(cls, type)
        and issubclass(cls, StandardCellType)
        and cls.__module__ == cells.__name__
        and isinstance(cls.units, dict)
    }
