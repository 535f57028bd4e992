"""Figures of what was recorded, on matplotlib, which is imported when something is drawn.

Each function takes what `get_data()` returns: a `neo.Block` (of which it draws the last segment, unless `segment` says
which), a `neo.Segment`, or signals and spike trains themselves. It draws into `ax`, or into a new figure, labels the
axes with their units, and returns the axes, so that anything can be added or changed.
"""

from .activity import raster, traces
from .diagram import network
from .learning import learning_curve, weight_matrix, weights

__all__ = ["learning_curve", "network", "raster", "traces", "weight_matrix", "weights"]
