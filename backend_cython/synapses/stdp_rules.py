"""The parts of spike-timing-dependent plasticity: rules of timing, and dependences on the weight.

With the traces K₊ of the presynaptic and K₋ of the postsynaptic spikes that have reached a synapse, each
decaying exponentially and growing by 1 a spike, a rule of timing says by how much the weight would change:

    at a postsynaptic spike   + post_plus K₊
    at a presynaptic spike    + pre_plus K₋, and then − (pre_minus K₋ + pre_constant),

and a dependence on the weight scales what increases the weight by ((w_max − w) / w_max)^mu_plus and what
decreases it by ((w − foot) / w_max)^mu_minus. Any rule goes with any dependence.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np

from backend_cython.model.schema import Parameter, refuse, with_unit

PER_SECOND = 1e-3  # Hz in 1/ms


class SpikePairRule:
    """All pairs of spikes count, with amplitudes A_plus w_max and A_minus w_max (Song, Miller & Abbott 2000)."""

    PARAMETERS = {
        "tau_plus": Parameter(20.0, "ms", "positive"),
        "tau_minus": Parameter(20.0, "ms", "positive"),
        "A_plus": Parameter(0.01, "dimensionless"),
        "A_minus": Parameter(0.01, "dimensionless"),
    }
    TIME_CONSTANTS = ("tau_plus", "tau_minus")

    @staticmethod
    def coefficients(p: Mapping[str, Any]) -> dict[str, Any]:
        """What the kernel needs, from arrays of all parameters (`PARAMETERS` and the weight's bounds)."""
        return {
            "post_plus": p["A_plus"] * p["w_max"],
            "pre_plus": 0.0,
            "pre_minus": p["A_minus"] * p["w_max"],
            "pre_constant": 0.0,
        }


class Vogels2011Rule:
    """Pairs count alike in either order, and each presynaptic spike takes 2 rho tau eta (Vogels et al. 2011).

    `eta` is in the unit of the weight; the target rate `rho` is in Hz.
    """

    PARAMETERS = {
        "tau": Parameter(20.0, "ms", "positive"),
        "eta": Parameter(1e-10, "nA or uS", "non-negative"),
        "rho": Parameter(3.0, "Hz", "non-negative"),
    }
    TIME_CONSTANTS = ("tau", "tau")

    @staticmethod
    def coefficients(p: Mapping[str, Any]) -> dict[str, Any]:
        """See `SpikePairRule.coefficients`."""
        towards = np.sign(p["w_max"]) * p["eta"]
        return {
            "post_plus": towards,
            "pre_plus": towards,
            "pre_minus": 0.0,
            "pre_constant": 2.0 * PER_SECOND * p["rho"] * p["tau"] * towards,
        }


class WeightDependence:
    """Bounds of the weight, and the exponents with which changes vanish towards them."""

    PARAMETERS = {
        "w_min": Parameter(0.0, "nA or uS"),
        "w_max": Parameter(1.0, "nA or uS"),
    }
    MU_PLUS, MU_MINUS = 0.0, 0.0

    @classmethod
    def coefficients(cls, p: Mapping[str, Any]) -> dict[str, Any]:
        """See `SpikePairRule.coefficients`."""
        return {"mu_plus": cls.MU_PLUS, "mu_minus": cls.MU_MINUS, "foot": p["w_min"]}


class AdditiveWeightDependence(WeightDependence):
    """Changes do not depend on the weight, which is cut off at its bounds."""


class MultiplicativeWeightDependence(WeightDependence):
    """Increases go with w_max − w, decreases with w − w_min (Rubin, Lee & Sompolinsky 2001)."""

    MU_PLUS, MU_MINUS = 1.0, 1.0


class AdditivePotentiationMultiplicativeDepression(WeightDependence):
    """Increases do not depend on the weight, decreases go with w (van Rossum, Bi & Turrigiano 2000)."""

    MU_PLUS, MU_MINUS = 0.0, 1.0

    @classmethod
    def coefficients(cls, p: Mapping[str, Any]) -> dict[str, Any]:
        return {**super().coefficients(p), "foot": 0.0}


class GutigWeightDependence(WeightDependence):
    """Powers of the distances to the bounds (Gütig, Aharonov, Rotter & Sompolinsky 2003)."""

    PARAMETERS = {
        **WeightDependence.PARAMETERS,
        "mu_plus": Parameter(0.5, "dimensionless", "non-negative"),
        "mu_minus": Parameter(0.5, "dimensionless", "non-negative"),
    }

    @classmethod
    def coefficients(cls, p: Mapping[str, Any]) -> dict[str, Any]:
        return {"mu_plus": p["mu_plus"], "mu_minus": p["mu_minus"], "foot": p["w_min"]}


def check_bounds(owner: str, values: Mapping[str, Any], unit: str = "") -> None:
    """Refuse bounds that contradict each other, and weights outside of them; names may be missing.

    Messages name the `unit`.

    Raises
    ------
    ValueError
        Unless 0 ≤ w_min ≤ weight ≤ w_max, or w_max ≤ weight ≤ w_min ≤ 0.
    """
    if not {"w_min", "w_max"} <= values.keys():
        return
    unit = with_unit(unit)
    names = [name for name in ("w_min", "w_max", "weight") if name in values]
    w_min, w_max, *weight = np.broadcast_arrays(*(np.atleast_1d(values[name]) for name in names))
    wrong = (w_min * w_max < 0.0) | (np.abs(w_min) > np.abs(w_max))
    if wrong.any():
        at = np.argmax(wrong)
        least = f"at least w_min, {w_min[at]}{unit}, or at most, if both are negative"
        refuse(owner, "w_max", f"{w_max[at]}{unit}", least)
    for w in weight:
        wrong = (w < np.minimum(w_min, w_max)) | (w > np.maximum(w_min, w_max))
        if wrong.any():
            at = np.argmax(wrong)
            refuse(owner, "weight", f"{w[at]}{unit}", f"between w_min, {w_min[at]}{unit}, and w_max, {w_max[at]}{unit}")
