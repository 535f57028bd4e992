"""Integrate-and-fire neurons with spike-frequency adaptation and a relative refractory mechanism.

Two more conductances, g_s and g_r, drive the potential to e_rev_sfa and e_rev_rr. Each spike of the cell adds
q_sfa to g_s and q_rr to g_r; they decay with the time constants tau_sfa and tau_rr.

Muller, Buesing, Schemmel & Meier (2007), Neural Computation 19: 2958–3010.
"""

from backend_cython.model.schema import Parameter, State
from backend_cython.neurons.integrate_and_fire import IntegrateAndFire as Membrane
from backend_cython.neurons.integrate_and_fire cimport IntegrateAndFire
from backend_cython.neurons.point_neuron cimport PointNeuron, Run
from backend_cython.neurons.responses import Response, pair

_RESPONSES, _SYNAPTIC = pair("cond_exp", 5.0, 5.0)
cdef enum:
    # numbers in `RESPONSES`
    SFA = 2
    RR = 3


cdef class IF_cond_exp_gsfa_grr(IntegrateAndFire):
    """The equations of the membrane and the synapses are those of `IntegrateAndFire` and responses.py."""

    cdef const double[::1] q_sfa, q_rr

    PARAMETERS = {
        **Membrane.PARAMETERS,
        **_SYNAPTIC,
        "tau_sfa": Parameter(100.0, "ms", "positive"),
        "e_rev_sfa": Parameter(-75.0, "mV"),
        "q_sfa": Parameter(0.015, "uS", "non-negative"),
        "tau_rr": Parameter(2.0, "ms", "positive"),
        "e_rev_rr": Parameter(-75.0, "mV"),
        "q_rr": Parameter(3.0, "uS", "non-negative"),
    }
    RESPONSES = {
        **_RESPONSES,
        "sfa": Response("cond_exp", tau="tau_sfa", e_rev="e_rev_sfa", signal="g_s"),
        "rr": Response("cond_exp", tau="tau_rr", e_rev="e_rev_rr", signal="g_r"),
    }
    STATES = {"v": State(-65.0, "mV"), **{response.signal: response.state for response in RESPONSES.values()}}
    RECEPTORS = tuple(_RESPONSES)

    def prepare_membrane(self):
        IntegrateAndFire.prepare_membrane(self)
        self.q_sfa = self.parameter("q_sfa")
        self.q_rr = self.parameter("q_rr")

    cdef void spike(self, const Run* run, Py_ssize_t i) noexcept nogil:
        PointNeuron.spike(self, run, i)
        self.responses.value[SFA][i] += self.q_sfa[self.cell_at(run, i)]
        self.responses.value[RR][i] += self.q_rr[self.cell_at(run, i)]
