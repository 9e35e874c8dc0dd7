"""Opened days hold where they are those that were drawn and their batches give the dossier's facts;
every other zip is refused with what is wrong."""

from __future__ import annotations

import shutil
from dataclasses import dataclass, replace
from pathlib import Path

import orjson
import polars as pl
import pytest
from confidential_days import AGENT, DAYS, LINE, Factory, later_checkpoint
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from forging import Files, batches_in, files_of, put_together, sealed_anew, with_batches

from domain.batches import SealedBatch, parse_batch, payload_digest
from domain.errors import InputError
from lineproof.dossier import paths
from lineproof.dossier.batch_files import ArrivedBatch
from lineproof.dossier.documents import as_json
from lineproof.dossier.facts_csv import facts_csv, read_facts_csv
from lineproof.openings import opened_paths
from lineproof.openings.challenge_file import read_challenge
from lineproof.verification.challenge_part import DaysAsked
from lineproof.verification.dossier_file import DossierFile
from lineproof.verification.evidence import Evidence, read_about
from lineproof.verification.ledger_part import check_checkpoint, check_inclusion, check_manifest
from lineproof.verification.opened_part import OpenedDays
from lineproof.verification.outcome import DossierCheck
from lineproof.verification.verify import verify_dossier
from store.node.opening import open_stores

BATCHES = paths.batches_path(AGENT, 1)


@dataclass(frozen=True)
class Opened:
    """Two days of the factory's dossier: the challenge, and what it answered."""

    factory: Factory
    challenge: Path
    path: Path

    @property
    def files(self) -> Files:
        return files_of(self.path)

    def refused(self, files: Files, folder: Path, own: Path | None = None) -> tuple[str, str]:
        """What does not hold of these files in place of the opened ones, before any facts are
        computed. `own`: the reader's challenge, if not the one that was sent."""
        days = OpenedDays(put_together(files, folder / "forged.zip"), own or self.challenge)
        with DossierFile(self.factory.dossier) as dossier:
            evidence = Evidence(dossier, read_about(dossier))
            check_manifest(evidence)
            check_checkpoint(evidence, None)
            check_inclusion(evidence)
            days.check(evidence)
        dossier_files = files_of(self.factory.dossier)
        for head in batches_in(dossier_files, BATCHES):
            days.content(parse_batch(head.data).header, head)
        days.check_used()
        assert days.failed is not None, "nobody saw it"
        return days.failed.path, days.failed.says


@pytest.fixture(scope="module")
def opened(factory: Factory, tmp_path_factory: pytest.TempPathFactory) -> Opened:
    folder = tmp_path_factory.mktemp("opened")
    challenge = factory.challenge_without(folder / "challenge.json", DAYS[:1])
    factory.opened(challenge, folder / "opened.zip")
    return Opened(factory, challenge, folder / "opened.zip")


def numbers(files: Files) -> list[int]:
    found = [it for path in files if path.startswith("batches/") for it in batches_in(files, path)]
    return [parse_batch(it.data).header.number for it in found]


def without(files: Files, number: int) -> Files:
    kept = [it for it in batches_in(files, BATCHES) if parse_batch(it.data).header.number != number]
    return with_batches(files, BATCHES, kept)


def drawn(opened: Opened) -> list[int]:
    """Which of the days, from 0."""
    return sorted(DAYS.index(it) for it in read_challenge(opened.challenge).lines[LINE].drawn)


def test_two_days_are_opened_and_no_others(opened: Opened) -> None:
    """A day has eight batches. What held before and what came behind is in one on each side; the
    product was told once, in the first batch of all."""
    wanted = {1}
    for day in drawn(opened):
        wanted |= set(range(8 * day, 8 * day + 10)) & set(range(1, 81))
    found = set(numbers(opened.files))
    assert wanted - found == set()
    assert len(found - wanted) <= 4, "the counters' neighbours"
    days = OpenedDays(opened.path, opened.challenge)
    outcome = verify_dossier(opened.factory.dossier, opened=days)
    assert outcome.failed is None
    assert (outcome.days, outcome.of_days) == (2, 13)
    says = outcome.held[DossierCheck.FACTS_FROM_BATCHES]
    assert says == "2 of 13 days (15.4 %) were recomputed."


def test_who_brings_no_challenge_or_word_is_told(opened: Opened, tmp_path: Path) -> None:
    assert "give --challenge with yours" in OpenedDays(opened.path).says
    challenge = opened.factory.challenge(tmp_path / "c.json", word="")
    said = {**opened.files, opened_paths.CHALLENGE: challenge.read_bytes()}
    says = OpenedDays(put_together(said, tmp_path / "o.zip"), challenge).says
    assert says.startswith("No word of the officer's was drawn with")


