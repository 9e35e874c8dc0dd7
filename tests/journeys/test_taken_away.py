"""An officer's year with one milestone, from the agreement to a check of the evidence elsewhere.

Everything happens at the clock of the story: what is told to the registry and the ledger, what is
imported, what people do. The factory's node, the officer's desk and a browser a year later share
nothing but the files that were handed over.
"""

from __future__ import annotations

import json
import shutil
import zipfile
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from browser import chromium, visit
from command_line import lineproof, run
from office_files import PDF
from peers import ROOT

from api.queries.lines import Queries
from api.records.corrections import Draft, record
from api.records.milestone_steps import NewStep, take_step
from domain.errors import NotAllowedError
from lineproof.dossier.making import make_dossier
from lineproof.history_import.importer import import_files
from lineproof.upkeep.apply import apply_files
from store.node.ledger_keeper import LedgerKeeper
from store.node.opening import open_stores

EXAMPLES = ROOT / "docs" / "examples"
REF, MILESTONE = "NIFS-2026-001", "M1"


@dataclass
class Factory:
    """A node whose clock is the story's."""

    folder: Path
    now: datetime = datetime(2026, 2, 20, 9, tzinfo=UTC)
    desk: list[Path] = field(default_factory=list)  # what the officer has

    def clock(self) -> datetime:
        self.now += timedelta(seconds=1)
        return self.now

    def at(self, day: str, hour: int = 9) -> None:
        self.now = datetime.fromisoformat(f"{day}T{hour:02}:00+08:00")

    def apply(self, *files: str) -> None:
        with open_stores(self.folder) as stores:
            apply_files(stores.registry, [EXAMPLES / it for it in files], self.clock())
            LedgerKeeper(stores.ledger, stores.registry, stores.telemetry, self.clock).refresh()

    def take(self, action: str, who: str, why: str) -> str:
        """The state that the milestone has then."""
        with open_stores(self.folder) as stores:
            queries = Queries(stores.telemetry, stores.registry, self.clock)
            new = NewStep(action, who, why)
            taken = take_step(queries, stores.registry.take, REF, MILESTONE, new)
            LedgerKeeper(stores.ledger, stores.registry, stores.telemetry, self.clock).refresh()
            return str(taken["state"])

    def hand_over(self, name: str) -> Path:
        """A dossier as of now, on the officer's desk."""
        out = self.folder.parent / name
        with open_stores(self.folder) as stores:
            make_dossier(stores, REF, out, self.clock(), self.clock, languages=("en",))
        self.desk.append(out)
        return out


@pytest.fixture(scope="module")
def factory(tmp_path_factory: pytest.TempPathFactory) -> Factory:
    """The story up to the decision."""
    it = Factory(tmp_path_factory.mktemp("story") / "node")
    # The agreement is signed, and its terms are sealed before anything counts.
    it.apply("plant.yaml", "grant.yaml")
    with open_stores(it.folder) as stores:
        kept = it.folder.parent / "policy"
        kept.write_text(f"log {stores.ledger.verifier_key()}\nquorum none\n", encoding="utf-8")
    # The line runs; its history comes in.
    it.at("2026-03-04")
    with open_stores(it.folder) as stores:
        import_files(stores, None, "press-1", [EXAMPLES / "history.csv"], now=it.clock())
    # The company hands the milestone in; an officer asks, visits, and recommends.
    it.at("2026-03-05")
    assert it.take("submit", "lee", "the line is commissioned") == "submitted"
    assert it.take("take", "chan", "mine") == "in_check"
    assert it.take("query", "chan", "which counter is that?") == "query"
    assert it.take("answer", "lee", "the one at the press") == "in_check"
    it.at("2026-03-06", 15)
    with open_stores(it.folder) as stores:
        stores.registry.attach.document(
            REF, MILESTONE, "site visit", "visit.pdf", PDF, it.clock(), attached_by="chan"
        )
    assert it.take("recommend", "chan", "seen on site, and the figures agree") == "recommended"
    return it


def test_an_officers_year(factory: Factory, tmp_path: Path) -> None:
    # Who recommended does not decide.
    with pytest.raises(NotAllowedError):
        factory.take("accept", "chan", "fine")
    assert factory.take("accept", "wong", "the terms are met") == "accepted"
    first = factory.hand_over("march.zip")

    # At the officer's desk, with nothing but the file and the key from the agreement's day.
    policy = factory.folder.parent / "policy"
    told = lineproof("verify", first, "--policy", policy, "--json").json
    assert told["verified"] is True
    says = {it["check"]: it["says"] for it in told["checks"]}
    assert says["checkpoint_signature"] == ""  # by the officer's own key
    assert says["terms_before_window"] == ""  # sealed before, not after
    assert told["recomputed"]["days"] == told["recomputed"]["of_days"] > 0

    # Months later somebody corrects the accepted days. What was accepted stays.
    factory.at("2026-06-10")
    with open_stores(factory.folder) as stores:
        queries = Queries(stores.telemetry, stores.registry, factory.clock)
        lower = Draft(
            "quantity", "lee", "2026-03-02T08:00", "2026-03-02T09:00",
            element="reject_count", amount=40.0, comment="found in the bin",
        )  # fmt: skip
        record(queries, stores.registry.record, "press-1", lower, "late-1")
    second = factory.hand_over("june.zip")
    told = lineproof("verify", second, "--policy", policy, "--seen", first, "--json").json
    assert told["verified"] is True
    milestones = {it["id"]: it for it in json.loads(_inside(second, "verdicts.json"))["milestones"]}
    before = {it["id"]: it for it in json.loads(_inside(first, "verdicts.json"))["milestones"]}
    assert milestones[MILESTONE]["state"] == "accepted"
    assert milestones[MILESTONE]["value"] == before[MILESTONE]["value"]

    # A year later, in a browser that never saw the factory.
    factory.at("2027-03-06")
    desk = tmp_path / "desk"
    desk.mkdir()
    page = desk / "verify.html"
    lineproof("verifier", "-o", page)
    for file in (*factory.desk, policy):
        shutil.copy(file, desk)
    shutil.rmtree(factory.folder)  # the factory is gone
    with chromium() as browser, visit(browser, locale="en-GB") as seen:
        seen.page.goto(page.as_uri())
        seen.page.set_input_files("#policy", desk / "policy")
        seen.page.set_input_files("#dossier", desk / "june.zip")
        seen.page.wait_for_selector("body[data-done='true']")
        rows = seen.page.query_selector_all("#checks li")
        states = {it.get_attribute("data-check"): it.get_attribute("data-state") for it in rows}
        assert "fails" not in states.values()
        assert states["verdicts_from_facts"] == states["batch_chains"] == "ok"
        assert seen.complaints == []
    # And from one who changed the minutes.
    forged = desk / "forged.zip"
    forged.write_bytes(first.read_bytes().replace(b"visit.pdf", b"visjt.pdf"))
    assert run("verify", forged, "--policy", desk / "policy").status == 1


def _inside(dossier: Path, name: str) -> bytes:
    with zipfile.ZipFile(dossier) as opened:
        return opened.read(name)
