"""Every public function of both packages has hints of its arguments and of what it returns.

Those of the compiled modules are in stubs beside their sources, which name what there is.
"""

import ast
import importlib
import importlib.util
import inspect
from pathlib import Path

import pytest

ROOTS = [Path(importlib.util.find_spec(package).origin).parent for package in ("pyurbanczik", "backend_cython")]
SOURCES = sorted(path for root in ROOTS for path in [*root.rglob("*.py"), *root.rglob("*.pyi")])
SPECIAL = ("__init__", "__call__")


def public(name):
    return not name.startswith("_") or name in SPECIAL


def functions(body, of_class=False):
    """Public functions and methods below a module or class, and whether their first argument has no hint."""
    for node in body:
        if isinstance(node, ast.ClassDef):
            # that of a class without a public name can be a method of those that derive from it
            yield from functions(node.body, True)
        elif isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)) and public(node.name):
            static = any(isinstance(d, ast.Name) and d.id == "staticmethod" for d in node.decorator_list)
            yield node, of_class and not static


def without_hints(source):
    """Names of the public functions that lack a hint, in the text of a module."""
    for node, bound in functions(ast.parse(source).body):
        given = node.args
        arguments = [*given.posonlyargs, *given.args][bound:] + given.kwonlyargs
        arguments += [argument for argument in (given.vararg, given.kwarg) if argument]
        if node.returns is None or any(argument.annotation is None for argument in arguments):
            yield node.name


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: "/".join(path.parts[-3:]))
def test_public_functions_have_hints(path):
    assert list(without_hints(path.read_text(encoding="utf-8"))) == []


@pytest.mark.parametrize(
    "source",
    [
        "def f(x) -> int: ...",
        "def f(x: int): ...",
        "class A:\n    def f(self, *x) -> int: ...",
        "def f(*, x) -> int: ...",
    ],
)
def test_a_missing_hint_is_found(source):
    assert list(without_hints(source)) == ["f"]


@pytest.mark.parametrize("root", ROOTS, ids=lambda root: root.name)
def test_packages_say_that_they_have_hints(root):
    assert (root / "py.typed").exists()


STUBS = [path for path in SOURCES if path.suffix == ".pyi"]


def named_in_stub(body):
    for node in body:
        if isinstance(node, (ast.FunctionDef, ast.ClassDef)):
            yield node.name
        elif isinstance(node, ast.AnnAssign):
            yield node.target.id


def is_method_or_attribute(value):
    return isinstance(value, (staticmethod, classmethod)) or inspect.isroutine(value) or inspect.isdatadescriptor(value)


@pytest.mark.parametrize("path", STUBS, ids=lambda path: "/".join(path.parts[-3:]))
def test_stubs_name_what_compiled_modules_have(path):
    module = importlib.import_module(".".join(path.relative_to(ROOTS[1].parent).with_suffix("").parts))
    tree = ast.parse(path.read_text(encoding="utf-8"))
    own = {name: value for name, value in vars(module).items() if getattr(value, "__module__", None) == module.__name__}
    expected = {name for name, value in own.items() if not name.startswith("_") and callable(value)}
    assert {name for name in named_in_stub(tree.body) if not name.isupper()} == expected
    for node in tree.body:
        if isinstance(node, ast.ClassDef):
            members = vars(own[node.name]).items()
            there = {name for name, value in members if not name.startswith("_") and is_method_or_attribute(value)}
            there = {name for name in there if not name.isupper()}  # tables of the model
            stated = {name for name in named_in_stub(node.body) if not name.startswith("_") and not name.isupper()}
            assert stated == there, node.name
