"""Everything that the documentation shows runs: the scripts of tutorials and gallery, and all blocks of Python."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

import pyurbanczik as sim

pytest.importorskip("matplotlib")

ROOT = Path(__file__).parent.parent
SCRIPTS = sorted([*ROOT.glob("docs/tutorials/*.py"), *ROOT.glob("examples/basics/*.py")])
WRITTEN = ("docs/*.md", "docs/howto/*.md", "docs/reference/*.md", "README.md")
PAGES = sorted(page for pattern in WRITTEN for page in ROOT.glob(pattern))
MODELS = sorted(page for page in ROOT.glob("docs/models/*.md") if page.stem not in ("index", "equations"))
BLOCK = re.compile(r"^( *)```python\n(.*?)^\1```", re.DOTALL | re.MULTILINE)
DRAWN = re.compile(r"^```\{drawn\}\n:alt: \S[^\n]*\n\n(.*?)^```", re.DOTALL | re.MULTILINE)
# What a page takes for granted before its first block.
BEFORE = re.compile(r"<!-- before\n(.*?)-->", re.DOTALL)
# Packages of others that some of them need, without which they are skipped.
OTHERS = ("elephant", "nest", "nixio", "pandas", "pynwb", "tqdm", "zarr")


def run(code, folder):
    path = [str(ROOT), *filter(None, [os.environ.get("PYTHONPATH")])]
    environment = {**os.environ, "MPLBACKEND": "Agg", "PYTHONPATH": os.pathsep.join(path)}
    command = [sys.executable, "-W", "error::UserWarning:pyurbanczik", "-c", code]
    found = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True)
    missing = re.search(r"No module named '(\w+)", found.stderr)
    if missing and missing[1] in OTHERS:
        pytest.skip(f"needs {missing[1]}")
    needs = re.search(r"needs the package (\w+)", found.stderr)
    if needs and needs[1] in OTHERS:
        pytest.skip(f"needs {needs[1]}")
    assert found.returncode == 0, found.stderr


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda path: path.stem)
def test_a_script_runs(script, tmp_path):
    run(script.read_text(), tmp_path)


def test_no_script_of_the_gallery_needs_its_own_path():
    """Which Sphinx-Gallery does not tell."""
    scripts = [*SCRIPTS, *ROOT.glob("examples/*.py")]
    assert not [script.name for script in scripts if "(__file__" in script.read_text()]


@pytest.mark.parametrize("page", PAGES, ids=lambda path: path.relative_to(ROOT).with_suffix("").as_posix())
def test_the_blocks_of_a_page_run(page, tmp_path):
    text = page.read_text()
    blocks = [code for _, code in BLOCK.findall(text)]
    if not blocks:
        pytest.skip("no blocks")
    run("\n".join([*BEFORE.findall(text), *blocks]), tmp_path)


@pytest.mark.parametrize("page", MODELS, ids=lambda path: path.stem)
def test_the_figures_of_a_page_of_models_are_drawn(page, tmp_path):
    figures = DRAWN.findall(page.read_text())
    assert figures, "a page of models shows what they do"
    counted = (
        "\nimport matplotlib.pyplot\nassert len(matplotlib.pyplot.get_fignums()) == 1\nmatplotlib.pyplot.close()\n"
    )
    run("".join(code + counted for code in figures), tmp_path)


def test_nests_side_of_the_guide_runs_and_has_a_row_for_each_call(tmp_path):
    pytest.importorskip("nest")
    page, _, rows = (ROOT / "docs/from_nest.md").read_text().partition("## Call by call")
    (script,) = re.findall(r"^```\{code-block\} python\n:class: nest\n(.*?)^```", page, re.DOTALL | re.MULTILINE)
    run(script, tmp_path)
    calls = set(re.findall(r"\bnest\.(\w+)", script))
    models = set(re.findall(r'nest\.(?:Create|CopyModel)\("(\w+)"', script))
    assert len(calls) > 5
    assert {call for call in calls if f"nest.{call}" not in rows} == set()
    assert {model for model in models if f'"{model}"' not in rows} == set()


def test_everything_public_is_in_the_reference():
    pages = [page for folder in ("reference", "models") for page in ROOT.glob(f"docs/{folder}/*.md")]
    if not pages:
        pytest.skip("installed without its documentation")
    shown = set(re.findall(r"pyurbanczik\.(\w+)", "".join(page.read_text() for page in pages)))
    public = {
        name
        for name, thing in vars(sim).items()
        if getattr(thing, "__module__", "").startswith("pyurbanczik") and getattr(thing, "__name__", name) == name
    }
    assert {name for name in public - shown if not name.startswith("_")} == set()


def test_the_guide_has_a_row_for_each_call_of_nests_own_example():
    nest = pytest.importorskip("nest")
    example = Path(nest.__file__).parent / "doc/examples/pynest/urbanczik_synapse_example.py"
    if not example.exists():
        pytest.skip("NEST came without its examples")
    calls = set(re.findall(r"\bnest\.(\w+)", example.read_text()))
    guide = (ROOT / "docs/from_nest.md").read_text().partition("## Call by call")[2]
    assert len(calls) > 5
    assert {call for call in calls if f"nest.{call}" not in guide} == set()
    made = set(re.findall(r'nest\.Create\(\s*"(\w+)"', example.read_text()))
    assert {model for model in made if f'"{model}"' not in guide} == set()
