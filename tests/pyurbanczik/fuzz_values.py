"""Values for arguments: pools of good ones by the name of the parameter, and of bad ones for any."""

import decimal

import neo
import numpy as np
import quantities as pq

import pyurbanczik as sim

# Each makes its value anew, so that no call depends on what another one did to it.
BAD = [
    lambda w: float("nan"),
    lambda w: float("inf"),
    lambda w: -float("inf"),
    lambda w: 1e308,
    lambda w: -1e308,
    lambda w: 10**400,
    lambda w: 10**18,
    lambda w: 1e18,
    lambda w: 5e-324,
    lambda w: -1,
    lambda w: -1.5,
    lambda w: 0,
    lambda w: None,
    lambda w: True,
    lambda w: "text",
    lambda w: "",
    lambda w: b"bytes",
    lambda w: 1j,
    lambda w: np.array([1j, 2j]),
    lambda w: np.timedelta64(1, "s"),
    lambda w: np.datetime64("2020-01-01"),
    lambda w: np.ma.masked_array([1.0, 2.0], mask=[True, False]),
    lambda w: [[1.0, 2.0], [3.0]],
    lambda w: np.zeros((2, 2)),
    lambda w: np.ones(1000),
    lambda w: np.array(["a", "b"]),
    lambda w: np.array([True, False]),
    lambda w: np.array([None, 1.0]),
    lambda w: np.array(3.0),
    lambda w: [1.0, float("nan")],
    lambda w: [1.0, "a"],
    lambda w: ["a"],
    lambda w: [True],
    lambda w: [None],
    lambda w: [],
    lambda w: (),
    lambda w: {},
    lambda w: {"a": 1.0},
    lambda w: {"cm": float("nan")},
    lambda w: set(),
    lambda w: object(),
    lambda w: int,
    lambda w: slice(0, 3),
    lambda w: range(3),
    lambda w: iter([1.0]),
    lambda w: lambda: 1.0,
    lambda w: lambda i: "x",
    lambda w: lambda i: float("nan"),
    lambda w: lambda *a: 1 / 0,
    lambda w: decimal.Decimal("nan"),
    lambda w: 1.0 * pq.m,
    lambda w: [1.0, 2.0] * pq.m,
    lambda w: float("nan") * pq.ms,
    lambda w: neo.SpikeTrain([1.0] * pq.s, t_stop=2.0 * pq.s),
    lambda w: sim.Sequence([1.0, float("nan")]),
    lambda w: sim.RandomDistribution("uniform", (float("nan"), float("nan")), rng=sim.NumpyRNG(seed=1)),
    lambda w: sim.RandomDistribution("normal", (-1e9, 1.0), rng=w.rng),
    lambda w: sim.LazyArray(float("nan")),
    lambda w: w.old["cells"],
    lambda w: w.old["cells"][0],
    lambda w: w.old["projection"],
    lambda w: w.old["electrode"],
    lambda w: w.old["modulator"],
    lambda w: w.objects["senn"],
    lambda w: w.objects["cell"],
    lambda w: w.objects["connection"],
    lambda w: w.objects["plastic"],
    lambda w: sim.IF_cond_exp,
    lambda w: sim.NumpyRNG,
    lambda w: ["nonsense"],
    lambda w: "nonsense.v",
    lambda w: "/nonexistent/x.zarr",
    lambda w: "x.unknown",
]

VARIABLES = [
    "spikes",
    "v",
    "all",
    ["spikes"],
    ["v"],
    "gsyn_exc",
    "soma.v",
    ["spikes", "v"],
    "weight",
    "rate",
    "basal.error",
]
GROUPS = ("poisson", "array", "weighted", "senn", "iaf", "alpha", "native", "dendritic")
GROUPS += ("view", "mask", "same", "mixed", "sources")
ELECTRODES = ("dc", "ac", "steps", "noise", "dc_generator", "noise_generator")


class Deferred:
    """A value whose making is part of the call, since it may be refused."""

    def __init__(self, make):
        self.make = make


def _pick(*values):
    return lambda rng, w: rng.choice(values)


def _object(*names):
    return lambda rng, w: w.objects[rng.choice(names)]


