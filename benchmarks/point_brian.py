"""The networks of ``benchmarks.point_networks`` in Brian2; see point_peers.py."""

import tempfile
import time

import numpy as np

from benchmarks.point_networks import STDP, TIMESTEP


class Brian:
    """Equations as they are written there for such cells; a program of its own for each network if `standalone`.

    All cells are one group, and all synapses with the same code one object: each more is more to compile and to call.
    """

    DECAY = "dge/dt = -ge / (tau_syn_E*ms) : 1\ndgi/dt = -gi / (tau_syn_I*ms) : 1\n"
    LEAK = "i_offset : 1\ndv/dt = ((v_rest - v) / tau_m + i_offset / c_m"
    UNLESS = ") / ms : 1 (unless refractory)"
    DRIVE = " + (ge*(e_rev_E - v) + gi*(e_rev_I - v)) / c_m"
    EQUATIONS = {
        "curr_exp": (DECAY + LEAK + " + (ge + gi) / c_m" + UNLESS, "exact"),
        "cond_exp": (DECAY + LEAK + DRIVE + UNLESS, "exponential_euler"),
        "curr_delta": (LEAK + UNLESS, "exact"),
    }
    PLASTIC = {
        "model": "w : 1\ndapre/dt = -apre / (tau_plus*ms) : 1 (event-driven)\n"
        "dapost/dt = -apost / (tau_minus*ms) : 1 (event-driven)",
        "on_pre": "w = clip(w - A_minus*w_max*apost, 0, w_max)\nge_post += w\napre += 1",
        "on_post": "w = clip(w + A_plus*w_max*apre, 0, w_max)\napost += 1",
    }

    def __init__(self, network, threads, standalone=False):
        import brian2

        self.b2, self.network, self.rng = brian2, network, np.random.default_rng(1)
        brian2.defaultclock.dt = TIMESTEP * brian2.ms
        brian2.prefs.codegen.target = "cython"
        if standalone:
            self.folder = tempfile.TemporaryDirectory()
            brian2.prefs.devices.cpp_standalone.openmp_threads = threads if threads > 1 else 0
            brian2.set_device("cpp_standalone", build_on_run=False)
        brian2.seed(1)
        self.cells, self.slices, parts = self.populations()
        self.monitor = brian2.SpikeMonitor(self.cells)
        alike = {}
        for c in network.connections:
            target = "v" if c.post.kind == "curr_delta" else "ge" if c.pre.excitatory else "gi"
            # numbers that all have in common are part of the code
            code = target, c.plastic, None if any(c.weight[1:]) else c.weight[0], None if c.delay[1] else c.delay[0]
            alike.setdefault(code, []).append(c)
        parts += [self.synapses(*code, together) for code, together in alike.items()]
        self.whole = brian2.Network(self.cells, self.monitor, *parts)
        if not standalone:
            self.run(TIMESTEP)

    def populations(self):
        b2, kind, common = self.b2, self.network.cells[0].kind, self.network.cells[0].parameters
        model, method = self.EQUATIONS[kind]
        space = {"c_m" if name == "cm" else name: value for name, value in common.items() if name != "i_offset"}
        group = b2.NeuronGroup(
            self.network.n_cells,
            model,
            threshold="v > v_thresh",
            reset="v = v_reset",
            refractory=common["tau_refrac"] * b2.ms,
            method=method,
            namespace=space,
        )
        low, high = self.network.cells[0].v
        group.v = f"{low} + {high - low} * rand()"
        offsets, sizes = zip(*((cells.parameters["i_offset"], cells.size) for cells in self.network.cells))
        group.i_offset = np.repeat(offsets, sizes)
        slices, inputs, first = {}, [], 0
        for cells in self.network.cells:
            slices[cells.label] = slice(first, first + cells.size)
            first += cells.size
            if cells.noise is not None:
                n, rate, weight = cells.noise
                target = "v" if kind == "curr_delta" else "ge"
                inputs.append(b2.PoissonInput(group[slices[cells.label]], target, n, rate * b2.Hz, weight))
        return group, slices, inputs

    def synapses(self, target, plastic, weight, delay, together):
        b2, rng = self.b2, self.rng
        code = {"on_pre": f"{target}_post += {weight}"}
        if weight is None:
            code = {"model": "w : 1", "on_pre": f"{target}_post += w"}
        if plastic:
            code = self.PLASTIC
        space = STDP | {"w_max": 2.0 * (weight or 0.0)}
        how = {} if delay is None else {"delay": delay * b2.ms}
        synapses = b2.Synapses(self.cells, self.cells, **code, namespace=space, **how)
        pairs = [self.pairs(connections) for connections in together]
        synapses.connect(i=np.concatenate([i for i, _ in pairs]), j=np.concatenate([j for _, j in pairs]))
        drawn = [
            (rng.normal(*c.weight, len(i)), np.clip(rng.normal(*c.delay, len(i)), TIMESTEP, self.network.max_delay))
            for c, (i, _) in zip(together, pairs)
        ]
        if weight is None:
            signs = np.repeat([np.sign(c.weight[0]) for c in together], [len(i) for i, _ in pairs])
            synapses.w = signs * np.maximum(0.0, signs * np.concatenate([w for w, _ in drawn]))
        elif plastic:
            synapses.w = weight
        if delay is None:
            synapses.delay = np.concatenate([d for _, d in drawn]) * b2.ms
        return synapses

    def pairs(self, connections):
        pre, post = (self.slices[cells.label] for cells in (connections.pre, connections.post))
        n_pre, n_post, rng = pre.stop - pre.start, post.stop - post.start, self.rng
        if connections.n is not None:
            i, j = (rng.integers(0, n, connections.n) for n in (n_pre, n_post))
        else:
            expected = n_pre * n_post * connections.p
            chosen = np.cumsum(rng.geometric(connections.p, int(expected + 10.0 * np.sqrt(expected)))) - 1
            i, j = np.divmod(chosen[chosen < n_pre * n_post], n_post)
        return i + pre.start, j + post.start

    def run(self, duration):
        started = time.perf_counter()
        self.whole.run(duration * self.b2.ms, namespace={})
        return time.perf_counter() - started

    def spikes(self):
        times, cells = np.array(self.monitor.t / self.b2.ms), np.array(self.monitor.i)
        return {label: times[(cells >= own.start) & (cells < own.stop)] for label, own in self.slices.items()}
