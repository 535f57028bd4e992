import sys
from pathlib import Path

HERE = Path(__file__).parent
EXAMPLES = HERE.parents[1] / "examples"
sys.path.insert(0, str(EXAMPLES))  # examples import what they share as scripts do


def pytest_collection_modifyitems(items):
    """Every claim of an experiment is one about distributions, but for those against a twin."""
    for item in items:
        if HERE in item.path.parents and "twin" not in item.name:
            item.add_marker("statistics")
