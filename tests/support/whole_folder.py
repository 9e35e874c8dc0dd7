"""A data folder in which every table that figures rest on has rows, and hands that change it."""

from __future__ import annotations

import atexit
import contextlib
import shutil
import sqlite3
import tempfile
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

import duckdb
import polars as pl
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from drawn_samples import draw_sample
from handed_over import hand_over
from peers import ROOT
from raised import acknowledged
from sender import Sender, counts

from api.queries.lines import Queries
from api.records.accepted_periods import freeze
from api.records.change_requests import NewChange, ask_change, decide_change
from api.records.corrections import Draft, record
from api.records.milestone_steps import NewStep, declare_conflict, take_step
from api.records.plan_changes import NewException, add_exception
from api.records.site_visits import NewReading, NewVisit, enter_visit, withdraw_visit
from collector.facts.keeper import FactsKeeper
from collector.intake.collector import Collector
from domain.agent_keys import key_statement
from domain.attested_figures import AttestedFigure, AttestedKind
from domain.audit_samples import SampleItem
from domain.change_requests import ChangeDecision
from domain.document_acts import ActOnDocument, DocumentAct
from domain.samples import Span
from lineproof.clock import utc_now
from lineproof.history_import.importer import import_files
from lineproof.upkeep.apply import apply_files
from store.files.plant import read_plant
from store.node.opening import open_stores
from store.registry.plant_saves import PlantSave
from store.registry.registry import Registry

EXAMPLES = ROOT / "docs" / "examples"
_AGENT = "agent-1"


def make(folder: Path) -> Path:
    """An import, an agent that was given a new key, one that was revoked, a rejection, corrections,
    an accepted period, site visits and a withdrawn one, a document on hold, an attested figure: all
    up to date. All folders of a test process hold the same: of one node."""
    shutil.copytree(_made(), folder, dirs_exist_ok=True)
    return folder


@cache
def _made() -> Path:
    """The folder that is copied: to make one takes a hundred times as long."""
    folder = Path(tempfile.mkdtemp())
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    with open_stores(folder) as stores:
        registry = stores.registry
        apply_files(registry, [EXAMPLES / "plant.yaml", EXAMPLES / "grant.yaml"], utc_now())
        text = (EXAMPLES / "plant.yaml").read_text(encoding="utf-8") + "# by Ines\n"
        save = PlantSave("Ines", "as it is", 1)
        registry.apply.plant(text, read_plant(text, "plant.yaml"), utc_now(), save=save)
        import_files(stores, None, "press-1", [EXAMPLES / "history.csv"], now=utc_now())
        sender, now = Sender(_AGENT), utc_now()
        registry.agents.enrol(_AGENT, sender.public_key, now)
        registry.agents.enrol("gone", b"k" * 32, now)
        registry.agents.revoke("gone", now, by="chan")
        _send(stores, sender)
        queries = Queries(stores.telemetry, registry, utc_now)
        closed = NewException("2026-05-01", "2026-05-01", "closed", "a feast", "Lee")
        add_exception(queries, registry.record, "press-1", closed, "e1")
        given = Draft("quantity", "Ann", "2026-03-02T08:00", "2026-03-02T09:00",
                      element="reject_count", amount=1.0)  # fmt: skip
        record(queries, registry.record, "press-1", given, "c1")
        keeper = FactsKeeper(stores.telemetry, registry.facts_basis, utc_now)
        keeper.refresh()
        freeze(queries, registry.record, "press-1", "2026-03-02", "2026-03-02", "Officer")
        _work_at_its_project(registry, queries)
        new = Ed25519PrivateKey.generate()
        public = new.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
        statement = sender.key.sign(key_statement(_AGENT, public))
        registry.agents.rotate(_AGENT, public, statement, utc_now())
    return folder


