"""What several files say of the package must be the same."""

import json
import re
from pathlib import Path

import pytest

import pyurbanczik

tomllib = pytest.importorskip("tomllib")  # Python 3.11

ROOT = Path(__file__).resolve().parents[1]


def read(name):
    path = ROOT / name
    if not path.exists():
        pytest.skip("only in a checkout")
    return path.read_text(encoding="utf-8")


def test_the_version_is_the_same_everywhere():
    version = pyurbanczik.__version__
    assert json.loads(read("codemeta.json"))["version"] == version
    assert re.search(r"^version: (.*)$", read("CITATION.cff"), re.MULTILINE)[1] == version
    assert re.search(r"^  version: (.*)$", read("packaging/conda/recipe.yaml"), re.MULTILINE)[1] == version


def test_the_conda_recipe_needs_what_the_package_needs():
    declared = tomllib.loads(read("pyproject.toml"))
    section = re.search(r"  host:\n(.*?)  run:\n(.*?)\n\n", read("packaging/conda/recipe.yaml"), re.DOTALL)
    host, run = ({line.strip(" -").replace(" ", "").lower() for line in part.splitlines()} for part in section.groups())
    assert run - {"python" + declared["project"]["requires-python"]} == {
        name.lower() for name in declared["project"]["dependencies"]
    }
    assert host - {"python", "pip"} == {name.lower() for name in declared["build-system"]["requires"]}


def test_every_release_in_the_changelog_has_a_date():
    releases = re.findall(r"^## (.*)$", read("CHANGELOG.md"), re.MULTILINE)
    dated = [re.fullmatch(r"\d+\.\d+\.\d+ \(\d{4}-\d\d-\d\d\)", release) for release in releases]
    assert all(match or release == "Unreleased" for match, release in zip(dated, releases)), releases
