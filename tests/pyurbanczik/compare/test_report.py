"""Reports of runs that are known."""

import json
import re
import sys
from html.parser import HTMLParser

import pytest

from pyurbanczik.compare.judge.pairs import compare_runs
from pyurbanczik.compare.judge.verdicts import DIFFERS, EQUAL
from pyurbanczik.compare.report.report import Report

from .examples import a_run, potential


def report(**others):
    made = Report("folder/script.py", ["--n", "<5>"], 1, 0.999)
    ours, theirs = a_run(), a_run("nest", **others)
    theirs.mended = ["off-grid"]
    made.add(ours)
    made.add(theirs, compare_runs(ours, theirs))
    return made


def test_verdict_and_status():
    assert (report().verdict, report().status) == (EQUAL, 0)
    other = report(v=potential() + 1.0)
    assert (other.verdict, other.status, other.counts()[DIFFERS]) == (DIFFERS, 1, 1)
    assert "differs: nest: cells: signal (v) by 1 mV at 0 ms" in str(other)
    assert "mended: off-grid" in str(other)
    assert repr(other) == "<Report of script.py: differs>"


def test_files(tmp_path):
    report(v=potential() + 1.0).write(tmp_path / "new" / "folder")
    written = json.loads((tmp_path / "new" / "folder" / "report.json").read_text())
    assert written["verdict"] == DIFFERS
    assert written["simulators"]["nest"]["mended"]["off-grid"]
    page = (tmp_path / "new" / "folder" / "index.html").read_text()
    assert "&lt;5&gt;" in page and "<5>" not in page
    # nothing that a browser would have to fetch
    assert not re.findall(r'(?:src|href)="(?!data:)', page)


def test_page_is_well_formed():
    open_tags = []

    class Parser(HTMLParser):
        def handle_starttag(self, tag, attributes):
            if tag not in ("meta", "img", "br"):
                open_tags.append(tag)

        def handle_endtag(self, tag):
            assert open_tags.pop() == tag

    from pyurbanczik.compare.report.page import page

    Parser().feed(page(report(spikes=((0, 4.0),))))
    assert open_tags == []


def test_plot():
    pytest.importorskip("matplotlib")
    assert len(report().plot()) == 3  # spikes, v and weights


def test_notebooks_show_summary_and_figures():
    pytest.importorskip("matplotlib")
    shown = report()._repr_html_()
    assert "verdict: equal" in shown and shown.count("<img") == 3


@pytest.mark.parametrize("package, call", [("pandas", "to_dataframe"), ("matplotlib", "plot")])
def test_what_is_missing_is_named(monkeypatch, package, call):
    monkeypatch.setitem(sys.modules, package, None)
    with pytest.raises(
        ImportError, match=rf'{call}\(\) needs the package {package}: pip install "pyurbanczik\[compare\]"'
    ):
        getattr(report(), call)()


def test_dataframe():
    pytest.importorskip("pandas")
    frame = report().to_dataframe()
    assert set(frame["verdict"]) == {EQUAL}
