"""Populations as boxes, projections as arrows."""

from __future__ import annotations

from collections import Counter
from typing import Any

import numpy as np
from pyNN.network import Network

from ..parameters import refuse
from ..populations import Population
from ..populations.cell_groups import CellGroup
from ..projections import Projection
from ..synapses import ElectricalSynapse, NudgingSynapse, StaticSynapse
from .data import COLOURS, new_axes

# Synapses that stay as they are.
CONSTANT = (StaticSynapse, ElectricalSynapse, NudgingSynapse)

# Sizes in inches.
WIDTH, HEIGHT, GAP, LANE = 1.7, 0.62, 1.6, 1.3


def network(*members: Any, ax: Any = None) -> Any:
    """A diagram of a network: a box for each population, an arrow for each projection.

    Parameters
    ----------
    *members : Population, PopulationView, Assembly, Projection or Network
        What to show. Populations that a projection connects are shown with it; views stand for their populations.
    ax : matplotlib.axes.Axes, optional
        Where to draw.

    Returns
    -------
    matplotlib.axes.Axes

    Raises
    ------
    pyNN.errors.InvalidParameterValueError
        For nothing to draw, or for what is no part of a network.

    Notes
    -----
    An arrow says the receptor and the number of connections; it is red where synapses change with the spikes that they
    see, and dashed where the receptor's name says that it inhibits. Populations stand to the right of those that
    project to them.
    """
    populations, projections = _parts(members)
    if not populations:
        refuse("plotting.network", "members", "nothing", "populations and projections")
    arrows = {}
    for projection in projections:
        for pre, post, number in _numbers(projection):
            arrows.setdefault((pre, post), []).append((projection, number))
    places = _places(populations, arrows)
    width = max(x for x, _ in places.values()) + WIDTH
    height = max(y for _, y in places.values()) - min(y for _, y in places.values()) + HEIGHT
    # with the room of loops above and below
    ax = new_axes("plotting.network", ax, figsize=(width + 0.8, height + 1.2))
    for population, (x, y) in places.items():
        _draw_box(ax, population, x, y)
    for (pre, post), members in arrows.items():
        for i, (projection, number) in enumerate(members):
            _draw_arrow(ax, projection, number, places[pre], places[post], i, (post, pre) in arrows)
    ax.set_xlim(-0.4, width + 0.4)
    lowest = min(y for _, y in places.values())
    ax.set_ylim(lowest - 0.5 * HEIGHT - 0.5, lowest + height + 0.4)
    ax.set_aspect("equal")
    ax.axis("off")
    return ax


def _parts(members):
    populations, projections = {}, {}
    for member in members:
        if isinstance(member, Projection):
            projections[id(member)] = member
        elif isinstance(member, CellGroup):
            populations.update(dict.fromkeys(_populations(member)))
        elif isinstance(member, Network):
            populations.update(dict.fromkeys(p for group in member.populations for p in _populations(group)))
            projections.update((id(p), p) for p in member.projections)
        else:
            refuse("plotting.network", "members", repr(member), "populations, projections or a Network")
    for projection in projections.values():
        for group in (projection.pre, projection.post):
            populations.update(dict.fromkeys(_populations(group)))
    return list(populations), list(projections.values())


def _populations(group) -> list[Population]:
    """The whole populations to which the cells of a group belong."""
    return [member.root for member in group.members]


def _numbers(projection):
    """Pairs of populations with the number of connections from one to the other."""
    sources, targets = _populations(projection.pre), _populations(projection.post)
    if len(sources) == len(targets) == 1:
        return [(sources[0], targets[0], projection.size())]
    ends = [
        np.searchsorted(
            np.cumsum([member.size for member in group.members]),
            projection.get(name, format="list", with_address=False),
            side="right",
        )
        for group, name in ((projection.pre, "presynaptic_index"), (projection.post, "postsynaptic_index"))
    ]
    counted = Counter(zip(*(end.tolist() for end in ends)))
    return [(sources[i], targets[j], number) for (i, j), number in sorted(counted.items())]


