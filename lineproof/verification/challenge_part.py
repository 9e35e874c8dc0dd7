"""The days of a confidential dossier that are to be opened: drawn from a checkpoint that came after
its data, and drawn again by whoever checks what was opened."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from math import ceil
from pathlib import Path

import polars as pl

from domain.errors import CheckFailedError, InputError
from domain.ledger.checkpoints import Checkpoint, parse_checkpoint
from domain.ledger.cosignatures import cosigners
from domain.ledger.drawing import draw_seed
from domain.ledger.leaves import DossierLeaf
from domain.ledger.signed_notes import SignedNote
from domain.ledger.tlog_proofs import parse_proof, verified_checkpoint
from domain.ledger.tree import leaf_hash
from domain.plant import Confidential
from lineproof.dossier import paths
from lineproof.dossier.facts_csv import read_facts_csv
from lineproof.openings.challenge_file import (
    Challenge,
    ChallengedDossier,
    LineDraw,
    checked_word,
    drawn_lines,
)
from lineproof.openings.day_facts import production_days
from lineproof.verification import ledger_part
from lineproof.verification.dossier_file import DossierFile
from lineproof.verification.evidence import Evidence, differs, read_about
from lineproof.verification.outcome import DoesNotHoldError
from store.ledger.keys import verify_ed25519

_PROOF = b"c2sp.org/tlog-proof"


@dataclass(frozen=True, slots=True)
class DaysAsked:
    """How many days of each line: a number, or a share of those that there are."""

    days: int | None = None
    share: float | None = None

    def of(self, there: int) -> int:
        if self.share is not None:
            return min(there, ceil(round(self.share * there, 9)))
        return min(there, self.days or 0)


def challenge_of(
    file: Path, checkpoint: Path, asked: DaysAsked, word: str = "", policy: Path | None = None
) -> tuple[Challenge, str]:
    """The challenge to the dossier in that file, and what is to be known of its checkpoint ("":
    nothing). `checkpoint`: a checkpoint, or a proof of the dossier's leaf that leads to one.

    Raises CheckFailedError where the dossier does not hold so far, or the checkpoint is none that
    can be drawn from; InputError where a file cannot be used, or nothing is to be opened.
    """
    trusted = None if policy is None else ledger_part.read_policy(policy)
    word = checked_word(word)
    with DossierFile(file) as dossier, _as_refusal():
        evidence = Evidence(dossier, read_about(dossier))
        check_can_be_opened(evidence)
        ledger_part.check_manifest(evidence)
        ledger_part.check_checkpoint(evidence, trusted)
        ledger_part.check_witnesses(evidence)
        ledger_part.check_inclusion(evidence)
        note, says = _read_checkpoint(evidence, checkpoint)
        check_later(evidence, note, str(checkpoint))
        days = days_of(evidence)
        counts = {line: asked.of(len(it)) for line, it in days.items()}
        if not any(counts.values()):
            raise InputError(
                "no day is drawn: none is asked for, or its facts have no production day",
                where=str(file),
                todo="Ask for more with --days or --share.",
            )
        of = challenged_dossier(evidence)
        lines = drawn_lines(draw_seed(of.evidence, word, note.text), days, counts)
    return Challenge(of, note, word, lines), says


def check_can_be_opened(evidence: Evidence) -> None:
    """Raises InputError where nothing stayed at the plant."""
    if Confidential.RAW_SAMPLES not in evidence.about["confidential"]:
        raise InputError(
            "this dossier has all its batches: there is nothing to be opened",
            where=str(evidence.dossier.path),
            todo="'lineproof verify' makes the facts of all its days again.",
        )


def challenged_dossier(evidence: Evidence) -> ChallengedDossier:
    assert evidence.checkpoint is not None, "checked before"
    heads = {it: evidence.heads(it) for it in evidence.about["agents"]}
    return ChallengedDossier(
        evidence.project,
        paths.evidence_digest(evidence.digests),
        evidence.as_of,
        evidence.checkpoint.size,
        {agent: max((it.number for it in of), default=0) for agent, of in sorted(heads.items())},
    )


def days_of(evidence: Evidence) -> dict[str, list[date]]:
    """The production days of each line, by the facts of the dossier."""
    return {
        line: production_days(_facts(evidence, line)) for line in sorted(evidence.about["lines"])
    }


def check_challenge(evidence: Evidence, challenge: Challenge, path: str) -> None:
    """Whether it is of this dossier, from a later checkpoint, and names the days that are drawn."""
    mine = challenged_dossier(evidence)
    if challenge.dossier != mine:
        raise differs(path, "the challenge is to another dossier")
    check_later(evidence, challenge.note, path)
    days = days_of(evidence)
    for line in sorted(days.keys() | challenge.lines.keys()):
        if line not in challenge.lines or list(challenge.lines[line].days) != days.get(line):
            raise differs(path, f"these are not the production days of {line} in the dossier")
    for line, it in challenge.drawn_again().items():
        _check_drawn(line, challenge.lines[line], it, path)


def check_later(evidence: Evidence, note: SignedNote, path: str) -> Checkpoint:
    """The note's checkpoint, which the same ledger signed after the dossier's data, and as many
    witnesses saw as the policy asks for."""
    assert evidence.checkpoint is not None, "checked before"
    assert evidence.policy is not None, "checked before"
    own = evidence.checkpoint
    try:
        checkpoint = parse_checkpoint(note.text)
    except InputError as error:
        raise differs(path, error.what) from None
    if checkpoint.origin != own.origin:
        raise differs(path, f"it is a checkpoint of another ledger, '{checkpoint.origin}'")
    ledger_part.check_signed(note, checkpoint, evidence.policy, path)
    if checkpoint.size <= own.size:
        raise differs(
            path,
            f"it is not later than the data: it has {checkpoint.size} leaves, and the dossier has "
            f"{own.size} already",
        )
    seen = dict(cosigners(note, evidence.policy.witnesses.values(), verify_ed25519))
    if not evidence.policy.is_quorum(seen.keys()):
        raise differs(
            path,
            f"{len(seen)} of the witnesses that the policy names cosigned it, fewer than it asks "
            "for",
        )
    for witness, time in seen.items():
        at = datetime.fromtimestamp(time, UTC)
        if at < evidence.as_of:
            told = f"{witness.name} saw it on {at:%Y-%m-%d %H:%M} UTC"
            raise differs(path, f"{told}, before the end of the data")
    return checkpoint


def _check_drawn(line: str, given: LineDraw, drawn: LineDraw, path: str) -> None:
    for theirs, ours in zip(given.drawn, drawn.drawn, strict=True):
        if theirs != ours:
            raise differs(path, f"{theirs} of {line} is not the day that is drawn: that is {ours}")


def _read_checkpoint(evidence: Evidence, path: Path) -> tuple[SignedNote, str]:
    data = ledger_part.read_file(path)
    if not data.startswith(_PROOF):
        note, _ = ledger_part.read_note(data, str(path))
        return note, (
            "That this checkpoint goes on from the dossier's is not shown yet: what is opened must "
            "show it."
        )
    assert evidence.policy is not None, "checked before"
    proof = parse_proof(data.decode())
    hashed = leaf_hash(proof.extra)
    verified_checkpoint(proof, proof.extra, evidence.policy.logs, verify_ed25519)
    wanted = paths.evidence_digest(evidence.digests)
    own = (it for it in evidence.leaves if isinstance(it.leaf, DossierLeaf))
    places = {(it.index, it.hashed) for it in own if it.leaf and it.leaf.digest == wanted}
    if (proof.index, hashed) not in places:
        raise differs(str(path), "it proves another leaf than the dossier's own")
    return proof.note, ""


def _facts(evidence: Evidence, line: str) -> pl.DataFrame:
    path = paths.facts_path(line)
    try:
        return read_facts_csv(evidence.dossier.read(path), path)
    except InputError as error:
        raise differs(path, error.what) from None


@contextlib.contextmanager
def _as_refusal() -> Iterator[None]:
    try:
        yield
    except DoesNotHoldError as failed:
        raise CheckFailedError(
            failed.says, where=failed.path, todo="'lineproof verify' says what else does not hold."
        ) from None
