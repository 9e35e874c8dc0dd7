"""A sample of a scheme's accepted milestones, drawn so that nobody could choose it (ISA 530).

A sample is *announced* first: scheme, financial period, the milestones accepted in it (the
population), how many are drawn, and which public value will be the seed, of a day that is still to
come. When everybody knows that value, it is entered, and the draw follows from both:

    seed     SHA-256 of "lineproof-sample/1", population digest, name and value, each line ended
    rank     SHA-256 of the seed (hexadecimal), a space, and the item as JSON
    drawn    the n items with the lowest ranks

Every set of n items is as probable as any other, whoever announced and whoever owns the data, as
long as nobody could know the value beforehand. `sha256sum` makes the draw again. An example:

    NIFS, 2025-04-01 to 2026-03-31: 40 accepted milestones, 28 drawn by
    "Hang Seng Index, closing, 2026-05-04" = "24871.56"

Of each drawn item an officer who did not decide on it enters whether there was an error; the last
result of an item counts. Standard library only.
"""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from statistics import NormalDist

from domain.errors import InputError, NotAllowedError
from domain.milestone_states import ConflictOfInterest, Step, StepTaken, same_person

FORMAT = "lineproof-sample/1"
PUBLIC_VALUE_MAX = 200  # characters of its name, and of the value
NOTE_MAX = 4_000
AMOUNT_MAX_HKD = Decimal(10) ** 12


@dataclass(frozen=True, slots=True, order=True)
class SampleItem:
    """A milestone of a project."""

    project: str
    milestone: str

    @property
    def text(self) -> str:
        """As JSON: an array of two texts, ASCII, without spaces."""
        return json.dumps([self.project, self.milestone], separators=(",", ":"))


@dataclass(frozen=True, slots=True)
class Precision:
    """What the sample is to tell: an error rate of about `rate`, to within `margin` on either side,
    with that `confidence`; all shares of 1."""

    rate: float = 0.05
    margin: float = 0.05
    confidence: float = 0.95

    def check(self) -> None:
        """Raises InputError."""
        for name, least, most in (
            ("rate", 0.001, 0.5),
            ("margin", 0.001, 0.5),
            ("confidence", 0.5, 0.999),
        ):
            value = getattr(self, name)
            if not least <= value <= most:
                raise InputError(
                    f"{value:g} is no {name} of a sample",
                    where=name,
                    todo=f"Give a share between {least:g} and {most:g}.",
                )


USUAL_PRECISION = Precision()


@dataclass(frozen=True, slots=True)
class AuditSample:
    """`number` counts from 1 over all schemes. `population`: sorted. `public_value`: its name;
    it is known from `known_on` on; `seed_value`: what it was, None until it is entered."""

    number: int
    scheme: str
    start: date
    end: date
    population: tuple[SampleItem, ...]
    precision: Precision
    size: int
    public_value: str
    known_on: date
    author: str
    announced_at: datetime
    seed_value: str | None = None
    seed_author: str = ""
    seeded_at: datetime | None = None

    @property
    def drawn(self) -> tuple[SampleItem, ...]:
        """In the order of their ranks; none until the seed is known."""
        if self.seed_value is None:
            return ()
        digest = population_digest(self.population)
        return draw(self.population, self.size, seed_of(digest, self.public_value, self.seed_value))


@dataclass(frozen=True, slots=True)
class SampleResult:
    """What came of looking at a drawn item. `amount_hkd`: by how much was paid wrongly, if it is
    known. `number` counts from 1 within the sample."""

    sample: int
    number: int
    item: SampleItem
    is_error: bool
    amount_hkd: Decimal | None
    note: str
    author: str
    entered_at: datetime


def population_digest(population: Iterable[SampleItem]) -> str:
    """SHA-256 of the items, sorted, each as JSON with a line break."""
    lines = "".join(f"{it.text}\n" for it in sorted(population))
    return hashlib.sha256(lines.encode()).hexdigest()


def seed_of(digest: str, public_value: str, value: str) -> str:
    """SHA-256, as hexadecimal digits, of what is told in the module's docstring."""
    told = "".join(f"{it}\n" for it in (FORMAT, digest, public_value, value))
    return hashlib.sha256(told.encode()).hexdigest()


def draw(population: Sequence[SampleItem], size: int, seed: str) -> tuple[SampleItem, ...]:
    """That many different items, all of them where there are fewer."""

    def rank(item: SampleItem) -> str:
        return hashlib.sha256(f"{seed} {item.text}".encode()).hexdigest()

    return tuple(sorted(population, key=rank)[:size])


