"""What tests of both packages need."""

import signal

import pytest

from backend_cython.engine import thread_choice
from backend_cython.model import cells

# Small networks are divided among threads as well, so that tests of these need no large ones, nor long runs.
cells.LEAST_CELLS = cells.LEAST_QUICK_CELLS = cells.LEAST_SOURCES = 1
thread_choice.BY_TURNS = True


@pytest.fixture
def interruptible():
    """Control-C raises also where these tests run in the background of a shell, with the signal ignored."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)
