"""Comparison of Neo objects."""

import pickle

import numpy as np


def compare(ours, theirs):
    """Same type, numbers, units and attributes; survives pickling."""
    assert type(ours) is type(theirs)
    np.testing.assert_allclose(ours.magnitude, theirs.magnitude)
    assert ours.dimensionality == theirs.dimensionality
    assert ours.__dict__.keys() == theirs.__dict__.keys()
    for name, value in theirs.__dict__.items():
        if name != "segment":
            assert type(getattr(ours, name)) is type(value), name
            np.testing.assert_equal(getattr(ours, name), value, name)
    again = pickle.loads(pickle.dumps(ours))
    np.testing.assert_array_equal(again, ours)
    np.testing.assert_equal(again.annotations, ours.annotations)
