"""Adaptive exponential integrate-and-fire neurons with conductances (PyNN's EIF_cond_alpha_isfa_ista)."""

from backend_cython.neurons.adaptive_exponential import AdaptiveExponential
from backend_cython.neurons.responses import cell_type, pair

RESPONSES, SYNAPTIC = pair("cond_alpha", 5.0, 5.0, e_rev_I=-80.0)


@cell_type
class EIF_cond_alpha_isfa_ista(AdaptiveExponential):
    """The equations are those of `AdaptiveExponential` and responses.py."""

    PARAMETERS = {**AdaptiveExponential.PARAMETERS, **SYNAPTIC}
    RESPONSES = RESPONSES
