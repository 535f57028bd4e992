"""Leaky integrate-and-fire neurons with alpha-shaped synaptic conductances (PyNN's IF_cond_alpha)."""

from backend_cython.neurons.integrate_and_fire import IntegrateAndFire
from backend_cython.neurons.responses import cell_type, pair

RESPONSES, SYNAPTIC = pair("cond_alpha", 0.3, 0.5)


@cell_type
class IF_cond_alpha(IntegrateAndFire):
    """The equations are those of `IntegrateAndFire` and responses.py."""

    PARAMETERS = {**IntegrateAndFire.PARAMETERS, **SYNAPTIC}
    RESPONSES = RESPONSES
