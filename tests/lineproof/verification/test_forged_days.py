"""Forgeries that were made before anything was sealed: chain and ledger hold, and the verifier
finds in the days themselves what is odd, and what to ask. Findings cannot be left out of a dossier,
nor added to it.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import orjson
import pytest
from forged_days import LINES, make
from forging import Files, caught, files_of, made, sealed_anew

from lineproof.dossier import paths
from lineproof.verification.outcome import DossierCheck
from lineproof.verification.verify import verify_dossier

# line → flag → what the sentence says
FORGERIES = {
    "narrowed": (
        "calendar_changed",
        "from 2026-03-02 to 2026-03-20 120 hours were planned, and 60 hours are now.",
    ),
    "raised": ("cycle_time_changed", "for 2026-03-02 it was 2 s and is 2.4 s."),
    "excused": (
        "exception_entered_late",
        "had begun: 1, of 4 hours in all, up to 383 hours late.",
    ),
    "repeating": ("replayed_segment", "what repeating told: 2026-03-17 = 2026-03-10."),
    "shadowing": (
        "replayed_segment",
        "what honest told: 2026-03-12 = 2026-03-12, 2026-03-13 = 2026-03-13.",
    ),
    "inflated": (
        "over_capacity",
        "On 4 days inflated counted 55,871 items, which take 31 hours at the ideal cycle time; it "
        "had 27 hours for them.",
    ),
    "unpowered": (
        "production_without_energy",
        "In 6.7 hours of production unpowered counted 10,596 items and used 0.0 kWh; in others it "
        "takes 15 kW.",
    ),
}


@pytest.fixture(scope="module")
def node(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make(tmp_path_factory.mktemp("forged-days") / "node")


@pytest.fixture(scope="module")
def honest(node: Path) -> Path:
    """A dossier that tells all that its node knows."""
    return made(node, node.parent / "honest.zip")


def verdicts(files: Files) -> dict[str, Any]:
    found: dict[str, Any] = orjson.loads(files[paths.VERDICTS])
    return found


def findings(files: Files, line: str) -> list[dict[str, Any]]:
    [milestone] = verdicts(files)["milestones"]
    return [it for it in milestone["findings"] if it["lines"][0] == line]


def test_the_verifier_finds_the_same(honest: Path) -> None:
    assert verify_dossier(honest).failed is None


@pytest.mark.parametrize("line", FORGERIES)
def test_each_forgery_is_found_with_its_sentence(honest: Path, line: str) -> None:
    flag, says = FORGERIES[line]
    [found] = findings(files_of(honest), line)
    assert (found["flag"], found["severity"]) == (flag, "warns")
    assert says in found["says"]
    [milestone] = verdicts(files_of(honest))["milestones"]
    assert flag in milestone["flags"]


def test_nothing_else_is_found(honest: Path) -> None:
    files = files_of(honest)
    assert {it for it in LINES if findings(files, it)} == set(FORGERIES)


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