def sample_size(population: int, precision: Precision) -> int:
    """How many to draw: Cochran's formula with the correction for a finite population.

    n0 = z² p (1 − p) / d², n = n0 / (1 + (n0 − 1) / N), rounded up (W. G. Cochran, Sampling
    Techniques, 3rd ed., 4.4); z of a two-sided confidence.

    >>> sample_size(10_000_000, Precision(rate=0.5, margin=0.05)), sample_size(40, Precision())
    (385, 27)
    """
    z = NormalDist().inv_cdf((1 + precision.confidence) / 2)
    first = z * z * precision.rate * (1 - precision.rate) / precision.margin**2
    wanted = first / (1 + (first - 1) / population)
    return min(max(math.ceil(wanted - 1e-9), 1), population)


def check_period(start: date, end: date, today: date, others: Iterable[AuditSample]) -> None:
    """Whether a scheme's milestones of these days may be drawn from. `others`: the scheme's samples
    so far. A period is drawn from once: who could draw again could choose. Raises InputError."""
    if end < start:
        raise InputError("the period ends before it begins", where="end", todo="Exchange the days.")
    if end >= today:
        raise InputError(
            f"the period is not over: it ends on {end}",
            where="end",
            todo="Draw when all of it is decided.",
        )
    for it in others:
        if it.start <= end and start <= it.end:
            raise InputError(
                f"sample {it.number} is of {it.start} to {it.end} already",
                where="start",
                todo="A day is drawn from once; take days behind it.",
            )


def check_known_on(known_on: date, today: date) -> None:
    """Whether nobody can know by now what will be known that day. Raises InputError."""
    if known_on <= today:
        raise InputError(
            f"what is known on {known_on} may be known already",
            where="known_on",
            todo="Take a public value of a later day, so that nobody can choose.",
        )


def check_seed(sample: AuditSample, today: date) -> None:
    """Whether the value may be entered by now. Raises InputError."""
    if sample.seed_value is not None:
        raise InputError(
            f"the seed of sample {sample.number} was entered already",
            where="value",
            todo="It stays; see what was drawn.",
        )
    if today < sample.known_on:
        raise InputError(
            f"nobody knows the value before {sample.known_on}", where="value", todo="Wait."
        )


def check_public_value(text: str, where: str) -> str:
    """Without spaces around it, as it goes into the seed. Raises InputError."""
    told = " ".join(text.split())
    if not told or len(told) > PUBLIC_VALUE_MAX or not told.isprintable():
        raise InputError(
            f"a text of 1 to {PUBLIC_VALUE_MAX} characters is needed",
            where=where,
            todo="Write it as it will be published, as in: Hang Seng Index, closing, 2026-05-04.",
        )
    return told


def amount_named(text: str) -> Decimal | None:
    """HKD, from 0 on; None for an empty text. Raises InputError."""
    if not text.strip():
        return None
    try:
        amount = Decimal(text.strip())
    except InvalidOperation:
        amount = Decimal("NaN")
    if not amount.is_finite() or not 0 <= amount <= AMOUNT_MAX_HKD:
        raise InputError(
            f"'{text[:50]}' is no amount in HKD", where="amount_hkd", todo="Write it as 12500.50."
        )
    return amount


def check_result(
    new: SampleResult,
    sample: AuditSample,
    steps: Iterable[StepTaken],
    conflicts: Iterable[ConflictOfInterest],
) -> None:
    """Whether it may be entered. `steps`: of the item's milestone; `conflicts`: of its project.
    Raises InputError; NotAllowedError for who took part in deciding, or has an interest."""
    if new.item not in sample.drawn:
        raise InputError(
            f"{new.item.project} {new.item.milestone} was not drawn by sample {sample.number}",
            where="milestone",
            todo="Results are of drawn milestones alone: others would bend the rate.",
        )
    if len(new.note) > NOTE_MAX:
        raise InputError(
            f"the note has {len(new.note)} characters",
            where="note",
            todo=f"Keep it within {NOTE_MAX}.",
        )
    if new.is_error and not new.note:
        raise InputError(
            "an error needs a note", where="note", todo="Say what was found to be wrong."
        )
    if new.amount_hkd is not None and not new.is_error:
        raise InputError(
            "an amount is given, and no error", where="amount_hkd", todo="Give it with an error."
        )
    took_part = (it.author for it in steps if it.step not in (Step.SUBMIT, Step.ANSWER))
    if any(same_person(it, new.author) for it in took_part):
        raise NotAllowedError(
            f"'{new.author}' took part in deciding on {new.item.project} {new.item.milestone}",
            todo="Another officer looks at it.",
        )
    if any(same_person(it.author, new.author) for it in conflicts):
        raise NotAllowedError(
            f"'{new.author}' has declared a conflict of interest with {new.item.project}",
            todo="Another officer looks at it.",
        )


def last_results(results: Iterable[SampleResult]) -> dict[SampleItem, SampleResult]:
    """Of each item the one that counts."""
    return {it.item: it for it in sorted(results, key=lambda it: it.number)}
