"""A factory whose agent sealed a batch every hour for two weeks, its confidential dossier, and what
an officer and the factory do with it afterwards."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from itertools import count
from pathlib import Path

import polars as pl
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from peers import ROOT

from api.queries.lines import Queries
from api.records.milestone_steps import declare_conflict
from collector.intake.collector import Collector
from domain.batch_header import GENESIS
from domain.corrections import Correction
from domain.frames import REJECTIONS, SAMPLES
from domain.samples import Span
from domain.states import MachineState
from edge.spool.sealing import seal
from lineproof.clock import utc_now
from lineproof.dossier.making import make_dossier
from lineproof.openings.challenge_file import read_challenge
from lineproof.openings.opening import OpeningMade, make_opening
from lineproof.upkeep.apply import apply_files
from lineproof.verification.challenge_part import DaysAsked, challenge_of
from store.node.ledger_keeper import LedgerKeeper
from store.node.opening import Stores, open_stores

AGENT, LINE, MACHINE, REF = "hall-1", "press-1", "press", "NIFS-2026-001"
AS_OF = datetime(2026, 3, 13, 16, tzinfo=UTC)  # midnight at the plant
DAYS = [date(2026, 3, 2) + timedelta(days=it) for it in (0, 1, 2, 3, 4, 7, 8, 9, 10, 11)]
TWO = DaysAsked(days=2)
_HOURS = range(-1, 7)  # of UTC: 07:00 to 15:00 at the plant


@dataclass(frozen=True)
class Factory:
    """`data`: its node's folder; `dossier`: as it was handed out; `checkpoint`: a later one."""

    data: Path
    dossier: Path
    checkpoint: Path

    def challenge(self, out: Path, asked: DaysAsked = TWO, word: str = "a word") -> Path:
        made, _ = challenge_of(self.dossier, self.checkpoint, asked, word)
        out.write_bytes(made.to_bytes())
        return out

    def challenge_without(self, out: Path, days: Collection[date]) -> Path:
        """Two days that are none of these: what is drawn is another thing each time the tests run,
        so words are tried, as nobody can who gave theirs away before."""
        for word in count():
            drawn = read_challenge(self.challenge(out, word=str(word))).lines[LINE].drawn
            if not set(drawn) & set(days):
                return out
        raise AssertionError("never reached")

    def opened(self, challenge: Path, out: Path) -> OpeningMade:
        with open_stores(self.data) as stores:
            return make_opening(stores, REF, read_challenge(challenge), out)


def factory(
    folder: Path, keeps: str = "", said: Sequence[Correction] = (), reason: str = ""
) -> Factory:
    """`keeps`: what its plant keeps confidential; `said`: what people corrected; `reason`: what the
    machine tells of its first stop."""
    data, dossier, checkpoint = folder / "node", folder / "dossier.zip", folder / "checkpoint"
    with open_stores(data) as stores:
        examples = ROOT / "docs" / "examples"
        plant = folder / "plant.yaml"
        text = (examples / "plant.yaml").read_text(encoding="utf-8")
        kept = f"products:\n  cup: {{ideal_cycle_time_s: 2.0}}\nconfidential: [{keeps}]\n"
        plant.write_text(f"{text}{kept}", encoding="utf-8")
        apply_files(stores.registry, [plant, examples / "grant.yaml"], utc_now())
        _send(stores, reason)
        for it in said:
            stores.registry.record.correction(it, lambda _earlier: None)
        make_dossier(stores, REF, dossier, AS_OF, utc_now, languages=(), confidential=True)
        checkpoint.write_text(later_checkpoint(stores, "Mo"), encoding="utf-8")
    return Factory(data, dossier, checkpoint)


def later_checkpoint(stores: Stores, who: str) -> str:
    """Of the ledger behind another row of the record."""
    queries = Queries(stores.telemetry, stores.registry, utc_now)
    declare_conflict(queries, stores.registry.take, REF, "a cousin works there", who)
    LedgerKeeper(stores.ledger, stores.registry, stores.telemetry, utc_now).refresh()
    return stores.ledger.checkpoint_note()


def _send(stores: Stores, reason: str) -> None:
    key = Ed25519PrivateKey.from_private_bytes(b"k" * 32)
    stores.registry.agents.enrol(AGENT, key.public_key().public_bytes_raw(), utc_now())
    collector = Collector(stores.telemetry, stores.archive, stores.registry.agents, utc_now)
    previous, number, made = GENESIS, 0, 0.0
    for day in DAYS:
        for hour in _HOURS:
            begin = datetime(day.year, day.month, day.day, tzinfo=UTC) + timedelta(hours=hour)
            rows = _hour(begin, made, reason, first=number == 0)
            made += 1500.0
            number += 1
            end = begin + timedelta(hours=1)
            batch = seal(
                key, agent=AGENT, number=number, previous=previous,
                sealed_at=end + timedelta(seconds=1), samples=rows,
                rejections=REJECTIONS.to_frame(), spans=[Span(LINE, MACHINE, begin, end)],
                profiles={f"{LINE}/{MACHINE}": "p"},
            )  # fmt: skip
            assert collector.receive(batch.to_bytes()).acknowledged
            previous = batch.header.digest
    collector.close()


def _hour(begin: datetime, made: float, reason: str, *, first: bool) -> pl.DataFrame:
    """Runs, stops for ten minutes, goes on; of the product it is told once, at the very beginning;
    of the counters every five minutes."""
    ran, stopped = MachineState.PRODUCING, MachineState.STOPPED
    rows: list[tuple[str, datetime, float | None, str | None]] = [
        ("state", begin + timedelta(minutes=20), stopped.code, stopped.value),
        ("state", begin + timedelta(minutes=30), ran.code, ran.value),
    ]
    if first:
        if reason:
            rows.append(("stop_reason", begin + timedelta(minutes=20), None, reason))
        rows += [("product", begin, None, "cup"), ("state", begin, ran.code, ran.value)]
    for step in range(12):
        at = begin + timedelta(minutes=5 * step)
        rows.append(("total_count", at, made + 125.0 * step, None))
        rows.append(("reject_count", at, (made + 125.0 * step) // 100, None))
    return pl.DataFrame(
        [
            {
                "line": LINE, "machine": MACHINE, "signal": signal, "time": at, "received": at,
                "value": value, "text": text, "quality": 0, "raw": None,
            }
            for signal, at, value, text in rows
        ],
        schema=SAMPLES,
    )  # fmt: skip
