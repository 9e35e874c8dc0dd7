"""The study of a measurement and its document: one path for command line, HTTP and pages."""

from __future__ import annotations

import json
from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest
from spc_lines import WINDOW, at, history, line, text, weights

from analytics.spc.capability import capability
from analytics.spc.study import Setup, Study, chart_named, measurement_named, study
from api.documents.control_chart import measurements_json, study_json
from domain.errors import InputError, NotFoundError
from domain.time import Window

ZONE = ZoneInfo("Asia/Hong_Kong")
QUIET = [330.0, 331.0, 329.0, 330.5, 329.5, 330.0, 331.0, 330.0, 329.0]


def notes(found: Study) -> str:
    return " ".join(str(note) for note in found.notes)


def test_the_document_of_a_quiet_process() -> None:
    document = study_json(study(line(), "fill", history(weights(QUIET)), WINDOW), ZONE)
    assert (document["line"], document["measurement"], document["unit"]) == (
        "filler-1",
        "fill",
        "g",
    )
    assert (document["chart"], document["subgroup_size"], document["rules"]) == (
        "xbar-r",
        3,
        "nelson",
    )
    assert document["start"] == "2026-03-02T08:00:00+08:00"
    assert document["values"]["used"] == 9
    assert [row["mean"] for row in document["subgroups"]] == [330, 330, 330]
    first = document["subgroups"][0]
    assert (first["number"], first["n"], first["complete"]) == (1, 3, True)
    assert first["start"] == "2026-03-02T08:00:00+08:00"
    assert first["end"] == "2026-03-02T08:02:00+08:00"
    assert first["dispersion"]["value"] == 2
    assert first["location"]["upper"] == pytest.approx(330 + 1.0233 * (2 + 1 + 2) / 3, abs=1e-3)
    assert document["limits"]["location"]["upper"] == first["location"]["upper"]
    assert document["limits"]["subgroups"] == 3
    assert document["violations"] == []
    assert document["capability"]["cp"] == pytest.approx(capability(QUIET, 3, 324, 336).cp)
    assert "preliminary" in " ".join(document["notes"])
    assert "out of control" not in " ".join(document["notes"])
    json.dumps(document, allow_nan=False)


def test_incomplete_subgroups_are_told_and_not_plotted() -> None:
    found = study(line(), "fill", history(weights([*QUIET, 345.0])), WINDOW)
    document = study_json(found, ZONE)
    last = document["subgroups"][-1]
    assert (last["n"], last["complete"], last["location"], last["dispersion"]) == (
        1,
        False,
        None,
        None,
    )
    assert "not on the chart: 1 (values in them: 1)" in notes(found)
    assert document["violations"] == [], "one value alone is no subgroup"
    assert document["capability"]["n"] == 10, "it counts for Pp all the same"
    assert document["capability"]["subgroup_n"] == 9


def test_violations_name_their_subgroups() -> None:
    """An incomplete subgroup in between keeps its number: the next one is not taken for it."""
    rows = [
        *weights(QUIET),
        *weights([330.0], first=9),
        *weights([340.0, 341.0, 339.0], first=20),
    ]
    around = study(line(), "fill", history(rows, (0, 9.5), (19, 60)), WINDOW, Setup(), None)
    baseline = Window(at(0), at(9))
    setup = Setup(baseline=baseline, rules="western-electric")
    found = study(
        line(), "fill", history(rows, (0, 9.5), (19, 60)), WINDOW, setup, history(weights(QUIET))
    )
    [violation] = study_json(found, ZONE)["violations"]
    assert (violation["rule"], violation["subgroup"]) == ("western-electric-1", 5)
    assert violation["time"] == "2026-03-02T08:20:00+08:00"
    assert violation["sentence"] == "A point lies beyond the control limits."
    limits = study_json(found, ZONE)["limits"]
    assert limits["baseline"]["end"] == "2026-03-02T08:09:00+08:00"
    assert (limits["mean"], limits["subgroups"]) == (330, 3)
    assert "out of control" in notes(found)
    assert around.chart is not None
    assert around.chart.parameters.mean > 331, "without a baseline the shift is part of the limits"


