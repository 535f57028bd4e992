"""The comparison passes with the same simulator, and says which law differs."""

import dataclasses

import one_script_many_simulators as experiment


def test_a_simulator_is_like_itself_and_a_law_that_differs_is_named():
    reports = experiment.compare(["pyurbanczik"], seeds=3, repetitions=1, seed=1)
    (report,) = reports.values()
    assert experiment.summary(reports).splitlines()[-1].startswith("PASS")
    names, _ = experiment.laws(report)
    assert len(names) > 50
    place = next(k for k, one in enumerate(report.comparisons) if one.what == "law")
    one = report.comparisons[place]
    report.comparisons[place] = dataclasses.replace(one, difference=2.0 * one.allowed, verdict="differs")
    *_, found, verdict = experiment.summary(reports).splitlines()
    assert verdict.startswith("FAIL")
    assert f"{one.of}: {one.variable}" in found
