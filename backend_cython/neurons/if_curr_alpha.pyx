"""Leaky integrate-and-fire neurons with alpha-shaped synaptic currents (PyNN's IF_curr_alpha)."""

from backend_cython.neurons.integrate_and_fire import IntegrateAndFire
from backend_cython.neurons.responses import cell_type, pair

RESPONSES, SYNAPTIC = pair("curr_alpha", 0.5, 0.5)


@cell_type
class IF_curr_alpha(IntegrateAndFire):
    """The equations are those of `IntegrateAndFire` and responses.py."""

    PARAMETERS = {**IntegrateAndFire.PARAMETERS, **SYNAPTIC}
    RESPONSES = RESPONSES
