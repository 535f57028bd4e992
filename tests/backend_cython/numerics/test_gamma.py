"""The gamma distribution's integrated hazard and its inverse, against closed forms and numbers of 40 digits."""

import numpy as np
import pytest
from scipy.special import erfcx, gammaln, logsumexp

from backend_cython.numerics.gamma import hazard_integrals, waiting_times

SHAPES = [0.001, 0.05, 0.5, 0.99, 1.0, 1.5, 2.0, 7.3, 60.0, 3000.0, 1e6]

# (shape, x): H(x), computed by mpmath with 40 digits
EXACT = {
    (0.001, 1e-250): 0.82705704150634113,
    (0.001, 1e-3): 5.0652467256583059,
    (0.001, 5): 13.674895640579353,
    (0.001, 800): 813.58635241910523,
    (0.05, 1e-100): 1.0272221411802473e-5,
    (0.05, 1e-3): 1.2989402160759926,
    (0.05, 5): 9.6503446538139873,
    (0.05, 800): 809.32044566063848,
    (7.3, 1e-4): 6.7974913394472662e-34,
    (7.3, 3): 0.025169948380525877,
    (7.3, 40): 23.741752833628037,
    (7.3, 2000): 1959.2590536395896,
    (1e6, 996000): 3.1007598941710252e-5,
    (1e6, 1e6): 0.69341317745572824,
    (1e6, 1003000): 6.5989915106665515,
    (1e6, 1.1e6): 4695.3444144485314,
}


@pytest.mark.parametrize(("shape", "x"), EXACT)
def test_numbers_of_many_digits(shape, x):
    due = EXACT[shape, x]
    np.testing.assert_allclose(hazard_integrals(shape, [x]), due, rtol=1e-14 if shape < 1e6 else 2e-9)
    np.testing.assert_allclose(waiting_times(shape, [due]), x, rtol=1e-12)


@pytest.mark.parametrize("shape", [1, 2, 3, 20, 300])
def test_survival_of_a_sum_of_exponential_times(shape):
    """It takes longer than x with the probability that fewer than `shape` events of a Poisson process come in x."""
    x = shape * np.array([1.0, 1.5, 3.0, 10.0, 1e3, 1e5])
    counts = np.arange(shape)
    due = x - logsumexp(np.outer(np.log(x), counts) - gammaln(counts + 1.0), axis=1)
    np.testing.assert_allclose(hazard_integrals(shape, x), due, rtol=1e-12)


def test_closed_forms():
    x = np.array([1e-12, 1e-3, 0.4, 3.0, 40.0, 1e4])
    np.testing.assert_allclose(hazard_integrals(1.0, x), x, rtol=1e-14)
    np.testing.assert_allclose(hazard_integrals(2.0, x[2:]), x[2:] - np.log1p(x[2:]), rtol=1e-13)
    np.testing.assert_allclose(hazard_integrals(2.0, [1e-9]), [0.5e-18], rtol=1e-8)
    root = np.sqrt(x[1:])
    np.testing.assert_allclose(hazard_integrals(0.5, x[1:]), x[1:] - np.log(erfcx(root)), rtol=1e-12)
    assert hazard_integrals(3.0, [0.0]) == [0.0]


@pytest.mark.parametrize("shape", SHAPES)
def test_inverse(shape):
    """Over all that an exponential draw of 53 bits can be, and what a change amid an interval may add to it."""
    hazards = np.logspace(-16, 7, 200)
    x = waiting_times(shape, hazards)
    assert (np.diff(x) >= 0).all()
    possible = x > 1e-300
    np.testing.assert_allclose(hazard_integrals(shape, x[possible]), hazards[possible], rtol=1e-11 * max(shape, 1.0))
    assert waiting_times(shape, [0.0]) == [0.0]