def test_subgroups_never_mix_products() -> None:
    rows = [*weights(QUIET), text("product", -1, "juice"), text("product", 3.5, "tea")]
    found = study(line(), "fill", history(rows), WINDOW)
    document = study_json(found, ZONE)
    sizes = [(row["n"], row["product"]) for row in document["subgroups"]]
    assert sizes == [(3, "juice"), (1, "juice"), (3, "tea"), (2, "tea")]
    assert "several products stand on one chart: juice, tea" in notes(found)


def test_subgroups_of_an_interval_of_time() -> None:
    setup = Setup(interval_s=240)
    document = study_json(study(line(), "fill", history(weights(QUIET)), WINDOW, setup), ZONE)
    assert (document["chart"], document["subgroup_size"], document["interval_s"]) == (
        "xbar-s",
        None,
        240,
    )
    assert [(row["n"], row["complete"]) for row in document["subgroups"]] == [
        (4, True),
        (4, True),
        (1, False),
    ]


def test_an_individuals_chart_plots_every_value_whatever_the_subgroup_size() -> None:
    setup = Setup(chart="individuals")
    document = study_json(study(line(), "fill", history(weights(QUIET)), WINDOW, setup), ZONE)
    assert [row["location"]["value"] for row in document["subgroups"]] == QUIET
    assert document["subgroups"][0]["dispersion"] is None
    assert document["subgroups"][1]["dispersion"]["value"] == 1
    assert document["subgroup_size"] == 1
    assert document["capability"]["cp"] == pytest.approx(capability(QUIET, 1, 324, 336).cp)
    usual = study(line(subgroup_size=1), "fill", history(weights(QUIET)), WINDOW)
    assert usual.kind == "individuals"


def test_without_values_there_is_no_chart_and_the_reasons_stand_there() -> None:
    found = study(line(), "fill", history([]), WINDOW)
    document = study_json(found, ZONE)
    assert document["limits"] is None
    assert document["subgroups"] == document["violations"] == []
    assert document["capability"]["cp"] is None
    assert document["capability"]["missing"]["cp"] == "There is no complete subgroup."
    assert "no measured value" in notes(found)
    assert "no control limits" in notes(found)


def test_a_baseline_without_values_gives_no_limits() -> None:
    """Limits are never taken from the charted data in silence instead."""
    setup = Setup(baseline=Window(at(-60), at(-30)))
    found = study(line(), "fill", history(weights(QUIET)), WINDOW, setup, history([]))
    assert found.chart is None
    assert "baseline gives no control limits" in notes(found)
    assert study_json(found, ZONE)["subgroups"][0]["mean"] == 330


def test_what_does_not_exist_is_refused_with_what_does() -> None:
    with pytest.raises(NotFoundError, match=r"no measurement 'weight'.*fill"):
        measurement_named(line(), "weight")
    with pytest.raises(InputError, match="xbar-r, xbar-s, individuals"):
        chart_named("cusum")
    with pytest.raises(InputError, match="western-electric"):
        study(line(), "fill", history([]), WINDOW, Setup(rules="westgard"))
    with pytest.raises(InputError, match="plots every value"):
        study(line(), "fill", history([]), WINDOW, Setup("individuals", interval_s=60))


def test_sentences_are_translated() -> None:
    found = study(line(), "fill", history([]), WINDOW)
    document = study_json(found, ZONE, say=lambda reason: reason.message.upper())
    assert document["notes"][0] == "THERE IS NO MEASURED VALUE IN THIS TIME."
    assert document["capability"]["missing"]["cp"] == "THERE IS NO COMPLETE SUBGROUP."


def test_the_result_is_that_of_the_values_whatever_else_the_history_holds() -> None:
    wide = Window(WINDOW.start - timedelta(hours=5), WINDOW.end + timedelta(hours=5))
    more = [*weights(QUIET), *weights([500.0], first=-200), *weights([1.0], first=800)]
    narrow = study(line(), "fill", history(weights(QUIET)), WINDOW)
    same = study(line(), "fill", history(more, window=wide), WINDOW)
    assert study_json(same, ZONE) == study_json(narrow, ZONE)


def test_the_list_of_measurements() -> None:
    [row] = measurements_json(line())
    assert row["measurement"] == "fill"
    assert (row["lower_limit"], row["upper_limit"], row["target"]) == (324, 336, 330)
    assert (row["machine"], row["subgroup_size"]) == ("scale", 3)
