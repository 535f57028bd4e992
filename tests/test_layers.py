"""What may import what: nothing imports what lies above it, and there are no rings.

Imports within functions count as well. Those for annotations alone (``if TYPE_CHECKING``) do not: what is above may be
named below.
"""

import ast
import importlib.util
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

PACKAGE, CORE = (Path(importlib.util.find_spec(name).origin).parent for name in ("pyurbanczik", "backend_cython"))
# From the bottom to the top. `pyurbanczik` is what users import, for which all before it are made.
LAYERS = [
    "parameters",
    "objects",
    "storage",
    "simulation",
    "recording",
    "neurons",
    "synapses",
    "connectivity",
    "populations",
    "projections",
    "electrodes",
    "random_numbers",
    "nest_names",
    "saving",
    "procedural_api",
    "control",
    "plotting",
    "pyurbanczik",
    "scripts",
    "compare",
    "on_nest",
    "__main__",
]


def name_of(path):
    parts = path.relative_to(PACKAGE.parent).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


MODULES = {name_of(path): path for path in sorted(PACKAGE.rglob("*.py"))}


def layer(module):
    return LAYERS.index(".".join(module.split(".")[1:2]) or module)


def imports(node):
    """The import statements below a node, without those for annotations."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, (ast.Import, ast.ImportFrom)):
            yield child
        elif not (isinstance(child, ast.If) and "TYPE_CHECKING" in ast.unparse(child.test)):
            yield from imports(child)


def imported(module, source, is_package=False, modules=MODULES):
    """Names of the modules of the package that a module imports."""
    for statement in imports(ast.parse(source)):
        if isinstance(statement, ast.Import):
            yield from (alias.name for alias in statement.names if alias.name in modules)
            continue
        base = statement.module or ""
        if statement.level:
            parts = module.split(".")
            up = parts[: len(parts) - statement.level + is_package]
            base = ".".join([*up, base] if base else up)
        for alias in statement.names:
            full = f"{base}.{alias.name}"
            if full in modules or base in modules:
                yield full if full in modules else base


def graph():
    for name, path in MODULES.items():
        yield name, set(imported(name, path.read_text(encoding="utf-8"), path.name == "__init__.py"))


def test_every_room_is_a_layer():
    assert {".".join(name.split(".")[1:2]) or name for name in MODULES} == set(LAYERS)


@pytest.mark.parametrize("name, others", list(graph()), ids=lambda value: value if isinstance(value, str) else "")
def test_nothing_imports_what_is_above_it(name, others):
    assert [other for other in others if layer(other) > layer(name)] == []


def test_there_are_no_rings():
    list(TopologicalSorter(dict(graph())).static_order())  # which raises CycleError


@pytest.mark.parametrize(
    "source",
    [
        "import pyurbanczik.projections",
        "from pyurbanczik import projections",
        "def f():\n    from .. import projections",
        "def f():\n    from ..projections import Projection",
    ],
)
def test_an_import_is_found(source):
    assert list(imported("pyurbanczik.neurons.base", source)) == ["pyurbanczik.projections"]


def test_imports_for_annotations_are_left_out():
    source = "if TYPE_CHECKING:\n    from ..projections import Projection"
    assert list(imported("pyurbanczik.neurons.base", source)) == []


@pytest.mark.parametrize("path", sorted(CORE.rglob("*.p*")), ids=lambda path: path.name)
def test_the_core_knows_neither_the_layer_above_nor_pynn(path):
    if path.suffix in (".py", ".pyx", ".pxd", ".pyi"):
        words = [
            line.split()[1].split(".")[0]
            for line in path.read_text(encoding="utf-8").splitlines()
            if line.strip().startswith(("import ", "from ", "cimport "))
        ]
        assert {"pyurbanczik", "pyNN", "neo", "quantities"}.isdisjoint(words)
