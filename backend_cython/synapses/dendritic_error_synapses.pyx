"""Learning from the error e of a dendrite, with a choice of error, trace, filter, decay, bounds and modulator.

    dw/dt = η M(t) Δ(t) − λ w,        τ_Δ dΔ/dt = −Δ + x(t) e(t − d)

The error of a step h is (spikes − φ(V*) h) φ'(V*)/φ(V*), (φ(U) − φ(V*)) h or (v_target − V) h. The trace x is the
potential that 1 nA per presynaptic spike evokes in the dendrite, or one that grows by 1 with each spike and decays
with tau_kernel. `tau_Delta` 0 means Δ = x e. See `ErrorIntegrals` for the integrals.
"""

from backend_cython.model.schema import Parameter

from .error_synapses import check_learnable
from .learning import Choice

ERRORS = ("spikes", "rate", "potential")
KERNELS = ("psp", "exponential")
BOUNDS = ("read", "state")
# of η: of a weight over trace and error
UNITS = {
    ("spikes", "psp"): "nA",
    ("rate", "psp"): "nA/mV",
    ("potential", "psp"): "nA/(mV**2*ms)",
    ("spikes", "exponential"): "nA*mV",
    ("rate", "exponential"): "nA",
    ("potential", "exponential"): "nA/(mV*ms)",
}


cdef class DendriticErrorSynapses(ErrorSynapses):
    """Plastic synapses onto dendrites; classes for one `CHOICE` are made by `dendritic_error_synapses`."""

    CHOICE = Choice(kernel="psp")

    @classmethod
    def check_ends(cls, pre, post, receptor, owner):
        check_learnable(post, receptor, cls.CHOICE.error, owner)

    @classmethod
    def third_parties(cls):
        modulator = cls.CHOICE.modulator
        return [] if modulator is None or modulator.population is None else [modulator.population]


def dendritic_error_synapses(error="spikes", kernel="psp", bounds="read", modulator=None):
    """The class of synapses with one of `ERRORS`, of `KERNELS` and of `BOUNDS`, and a `Modulator`, if any."""
    parameters = {
        "weight": Parameter(0.0, "nA"),
        "eta": Parameter(0.0, UNITS[error, kernel]),
        "tau_Delta": Parameter(100.0, "ms", "time"),
        "decay": Parameter(0.0, "1/ms", "non-negative"),
        "w_min": Parameter(0.0, "nA"),
        "w_max": Parameter(0.1, "nA"),
    }
    if kernel == "exponential":
        parameters["tau_kernel"] = Parameter(10.0, "ms", "positive")
    if error == "potential":
        parameters["v_target"] = Parameter(-70.0, "mV")
    return type("DendriticErrorSynapses", (DendriticErrorSynapses,),
                {"CHOICE": Choice(error, kernel, bounds, modulator), "PARAMETERS": parameters})
