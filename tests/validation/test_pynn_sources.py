"""Spike sources in pyNN.nest and in ours, out of the same PyNN script: equal rates and intervals."""

import numpy as np
import pytest

from pyurbanczik.compare.judge.confidence import largest_z, z_of_difference

from .pynn_networks import train_statistics
from .pynn_source_scripts import DURATION, N_SOURCES, SOURCES, START

pytestmark = pytest.mark.statistics


@pytest.mark.parametrize("label", SOURCES)
def test_rates_and_intervals(in_both, label):
    theirs, ours = (
        train_statistics(results[label], N_SOURCES, START, DURATION)
        for results in in_both("tests.validation.pynn_source_scripts")
    )
    with np.errstate(invalid="ignore", divide="ignore"):  # outside of the window nobody fires
        z = np.nan_to_num(z_of_difference(ours, theirs), posinf=np.inf)
    assert np.max(np.abs(z)) < largest_z(z.size, 2 * N_SOURCES - 2)
