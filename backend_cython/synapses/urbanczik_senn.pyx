"""The dendritic-prediction learning rule of Urbanczik & Senn (2014).

At a presynaptic spike at t_s, with the PSP α(t) = Σ_f (e^{−(t − t_f)/τ_L} − e^{−(t − t_f)/τ_s}) that earlier
spikes left and the error δΠ of the target's dendrite, a delay d before,

    w = clip(w_init + c (∫ Π dt − ∫ Π e^{−(t_s − t)/τ_Δ} dt)),      Π(t) = α(t) δΠ(t − d),      c ∝ η,

which is dw/dt ∝ η Δ with τ_Δ dΔ/dt = Π − Δ, read at the spike. It is that of dendritic_error_synapses.pyx
with one choice of everything, and NEST's unit of η.
"""

from backend_cython.model.schema import Parameter

from .error_synapses import check_learnable


cdef class UrbanczikSennSynapses(ErrorSynapses):
    """Plastic synapses onto dendrites; see `Projection`."""

    PARAMETERS = {
        "weight": Parameter(0.0, "nA", "non-negative"),
        "eta": Parameter(0.07, "dimensionless", "non-negative"),
        "tau_Delta": Parameter(100.0, "ms", "positive"),
        "w_min": Parameter(0.0, "nA", "non-negative"),
        "w_max": Parameter(0.1, "nA", "non-negative"),
    }
    RECORDABLES = {"weight": "nA"}

    @classmethod
    def check_ends(cls, pre, post, receptor, owner):
        check_learnable(post, receptor, "spikes", owner)
