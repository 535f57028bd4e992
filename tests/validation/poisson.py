"""Counts of spikes of cells without refractory time, which are Poisson."""

import numpy as np
from scipy import stats

from pyurbanczik.compare.judge.confidence import FALSE_ALARM, largest_z


def check_poisson(trains, mean, n_steps, n_cases):
    """Compare mean and dispersion of the cells' counts, and the whole distribution of a step, with the law.

    Parameters
    ----------
    trains : list of integer arrays
        The steps, from 1 on, in which each cell spikes, once for each spike.
    mean : float
        Expected spikes of a cell in a step.
    n_cases : int
        How many calls share the false alarms, three comparisons each.

    Returns
    -------
    int
        The largest number of spikes in a step that is a class of its own, or begins the last one.
    """
    n_comparisons = 3 * n_cases
    per_cell = np.array([len(train) for train in trains])
    assert abs(per_cell.mean() - mean * n_steps) / np.sqrt(mean * n_steps / len(trains)) < largest_z(n_comparisons)
    dispersion = np.sum((per_cell - per_cell.mean()) ** 2) / (mean * n_steps)
    each_side = FALSE_ALARM / (2 * n_comparisons)
    assert each_side < stats.chi2.sf(dispersion, len(trains) - 1) < 1 - each_side
    per_step = np.concatenate([np.bincount(train, minlength=n_steps + 1)[1:] for train in trains])
    # classes with fewer than ten expected go into the last
    top = int(stats.poisson.isf(10.0 / len(per_step), mean))
    seen = np.bincount(np.minimum(per_step, top), minlength=top + 1)
    expected = len(per_step) * np.append(stats.poisson.pmf(np.arange(top), mean), stats.poisson.sf(top - 1, mean))
    assert stats.chisquare(seen, expected).pvalue > FALSE_ALARM / n_comparisons
    return top
