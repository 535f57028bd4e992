"""The counter-based streams, against published vectors and against a plain Philox."""

import numpy as np
import pytest

from backend_cython.numerics.philox import normals, uniforms
from tests.reference.philox import draw, philox4x32

# Random123, kat_vectors, "philox4x32 10": counter (four words), key (two words), result (four words)
KNOWN = [
    ("00000000 00000000 00000000 00000000", "00000000 00000000", "6627e8d5 e169c58d bc57ac4c 9b00dbd8"),
    ("ffffffff ffffffff ffffffff ffffffff", "ffffffff ffffffff", "408f276d 41c83b0e a20bc7c6 6d5451fd"),
    ("243f6a88 85a308d3 13198a2e 03707344", "a4093822 299f31d0", "d16cfe09 94fdcceb 5001e420 24126ea1"),
]


def words(text):
    return [int(word, 16) for word in text.split()]


@pytest.mark.parametrize("counter, key, result", KNOWN)
def test_known_answers(counter, key, result):
    c, k, due = words(counter), words(key), words(result)
    assert philox4x32(c, k) == due
    (got,) = uniforms((k[1] << 32) | k[0], (c[3] << 32) | c[2], 1, (c[1] << 32) | c[0])
    assert got == ((((due[1] << 32) | due[0]) >> 11) + 1) / 2.0**53


@pytest.mark.parametrize("seed", [0, 1, (1 << 32) - 1, 1 << 32, (1 << 64) - 1])
@pytest.mark.parametrize("stream", [0, 1, (1 << 32) + 5, 1 << 62])
@pytest.mark.parametrize("first", [0, (1 << 32) - 2, (1 << 64) - 4])
def test_all_words_of_seed_stream_and_draw_count(seed, stream, first):
    np.testing.assert_array_equal(
        uniforms(seed, stream, 4, first), [draw(seed, stream, first + i)[0] for i in range(4)]
    )


def test_a_draw_does_not_depend_on_those_before_it():
    np.testing.assert_array_equal(uniforms(5, 6, 100)[40:], uniforms(5, 6, 60, 40))
    np.testing.assert_array_equal(normals(5, 6, 100)[40:], normals(5, 6, 60, 40))


def test_no_draws():
    assert uniforms(1, 2, 0).shape == normals(1, 2, 0).shape == (0,)


def test_uniforms_fill_the_unit_interval():
    u = uniforms(1, 2, 100_000)
    assert u.min() > 0.0 and u.max() <= 1.0
    counts = np.histogram(u, bins=100, range=(0, 1))[0]
    assert np.sum((counts - 1000.0) ** 2 / 1000.0) < 160.0  # chi² with 99 degrees of freedom: p = 1e-4
    assert abs(np.corrcoef(u[1:], u[:-1])[0, 1]) < 4 / np.sqrt(100_000)


def test_normals_are_those_of_box_and_muller():
    u = uniforms(7, 8, 2000)
    expected = np.sqrt(-2 * np.log(u[::2])) * np.cos(2 * np.pi * u[1::2])
    np.testing.assert_allclose(normals(7, 8, 1000), expected, rtol=0, atol=1e-14)


def test_moments_of_normals():
    z = normals(3, 4, 100_000)
    assert abs(z.mean()) < 4 / np.sqrt(1e5)
    assert abs(z.var() - 1) < 4 * np.sqrt(2 / 1e5)
    assert abs((z**4).mean() - 3) < 4 * np.sqrt(96 / 1e5)
