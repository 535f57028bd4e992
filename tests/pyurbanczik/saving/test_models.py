"""A run that is cut, and goes on from a file with other threads, is the run that was not: for all models."""

import pytest

import pyurbanczik as sim
from backend_cython.engine.saving import Piece
from backend_cython.model.snapshot import Snapshot
from pyurbanczik.electrodes import CurrentSource
from pyurbanczik.nest_names import NativeElectrodeType
from pyurbanczik.saving import network_state
from pyurbanczik.saving.state_file import read_state

from . import models

# a third of the way, in time steps of 0.1 ms
FIRST, REST = 10.3, 15.7

pytestmark = pytest.mark.filterwarnings("ignore:.*NEST", "ignore::DeprecationWarning")


def nothing(made):
    pass


def cut(build, tmp_path, before=nothing, after=nothing):
    """What is built for a run at once, and for one that is cut, when it has come to its end; `before` and `after` the
    state is saved in the latter, something may be changed.
    """
    ends = []
    for threads in ((2,), (1, 3)):
        path = tmp_path / "state"
        for part, n in enumerate(threads):
            sim.setup(timestep=0.1, rng_seed=7, threads=n)
            made = build()
            models.record_all()
            if part:
                sim.load_state(path)
            else:
                sim.run(FIRST)
                before(made)
                sim.save_state(path)
        after(made)
        sim.run(REST)
        sim.save_state(tmp_path / "end")
        ends.append(unpacked(read_state("", tmp_path / "end")))
        yield made
    assert list(differences(*ends)) == []


def unpacked(read):
    content, arrays = read
    clock = Piece(Snapshot({"clock": content["clock"]}))
    return {**network_state.unpacked(content["pieces"], arrays), "simulation": clock}


def differences(this, that):
    """What differs between two states."""
    assert this.keys() == that.keys()
    for name in this:
        one, other = this[name].snapshot, that[name].snapshot
        if one.facts != other.facts:
            yield name, one.facts, other.facts
        for kind in network_state.KINDS:
            mine, theirs = getattr(one, kind), getattr(other, kind)
            assert mine.keys() == theirs.keys()
            for key in mine:
                columns = zip(*(value if isinstance(value, tuple) else (value,) for value in (mine[key], theirs[key])))
                if any(a.shape != b.shape or a.tobytes() != b.tobytes() for a, b in columns):
                    yield name, key, mine[key], theirs[key]


def spikes(population):
    return sum(len(train) for train in population.get_data("spikes").segments[-1].spiketrains)


@pytest.mark.parametrize("name", models.models(models.CellType))
def test_cells(name, tmp_path):
    def build():
        population = models.cells(name)
        models.drive(population)
        return population

    def set_something(population):
        population.set(**models.SET_AMID.get(name, {}))

    counts = [spikes(population) for population in cut(build, tmp_path, after=set_something)]
    assert counts[0] == counts[1] > 0


VARIANTS = [(name, i) for name in models.models(models.SynapseType) for i in range(len(models.SYNAPSES[name]))]


@pytest.mark.parametrize("name, variant", VARIANTS)
def test_synapses(name, variant, tmp_path):
    for projection in cut(lambda: models.synapses(name, variant), tmp_path):
        weights = projection.get("weight", "list", with_address=False)
        if name.startswith(("Urbanczik", "urbanczik", "Dendritic", "STDP")):
            assert len(set(weights)) > 5


def made_electrodes():
    kinds = (CurrentSource, NativeElectrodeType)
    found = [name for name, kind in models.THERE.items() if isinstance(kind, type) and issubclass(kind, kinds)]
    return sorted(name for name in found if name != "NativeElectrodeType")


@pytest.mark.parametrize("name", made_electrodes())
def test_electrodes(name, tmp_path):
    def change(source):
        parameter = next(
            p for p in ("amplitude", "amplitudes", "amplitude_values", "mean") if p in source.default_parameters
        )
        several = parameter.startswith("amplitude") and parameter != "amplitude"
        source.set_parameters(**{parameter: [0.1, 0.3] if several else 0.15})

    assert len(list(cut(lambda: models.electrode(name), tmp_path, change))) == 2
