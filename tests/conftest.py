"""What tests of both packages need."""

import signal

import pytest


@pytest.fixture
def interruptible():
    """Control-C raises also where these tests run in the background of a shell, with the signal ignored."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)
