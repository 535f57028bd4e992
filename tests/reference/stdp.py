"""Spike-timing-dependent plasticity from its definition: plain loops over all pairs of spikes.

    SpikePairRule    F(Δt) = A₊ e^{−Δt/τ₊} for a postsynaptic spike Δt > 0 after a presynaptic one,
                     −A₋ e^{Δt/τ₋} for Δt < 0, nothing for Δt = 0; in units of w_max   Song, Miller & Abbott (2000)
    Vogels2011Rule   F(Δt) = η e^{−|Δt|/τ} for Δt ≠ 0, and −2 ρ τ η for each presynaptic spike  Vogels et al. (2011)

Times are those at which spikes reach the synapse. A pair acts at its later spike; what acts at one spike is
summed, scaled by the dependence on the weight, and the weight is cut off at its bounds. At one time,
postsynaptic spikes come first; at a presynaptic spike, what increases the weight comes first.
"""

from math import exp

MILLISECONDS = 1e3  # in a second


def dependence(name, p):
    """The functions that scale increases and decreases of the weight, which are 1 far from the bound."""
    up = {
        "Additive": lambda w: 1.0,
        "Multiplicative": lambda w: (p["w_max"] - w) / p["w_max"],
        "AdditivePotentiationMultiplicativeDepression": lambda w: 1.0,
        "Gutig": lambda w: ((p["w_max"] - w) / p["w_max"]) ** p["mu_plus"],
    }
    down = {
        "Additive": lambda w: 1.0,
        "Multiplicative": lambda w: (w - p["w_min"]) / p["w_max"],
        "AdditivePotentiationMultiplicativeDepression": lambda w: w / p["w_max"],
        "Gutig": lambda w: ((w - p["w_min"]) / p["w_max"]) ** p["mu_minus"],
    }
    return up[name], down[name]


def carried(timing, weights, p, w, pre, post, end=float("inf")):
    """The weights that the presynaptic spikes carry, and the weight at the end.

    timing        "SpikePair" or "Vogels2011"
    weights       a name known to `dependence`
    p             parameters under PyNN's names (ms, Hz)
    pre, post     ms, times of arrival at the synapse; later ones than `end` are left out
    """
    up, down = dependence(weights, p)
    sign = 1 if p["w_max"] > 0 else -1
    low, high = sorted((p["w_min"], p["w_max"]))

    def clip(w):
        return min(max(w, low), high)

    seen = []
    events = [(t, 0) for t in post if t <= end] + [(t, 1) for t in pre if t <= end]
    for t, is_pre in sorted(events):
        gap = [t - s for s in (post if is_pre else pre) if s < t]
        if timing == "SpikePair":
            tau, amount = ("tau_minus", "A_minus") if is_pre else ("tau_plus", "A_plus")
            change = p["w_max"] * p[amount] * sum(exp(-dt / p[tau]) for dt in gap)
            w = clip(w - change * down(w) if is_pre else w + change * up(w))
        else:
            w = clip(w + sign * p["eta"] * sum(exp(-dt / p["tau"]) for dt in gap) * up(w))
            if is_pre:
                w = clip(w - sign * 2 * p["rho"] / MILLISECONDS * p["tau"] * p["eta"] * down(w))
        if is_pre:
            seen.append(w)
    return seen, w
