"""Synapses that learn from any error of a dendrite."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from pyNN.standardmodels import StandardSynapseType

from backend_cython.synapses import dendritic_error_synapses as core

from ..parameters import InvalidConnectionError, NonExistentParameterError, refuse, refuse_choice
from .modulators import ModulatorBase, core_for, follow
from .urbanczik_senn import DendriticPrediction

_types = {}
CHOICES = {"error": core.ERRORS, "kernel": core.KERNELS, "bounds": core.BOUNDS}
# parameters that there are with one choice only
ONLY = {"v_target": ("error", "potential"), "tau_kernel": ("kernel", "exponential")}


class DendriticErrorSynapse(DendriticPrediction, StandardSynapseType):
    r"""Plastic synapse that learns from an error of the dendrite on which it is.

    .. math::
        \dot w = \eta\,M(t)\,\Delta(t) - \lambda w, \qquad
        \tau_\Delta \dot \Delta = -\Delta + x(t)\,e(t - d)

    with the delay d between synapse and dendrite. Errors e are those of a dendrite c with potential V and prediction V*
    of a soma with potential U, over a time step h; φ in 1/ms:

    =========== ================================ =======
    error       e of a step                      unit
    =========== ================================ =======
    "spikes"    (spikes − φ(V*) h) φ'(V*)/φ(V*)  1/mV
    "rate"      (φ(U) − φ(V*)) h                 1
    "potential" (v_target − V) h                 mV·ms
    =========== ================================ =======

    The trace x of presynaptic spikes is with kernel "psp" the potential (mV) that they would evoke in the dendrite with
    a weight of 1 nA, as if nothing flowed back from the soma (with the sign turned at an inhibitory receptor); with
    "exponential" it grows by 1 with each spike and decays with `tau_kernel`. The spike of a step counts from the next
    one on.

    ========================= ===== =================================================================
    parameter                 unit  meaning
    ========================= ===== =================================================================
    weight                    nA    initial weight, within [w_min, w_max]
    delay                     ms    at least one time step
    eta                       below learning rate η, of either sign
    tau_Delta                 ms    time constant of the filter, zero or positive; 0: Δ = x e
    decay                     1/ms  λ, zero or positive
    w_min, w_max              nA    bounds of the weight
    dendritic_delay_fraction  1     part of the delay behind the synapse, from 0 to 1
    tau_kernel                ms    positive; only with kernel "exponential"
    v_target                  mV    only with error "potential"
    ========================= ===== =================================================================

    η is a weight over trace and error:

    =========== ============= ============
    error       kernel "psp"  "exponential"
    =========== ============= ============
    "spikes"    nA            nA·mV
    "rate"      nA/mV         nA
    "potential" nA/(mV²·ms)   nA/(mV·ms)
    =========== ============= ============

    For example, with the error "rate", the "exponential" kernel, tau_kernel = 20 ms and η = 0.01 nA, one presynaptic
    spike changes the weight, as soon as x and the filter have decayed, by η ∫ x (φ(U) − φ(V*)) dt: if the soma fires by
    5 Hz = 0.005/ms more than predicted, by 0.01 nA · 20 ms · 0.005/ms = 0.001 nA. With the "psp" kernel ∫ x dt is
    τ_s/g_L: for 3 ms and 0.03 µS, 100 mV·ms per nA, the same change takes η = 0.002 nA/mV. With the error "spikes" and
    φ'/φ = 0.2/mV at the prediction it takes η = 0.01 nA ("psp") or 0.05 nA·mV ("exponential"); with the error
    "potential" and V 2 mV below its target, 5e-6 nA/(mV²·ms) or 2.5e-5 nA/(mV·ms).

    `UrbanczikSennSynapse` is this one with the error "spikes", the kernel "psp" and η = 10⁻³ Θ² C η_NEST, where
    Θ = 15 mV, and C is the capacitance of the dendrite in nF.

    Parameters
    ----------
    error : {"spikes", "rate", "potential"}
    kernel : {"psp", "exponential"}
    bounds : {"read", "state"}
        "read": what is transmitted and read is within the bounds, and the integral beneath goes on, until
        :func:`reset_states` or ``reset(keep_weights=True)`` begins with the weight that is read. "state": the weight
        itself is brought within its bounds at each presynaptic spike, so that it comes off a bound as soon as the sign
        of learning turns.
    modulator : Modulator or SpikeModulator, optional
        M; 1 without it.
    **parameters
        Those of the table.

    Raises
    ------
    pyNN.errors.InvalidParameterValueError
        For a value that is not allowed, and for a weight outside [w_min, w_max].
    pyNN.errors.NonExistentParameterError
        For a parameter that there is not with this error or kernel.
    pyNN.errors.ConnectionError
        From `Projection`, onto another receptor than one on a dendrite, and for a `w_min` below zero onto one for
        weights of zero or more.

    Notes
    -----
    ``projection.get("weight", ...)`` is integrated to the present, without altering what follows. Setting "weight"
    restarts learning from it, setting another parameter leaves the weight continuous; Δ as well, unless there is no
    filter before or after. A new `v_target` is that of errors which arrive from then on. If parameters of the cell
    change, Δ goes on, and so does the potential x, with what is left of the current that evokes it.

    Errors are taken at the ends of time steps, where spikes arrive and the potential of a dendrite is lower than on
    average, which the soma follows: with steady input by h²/(12 τ_L τ_s) of what the input evokes. So the error "rate"
    has a part in proportion to the potential. Where errors are small for a long time, let τ_s be several time steps.

    Errors are kept for as long as the delays of all projections onto the dendrite need them. When a delay grows between
    two runs, or a projection is made then, errors from before what was kept count as 0.
    """

    core = core.dendritic_error_synapses()
    choices = {"error": "spikes", "kernel": "psp", "bounds": "read"}

    def __new__(cls, *args, **parameters):
        choices = {name: parameters.get(name, DendriticErrorSynapse.choices[name]) for name in CHOICES}
        for name, allowed in CHOICES.items():
            if choices[name] not in allowed:
                refuse_choice("DendriticErrorSynapse", name, choices[name], allowed)
        return object.__new__(_type_of(**choices))

    def __init__(
        self,
        *,
        error: str = "spikes",
        kernel: str = "psp",
        bounds: str = "read",
        modulator: ModulatorBase | None = None,
        **parameters: Any,
    ) -> None:
        if modulator is not None:
            if not isinstance(modulator, ModulatorBase):
                refuse(type(self).__name__, "modulator", repr(modulator), "a Modulator or SpikeModulator")
            modulator.check_present()
        self.__dict__["modulator"] = modulator
        super().__init__(**parameters)

    def __setattr__(self, name, value):
        if name == "modulator":
            raise AttributeError(
                f"{type(self).__name__}.modulator = ... is not allowed; give it to {type(self).__name__}(modulator=...)"
            )
        super().__setattr__(name, value)

    def _arguments(self):
        given = [f"{name}={value!r}" for name, value in self.choices.items() if value != CHOICES[name][0]]
        return given + ([] if self.modulator is None else [f"modulator={self.modulator!r}"])

    def _facts(self):
        return [*self.choices.items(), ("modulator", "none" if self.modulator is None else repr(self.modulator))]

    def __reduce__(self):
        # by its choices, since the type has no name of its own by which it could be found again
        return _made_again, (self.choices,), self.__dict__

    def check_name(self, name: str) -> None:
        choice, value = ONLY.get(name, (None, None))
        if choice is not None and self.choices[choice] != value:
            raise OnlyWith(name, type(self).__name__, self.default_parameters, f"{choice}={value!r}")
        super().check_name(name)

    def check_onto(self, celltype: Any, receptor: str | None, values: Mapping[str, Any]) -> None:
        lowest = np.min(values.get("w_min", 0.0), initial=0.0)
        if lowest < 0.0 and receptor not in celltype.core.SIGNED:
            signed = ", ".join(celltype.core.SIGNED)
            raise InvalidConnectionError(
                f"{type(self).__name__}.w_min: {lowest} nA is not allowed onto {receptor!r}; it must be zero or "
                f"positive there, or the receptor one for weights of either sign ({signed})"
            )

    def core_for(self, places: np.ndarray, size: int) -> type:
        if self.modulator is None:
            return self.core
        modulator = core_for(self.modulator, places, size)
        return core.dendritic_error_synapses(**self.choices, modulator=modulator)

    def joined(self, kind: Any, places: np.ndarray, size: int) -> None:
        if self.modulator is not None:
            follow(self.modulator, kind.CHOICE.modulator, places, size)


class OnlyWith(NonExistentParameterError):
    """A parameter that there is with another choice."""

    def __init__(self, name: str, model: str, valid: Any, choice: str) -> None:
        super().__init__(name, model, list(valid))
        self.choice = choice

    def __str__(self):
        return f"{self.model_name} has a parameter {self.parameter_name!r} only with {self.choice}"


def _type_of(error, kernel, bounds):
    """The synapse type with these choices; always the same one for the same ones."""
    key = error, kernel, bounds
    if key not in _types:
        body = {
            "core": core.dendritic_error_synapses(*key),
            "choices": dict(zip(CHOICES, key)),
            "__doc__": DendriticErrorSynapse.__doc__,
            "__module__": DendriticErrorSynapse.__module__,
        }
        _types[key] = type("DendriticErrorSynapse", (DendriticErrorSynapse,), body)
    return _types[key]


def _made_again(choices):
    return object.__new__(_type_of(**choices))
