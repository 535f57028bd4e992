import pytest
from matplotlib.patches import FancyArrowPatch, FancyBboxPatch
from pyNN.errors import InvalidParameterValueError

import pyurbanczik as sim


@pytest.fixture
def parts():
    sim.setup()
    source = sim.Population(4, sim.SpikeSourcePoisson(), label="source")
    cells = sim.Population(3, sim.IF_cond_exp(), label="cells")
    last = sim.Population(2, sim.UrbanczikSenn(), label="last")

    def connect(pre, post, receptor, synapse=None):
        return sim.Projection(pre, post, sim.AllToAllConnector(), synapse, receptor_type=receptor)

    return [
        connect(source, cells[:2], "excitatory"),
        connect(cells, last, "dendritic_exc", sim.UrbanczikSennSynapse()),
        connect(last, cells, "inhibitory"),
        connect(cells, cells, "inhibitory"),
        connect(source + cells, last, "soma_exc"),
    ]


def boxes_and_arrows(ax):
    return [[patch for patch in ax.patches if isinstance(patch, kind)] for kind in (FancyBboxPatch, FancyArrowPatch)]


def test_boxes_for_populations_and_arrows_for_projections(parts):
    ax = sim.plotting.network(*parts)
    boxes, arrows = boxes_and_arrows(ax)
    texts = [text.get_text() for text in ax.texts]
    assert texts[:6] == [
        "source (4)", "SpikeSourcePoisson", "cells (3)", "IF_cond_exp", "last (2)", "UrbanczikSenn"
    ]  # fmt: skip
    # each to the right of those that project to it, but for the way back
    assert [box.get_x() for box in boxes] == sorted({box.get_x() for box in boxes})
    assert sorted(texts[6:]) == sorted(
        ["excitatory\n8", "dendritic_exc\n6", "inhibitory\n6", "inhibitory\n9", "soma_exc\n8", "soma_exc\n6"]
    )
    assert len(arrows) == 6
    assert [arrow.get_linestyle() for arrow in arrows].count("dashed") == 2
    assert len({arrow.get_edgecolor() for arrow in arrows}) == 2


def test_a_network_is_drawn_whole(parts):
    members = {id(p): p for projection in parts[:4] for p in (projection.pre, projection.post)}
    ax = sim.plotting.network(sim.Network(*members.values(), *parts[:4]))
    boxes, arrows = boxes_and_arrows(ax)
    assert (len(boxes), len(arrows)) == (3, 4)


def test_draws_into_axes_that_are_given(parts):
    ax = sim.plotting.network(parts[0].pre)
    assert sim.plotting.network(parts[1], ax=ax) is ax


def test_what_is_no_part_of_a_network_is_refused():
    for members, message in [((), "nothing"), ((3,), "3")]:
        with pytest.raises(InvalidParameterValueError, match=message):
            sim.plotting.network(*members)
