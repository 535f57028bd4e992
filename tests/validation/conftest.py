from pathlib import Path

import pytest

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
