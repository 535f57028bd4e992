import pytest

import pyurbanczik


@pytest.fixture
def sim():
    """The simulator, freshly set up with a time step of 0.1 ms."""
    pyurbanczik.setup(timestep=0.1)
    return pyurbanczik
