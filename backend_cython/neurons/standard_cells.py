"""Point neurons that are one of the membranes with a pair of standard responses, and nothing of their own.

Equations are those of `IntegrateAndFire`, `AdaptiveExponential` and responses.py; names and defaults are PyNN's.
"""

from backend_cython.neurons.adaptive_exponential import AdaptiveExponential
from backend_cython.neurons.integrate_and_fire import IntegrateAndFire
from backend_cython.neurons.responses import Response, cell_type, pair


@cell_type
class IF_curr_exp(IntegrateAndFire):
    """Leaky integrate-and-fire neurons with exponentially decaying synaptic currents."""

    RESPONSES, _SYNAPTIC = pair("curr_exp", 5.0, 5.0)
    PARAMETERS = {**IntegrateAndFire.PARAMETERS, **_SYNAPTIC}


@cell_type
class IF_cond_exp(IntegrateAndFire):
    """Leaky integrate-and-fire neurons with exponentially decaying synaptic conductances."""

    RESPONSES, _SYNAPTIC = pair("cond_exp", 5.0, 5.0)
    PARAMETERS = {**IntegrateAndFire.PARAMETERS, **_SYNAPTIC}


@cell_type
class IF_curr_alpha(IntegrateAndFire):
    """Leaky integrate-and-fire neurons with alpha-shaped synaptic currents."""

    RESPONSES, _SYNAPTIC = pair("curr_alpha", 0.5, 0.5)
    PARAMETERS = {**IntegrateAndFire.PARAMETERS, **_SYNAPTIC}


@cell_type
class IF_cond_alpha(IntegrateAndFire):
    """Leaky integrate-and-fire neurons with alpha-shaped synaptic conductances."""

    RESPONSES, _SYNAPTIC = pair("cond_alpha", 0.3, 0.5)
    PARAMETERS = {**IntegrateAndFire.PARAMETERS, **_SYNAPTIC}


@cell_type
class IF_curr_delta(IntegrateAndFire):
    """Leaky integrate-and-fire neurons whose potential jumps by the weight, in mV, of each input; that of refractory
    cells is lost.
    """

    RESPONSES = {"excitatory": Response("curr_delta"), "inhibitory": Response("curr_delta")}


@cell_type
class EIF_cond_alpha_isfa_ista(AdaptiveExponential):
    """Adaptive exponential integrate-and-fire neurons with alpha-shaped synaptic conductances."""

    RESPONSES, _SYNAPTIC = pair("cond_alpha", 5.0, 5.0, e_rev_I=-80.0)
    PARAMETERS = {**AdaptiveExponential.PARAMETERS, **_SYNAPTIC}


@cell_type
class EIF_cond_exp_isfa_ista(AdaptiveExponential):
    """Adaptive exponential integrate-and-fire neurons with exponentially decaying synaptic conductances."""

    RESPONSES, _SYNAPTIC = pair("cond_exp", 5.0, 5.0, e_rev_I=-80.0)
    PARAMETERS = {**AdaptiveExponential.PARAMETERS, **_SYNAPTIC}
