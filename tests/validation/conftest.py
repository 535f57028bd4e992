from pathlib import Path

import pytest

from . import pynn_runner

HERE = Path(__file__).parent


def pytest_collection_modifyitems(items):
    """Everything in this folder is validation; what compares distributions says so itself."""
    for item in items:
        if HERE in item.path.parents:
            item.add_marker("validation")


@pytest.fixture
def nest():
    """NEST, or a skipped test."""
    return pytest.importorskip("nest", reason="comparison with NEST: pip install nest-simulator")


@pytest.fixture(scope="package")
def in_both(tmp_path_factory):
    """A function that runs a module of PyNN scripts in pyNN.nest and in ours, once: (theirs, ours)."""
    pytest.importorskip("nest", reason="comparison with NEST: pip install nest-simulator")
    started = {}

    def run(module):
        if module not in started:
            folder = tmp_path_factory.mktemp("pynn")
            started[module] = [pynn_runner.start(module, name, folder / name) for name in ("nest", "ours")]
        return started[module]

    yield run
    for results in started.values():
        for result in results:
            result.process.kill()  # of what nobody has asked for
            result.process.wait()
