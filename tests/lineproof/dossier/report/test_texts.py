"""The texts of a report: those of the grant page, and of the same objects."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from typing import Any

import pytest
from facts_frames import ZONE
from report_contents import AS_OF, full_content

from api.i18n import LANGUAGES, language
from domain.milestone_states import ConflictOfInterest
from lineproof.dossier.report.content import ReportContent
from lineproof.dossier.report.texts import report_texts


@cache
def full() -> ReportContent:
    return full_content()


def texts(tag: str = "en", **changed: Any) -> dict[str, Any]:
    return report_texts(replace(full(), **changed), language(tag))


def test_the_head_says_what_it_is_about() -> None:
    assert dict(texts()["head"]) == {
        "Project": "NIFS-2025-017",
        "Company name": "TKO Foods Ltd",
        "Business registration": "12345678",
        "Plant": "tko-foods",
        "Production lines": "filler-1",
        "Scheme": "NIFS New Industrialisation Funding Scheme",
        "Approved on": "15 Jan 2025",
        "Project period": "23 Feb\u2009–\u20091 Mar 2026",
        "As of": "30 Mar 2026 00:00 (Asia/Hong_Kong)",
        "Method": "iso22400",
        "Program": "Lineproof, version 1.2.3",
    }


def test_its_date_is_that_of_the_verdicts_in_utc() -> None:
    assert texts()["date"] == [2026, 3, 29, 16, 0, 0]


def test_the_overview_has_every_verdict_with_its_bounds_and_target() -> None:
    rows = {it["id"]: it for it in texts()["overview"]["rows"]}
    assert list(rows) == [f"M{n}" for n in range(1, 9)]
    third = rows["M3"]
    assert (third["status"], third["word"], third["target"]) == (
        "not_met",
        "Not met",
        "at least 90%",
    )
    assert (third["value"], third["range"]) == ("82.62%", "between 80.56% and 83.06%")
    assert (rows["M1"]["range"], rows["M1"]["state"]) == (None, "Accepted in part")
    assert rows["M8"]["target"] == "at most 0.0025 kWh per item"
    assert rows["M5"]["target"] == "–"


def test_counts_and_meanings_are_of_the_verdicts_that_there_are() -> None:
    found = texts()
    counts = {it["status"]: it["count"] for it in found["counts"]}
    assert counts == {"met": "1", "on_track": "3", "at_risk": "2", "not_met": "1", "pending": "1"}
    assert [it["status"] for it in found["overview"]["meanings"]["rows"]] == list(counts)


def test_the_money_is_that_of_the_rule() -> None:
    found = texts()["funding"]
    assert dict(found["amounts"]) == {
        "Approved cost": "HK$54,000,000",
        "Grant": "HK$15,000,000",
        "Company": "HK$39,000,000",
        "Ceiling": "HK$15,000,000",
    }
    assert found["rule"] == "Rule: one third of 54,000,000 or 15,000,000, whichever is lower."
    assert found["share"]["alt"] == "The grant is 27.8% of the approved cost"


def test_what_was_spent_is_there_where_it_was_attested() -> None:
    spent = texts()["spending"]
    assert spent["rows"][0][1:] == ["HK$12,000,000"] * 3
    assert dict(spent["amounts"])["Open"] == "HK$2,500,000"
    assert texts(found=replace(full().found, spending=None))["spending"] is None


def test_conflicts_of_interest_are_told() -> None:
    declared = ConflictOfInterest("NIFS-2025-017", "lee@itc", AS_OF, "kin")
    said = texts(conflicts=(declared,))["conflicts"]["says"]
    moment = language("en").moment(AS_OF, ZONE)
    assert said == [f"lee@itc declared a conflict of interest on {moment}."]
    assert texts()["conflicts"]["says"] == []


def test_digests_stand_there_whole() -> None:
    content = full()
    rows = report_texts(content, language("en"))["check"]["rows"]
    assert ["M1", "Terms", f"{1:064x}"] in rows
    assert ["M1", "Facts", content.found.verdicts[0].facts_digest] in rows
    assert [it[1] for it in rows if it[0] == "M5"] == ["Terms"]


@pytest.mark.parametrize("tag", LANGUAGES[1:])
def test_its_own_words_are_all_translated(tag: str) -> None:
    other, found = texts("en"), texts(tag)
    for part in ("title", "lead", "as_of", "page"):
        assert other[part] != found[part]
    assert {it[0] for it in other["head"]} & {it[0] for it in found["head"]} == set()
    assert not {*other["check"]["says"]} & {*found["check"]["says"]}