def _connector(rng, w):
    return Deferred(
        rng.choice(
            [
                lambda: sim.AllToAllConnector(),
                lambda: sim.OneToOneConnector(),
                lambda: sim.FixedProbabilityConnector(0.5, rng=w.rng),
                lambda: sim.FixedNumberPreConnector(1, rng=w.rng),
                lambda: sim.FixedNumberPostConnector(50, rng=w.rng),
                lambda: sim.FixedTotalNumberConnector(4, rng=w.rng),
                lambda: sim.FromListConnector([(0, 0, 0.01, 0.2), (1, 99, 0.01, 0.2)]),
                lambda: sim.FromListConnector([(0, 0, 0.01, 0.2), (1, 1, float("nan"), 0.2)]),
                lambda: sim.FromListConnector([(0, 0, 0.01, 0.2), (0, 1, 0.01, 0.4)]),
                lambda: sim.ArrayConnector(np.ones((2, 2), dtype=bool)),
                lambda: sim.DistanceDependentProbabilityConnector("d < 3", rng=w.rng),
                lambda: sim.DistanceDependentProbabilityConnector("nonsense", rng=w.rng),
            ]
        )
    )


def _synapse(rng, w):
    return Deferred(
        rng.choice(
            [
                lambda: sim.StaticSynapse(weight=0.001, delay=0.2),
                lambda: sim.StaticSynapse(weight=-0.001, delay=0.2),
                lambda: sim.StaticSynapse(weight=lambda d: float("nan")),
                lambda: sim.StaticSynapse(weight=np.ones((2, 3))),
                lambda: sim.StaticSynapse(weight=sim.RandomDistribution("normal", (0.0, 1.0), rng=w.rng)),
                lambda: sim.UrbanczikSennSynapse(weight=0.1, w_max=5.0),
                lambda: sim.TsodyksMarkramSynapse(weight=0.01, U=0.3),
                lambda: sim.MultiQuantalSynapse(weight=0.01, n=3),
                lambda: sim.ElectricalSynapse(weight=0.001),
                lambda: sim.NudgingSynapse(weight=0.01),
                lambda: sim.DendriticErrorSynapse(weight=0.01, eta=0.01, modulator=w.objects["reward"]),
                lambda: sim.DendriticErrorSynapse(weight=0.01, error="rate", modulator=w.objects["attention"]),
                lambda: sim.DendriticErrorSynapse(weight=0.01, decay=0.1, modulator=w.objects["dopamine"]),
            ]
        )
    )


def _cell_type(rng, w):
    return Deferred(
        rng.choice(
            [
                lambda: sim.IF_cond_exp(),
                lambda: sim.UrbanczikSenn(theta=[1.0, 2.0]),
                lambda: sim.DendriticNeuron(basal=sim.Dendrite(), rate_function=sim.Softplus()),
                lambda: sim.IF_curr_exp(tau_m=lambda i: float("nan")),
                lambda: sim.SpikeSourceArray(spike_times=[2.0, 1.0]),
                lambda: sim.SpikeSourcePoisson(rate=sim.RandomDistribution("normal", (0.0, 5.0), rng=w.rng)),
            ]
        )
    )


def _callbacks(rng, w):
    return rng.choice([None, [], [lambda t: t + 0.3], [lambda t: None], [3], [lambda t: 1 / 0]])


