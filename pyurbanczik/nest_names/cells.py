"""Cell types under NEST's names and in NEST's units (pF, nS, pA, 1/ms), so that a NEST script ports line by
line.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from backend_cython.neurons import urbanczik_senn as urbanczik_senn_core

from ..neurons.base import Term
from ..parameters import fill
from .advice import look_up
from .generators import poisson_generator, spike_generator
from .native import NativeCellType

if TYPE_CHECKING:
    from ..populations import Population

MILLI = 1e-3  # pF → nF, nS → µS, pA → nA
KILO = 1e3  # 1/ms → Hz


class pp_cond_exp_mc_urbanczik(NativeCellType):
    """The two-compartment neuron (:class:`pyurbanczik.UrbanczikSenn`) as NEST parametrises it.

    Takes NEST's nested dictionary: ``pp_cond_exp_mc_urbanczik(soma={"C_m": 300.0, ...}, dendritic={...},
    g_sp=600.0,
    ...)``. "V_m" of a compartment is its potential: given at creation or through `set` it is the initial
    value as well. Read as "soma_C_m" or "soma.C_m"; "soma" gives a dictionary. What is set reads back as the
    same number.

    Recordable are "spikes", "V_m.s", "V_m.p" (mV), "g_ex.s", "g_in.s" (nS), "I_ex.p" and "I_in.p" (pA).
    NEST's "E_ex" and "E_in" of the dendrite are accepted, and without effect as in NEST.
    """

    core = urbanczik_senn_core.UrbanczikSenn
    conductance_based = True
    compartments = ("soma", "dendritic")
    parameters = {
        "soma_C_m": Term("soma_cm", MILLI, "pF"),
        "soma_g_L": Term("soma_g_leak", MILLI, "nS"),
        "soma_E_L": Term("soma_v_rest", 1.0, "mV"),
        "soma_E_ex": Term("soma_e_rev_E", 1.0, "mV"),
        "soma_E_in": Term("soma_e_rev_I", 1.0, "mV"),
        "soma_tau_syn_ex": Term("soma_tau_syn_E", 1.0, "ms"),
        "soma_tau_syn_in": Term("soma_tau_syn_I", 1.0, "ms"),
        "soma_I_e": Term("soma_i_offset", MILLI, "pA"),
        "dendritic_C_m": Term("dendrite_cm", MILLI, "pF"),
        "dendritic_g_L": Term("dendrite_g_leak", MILLI, "nS"),
        "dendritic_E_L": Term("dendrite_v_rest", 1.0, "mV"),
        "dendritic_tau_syn_ex": Term("dendrite_tau_syn_E", 1.0, "ms"),
        "dendritic_tau_syn_in": Term("dendrite_tau_syn_I", 1.0, "ms"),
        "dendritic_I_e": Term("dendrite_i_offset", MILLI, "pA"),
        "g_sp": Term("g_dendrite_to_soma", MILLI, "nS"),
        "g_ps": Term("g_soma_to_dendrite", MILLI, "nS"),
        "t_ref": Term("tau_refrac", 1.0, "ms"),
        "phi_max": Term("phi_max", KILO, "1/ms"),
        "rate_slope": Term("rate_slope", 1.0, "dimensionless"),
        "beta": Term("beta", 1.0, "1/mV"),
        "theta": Term("theta", 1.0, "mV"),
    }
    states = {
        "V_m.s": Term("soma.v", 1.0, "mV"),
        "V_m.p": Term("dendrite.v", 1.0, "mV"),
        "g_ex.s": Term("gsyn_exc", MILLI, "nS"),
        "g_in.s": Term("gsyn_inh", MILLI, "nS"),
        "I_ex.p": Term("isyn_exc", MILLI, "pA"),
        "I_in.p": Term("isyn_inh", MILLI, "pA"),
    }
    signals = states
    potentials = {"soma_V_m": "V_m.s", "dendritic_V_m": "V_m.p"}  # parameters in NEST, states here
    inert = ("dendritic_E_ex", "dendritic_E_in")
    own_defaults = {"soma_V_m": -70.0, "dendritic_V_m": -70.0, "dendritic_E_ex": 0.0, "dendritic_E_in": 0.0}
    units = dict.fromkeys(own_defaults, "mV")
    default_initial_values = {
        "V_m.s": "soma_V_m",
        "V_m.p": "dendritic_V_m",
        "g_ex.s": 0.0,
        "g_in.s": 0.0,
        "I_ex.p": 0.0,
        "I_in.p": 0.0,
    }

    def writing(
        self, population: Population, values: Mapping[str, Any], indices: np.ndarray | None = None
    ) -> Iterator[None]:
        """Split what NEST calls parameters into parameters, potentials and what is inert."""
        own = {name: value for name, value in values.items() if name in self.parameters}
        yield from super().writing(population, own, indices)
        for name in (*self.potentials, *self.inert):
            if name in values or name not in population.given:
                given = population.given.setdefault(name, np.full(population.size, self.default_parameters[name]))
                fill(given, indices, values.get(name, self.default_parameters[name]))
                if name in self.potentials and name in values:
                    population.core.initialize(self.states[self.potentials[name]].core, values[name], indices)

    def read(
        self, population: Population, name: str, indices: np.ndarray | None = None, simplified: bool = True
    ) -> Any:
        if name in self.potentials:
            state = self.states[self.potentials[name]]
            population.given[name] = population.core.value(state.core)
        return super().read(population, name, indices, simplified)


NATIVE_CELL_TYPES = {cls.__name__: cls for cls in (pp_cond_exp_mc_urbanczik, spike_generator, poisson_generator)}


def native_cell_type(model_name: str) -> type:
    """The cell type that NEST calls `model_name`, with NEST's names and units.

    Parameters
    ----------
    model_name : str
        "pp_cond_exp_mc_urbanczik", "spike_generator" or "poisson_generator".

    Returns
    -------
    type
        A cell class; call it with NEST's parameters.

    Raises
    ------
    pyNN.errors.NoModelAvailableError
        For another name; it says what to use instead.
    """
    return look_up("native cell type", NATIVE_CELL_TYPES, model_name)
