"""What CONTRIBUTING.md quotes is there: each quoted line is a line of the file named above it, in this order."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
GUIDE = ROOT / "CONTRIBUTING.md"
QUOTES = re.findall(r"^`([^`\n]+)`\n\n```\w+\n(.*?)^```$", GUIDE.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)


def test_every_block_of_code_is_a_quotation():
    assert len(QUOTES) == GUIDE.read_text(encoding="utf-8").count("```") // 2 >= 8


@pytest.mark.parametrize("number", range(len(QUOTES)))
def test_quotation(number):
    path, quoted = QUOTES[number]
    lines = iter((ROOT / path).read_text(encoding="utf-8").splitlines())
    for line in filter(str.strip, quoted.splitlines()):
        assert line in lines, f"{path} has no line {line!r} after the lines quoted before it"


def test_files_and_folders_named_in_the_guide_exist():
    text = GUIDE.read_text(encoding="utf-8")
    for path in re.findall(r"`((?:tests|backend_cython|pyurbanczik|benchmarks)/[\w/.]*)`", text):
        assert (ROOT / path).exists(), path
