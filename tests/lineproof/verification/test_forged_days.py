"""Forgeries that were made before anything was sealed: chain and ledger hold, and the verifier
finds in the days themselves what is odd, and what to ask. Findings cannot be left out of a dossier,
nor added to it.
"""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import httpx
import orjson
import polars as pl
import pytest
from command_line import lineproof
from forged_days import LINES, PROJECT, make
from forging import Files, caught, files_of, made, sealed_anew
from web_plant import app_of

from analytics.integrity_flags import CLOCK_WRONG
from api.queries.lines import Queries
from lineproof.dossier import paths
from lineproof.dossier.facts_csv import read_facts_csv
from lineproof.verification.outcome import DossierCheck
from lineproof.verification.verify import verify_dossier
from store.node.opening import open_stores

# what was forged → line, flag, what the sentence says
FORGERIES = {
    "calendar narrowed": (
        "planned",
        "calendar_changed",
        "from 2026-03-02 to 2026-03-20 120 hours were planned, and 60 hours are now.",
    ),
    "cycle time raised": (
        "planned",
        "cycle_time_changed",
        "for 2026-03-02 it was 2 s and is 2.4 s.",
    ),
    "exception back-dated": (
        "planned",
        "exception_entered_late",
        "had begun: 1, of 4 hours in all, up to 383 hours late.",
    ),
    "day copied from another day": (
        "imitated",
        "replayed_segment",
        "what imitated told: 2026-03-17 = 2026-03-10.",
    ),
    "days copied from another line": (
        "imitated",
        "replayed_segment",
        "what honest told: 2026-03-12 = 2026-03-12, 2026-03-13 = 2026-03-13.",
    ),
    "counter inflated": (
        "counted",
        "over_capacity",
        "On 4 days counted counted 55,970 items, which take 31.1 hours at the ideal cycle time; "
        "it had 26.9 hours for them.",
    ),
    "production without energy": (
        "counted",
        "production_without_energy",
        "In 6.7 hours of production counted counted 10,853 items and used 0.0 kWh; in others it "
        "takes 15 kW.",
    ),
    "meter swapped": (
        "sources",
        "source_changed",
        "2026-03-09 EM-7 → EM-9",
    ),
    "data sent months later": (
        "sources",
        "late_data",
        "Data of sources came more than a day after they were told: 1 batch, up to",
    ),
    "profile's scale changed": (
        "sources",
        "source_changed",
        "2026-03-11 profile_digest: 9f2b → 41c0",
    ),
}
# Clock set back, clock set forward: of these the facts have the flag, because what was told
# meanwhile stands at its receipt, or is unknown.
CLOCK_DAYS = [date(2026, 3, day) for day in (12, 13, 16, 17)]
BEHIND_ALL = datetime(2026, 4, 10, tzinfo=UTC)  # that was forged


@pytest.fixture(scope="module")
def node(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make(tmp_path_factory.mktemp("forged-days") / "node")


@pytest.fixture(scope="module")
def honest(node: Path) -> Path:
    """A dossier that tells all that its node knows."""
    return made(node, node.parent / "honest.zip", as_of=BEHIND_ALL)


def verdicts(files: Files) -> dict[str, Any]:
    found: dict[str, Any] = orjson.loads(files[paths.VERDICTS])
    return found


def findings(files: Files, line: str) -> list[dict[str, Any]]:
    [milestone] = verdicts(files)["milestones"]
    return [it for it in milestone["findings"] if it["lines"][0] == line]


def test_the_verifier_finds_the_same(honest: Path) -> None:
    assert verify_dossier(honest).failed is None


@pytest.mark.parametrize("forged", FORGERIES)
def test_each_forgery_is_found_with_its_sentence(honest: Path, forged: str) -> None:
    line, flag, says = FORGERIES[forged]
    files = files_of(honest)
    [found] = [it for it in findings(files, line) if it["flag"] == flag and says in it["says"]]
    assert found["severity"] == "warns"
    [milestone] = verdicts(files)["milestones"]
    assert flag in milestone["flags"]


def test_nothing_else_is_found(honest: Path) -> None:
    """Each finding is one of a forgery; two changes of one source are told together."""
    files = files_of(honest)
    for line in LINES:
        expected = [(flag, says) for of, flag, says in FORGERIES.values() if of == line]
        for it in findings(files, line):
            assert any(flag == it["flag"] and says in it["says"] for flag, says in expected), it
    assert findings(files, "honest") == []


def test_clocks_that_were_set_are_flagged_by_the_facts(honest: Path) -> None:
    files = files_of(honest)
    facts = read_facts_csv(files[paths.facts_path("sources")], "sources")
    flagged = facts.filter((pl.col("flags") & CLOCK_WRONG) != 0)
    assert flagged["day"].unique().sort().to_list() == CLOCK_DAYS
    [milestone] = verdicts(files)["milestones"]
    assert "clock_wrong" in milestone["flags"]


def test_people_are_told_in_the_command_line(node: Path) -> None:
    said = lineproof("milestones", "--project", PROJECT, "--data", node).output
    assert "M1, source_changed: What machine of sources tells comes from another source" in said
    assert "no change request was approved for it" in said


@pytest.mark.parametrize(
    ("language", "says"),
    [
        ("en", "<b>Calendar changed</b><br>The calendar of planned was changed on 26 Mar 2026"),
        ("zh-Hant", "<b>編更表曾更改</b><br>planned 的編更於 2026年3月26日 更改"),
        ("zh-Hans", "<b>排班表曾更改</b><br>planned 的排班于 2026年3月26日 更改"),
    ],
)
async def test_people_are_told_on_the_page(node: Path, language: str, says: str) -> None:
    with open_stores(node) as stores:
        app = app_of(Queries(stores.telemetry, stores.registry, lambda: BEHIND_ALL), version="1")
        transport = httpx.ASGITransport(app)
        async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as client:
            page = await client.get(f"/grants/{PROJECT}/M1", headers={"accept-language": language})
    assert says in page.text


def _left_out(milestone: dict[str, Any]) -> None:
    milestone["findings"] = milestone["findings"][1:]


def _softened(milestone: dict[str, Any]) -> None:
    milestone["findings"][0]["severity"] = "tells"


@pytest.mark.parametrize("change", [_left_out, _softened])
def test_findings_that_were_changed(node: Path, honest: Path, tmp_path: Path, change: Any) -> None:
    files = files_of(honest)
    told = verdicts(files)
    change(told["milestones"][0])
    forged = {**files, paths.VERDICTS: orjson.dumps(told)}
    failed = caught(sealed_anew(node, forged, tmp_path / "f.zip"))
    assert (failed.check, failed.path) == (DossierCheck.VERDICTS_FROM_FACTS, paths.VERDICTS)
    assert "M1].f" in failed.says
