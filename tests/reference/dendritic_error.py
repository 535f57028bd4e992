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


class Learner:
    """The same for many connections, step by step, with parameters that may change between steps.

    Parameters
    ----------
    dt : float
    kernel : {"psp", "exponential"}
    bounds : {"read", "state"}
    **parameters : float, or array with a number for each connection
        weight, eta, tau_Delta, decay, w_min, w_max; tau_kernel; or those of the PSP: cm, tau_L, tau_s and sign.

    Attributes
    ----------
    start, moved : array
        The weight before it is clipped for reading, as a sum, in which small changes are not rounded away.
    delta : array
        Δ, filtered.
    v, i : array
        Of the trace: the potential (mV) and the current (nA) that 1 nA a spike evokes; i is 0 with "exponential".
    """

    def __init__(self, dt, kernel, bounds, **parameters):
        self.dt, self.kernel, self.bounds = dt, kernel, bounds
        given = [np.asarray(values, dtype=np.float64) for values in parameters.values()]
        self.p = dict(zip(parameters, map(np.array, np.broadcast_arrays(*given))))
        self.start = self.p.pop("weight")
        self.moved, self.delta, self.v, self.i = (np.zeros_like(self.start) for _ in range(4))

    @property
    def w(self):
        return self.start + self.moved

    def read(self):
        return np.clip(self.w, self.p["w_min"], self.p["w_max"])

    def clip(self, where):
        beyond = where & (self.read() != self.w)
        self.moved = np.where(beyond, self.read() - self.start, self.moved)

    def set(self, where, **values):
        """Parameters of the connections `where` (mask) from now on.

        `weight` restarts learning; with any other one the weight, Δ, and the potential and current of the trace are
        continuous, except that there is no Δ without a filter, and that what old bounds cut off does not come back.
        """
        if "w_min" in values or "w_max" in values:
            self.clip(where)
        if "tau_Delta" in values:
            both = (self.p["tau_Delta"] > 0.0) & (np.asarray(values["tau_Delta"]) > 0.0)
            self.delta = np.where(where & ~both, 0.0, self.delta)
        if "weight" in values:
            self.start = np.where(where, values.pop("weight"), self.start)
            self.moved, self.delta = np.where(where, 0.0, self.moved), np.where(where, 0.0, self.delta)
        for name, value in values.items():
            self.p[name] = np.where(where, value, self.p[name])

    def spike(self, n_spikes):
        """Presynaptic spikes that arrive at the end of a step."""
        if self.bounds == "state":
            self.clip(n_spikes != 0)
        if self.kernel == "exponential":
            self.v = self.v + n_spikes
        else:
            self.i = self.i + n_spikes

    def step(self, error, modulator):
        """Over one step with this error (as the synapse sees it), and the modulator at its beginning."""
        p, h = self.p, self.dt
        if self.kernel == "exponential":
            self.v = self.v * np.exp(-h / p["tau_kernel"])
        else:
            risen = [psp(h, *one) for one in zip(p["cm"], p["tau_L"], p["tau_s"])]
            self.v = self.v * np.exp(-h / p["tau_L"]) + self.i * p["sign"] * risen
            self.i = self.i * np.exp(-h / p["tau_s"])
        product = self.v * error
        filtered = p["tau_Delta"] > 0.0
        tau = np.where(filtered, p["tau_Delta"], 1.0)
        gain = np.array([_filter_gain(h, 1.0 / one, decay) for one, decay in zip(tau, p["decay"])])
        change = np.where(filtered, tau * self.delta * gain, product)
        self.delta = np.where(filtered, self.delta * np.exp(-h / tau) + product / tau, 0.0)
        self.moved = self.moved * np.exp(-p["decay"] * h) + self.start * np.expm1(-p["decay"] * h)
        self.moved += p["eta"] * modulator * change
