"""Days that the plant opened: they are those of the challenge, their batches are those that the
dossier's chains name, and the facts made again from them are those of the dossier.

All that the zip of opened days says is held against the dossier, of which everything before was
checked. A batch that was not opened still tells when machines were heard: its header says so.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from zoneinfo import ZoneInfo

from collector.intake.group_writer import batch_record
from collector.intake.payload import PayloadError, decode, told_by_header
from domain.batch_header import BatchHeader
from domain.batches import parse_batch, payload_digest
from domain.errors import InputError
from domain.ledger.base64_lines import from_base64
from domain.ledger.checkpoints import parse_checkpoint
from lineproof.dossier import paths
from lineproof.dossier.batch_files import ArrivedBatch, read_batches
from lineproof.openings import opened_paths
from lineproof.openings.challenge_file import Challenge, parse_challenge, read_challenge
from lineproof.openings.day_facts import LineDay, is_sealed_on, line_days
from lineproof.openings.needed_batches import BatchName
from lineproof.verification.challenge_part import check_can_be_opened, check_challenge
from lineproof.verification.dossier_file import DossierFile, ZipForm
from lineproof.verification.evidence import Evidence, differs, read_json
from lineproof.verification.ledger_part import digests_of_files, root_of
from lineproof.verification.outcome import DoesNotHoldError
from store.telemetry.protocol import BatchContent, BatchRecord

OPENED = ZipForm(
    "zip of opened days",
    "lineproof open",
    re.compile(r"opening\.json|challenge\.json|MANIFEST\.sha256|batches/[^/\\]+/\d{12}\.batches"),
    (paths.MANIFEST, opened_paths.OPENING, opened_paths.CHALLENGE),
)


class OpenedDays:
    """A zip of opened days, held against a dossier. `failed`: the first that does not hold;
    `challenge`: what it answers."""

    def __init__(self, path: Path, own: Path | None = None) -> None:
        """`own`: the challenge as the reader drew it. Raises InputError where one is no such
        file."""
        self.name = path.name
        self.days: Sequence[LineDay] = ()
        self.failed: DoesNotHoldError | None = None
        self._used: set[BatchName] = set()
        self._own = None if own is None else read_challenge(own)
        with DossierFile(path, OPENED) as file:
            where = self._path(opened_paths.CHALLENGE)
            self.challenge = parse_challenge(file.read(opened_paths.CHALLENGE), where)
            self._about = read_json(file, opened_paths.OPENING)
            self._batches: Mapping[BatchName, tuple[str, ArrivedBatch]] = {}
            try:
                digests_of_files(file)
                self._batches = dict(self._read_batches(file))
            except DoesNotHoldError as failed:
                self._fail(failed.path, failed.says)
            except InputError as error:
                self._fail(error.where, error.what)

    def check(self, evidence: Evidence) -> None:
        """Whether it answers the reader's challenge to this dossier, which was drawn from a
        checkpoint that goes on from the dossier's. Raises InputError where nothing of this dossier
        can be opened."""
        check_can_be_opened(evidence)
        zone = ZoneInfo(evidence.about["zone"])
        drawn = {line: it.drawn for line, it in self.challenge.lines.items()}
        self.days = line_days(drawn, zone)
        if self.failed is not None:
            return
        if self._own is not None and self._own != self.challenge:
            self._fail(opened_paths.CHALLENGE, _other_challenge(self._own, self.challenge))
            return
        try:
            check_challenge(evidence, self.challenge, self._path(opened_paths.CHALLENGE))
        except DoesNotHoldError as failed:
            self.failed = failed
            return
        wanted = opened_paths.opening_document(
            evidence.project, self.challenge.dossier.evidence, drawn, self._leaves()
        )
        if self._about != wanted:
            self._fail(
                opened_paths.OPENING, "it does not say that the days of the challenge are opened"
            )
        hashes = [*(it.hashed for it in evidence.leaves), *map(from_base64, self._leaves())]
        checkpoint = parse_checkpoint(self.challenge.note.text)
        whole = [it for it in hashes if it is not None]
        if len(whole) != checkpoint.size or root_of(whole) != checkpoint.root:
            says = "the checkpoint that was drawn from does not go on from the dossier's"
            self._fail(opened_paths.OPENING, says)

    def content(self, header: BatchHeader, head: ArrivedBatch) -> tuple[BatchRecord, BatchContent]:
        """What is known of a batch of the dossier: all of an opened one, of others what the header
        tells. `head`: as the dossier has it."""
        name = header.agent, header.number
        content = None
        if name in self._batches:
            self._used.add(name)
            content = self._content(name, header, head)
        else:
            self._check_missing(header)
        content = content or told_by_header(header, head.latest)
        return batch_record(header, header.digest, content, head.received), content

    def check_used(self) -> None:
        """Once all batches of the dossier were asked for: none was opened that it does not have."""
        for name in sorted(self._batches.keys() - self._used):
            path, _ = self._batches[name]
            self._fail(path, f"the dossier has no batch {name[1]} of {name[0]}")

    @property
    def says(self) -> str:
        """What is to be known of the draw ("": nothing)."""
        told = []
        if self._own is None:
            told.append(
                "The challenge is the one that came with them: give --challenge with yours."
            )
        if not self.challenge.word:
            told.append(
                "No word of the officer's was drawn with: whoever owns the ledger could have tried "
                "several checkpoints."
            )
        return " ".join(told)

    def _leaves(self) -> list[str]:
        found = self._about.get("leaves") if isinstance(self._about, dict) else None
        return [it for it in found if isinstance(it, str)] if isinstance(found, list) else []

    def _read_batches(
        self, file: DossierFile
    ) -> Iterator[tuple[BatchName, tuple[str, ArrivedBatch]]]:
        for path in file.under("batches/"):
            with file.open(path) as opened:
                for arrived in read_batches(opened, path):
                    header = parse_batch(arrived.data).header
                    if not path.startswith(paths.batches_folder(header.agent)):
                        says = f"it holds batch {header.number} of another agent, {header.agent}"
                        raise differs(path, says)
                    yield (header.agent, header.number), (path, arrived)

    def _content(
        self, name: BatchName, header: BatchHeader, head: ArrivedBatch
    ) -> BatchContent | None:
        path, opened = self._batches[name]
        batch = parse_batch(opened.data)
        if not opened.data.startswith(head.data):
            why = "it is not the batch that stands in the dossier's chain"
        elif (opened.received, opened.latest) != (head.received, head.latest):
            why = "it arrived at another time than the dossier says"
        elif payload_digest(batch.payload) != header.payload_digest:
            why = "its content is not what its agent signed"
        else:
            try:
                return decode(batch, head.latest)
            except PayloadError as error:
                why = str(error)
        self._fail(path, f"batch {name[1]} of {name[0]}: {why}")
        return None

    def _check_missing(self, header: BatchHeader) -> None:
        for it in self.days:
            if is_sealed_on(header, it):
                says = f"batch {header.number} of {header.agent} was not opened: it was sealed on"
                self._fail(opened_paths.OPENING, f"{says} {it.day}, with samples of {it.line}")

    def _fail(self, path: str, says: str) -> None:
        if self.failed is None:
            self.failed = differs(self._path(path), says)

    def _path(self, path: str) -> str:
        return f"{self.name}/{path}"


def _other_challenge(own: Challenge, given: Challenge) -> str:
    """How the challenge that was answered differs from the reader's own."""
    for line, mine in own.lines.items():
        theirs = given.lines.get(line)
        for day in mine.drawn:
            if theirs is None or day not in theirs.drawn:
                return f"your challenge asks for {day} of {line}, and this one does not"
    return "it is not your challenge"
