"""The page of the benchmarks is made of what is kept for each kind of processor, and of nothing else."""

import datetime
import re

import pytest

from benchmarks import __main__ as benchmarks
from benchmarks import machine, results

TITLES = {"experiment": "The experiment", "inputs": "Inputs", "threads": "Threads"}


def table(number):
    return f"\nWhat it is.\n\n| N |\n| --- |\n| {number} |\n"


@pytest.fixture
def measured(tmp_path, monkeypatch):
    """Lets something be measured on a processor, and returns the page."""

    def measure(processor, name, number):
        monkeypatch.setattr(machine, "kind", lambda: processor)
        monkeypatch.setattr(machine, "description", lambda: f"{processor}, 2 cores")
        results.keep(name, table(number), tmp_path)
        return results.page(TITLES, "experiment", "BEGIN", "PEERS", "END", tmp_path)

    return measure


def test_a_part_is_replaced_on_its_own_kind_of_processor_only(measured):
    measured("Fast (R) 1", "inputs", 11)
    measured("Fast (R) 1", "threads", 12)
    measured("Slow 2", "inputs", 13)
    page = measured("Fast (R) 1", "inputs", 14)
    assert [number for number in (11, 12, 13, 14) if f"| {number} |" in page] == [12, 13, 14]


def test_order(measured):
    measured("Slow", "threads", 1)
    measured("Slow", "experiment", 2)
    measured("Fast", "threads", 3)
    measured("Fast", "inputs", 4)
    page = measured("Fast", "experiment", 5)
    found = re.findall(r"^(BEGIN|PEERS|END|#.*|\| \d \||Measured .* on \w+,)", page, re.MULTILINE)
    today = f"Measured {datetime.date.today()} on"
    first = ["BEGIN", "## The experiment", "| 5 |", f"{today} Fast,", "| 2 |", f"{today} Slow,", "PEERS"]
    fast = ["## Fast", "### Inputs", "| 4 |", f"{today} Fast,", "### Threads", "| 3 |", f"{today} Fast,"]
    slow = ["## Slow", "### Threads", "| 1 |", f"{today} Slow,"]
    assert found == [*first, *fast, *slow, "END"]


def test_what_a_table_is_about_is_told_once_for_each_part(measured):
    measured("Fast", "experiment", 1)
    assert measured("Slow", "experiment", 2).count("What it is.") == 1


def test_the_page_is_what_is_kept():
    assert benchmarks.OUTPUT.read_text(encoding="utf-8") == benchmarks.page()