def _work_at_its_project(registry: Registry, queries: Queries) -> None:
    """Steps, visits, a change request, documents, a handover and a sample."""
    project = registry.projects.all()[0]
    declare_conflict(queries, registry.take, project.reference, "a cousin works there", "Mo")
    milestone = project.milestones[0].id
    for action, due in (
        ("submit", ""),
        ("take", ""),
        ("recommend", ""),
        ("extend", "2030-01-31"),
    ):
        author = "Ho" if action == "extend" else "Ann"
        new = NewStep(action, author, "as was told", due)
        take_step(queries, registry.take, project.reference, milestone, new)
    read = (
        NewReading("press", "total_count", "2026-03-02T08:30", "30000", note="dusty"),
        NewReading("press", "total_count", "2026-03-03T08:02", "130", "Lee"),
    )
    weighed = NewReading("press", "measurement.weight", "2026-03-03T08:05", "105", "Lee")
    for number, readings in enumerate(((read[0],), (read[1], weighed))):
        day = readings[0].read_at[:10]
        visit = NewVisit("press-1", "unannounced", f"{day}T08:00", "Ho", "as found", readings)
        of = milestone if number else ""
        enter_visit(queries, registry.visit, project.reference, of, visit)
    withdraw_visit(queries, registry.visit, project.reference, 1, "of another press", "Ho")
    asked = NewChange("scope", "three shifts", "more orders", "Bo", old="two shifts")
    ask_change(queries, registry.ask, project.reference, asked)
    refused = ChangeDecision(False, "Ho", utc_now(), "as the board said")
    decide_change(queries, registry.ask, project.reference, 1, refused)
    held = registry.attach.document(
        project.reference, project.milestones[0].id, "audited_accounts", "a.pdf", b"%PDF-1",
        utc_now(), attached_by="Chan",
    )  # fmt: skip
    hold = ActOnDocument(
        project.reference, held.sha256, DocumentAct.HOLD, "Chan", utc_now(), "an audit"
    )
    registry.retain.put(hold)
    paid = AttestedFigure(
        project.reference, 0, AttestedKind.REFUND, utc_now(), "Chan", "", Decimal(1),
        date(2026, 3, 2),
    )  # fmt: skip
    registry.attest.add(paid, "b.pdf", b"%PDF-2")
    hand_over(registry, "press-1", "Ann", "Bo")
    acknowledged(registry, "press-1", "Ann", utc_now())
    draw_sample(registry, SampleItem(project.reference, milestone), "Ho", utc_now(), "twice")


def _send(stores: Any, sender: Sender) -> None:
    collector = Collector(stores.telemetry, stores.archive, stores.registry.agents, utc_now)
    at = datetime(2026, 3, 3, tzinfo=UTC)
    frame = counts(1, rows=20).with_columns(pl.lit("press-1").alias("line"))
    ahead = frame[:1].with_columns(time=pl.lit(utc_now() + timedelta(days=90)))
    frame = pl.concat([frame, ahead.cast(dict(frame.schema)), _measured(frame)])
    spans = [
        Span("press-1", machine, at, at + timedelta(minutes=minutes))
        for machine, minutes in (("filler", 5), ("press", 20))
    ]
    assert collector.receive(sender.seal(frame, spans=spans).to_bytes()).acknowledged
    collector.close()


def _measured(frame: pl.DataFrame) -> pl.DataFrame:
    """Two values that the press tells every minute: one that is read of its panel, one that is
    not."""
    minutes = pl.duration(minutes=pl.int_range(0, pl.len()))
    measured = frame.with_columns(
        machine=pl.lit("press"),
        time=pl.lit(datetime(2026, 3, 3, tzinfo=UTC)).cast(frame.schema["time"]) + minutes,
        value=100.0 + pl.int_range(0, pl.len()),
    )
    return pl.concat(
        measured.with_columns(signal=pl.lit(f"measurement.{it}")) for it in ("weight", "length")
    )


@contextlib.contextmanager
def registry_by_hand(folder: Path) -> Iterator[sqlite3.Connection]:
    with contextlib.closing(sqlite3.connect(folder / "registry.sqlite")) as other, other:
        yield other


@contextlib.contextmanager
def ledger_by_hand(folder: Path) -> Iterator[sqlite3.Connection]:
    """Without what guards it: who has the file can take that away."""
    with contextlib.closing(sqlite3.connect(folder / "ledger" / "tree.sqlite")) as other, other:
        guards = other.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall()
        for (name,) in guards:
            other.execute(f'DROP TRIGGER "{name}"')
        yield other


@contextlib.contextmanager
def telemetry_by_hand(folder: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect(str(folder / "telemetry.duckdb")) as other:
        other.execute("SET TimeZone = 'UTC'")
        yield other


def another(value: Any) -> Any:
    """Something else of the same kind."""
    if isinstance(value, bool):
        return not value
    if isinstance(value, int | float):
        return value + 1
    if isinstance(value, datetime):
        return value - timedelta(seconds=1)
    if isinstance(value, bytes):
        return bytes([value[0] ^ 1]) + value[1:] if value else b"x"
    if value is None:
        return None
    with contextlib.suppress(ValueError):
        moved = datetime.fromisoformat(value) - timedelta(seconds=1)
        return moved.isoformat(sep=" ", timespec="microseconds")
    return value[:-1] + ("b" if value[-1:] == "a" else "a")
