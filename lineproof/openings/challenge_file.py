"""A challenge: the days of a dossier that are to be opened, and all that is needed to draw them
again (docs/evidence-format.md)."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import orjson

from domain.errors import InputError, shortened
from domain.ledger.drawing import draw_seed, drawn_days
from domain.ledger.signed_notes import SignedNote, parse_note
from domain.names import is_name
from lineproof.dossier.documents import TIME, as_json, time_text
from store.archive.blobs import storage_errors

CHALLENGE_FORMAT = "lineproof-challenge/1"
CHALLENGE_MAX_BYTES = 16 << 20
_DIGEST = re.compile(r"[0-9a-f]{64}\Z")
_DAYS_MAX = 100_000  # of a line
_WORD_MAX = 1_000  # characters


@dataclass(frozen=True, slots=True)
class LineDraw:
    """`days`: the production days that it is drawn from, in their order; `drawn`: as they came."""

    days: tuple[date, ...]
    drawn: tuple[date, ...]


@dataclass(frozen=True, slots=True)
class ChallengedDossier:
    """Which dossier: `evidence`, the digest of its evidence; `leaves`: of the ledger at its
    checkpoint; `batches`: the number of the last one of each agent."""

    project: str
    evidence: str
    as_of: datetime
    leaves: int
    batches: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Challenge:
    """`note`: the checkpoint that is drawn from; `word`: the officer's ("": none)."""

    dossier: ChallengedDossier
    note: SignedNote
    word: str
    lines: Mapping[str, LineDraw]

    @property
    def seed(self) -> bytes:
        return draw_seed(self.dossier.evidence, self.word, self.note.text)

    @property
    def count(self) -> int:
        """How many days of all lines together."""
        return sum(len(it.drawn) for it in self.lines.values())

    def drawn_again(self) -> Mapping[str, LineDraw]:
        """As many days as it names, drawn from those that it names."""
        return drawn_lines(
            self.seed,
            {line: it.days for line, it in self.lines.items()},
            {line: len(it.drawn) for line, it in self.lines.items()},
        )

    def to_bytes(self) -> bytes:
        of = self.dossier
        return as_json(
            {
                "format": CHALLENGE_FORMAT,
                "project": of.project,
                "evidence": of.evidence,
                "as_of": time_text(of.as_of),
                "leaves": of.leaves,
                "batches": dict(of.batches),
                "checkpoint": str(self.note),
                "word": self.word,
                "lines": {
                    line: {
                        "days": [day.isoformat() for day in it.days],
                        "drawn": [day.isoformat() for day in it.drawn],
                    }
                    for line, it in self.lines.items()
                },
            }
        )


def drawn_lines(
    seed: bytes, days: Mapping[str, Sequence[date]], counts: Mapping[str, int]
) -> dict[str, LineDraw]:
    """Of each line so many of its days (at most all of them)."""
    return {
        line: LineDraw(
            tuple(of), tuple(drawn_days(seed, line, of, min(counts.get(line, 0), len(of))))
        )
        for line, of in days.items()
    }


def checked_word(word: str) -> str:
    """Raises InputError where it is none."""
    if len(word) > _WORD_MAX or any(it < " " for it in word):
        raise InputError(
            f"a word has one line of at most {_WORD_MAX} characters",
            where="--word",
            todo="Give a text without line breaks.",
        )
    return word


def read_challenge(path: Path) -> Challenge:
    """Raises InputError where the file is no challenge."""
    if not path.is_file():
        raise InputError("there is no such file", where=str(path), todo="Check the path.")
    with storage_errors(path), path.open("rb") as file:
        return parse_challenge(file.read(CHALLENGE_MAX_BYTES), str(path))


def parse_challenge(data: bytes, where: str) -> Challenge:
    """Its form is checked, nothing else. Raises InputError."""
    try:
        said = orjson.loads(data)
        if said["format"] != CHALLENGE_FORMAT:
            raise ValueError(
                f"its format is {shortened(str(said['format']))}, this version of Lineproof knows "
                f"{CHALLENGE_FORMAT}"
            )
        dossier = ChallengedDossier(
            said["project"],
            said["evidence"],
            datetime.strptime(said["as_of"], TIME).replace(tzinfo=UTC),
            said["leaves"],
            said["batches"],
        )
        lines = {line: LineDraw(_days(it["days"]), _days(it["drawn"])) for line, it in
                 said["lines"].items()}  # fmt: skip
        challenge = Challenge(
            dossier, parse_note(said["checkpoint"]), checked_word(said["word"]), lines
        )
        _check_form(challenge)
        if challenge.to_bytes() != data:
            raise ValueError("it is not written as a challenge is")
    except (ValueError, TypeError, KeyError, AttributeError, InputError) as error:
        why = error.what if isinstance(error, InputError) else str(error)
        raise InputError(
            f"this is no challenge ({why[:200]})",
            where=where,
            todo="Give the file that 'lineproof challenge' wrote, unchanged.",
        ) from None
    return challenge


def _check_form(challenge: Challenge) -> None:
    of = challenge.dossier
    numbers: list[Any] = [of.leaves, *of.batches.values()]
    if not (
        is_name(of.project)
        and _DIGEST.match(of.evidence)
        and all(map(is_name, [*of.batches, *challenge.lines]))
        and all(type(it) is int and it >= 0 for it in numbers)
        and all(map(_is_draw, challenge.lines.values()))
    ):
        raise ValueError("it does not say what a challenge does")


def _is_draw(it: LineDraw) -> bool:
    drawn = set(it.drawn)
    return (
        list(it.days) == sorted(set(it.days))
        and len(drawn) == len(it.drawn)
        and drawn.issubset(it.days)
    )


def _days(said: Sequence[str]) -> tuple[date, ...]:
    if len(said) > _DAYS_MAX:
        raise ValueError(f"it has more than {_DAYS_MAX} days")
    return tuple(date.fromisoformat(it) for it in said)
