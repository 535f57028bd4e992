"""Generalised integrate-and-fire neurons."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
from pyNN.parameters import ArrayParameter
from pyNN.standardmodels import cells

from backend_cython.neurons import gif_cond_exp

from ..parameters import Entry
from .sequences import WithSequences, in_objects

if TYPE_CHECKING:
    from ..populations import Population

NUMBERS = gif_cond_exp.NUMBERS
# Each of these is three parameters of the core, "tau_eta1" and so on.
TRIPLES = ("tau_eta", "tau_gamma", "a_eta", "a_gamma")


class GIF_cond_exp(WithSequences, cells.GIF_cond_exp):
    r"""Generalised integrate-and-fire neuron with exponentially decaying synaptic conductances.

    .. math::
        c_m \dot v &= -\frac{c_m}{\tau_m} (v - v_{rest}) - i_\eta + g_E (e_{rev,E} - v) + g_I (e_{rev,I} - v)
                      + i_{offset} + I \\
        i_\eta &= \sum_j \eta_j, \quad \dot\eta_j = -\eta_j / \tau_{\eta,j}, \qquad
        v_t = v_t^* + \sum_j \gamma_j, \quad \dot\gamma_j = -\gamma_j / \tau_{\gamma,j}

    The cell spikes with the hazard

    .. math:: \lambda = \lambda_0\, e^{(v - v_t) / \Delta_v},

    at most once in a time step; λ at its end is taken for the whole of it. A spike sets v to v_reset for
    `tau_refrac`, in which there is no hazard, and adds a_eta_j to η_j and a_gamma_j to γ_j. Weights are in µS, zero
    or positive.

    ==================== ==== ==============================================================================
    parameter            unit meaning
    ==================== ==== ==============================================================================
    v_rest               mV   potential to which the cell relaxes
    cm                   nF   capacitance, positive
    tau_m                ms   membrane time constant, positive
    tau_refrac           ms   time after a spike for which v stays at v_reset; rounded up to time steps
    v_reset              mV   potential after a spike
    i_offset             nA   constant current
    tau_syn_E, tau_syn_I ms   time constants of the synapses, positive
    e_rev_E, e_rev_I     mV   reversal potentials of the synapses
    delta_v              mV   sharpness of the threshold, positive
    v_t_star             mV   threshold without spikes
    lambda0              Hz   hazard at the threshold, zero or positive
    tau_eta              ms   time constants of the spike-triggered current, three numbers, positive
    tau_gamma            ms   time constants of the threshold, three numbers, positive
    a_eta                nA   what a spike adds to the current, three numbers
    a_gamma              mV   what a spike adds to the threshold, three numbers
    ==================== ==== ==============================================================================

    For a population, the parameters of three numbers are given once for all cells, ``tau_eta=(1.0, 10.0, 100.0)``, or
    as a list with three numbers for each cell. Receptor types are "excitatory" and "inhibitory". "spikes", "v",
    "gsyn_exc", "gsyn_inh", "i_eta" and "v_t" can be recorded. An initial value of i_eta or v_t fades with the longest
    of its time constants; v_t begins at v_t_star, if nothing else is given.

    Raises
    ------
    pyNN.errors.InvalidParameterValueError
        For a value that is not allowed.

    References
    ----------
    .. [1] Mensi S, Naud R, Pozzorini C, Avermann M, Petersen CCH, Gerstner W (2012) Parameter extraction and
       classification of three cortical neuron types reveals two distinct adaptation mechanisms. J Neurophysiol
       107:1756–1775.
    .. [2] Pozzorini C, Mensi S, Hagens O, Naud R, Koch C, Gerstner W (2015) Automated high-throughput
       characterization of single neurons by means of simplified spiking models. PLoS Comput Biol 11:e1004275.
    """

    core = gif_cond_exp.GIF_cond_exp
    default_parameters = {
        name: ArrayParameter([gif_cond_exp.GIF_cond_exp.PARAMETERS[f"{name}{j}"].default for j in NUMBERS])
        if name in TRIPLES
        else gif_cond_exp.GIF_cond_exp.PARAMETERS[name].default
        for name in cells.GIF_cond_exp.default_parameters
    }
    units = cells.GIF_cond_exp.units
    sequences = {name: gif_cond_exp.GIF_cond_exp.PARAMETERS[f"{name}1"].allowed for name in TRIPLES}
    kind = ArrayParameter

    def check_sequence(self, entry: Entry, numbers: np.ndarray) -> None:
        if numbers.size != len(NUMBERS):
            entry.refuse(f"{numbers.size} numbers", f"{len(NUMBERS)} numbers")
        super().check_sequence(entry, numbers)

    def writing(
        self, population: Population, values: Mapping[str, Any], indices: np.ndarray | None = None
    ) -> Iterator[None]:
        numbers = {name: value for name, value in values.items() if name not in TRIPLES}
        for name in values.keys() - numbers.keys():
            numbers.update({f"{name}{j}": column for j, column in zip(NUMBERS, np.transpose(values[name]))})
        return super().writing(population, numbers, indices)

    def read(
        self, population: Population, name: str, indices: np.ndarray | None = None, simplified: bool = True
    ) -> Any:
        if name not in TRIPLES:
            return super().read(population, name, indices, simplified)
        columns = [super(GIF_cond_exp, self).read(population, f"{name}{j}", indices, False) for j in NUMBERS]
        return in_objects(ArrayParameter, np.transpose(columns), simplified)