# What arguments of these names may be; half of the draws are from here.
GOOD = {
    "variables": _pick(*VARIABLES),
    "variable": _pick("v", "soma.v", "gsyn_exc", "weight", "theta"),
    "parameter_names": _pick("theta", "soma_cm", ["tau_m"], "rate", "soma", "i_offset"),
    "attribute_names": _pick("weight", "delay", ["weight", "delay"], "eta"),
    "name": _pick("weight", "delay"),
    "to_file": _pick(None, None, None, "later.pkl"),
    "io": lambda rng, w: w.folder + "/written.pkl",
    "file": lambda rng, w: w.folder + "/positions.txt",
    "filename": lambda rng, w: w.folder + "/recorded.pkl",
    "sampling_interval": _pick(None, 0.1, 0.2, 0.5),
    "location": _pick(None, "soma", "dendrite", "apical"),
    "locations": _pick(None, "soma", ["soma", "dendrite"]),
    "connections": _pick(None, 0, [0, 1], slice(0, 3)),
    "gather": _pick(True, False),
    "clear": _pick(True, False),
    "simplify": _pick(True, False),
    "with_address": _pick(True, False),
    "include_spike_source": _pick(True, False),
    "copy": _pick(True),
    "format": _pick("list", "array"),
    "multiple_synapses": _pick("sum", "last", "min"),
    "annotations": _pick(None, {"a": 1}, {"a": {0: 1}}),
    "annotation_keys": _pick("a", ["a"]),
    "position": _pick((0.0, 0.0, 0.0), np.zeros(3)),
    "n": _pick(1, 2),
    "rng": lambda rng, w: rng.choice([None, w.rng]),
    "current_source": _object(*ELECTRODES),
    "cells": _object(*GROUPS, "cell"),
    "source": _object(*GROUPS, "cell"),
    "id": _object("cell", "source cell"),
    "indices": _pick(0, np.array([0, 1])),
    "label": _pick("senn", "iaf", None),
    "template": _pick(None),
    "engine": _pick("default"),
    "simtime": _pick(0.1, 0.3, 0.5),
    "time_point": lambda rng, w: rng.choice([0.0, 0.2]) + sim.get_current_time(),
    "callbacks": _callbacks,
    "size": _pick(1, 3, (2, 2)),
    "cellclass": _cell_type,
    "cellparams": _pick(None),
    "structure": lambda rng, w: rng.choice([None, sim.Line()]),
    "initial_values": _pick(None, {"v": -60.0}, {"nonsense": 1.0}, {"v": float("nan")}, {"v": [1.0]}),
    "presynaptic_neurons": _object(*GROUPS),
    "postsynaptic_neurons": _object(*GROUPS),
    "pre": _object(*GROUPS),
    "post": _object(*GROUPS),
    "connector": _connector,
    "synapse_type": _synapse,
    "receptor_type": _pick(
        None,
        "default",
        "excitatory",
        "inhibitory",
        "dendritic_exc",
        "dendritic",
        "basal",
        "apical_exc",
        "soma_exc",
        "nonsense",
    ),
    "space": lambda rng, w: rng.choice([None, sim.Space()]),
    "weight": _pick(0.001, 0.01),
    "delay": _pick(0.2, 0.4, None),
    "p": _pick(0.3, 1.0),
    "parent": _object("senn", "iaf", "view"),
    "selector": lambda rng, w: rng.choice([slice(0, 2), np.array([0, 1]), [1]]),
    "timestep": _pick(0.1),
    "min_delay": _pick(0.1, "auto"),
    "max_delay": _pick("auto", 5.0),
    "rng_seed": _pick(1),
    "threads": _pick(1, 2),
    "compatible_output": _pick(True),
    "repeat": _pick(True, False),
    "population": _object(*GROUPS[:8]),
    "modulator": _object("reward", "attention", "dopamine"),
    "value": _pick(0.2, [0.1, 0.2, 0.3]),
    "values": _pick([0.2, 0.1]),
    "baseline": _pick(0.1),
    "tau": _pick(20.0),
    "components": _object(*GROUPS, "plastic"),
    "populations": _object(*GROUPS[:9]),
    "cell_types": _pick("all", [sim.IF_cond_exp]),
    "parametername": _pick("theta", "v_rest"),
    "value_array": _pick([-55.0, -54.0, -53.0]),
    "rand_distr": _pick(-55.0),
    "index": _pick(0, 1, slice(0, 2)),
    "other": _object(*GROUPS),
    "amplitude": _pick(0.1, 0.2),
}
# Parameters of models: near their defaults.
SPECIAL = {
    "spike_times": lambda rng, w: rng.choice([[1.0, 2.0], [], [[1.0], [2.0]]]),
    "spike_weights": lambda rng, w: rng.choice([[1.0, 2.0], [], [[1.0], [2.0]]]),
    "n": _pick(1, 5, 7),
    "times": _pick([0.2, 0.7]),
    "values": _pick([0.2, 0.7]),
    "amplitudes": _pick([0.2, 0.1]),
    "amplitude_times": _pick([0.2, 0.7]),
    "amplitude_values": _pick([200.0, 100.0]),
    "dt": _pick(0.1, 0.2),
    "stop": _pick(1.0, 3.0),
    "delay": _pick(0.2, 0.5, 1.5),
    "dendritic_delay_fraction": _pick(1.0),
    "U": _pick(0.3, 0.6),
    "p": _pick(0.3, 0.6),
}


def bad(rng, w):
    """An impossible value (for most parameters)."""
    return rng.choice(BAD)(w)


def near(rng, w, default, size):
    """A possible value of a parameter with that default, in one of the forms it may have."""
    try:
        value = float(default) * rng.uniform(0.9, 1.1) + rng.choice([0.0, 0.01])
    except (TypeError, ValueError):
        return default
    forms = [lambda: value, lambda: np.full(size, value), lambda: [value] * size, lambda: lambda *x: value]
    forms.append(lambda: sim.RandomDistribution("uniform", (value, value + 0.01), rng=w.rng))
    return rng.choice(forms)()
