"""The integrate-and-fire neurons of the FACETS hardware, stage 1 (PyNN's IF_facets_hardware1)."""

from backend_cython.model.schema import Compartment, Parameter, check_most, shortest_time_constant
from backend_cython.neurons.integrate_and_fire import IntegrateAndFire
from backend_cython.neurons.responses import cell_type, pair

# what PyNN states as the values of the hardware
CM = 0.2             # nF
TAU_REFRAC = 1.0     # ms
E_REV_E = 0.0        # mV

RESPONSES, _ = pair("cond_exp", 30.0, 30.0)


@cell_type
class IF_facets_hardware1(IntegrateAndFire):
    """Cells with exponential conductances, given by their leak conductance, of which less can be set."""

    COMPARTMENTS = {"soma": Compartment("v", CM, coupled=True)}
    CONSTANTS = {"cm": CM, "tau_refrac": TAU_REFRAC, "e_rev_E": E_REV_E}
    PARAMETERS = {
        "g_leak": Parameter(0.04, "uS", "positive"),
        "tau_syn_E": Parameter(30.0, "ms", "positive"),
        "tau_syn_I": Parameter(30.0, "ms", "positive"),
        "v_reset": Parameter(-80.0, "mV"),
        "e_rev_I": Parameter(-80.0, "mV"),
        "v_rest": Parameter(-65.0, "mV"),
        "v_thresh": Parameter(-55.0, "mV"),
    }
    RESPONSES = RESPONSES

    def leak(self):
        return self.parameter("g_leak")

    def check_together(self, p, owner):
        super().check_together(p, owner)
        check_most(owner, "g_leak", p["g_leak"], CM / shortest_time_constant(self.timestep),
                   "a membrane time constant of a thousandth of the time step", "uS")
