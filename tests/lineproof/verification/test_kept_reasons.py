"""Days of a plant that keeps reasons or names to itself, too: they are opened where no batch tells
reasons, and who checks them is told what could not be compared."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from confidential_days import DAYS, LINE, factory

from domain.corrections import Correction, CorrectionKind
from domain.errors import CheckFailedError
from lineproof.verification.challenge_part import DaysAsked
from lineproof.verification.opened_part import OpenedDays
from lineproof.verification.outcome import DossierCheck
from lineproof.verification.verify import verify_dossier

ALL = DaysAsked(share=1)
STOP = timedelta(hours=1, minutes=20)  # of UTC, for ten minutes


def corrected(kind: CorrectionKind, day: date, **what: object) -> Correction:
    start = datetime(day.year, day.month, day.day, tzinfo=UTC) + STOP
    end, said_at = start + timedelta(minutes=10), start + timedelta(hours=3)
    return Correction(kind.value, LINE, kind, start, end, "Mo", said_at, **what)  # type: ignore[arg-type]  # fields by name


def test_days_hold_but_for_what_people_said_of_them(tmp_path: Path) -> None:
    renamed = corrected(CorrectionKind.REASON, DAYS[2], reason="breakdown")
    counted = corrected(CorrectionKind.QUANTITY, DAYS[4], element="reject_count", amount=7.0)
    kept = factory(tmp_path, "raw_samples, names, reasons", [renamed, counted])
    challenge = kept.challenge(tmp_path / "c.json", ALL)
    kept.opened(challenge, tmp_path / "o.zip")
    outcome = verify_dossier(kept.dossier, opened=OpenedDays(tmp_path / "o.zip", challenge))
    assert outcome.failed is None
    assert outcome.days == len(DAYS) - 2
    assert outcome.held[DossierCheck.FACTS_FROM_BATCHES] == (
        "8 of 13 days (61.5 %) were recomputed. Times in each state, counts and energy are those "
        "that the batches give; reasons or borders of stops are others, by corrections that the "
        f"plant keeps confidential: {DAYS[2]} of {LINE}. NOT PROVED: the figures are others than "
        "the batches give; whether by corrections or exceptions, the plant keeps confidential: "
        f"{DAYS[4]} of {LINE}."
    )


def test_a_batch_that_tells_a_reason_is_not_opened(tmp_path: Path) -> None:
    kept = factory(tmp_path, "raw_samples, reasons", reason="jam")
    challenge = kept.challenge(tmp_path / "c.json", ALL)
    with pytest.raises(CheckFailedError) as refused:
        kept.opened(challenge, tmp_path / "o.zip")
    assert refused.value.what == (
        "batch 1 of hall-1 cannot be opened: press tells reasons of stops in it, which the plant "
        "keeps confidential, and a batch that was sealed can be handed over only as a whole"
    )
    assert not (tmp_path / "o.zip").exists()
