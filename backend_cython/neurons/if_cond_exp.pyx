"""Leaky integrate-and-fire neurons with exponentially decaying synaptic conductances (PyNN's IF_cond_exp)."""

from backend_cython.neurons.integrate_and_fire import IntegrateAndFire
from backend_cython.neurons.responses import cell_type, pair

RESPONSES, SYNAPTIC = pair("cond_exp", 5.0, 5.0)


@cell_type
class IF_cond_exp(IntegrateAndFire):
    """The equations are those of `IntegrateAndFire` and responses.py."""

    PARAMETERS = {**IntegrateAndFire.PARAMETERS, **SYNAPTIC}
    RESPONSES = RESPONSES
