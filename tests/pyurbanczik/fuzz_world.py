"""A small simulation with everything in it, and all of its state as one table that can be compared."""

import random

import numpy as np

import pyurbanczik as sim
from pyurbanczik.simulation import simulator
from pyurbanczik.simulation.simulator import ID
from pyurbanczik.synapses.modulators import ModulatorBase

# What a look at an object may fill without changing what it is, and what decides on when files are written.
CACHES = {"_cache", "_positions", "_known_to_be_trains", "_digest", "parent", "_simulator"}
CACHES |= {"_drained_step", "_written_at", "_cost"}


class World:
    """The objects on which calls are made.

    Attributes
    ----------
    objects : dict
        ``{name: object}``, those of the first simulation and those that calls made.
    old : dict
        Some objects of a simulation that is over.
    rng : NumpyRNG
        A generator that arguments share.
    """

    def __init__(self, threads=1):
        self.old = self._before()
        sim.setup(timestep=0.1, rng_seed=5, threads=threads)
        self.rng = sim.NumpyRNG(seed=11)
        np.random.seed(3)  # noqa: NPY002  (the global one, which nothing may touch)
        random.seed(4)
        self.objects = {}
        self._cells()
        self._connections()
        self._electrodes()
        for name in ("senn", "iaf"):
            self.objects[name].record(["spikes", "v"])
        self.objects["plastic"].record("weight")
        for group in self.objects.values():
            if isinstance(group, sim.Population):
                group.positions  # noqa: B018  (made when they are asked for first)

    @staticmethod
    def _before():
        sim.setup(timestep=0.1)
        cells = sim.Population(2, sim.IF_cond_exp(), label="old cells")
        projection = sim.Projection(cells, cells, sim.AllToAllConnector(), sim.StaticSynapse(weight=0.001))
        return {
            "cells": cells,
            "projection": projection,
            "electrode": sim.DCSource(amplitude=0.1),
            "modulator": sim.Modulator(value=0.1),
        }

    def _cells(self):
        add = self.objects
        add["poisson"] = sim.Population(3, sim.SpikeSourcePoisson(rate=400.0), label="poisson")
        add["array"] = sim.Population(2, sim.SpikeSourceArray(spike_times=[0.5, 1.0, 2.5]), label="array")
        add["weighted"] = sim.Population(
            2, sim.WeightedSpikeSourceArray(spike_times=[0.3, 1.4], spike_weights=[1.0, 2.0]), label="weighted"
        )
        add["senn"] = sim.Population(5, sim.UrbanczikSenn(theta=-62.0, soma_i_offset=4.0), label="senn")
        add["iaf"] = sim.Population(
            (2, 2), sim.IF_cond_exp(i_offset=1.2, tau_refrac=0.5), label="iaf", initial_values={"v": -55.0}
        )
        add["alpha"] = sim.Population(3, sim.IF_cond_alpha(i_offset=1.5), label="alpha")
        add["native"] = sim.Population(3, sim.native_cell_type("pp_cond_exp_mc_urbanczik")(g_sp=500.0), label="native")
        add["dendritic"] = sim.Population(
            3,
            sim.DendriticNeuron(
                basal=sim.Dendrite(), apical=sim.Dendrite(g_to_soma=0.3), theta=-62.0, soma_i_offset=3.0
            ),
            label="dendritic",
        )
        add["izhikevich"] = sim.Population(2, sim.Izhikevich(i_offset=0.01), label="izhikevich")
        add["view"] = add["senn"][1:4]
        add["mask"] = add["iaf"][np.array([True, False, True, True])]
        add["same"] = sim.Assembly(add["iaf"], add["alpha"], label="same")
        add["mixed"] = sim.Assembly(add["iaf"], add["senn"], label="mixed")
        add["sources"] = sim.Assembly(add["poisson"], add["array"], label="sources")
        add["cell"] = add["senn"][2]
        add["source cell"] = add["array"][0]

    def _connections(self):
        add = self.objects

        def connect(name, pre, post, synapse, receptor=None, connector=None):
            add[name] = sim.Projection(
                add[pre], add[post], connector or sim.AllToAllConnector(), synapse, receptor_type=receptor, label=name
            )

        between = sim.RandomDistribution("uniform", (0.005, 0.01), rng=sim.NumpyRNG(seed=2))
        dynamic = {"tau_rec": 5.0, "U": 0.4, "weight": 0.01, "delay": 0.2}
        connect("plastic", "poisson", "senn", sim.UrbanczikSennSynapse(weight=0.3, eta=0.5, w_max=9.0), "dendritic_exc")
        native = sim.native_synapse_type("urbanczik_synapse")(weight=100.0, eta=0.3, delay=0.3)
        connect("native plastic", "array", "native", native, "dendritic_exc")
        stdp = sim.STDPMechanism(
            timing_dependence=sim.SpikePairRule(A_plus=0.1, A_minus=0.12),
            weight_dependence=sim.AdditiveWeightDependence(w_max=0.02),
            weight=between,
            delay=0.4,
            dendritic_delay_fraction=0.5,
        )
        connect("stdp", "poisson", "iaf", stdp)
        connect("depressing", "array", "alpha", sim.TsodyksMarkramSynapse(**dynamic), "excitatory")
        connect("multi", "poisson", "same", sim.MultiQuantalSynapse(n=4, **dynamic), "excitatory")
        connect("stochastic", "senn", "iaf", sim.SimpleStochasticSynapse(weight=0.01, p=0.4, delay=0.2))
        static = sim.StaticSynapse(weight=0.01, delay=0.3)
        connect("static", "sources", "mask", static, "inhibitory")
        fixed = sim.FixedProbabilityConnector(0.6, rng=sim.NumpyRNG(seed=8))
        connect("gaps", "alpha", "alpha", sim.ElectricalSynapse(weight=0.001), None, fixed)
        add["reward"] = sim.Modulator(times=[0.0, 1.0], values=[0.5, 1.5])
        add["attention"] = sim.Modulator(value=[1.0, 0.5, 0.2])
        add["dopamine"] = sim.SpikeModulator(add["senn"], tau=20.0, baseline=0.1)
        error = {"weight": 0.02, "eta": 0.01, "w_min": -0.5, "w_max": 0.5}
        for name, receptor, parameters in (
            ("rewarded", "basal", {"modulator": add["reward"], "error": "rate"}),
            ("attended", "basal_exc", {"modulator": add["attention"], "bounds": "state", "w_min": 0.0}),
            ("released", "apical", {"modulator": add["dopamine"], "kernel": "exponential", "tau_kernel": 4.0}),
            ("resting", "apical_inh", {"error": "potential", "v_target": -65.0, "decay": 0.01, "w_min": 0.0}),
        ):
            connect(name, "poisson", "dendritic", sim.DendriticErrorSynapse(**{**error, **parameters}), receptor)
        connect("nudging", "senn", "dendritic", sim.NudgingSynapse(weight=0.06))
        add["connection"] = add["plastic"][3]

    def _electrodes(self):
        add = self.objects
        add["dc"] = sim.DCSource(amplitude=0.2, start=0.5)
        add["ac"] = sim.ACSource(amplitude=0.1, frequency=100.0)
        add["steps"] = sim.StepCurrentSource(times=[0.4, 1.0], amplitudes=[0.3, 0.1])
        add["noise"] = sim.NoisyCurrentSource(mean=0.1, stdev=0.2)
        for model in ("dc_generator", "ac_generator", "step_current_generator", "noise_generator"):
            add[model] = sim.native_electrode_type(model)()
        add["dc"].inject_into(add["senn"], location="dendrite")
        add["noise"].inject_into(add["iaf"])
        add["dc"].inject_into(add["dendritic"], location="apical")
        add["dc"].record()
        add["reward"].record()
        add["network"] = sim.Network(add["senn"], add["iaf"], add["mixed"])

    # ---- state

    def table(self):
        """``{path: bytes or text}`` of everything that a call could change."""
        walk, state = Walk(), simulator.state
        for population in state.populations:
            # objects that are made when somebody asks for them
            assert len(population.all_cells) == population.size
        for name, thing in self.objects.items():
            if isinstance(thing, ModulatorBase):
                thing._follow_resets()
                walk(f"{name} value", thing.value)
                walk(f"{name} table", thing._core.table)
            walk(name, thing)
        walk("rng", self.rng)
        walk("numpy", np.random.get_state()[1:3])  # noqa: NPY002
        walk("python", hash(random.getstate()))
        walk("state", {k: v for k, v in vars(state).items() if k not in ("network", "processes", "files")})
        walk("generators", repr(state.generators_made))
        walk("files", sorted(state.files.files))
        walk.network(state.network)
        return walk.table

    def results(self):
        """What the simulation has come to, as a table: the same for any number of threads."""
        walk = Walk()
        for i, population in enumerate(simulator.state.network.populations.members):
            walk._core(f"population {i}", population)
        for name, thing in self.objects.items():
            if isinstance(thing, ModulatorBase):
                walk(f"{name} value", thing.value)
            elif isinstance(thing, sim.Population):
                walk(f"{name} recorded", thing.recorder.signals())
                walk(f"{name} initial", {k: v.evaluate() for k, v in thing.initial_values.items()})
            elif isinstance(thing, sim.Projection):
                for parameter in thing.synapse_type.default_parameters:
                    walk(f"{name}.{parameter}", np.array(thing.get(parameter, "list", with_address=False)))
        return walk.table


