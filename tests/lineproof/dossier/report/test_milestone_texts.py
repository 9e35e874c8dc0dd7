"""One milestone of a report, as texts."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from functools import cache
from typing import Any

import orjson
import pytest
from report_contents import full_content, step

from api.i18n import language
from api.pages import labels
from api.pages.flag_meanings import FLAG_MEANINGS
from api.pages.officer.grants import shown_milestone
from domain.grants import KpiTerms
from domain.milestone_states import Step
from lineproof.dossier.report.content import ReportContent
from lineproof.dossier.report.milestone_texts import milestone_texts, target_text


@cache
def full() -> ReportContent:
    return full_content()


def texts(name: str, content: ReportContent | None = None, tag: str = "en") -> dict[str, Any]:
    content = content or full()
    given = next(it for it in content.found.verdicts if it.milestone.id == name)
    shown = shown_milestone(given, language(tag), content.found)
    return milestone_texts(shown, content, language(tag))


def test_every_flag_is_explained() -> None:
    assert set(FLAG_MEANINGS) == set(labels.FLAGS)


def test_the_verdict_has_its_figures_and_why() -> None:
    found = texts("M3")
    assert (found["verdict"]["word"], found["verdict"]["status"]) == ("Not met", "not_met")
    figure = found["verdict"]["figure"]
    assert (figure["value"], figure["metric"]) == ("82.62%", "Availability")
    assert figure["range"] == "between 80.56% and 83.06%"
    assert figure["bar"]["target"] == pytest.approx(0.9)
    assert dict(found["verdict"]["rows"])["Coverage"] == "97.5%"
    assert "Even at its best that misses the target of at least 90%." in found["why"]["says"]
    assert found["flags"]["rows"] == [
        [
            "Gap in the data",
            "More than a thousandth of the planned time is not recorded; the bounds allow for it.",
        ]
    ]
    assert found["chart"]["title"] == "Availability of each day"


def test_terms_are_told_in_words() -> None:
    assert dict(texts("M3")["terms"]["rows"]) == {
        "Clause": "5.3",
        "Due": "30 Jun 2026",
        "Kind": "KPI target",
        "Metric": "Availability",
        "Target": "at least 90%",
        "Window": "2–13 Mar 2026",
        "Coverage at least": "0%",
        "Method": "ISO 22400-2",
    }


def test_a_due_day_that_was_moved_stands_beside_the_agreed_one() -> None:
    content = full()
    given = content.found.verdicts[0]
    moved = replace(given.milestone, agreed_due=date(2026, 3, 31))
    verdicts = (replace(given, milestone=moved), *content.found.verdicts[1:])
    changed = replace(content, found=replace(content.found, verdicts=verdicts))
    assert dict(texts("M1", changed)["terms"]["rows"])["Due"] == "30 Jun 2026 (agreed: 31 Mar 2026)"


def test_a_forecast_has_what_is_needed_a_day() -> None:
    assert [it[0] for it in texts("M4")["forecast"]["rows"]] == [
        "Probability of being met",
        "Drawn from production days",
        "Production days to come",
        "Needed a day, on average",
    ]
    assert dict(texts("M4")["forecast"]["rows"])["Needed a day, on average"] == "8,081"
    assert texts("M1")["forecast"] is None


def test_what_is_known_now_stands_beside_the_accepted_verdict() -> None:
    found = texts("M1")["restated"]
    assert "as it was accepted on 30 Mar 2026 00:00" in found["says"]
    assert found["verdict"]["figure"]["value"] == "71,000"
    assert found["verdict"]["figure"]["range"] == "between 70,000 and 71,000"
    assert texts("M2")["restated"] is None


def test_steps_say_who_when_and_why_and_what_the_data_said() -> None:
    life = texts("M1")["life"]
    assert life["heading"] == "State: Accepted in part"
    assert [it["author"] for it in life["steps"]][-2:] == ["chan@itc", "wong@itc"]
    assert life["steps"][0]["reason"] == "–"
    last = life["steps"][-1]
    assert (last["step"], last["at"]) == ("Accept in part", "27 Mar 2026 14:00")
    assert last["reason"] == "But for the night shift."
    digest = full().found.verdicts[0].facts_digest
    assert digest is not None
    assert last["notes"] == [f"The data said then: Met · Facts {digest[:12]}"]
    assert texts("M2")["life"]["steps"] == []


def test_an_extension_and_a_decision_on_other_terms() -> None:
    told = orjson.dumps(
        {"status": "not_met", "evidence": {"terms_digest": "f" * 64, "facts_digest": None}}
    ).decode()
    taken = [step(Step.EXTEND, "wong", 9, reason="late", due=date(2026, 9, 30), verdict=told)]
    assert texts("M1", full_content(steps=taken))["life"]["steps"][0]["notes"] == [
        "New due day: 30 Sept 2026",
        "The data said then: Not met",
        "The terms were changed after this decision: it is of the earlier ones.",
    ]


def test_where_there_is_no_figure_there_is_no_drawing() -> None:
    found = texts("M5")
    assert (found["verdict"]["figure"], found["chart"]) == (None, None)


def test_a_target_has_its_side() -> None:
    content = full()
    shown = {
        it.milestone.id: target_text(
            shown_milestone(it, language("en"), content.found), language("en")
        )
        for it in content.found.verdicts
    }
    assert isinstance(content.found.verdicts[7].milestone.terms, KpiTerms)
    assert (shown["M3"], shown["M8"]) == ("at least 90%", "at most 0.0025 kWh per item")
    assert shown["M5"] is None


def test_in_chinese() -> None:
    found = texts("M1", tag="zh-Hant")
    assert found["life"]["heading"] == "狀態：部分接納"
    assert found["life"]["steps"][-1]["step"] == "接納部分"