def _places(populations, arrows):
    """The left end of each box and the height of its middle: a column to the right of all that project to it."""
    column = {}
    forward = _without_loops(populations, arrows)

    def column_of(population):
        if population not in column:
            column[population] = max((column_of(pre) + 1 for pre, post in forward if post is population), default=0)
        return column[population]

    members = {}
    for population in populations:
        members.setdefault(column_of(population), []).append(population)
    return {
        population: (i * (WIDTH + GAP), ((len(group) - 1) / 2 - j) * LANE)
        for i, group in members.items()
        for j, population in enumerate(group)
    }


def _without_loops(populations, arrows):
    """Pairs of populations, but for those that would lead back to where one has been."""
    forward, done, path = [], set(), set()

    def follow(pre):
        path.add(pre)
        for one, post in arrows:
            if one is pre and post not in path:
                forward.append((pre, post))
                if post not in done:
                    follow(post)
        path.discard(pre)
        done.add(pre)

    targets = {post for pre, post in arrows if pre is not post}
    for population in [*(p for p in populations if p not in targets), *populations]:
        if population not in done:
            follow(population)
    return forward


def _draw_box(ax, population, x, y):
    from matplotlib.patches import FancyBboxPatch

    style = dict(boxstyle="round,pad=0,rounding_size=0.12", facecolor="#eef3f8", edgecolor="0.3", zorder=2)
    ax.add_patch(FancyBboxPatch((x, y - HEIGHT / 2), WIDTH, HEIGHT, **style))
    centred = dict(ha="center", va="center", zorder=3)
    ax.text(x + WIDTH / 2, y + 0.1, f"{population.label} ({population.size})", fontsize=9, **centred)
    ax.text(x + WIDTH / 2, y - 0.14, type(population.celltype).__name__, fontsize=7, color="0.35", **centred)


def _draw_arrow(ax, projection, connections, start, end, number, both_ways):
    from matplotlib.patches import FancyArrowPatch

    colour = "0.35" if isinstance(projection.synapse_type, CONSTANT) else COLOURS[2]
    receptor = projection.receptor_type or ""
    (x0, y0), (x1, y1) = start, end
    bend = 0.25 * (number + 0.5 * both_ways)
    if start == end:
        tail, head = (x0 + 0.65 * WIDTH, y0 + HEIGHT / 2), (x0 + 0.35 * WIDTH, y0 + HEIGHT / 2)
        bend = 1.8 + number
    elif x1 > x0:
        # around the boxes between
        bend += 0.3 * (x1 - x0 > 1.5 * (WIDTH + GAP) and y0 == y1)
        tail, head, bend = (x0 + WIDTH, y0), (x1, y1), -bend
    elif x1 < x0:
        tail, head, bend = (x0, y0 - HEIGHT / 5), (x1 + WIDTH, y1 - HEIGHT / 5), -max(bend, 0.2)
    else:
        side = 1 if y1 > y0 else -1
        tail, head = (x0 + WIDTH / 2, y0 + side * HEIGHT / 2), (x1 + WIDTH / 2, y1 - side * HEIGHT / 2)
    arrow = FancyArrowPatch(
        tail,
        head,
        connectionstyle=f"arc3,rad={bend}",
        arrowstyle="-|>",
        mutation_scale=11,
        color=colour,
        linestyle="dashed" if "inh" in receptor else "solid",
        linewidth=1.2,
        shrinkA=0,
        shrinkB=0,
        zorder=1,
    )
    ax.add_patch(arrow)
    # the middle of a quadratic curve whose control point is `bend` times the distance to the right of its way
    dx, dy = head[0] - tail[0], head[1] - tail[1]
    middle = (tail[0] + head[0] + bend * dy) / 2, (tail[1] + head[1] - bend * dx) / 2
    text = f"{receptor}\n{connections}".strip()
    behind = dict(facecolor="white", edgecolor="none", pad=0.8)
    ax.text(*middle, text, ha="center", va="center", fontsize=7, color=colour, linespacing=1.1, bbox=behind, zorder=1.5)
