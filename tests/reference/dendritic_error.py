"""Learning from the error of a dendrite, one step after the other.

    dw/dt = η M(t) Δ(t) − λ w,        τ_Δ dΔ/dt = −Δ + x(t) e(t − d)

Over the step (m − 1, m], h long, with the filter X, the modulator M and the product π of trace and delayed error,

    π_m = x_m e_{m−k},        X_m = X_{m−1} e^{−h/τ_Δ} + π_m,
    w_m = w_{m−1} e^{−λh} + η M_{m−1} X_{m−1} D (e^{−λh} − e^{−Dh}) / (D − λ),        D = 1/τ_Δ,

and without a filter (τ_Δ = 0)  w_m = w_{m−1} e^{−λh} + η M_{m−1} π_m. The spike of step m enters x from m + 1 on.

Arrays hold the steps 0 … n; entry 0 of errors is unused. Units: ms, mV, nA, nF; errors as in `errors_of`.
"""

import numpy as np


def errors_of(kind, *, n_spikes=None, rate=None, rate_star=None, log_slope=None, v=None, v_target=None, dt):
    """The error of each step, from rates in 1/ms and potentials in mV.

    spikes     (n − φ(V*) h) φ'(V*)/φ(V*)      1/mV
    rate       (φ(U) − φ(V*)) h                1
    potential  (v_target − V) h                mV ms
    """
    if kind == "spikes":
        return (n_spikes - rate_star * dt) * log_slope
    if kind == "rate":
        return (rate - rate_star) * dt
    return (v_target - v) * dt


def psp_trace(spikes, dt, cm, tau_L, tau_s, sign=1.0):
    """The potential (mV) that spikes evoke in the dendrite for a weight of 1 nA."""
    return sign * _trace(spikes, dt, lambda t: psp(t, cm, tau_L, tau_s))


def psp(t, cm, tau_L, tau_s):
    """τ_s / (g_L (τ_L − τ_s)) (e^{−t/τ_L} − e^{−t/τ_s}) with g_L = C/τ_L, which is t e^{−t/τ_L} / C for τ_L = τ_s."""
    if abs(tau_L - tau_s) < 1e-9 * tau_L:
        return t * np.exp(-t / tau_L) / cm
    return tau_s * tau_L / (cm * (tau_L - tau_s)) * (np.exp(-t / tau_L) - np.exp(-t / tau_s))


def exponential_trace(spikes, dt, tau_kernel):
    """Grows by one with each spike, from the next step on."""
    return _trace(spikes, dt, lambda t: np.exp(-t / tau_kernel))


def _trace(spikes, dt, kernel):
    """`spikes`: how many of them (or their factors) there are in each step."""
    n = len(spikes)
    shape = kernel(dt * np.arange(n))
    shape[0] = 0.0
    return np.array([np.dot(shape[: m + 1][::-1], spikes[: m + 1]) for m in range(n)])


def weights(w_init, x, error, modulator, *, dt, eta, tau_Delta, decay, delay_steps, w_min, w_max, bounds, spikes):
    """The weight that is read at each step (after clipping), and the one beneath it.

    `modulator`, `eta`, `decay` may be arrays: of step m − 1 for what happens over (m − 1, m].
    """
    n = len(x)
    modulator, eta, decay = (np.broadcast_to(np.asarray(value, dtype=float), n) for value in (modulator, eta, decay))
    beneath = np.empty(n)
    read = np.empty(n)
    beneath[0] = w_init
    read[0] = np.clip(w_init, w_min, w_max)
    filtered = 0.0
    for m in range(1, n):
        product = x[m] * error[m - delay_steps] if m > delay_steps else 0.0
        left = np.exp(-decay[m - 1] * dt)
        if tau_Delta == 0.0:
            change = product
        else:
            change = filtered * _filter_gain(dt, 1.0 / tau_Delta, decay[m - 1])
            filtered = filtered * np.exp(-dt / tau_Delta) + product
        w = beneath[m - 1] * left + eta[m - 1] * modulator[m - 1] * change
        read[m] = np.clip(w, w_min, w_max)
        beneath[m] = read[m] if bounds == "state" and spikes[m] else w
    return read, beneath


def _filter_gain(h, D, decay):
    """D (e^{−λh} − e^{−Dh}) / (D − λ), whose limit for D = λ is D h e^{−Dh}."""
    if abs(D - decay) * h < 1e-9:
        return D * h * np.exp(-D * h)
    return D * (np.exp(-decay * h) - np.exp(-D * h)) / (D - decay)
