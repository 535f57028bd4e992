"""The gamma distribution's integrated hazard and its inverse, against scipy and closed forms."""

import numpy as np
import pytest
from scipy import special

from backend_cython.numerics.gamma import hazard_integrals, waiting_times

SHAPES = [0.05, 0.5, 0.99, 1.0, 1.5, 2.0, 7.3, 60.0, 3000.0]


@pytest.mark.parametrize("shape", SHAPES)
def test_survival(shape):
    x = special.gammaincinv(shape, np.linspace(1e-6, 1 - 1e-6, 101))
    x = x[x > 1e-300]
    got = hazard_integrals(shape, x)
    lower, upper = special.gammainc(shape, x), special.gammaincc(shape, x)
    due = np.where(lower < 0.5, -np.log1p(-lower), -np.log(upper))
    np.testing.assert_allclose(got, due, rtol=1e-13 * max(shape, 100.0))


def test_closed_forms():
    x = np.array([1e-12, 1e-3, 0.4, 3.0, 40.0, 1e4])
    np.testing.assert_allclose(hazard_integrals(1.0, x), x, rtol=1e-12)
    np.testing.assert_allclose(hazard_integrals(2.0, x[2:]), x[2:] - np.log1p(x[2:]), rtol=1e-13)
    np.testing.assert_allclose(hazard_integrals(2.0, [1e-9]), [0.5e-18], rtol=1e-8)
    root = np.sqrt(x[1:])
    np.testing.assert_allclose(hazard_integrals(0.5, x[1:]), x[1:] - np.log(special.erfcx(root)), rtol=1e-12)
    assert hazard_integrals(3.0, [0.0]) == [0.0]


@pytest.mark.parametrize("shape", [*SHAPES, 1e6])
def test_inverse(shape):
    """Over all that an exponential draw of 53 bits can be, and beyond."""
    hazards = np.logspace(-16, 3, 200)
    x = waiting_times(shape, hazards)
    assert (np.diff(x) >= 0).all()
    possible = x > 1e-300
    np.testing.assert_allclose(hazard_integrals(shape, x[possible]), hazards[possible], rtol=1e-11 * max(shape, 1.0))
    assert waiting_times(shape, [0.0]) == [0.0]
