"""The gamma distribution's integrated hazard and its inverse, seen from Python."""

import numpy as np


def hazard_integrals(double shape, x):
    """−ln of the probability that a gamma-distributed time of scale 1 is longer than each of `x`."""
    return np.array([hazard_integral(shape, lgamma(shape), value) for value in x])


def waiting_times(double shape, hazards):
    """The times at which the integrated hazard reaches each of `hazards`."""
    return np.array([waiting_time(shape, lgamma(shape), value) for value in hazards])