class Walk:
    """Collects what objects hold, in depth, each of them once."""

    def __init__(self):
        self.table, self.seen, self.kept = {}, {}, []

    def __call__(self, path, thing):
        if thing is None or (
            isinstance(thing, (bool, int, float, str, bytes, complex, type)) and not isinstance(thing, ID)
        ):
            self.table[path] = repr(thing)
        elif isinstance(thing, ID):
            self.table[path] = f"cell {int(thing)}"
        elif isinstance(thing, np.ndarray) and thing.dtype != object:
            self.table[path] = (thing.shape, thing.tobytes())
        elif isinstance(thing, np.random.RandomState):
            self(path, thing.get_state()[1:])
        elif id(thing) in self.seen:
            self.table[path] = self.seen[id(thing)]
        else:
            self.seen[id(thing)] = path
            self.kept.append(thing)
            self._inside(path, thing)

    def _inside(self, path, thing):
        if isinstance(thing, dict):
            self.table[path] = repr([repr(key) for key in thing])
            for key, value in thing.items():
                if key not in CACHES:
                    self(f"{path}[{key!r}]", value)
        elif isinstance(thing, (list, tuple, np.ndarray)):
            self.table[path] = str(len(thing))
            for i, value in enumerate(thing):
                self(f"{path}[{i}]", value)
        elif isinstance(thing, (set, frozenset)):
            self.table[path] = str(len(thing))
        elif isinstance(getattr(thing, "__dict__", None), dict):
            self(path + ".", thing.__dict__)
        else:
            self.table[path] = type(thing).__name__

    def network(self, network):
        for name in ("step", "started", "timestep"):
            self(f"network.{name}", getattr(network, name))
        self("network.streams", probe_streams(network))
        for kind in ("populations", "projections", "electrodes", "recorders"):
            members = getattr(network, kind).members
            self(f"network.{kind}", len(members))
            for i, member in enumerate(members):
                self._core(f"network.{kind}[{i}]", member)

    def _core(self, path, core):
        for name in getattr(core, "PARAMETERS", ()):
            self(f"{path}.{name}", core.get(name))
        for name in getattr(core, "variables", ()):
            self(f"{path} value {name}", core.value(name))
        for name in getattr(core, "STATES", ()):
            self(f"{path} initial {name}", core.initial(name))
        if hasattr(core, "get_delay_steps"):
            self(f"{path} delay", core.get_delay_steps())
        if hasattr(core, "times"):
            self(f"{path} times", core.times())
            self(f"{path} factors", core.factors())
        if hasattr(core, "data") and not hasattr(core, "due"):
            self(f"{path} data", np.array(core.data))
        if hasattr(core, "amplitudes_at"):
            self(f"{path} currents", core.amplitudes_at(np.arange(0, 60, 7)))


def probe_streams(network):
    """Where the streams of the network stand (asking for none does not move them)."""
    return network.take_streams(0)


def differences(before, after):
    """What differs between two tables, for messages."""
    return [
        f"{path}: {str(before.get(path))[:80]} -> {str(after.get(path))[:80]}"
        for path in [*before, *(p for p in after if p not in before)]
        if before.get(path) != after.get(path)
    ]