def test_facts_of_an_opened_day_were_changed(opened: Opened, tmp_path: Path) -> None:
    """By the node's owner, whose ledger vouches for them. All days are opened: one forged day is
    found wherever it is."""
    data = shutil.copytree(opened.factory.data, tmp_path / "node")
    files, path = files_of(opened.factory.dossier), paths.facts_path(LINE)
    facts = read_facts_csv(files[path], path)
    ran = pl.col("producing_us") + pl.col("stopped_us")
    on_the_day = pl.col("day") == DAYS[6]
    better = facts.with_columns(
        pl.when(on_the_day).then(ran).otherwise("producing_us").alias("producing_us"),
        pl.when(on_the_day).then(0).otherwise("stopped_us").alias("stopped_us"),
    )
    forged = sealed_anew(data, {**files, path: facts_csv(better)}, tmp_path / "forged.zip")
    factory = Factory(data, forged, tmp_path / "checkpoint")
    shutil.copy(opened.factory.checkpoint, factory.checkpoint)
    _later(factory)
    challenge = factory.challenge(tmp_path / "c.json", DaysAsked(share=1))
    factory.opened(challenge, tmp_path / "o.zip")
    days = OpenedDays(tmp_path / "o.zip", challenge)
    failed = verify_dossier(forged, opened=days).failed
    assert failed is not None
    assert (failed.check, failed.path) == (DossierCheck.FACTS_FROM_BATCHES, path)
    assert f"the facts of {DAYS[6]} are not those that the opened batches give" in failed.says


def _later(factory: Factory) -> None:
    with open_stores(factory.data) as stores:
        factory.checkpoint.write_text(later_checkpoint(stores, "Lee"), encoding="utf-8")


def test_a_batch_of_the_day_is_kept_back(opened: Opened, tmp_path: Path) -> None:
    number = 8 * drawn(opened)[0] + 4
    path, says = opened.refused(without(opened.files, number), tmp_path)
    assert path == "forged.zip/opening.json"
    assert says.startswith(f"batch {number} of {AGENT} was not opened: it was sealed on")


def test_what_held_when_the_day_began_is_kept_back(opened: Opened, tmp_path: Path) -> None:
    """The batch that told the product was sealed on another day: its lack shows in the facts."""
    files = put_together(without(opened.files, 1), tmp_path / "f.zip")
    days = OpenedDays(files, opened.challenge)
    failed = verify_dossier(opened.factory.dossier, opened=days).failed
    assert failed is not None
    assert (failed.check, failed.path) == (DossierCheck.FACTS_FROM_BATCHES, paths.facts_path(LINE))
    assert "is product of" in failed.says


def test_a_batch_is_another(opened: Opened, tmp_path: Path) -> None:
    """The agent's key signed it (the factory may have that), but its chain has another."""
    first, *rest = batches_in(opened.files, BATCHES)
    batch = parse_batch(first.data)
    header = replace(batch.header, sealed_at=batch.header.sealed_at + 1)
    key = Ed25519PrivateKey.from_private_bytes(b"k" * 32)
    other = SealedBatch(header, key.sign(header.signed_bytes), batch.payload).to_bytes()
    forged = with_batches(opened.files, BATCHES, [replace(first, data=other), *rest])
    path, says = opened.refused(forged, tmp_path)
    assert path == f"forged.zip/{BATCHES}"
    assert says == f"batch 1 of {AGENT}: it is not the batch that stands in the dossier's chain"


def test_its_content_is_another(opened: Opened, tmp_path: Path) -> None:
    first, *rest = batches_in(opened.files, BATCHES)
    other = replace(first, data=first.data[:-1] + bytes([first.data[-1] ^ 1]))
    forged = with_batches(opened.files, BATCHES, [other, *rest])
    assert "its content is not what its agent signed" in opened.refused(forged, tmp_path)[1]


def test_it_arrived_at_another_time(opened: Opened, tmp_path: Path) -> None:
    """So that samples of it would be refused as too late."""
    first, *rest = batches_in(opened.files, BATCHES)
    other = replace(first, latest=first.received)
    forged = with_batches(opened.files, BATCHES, [other, *rest])
    assert "arrived at another time" in opened.refused(forged, tmp_path)[1]


def sealed_by(agent: str, first: ArrivedBatch) -> ArrivedBatch:
    batch = parse_batch(first.data)
    header = replace(batch.header, agent=agent, payload_digest=payload_digest(batch.payload))
    return replace(first, data=SealedBatch(header, bytes(64), batch.payload).to_bytes())


