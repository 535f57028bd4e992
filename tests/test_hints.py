"""Every public function of both packages has hints of its arguments and of what it returns."""

import ast
import importlib.util
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
