"""Leaky integrate-and-fire neurons whose potential jumps by the weight of each input (PyNN's IF_curr_delta)."""

from backend_cython.neurons.integrate_and_fire import IntegrateAndFire
from backend_cython.neurons.responses import Response, cell_type


@cell_type
class IF_curr_delta(IntegrateAndFire):
    """The equation is that of `IntegrateAndFire`; weights are in mV. Input of refractory cells is lost."""

    RESPONSES = {"excitatory": Response("curr_delta"), "inhibitory": Response("curr_delta")}