def test_a_batch_of_another_agent(opened: Opened, tmp_path: Path) -> None:
    first, *rest = batches_in(opened.files, BATCHES)
    among = with_batches(opened.files, BATCHES, [sealed_by("hall-2", first), first, *rest])
    assert opened.refused(among, tmp_path) == (
        f"forged.zip/{BATCHES}",
        "it holds batch 1 of another agent, hall-2",
    )
    beside = paths.batches_path("hall-2", 1)
    more = with_batches({**opened.files}, beside, [sealed_by("hall-2", first)])
    assert opened.refused(more, tmp_path) == (
        f"forged.zip/{beside}",
        "the dossier has no batch 1 of hall-2",
    )


def test_the_opened_days_are_not_the_challenged_ones(opened: Opened, tmp_path: Path) -> None:
    """Another draw was answered; and its batches under the name of this one."""
    factory, other = opened.factory, tmp_path / "other.zip"
    mine = read_challenge(opened.challenge).lines[LINE].drawn
    challenge = factory.challenge_without(tmp_path / "c.json", mine)
    factory.opened(challenge, other)
    path, says = opened.refused(files_of(other), tmp_path)
    assert path == "forged.zip/challenge.json"
    assert says.startswith("your challenge asks for ")
    assert any(str(day) in says for day in mine)
    named = {it: opened.files[it] for it in (opened_paths.OPENING, opened_paths.CHALLENGE)}
    _, says = opened.refused({**files_of(other), **named}, tmp_path)
    assert "was not opened" in says


def test_the_zip_names_other_days(opened: Opened, tmp_path: Path) -> None:
    about = orjson.loads(opened.files[opened_paths.OPENING])
    about["days"][LINE][0] = str(next(it for it in DAYS if str(it) not in about["days"][LINE]))
    path, says = opened.refused({**opened.files, opened_paths.OPENING: as_json(about)}, tmp_path)
    assert path == "forged.zip/opening.json"
    assert says == "it does not say that the days of the challenge are opened"


def test_a_challenge_changed_by_hand(opened: Opened, tmp_path: Path) -> None:
    """Where the reader has no own one to compare with, the draw shows it."""
    text = opened.files[opened_paths.CHALLENGE]
    said = orjson.loads(text)
    of = said["lines"][LINE]
    was, of["drawn"][0] = of["drawn"][0], next(it for it in of["days"] if it not in of["drawn"])
    forged = {**opened.files, opened_paths.CHALLENGE: as_json(said)}
    own = tmp_path / "own.json"
    own.write_bytes(forged[opened_paths.CHALLENGE])
    path, says = opened.refused(forged, tmp_path, own)
    assert path == "forged.zip/challenge.json"
    assert says.endswith(f"is not the day that is drawn: that is {was}")


def test_the_checkpoint_must_go_on_from_the_dossiers(opened: Opened, tmp_path: Path) -> None:
    about = orjson.loads(opened.files[opened_paths.OPENING])
    for leaves in ([], about["leaves"] * 2, [f"{'A' * 43}="] * len(about["leaves"]), ["x"], [1]):
        changed = {**opened.files, opened_paths.OPENING: as_json({**about, "leaves": leaves})}
        _, says = opened.refused(changed, tmp_path)
        assert "does not go on from the dossier's" in says or "does not say" in says


def test_a_file_was_changed_on_its_way(opened: Opened, tmp_path: Path) -> None:
    files = {**opened.files, BATCHES: opened.files[BATCHES][:-7]}
    failed = OpenedDays(put_together(files, tmp_path / "f.zip", mended=False)).failed
    assert failed is not None
    assert failed.path == f"f.zip/{BATCHES}"
    assert "it was changed" in failed.says
    assert "cut off" in opened.refused(files, tmp_path)[1]


def test_what_is_no_zip_of_opened_days_is_said(opened: Opened, tmp_path: Path) -> None:
    for wrong in (opened.factory.dossier, opened.challenge, tmp_path / "none"):
        with pytest.raises(InputError, match=r"this is no zip of opened days|no such file"):
            OpenedDays(wrong)
    for about, says in ((b"[]", "does not say"), (b"1", "does not say")):
        files = {**opened.files, opened_paths.OPENING: about}
        assert says in opened.refused(files, tmp_path)[1]
    files = {**opened.files, opened_paths.OPENING: b"{"}
    with pytest.raises(InputError, match="it is no JSON"):
        opened.refused(files, tmp_path)
