"""The doctor says of each witness whether it cosigns, and of one that does not why."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from domain.ledger.signed_notes import COSIGNATURE, VerifierKey
from lineproof.upkeep.witness_checks import witnesses
from store.ledger.witness_file import Standing
from store.node.opening import Stores, open_stores

NOW = datetime(2026, 3, 2, tzinfo=UTC)
KEY = VerifierKey("w.example", COSIGNATURE, bytes(32))
NAME = f"witness w {KEY}"
HOUR = timedelta(hours=1)


@pytest.fixture
def stores(tmp_path: Path) -> Iterator[Stores]:
    with open_stores(tmp_path / "node") as opened:
        opened.folder.witnesses.write_text(f"witness w {KEY} https://w.example\nquorum w\n")
        opened.folder.ledger.mkdir()
        yield opened


def test_without_witnesses_nothing_is_said(stores: Stores) -> None:
    stores.folder.witnesses.unlink()
    assert list(witnesses(stores, NOW)) == []


@pytest.mark.parametrize(
    ("standing", "status", "detail", "todo"),
    [
        (None, "warning", "it was not asked yet", "A running node asks it within seconds."),
        (
            Standing(NAME, NOW - HOUR, NOW - HOUR, 7),
            "ok",
            "it cosigned 7 leaves at 2026-03-01T23:00:00+00:00",
            "",
        ),
        (
            Standing(NAME, NOW, NOW - HOUR, 7, 3, "it is away", "Wait."),
            "warning",
            "it is away; it cosigned 7 leaves at 2026-03-01T23:00:00+00:00",
            "Wait.",
        ),
        (
            Standing(NAME, NOW, None, 0, 1, "it saw more", "Tell.", True),
            "problem",
            "it saw more; it never cosigned",
            "Tell.",
        ),
        (
            Standing(NAME, NOW - 26 * HOUR, NOW - 26 * HOUR, 7),
            "warning",
            "it cosigned 7 leaves at 2026-02-28T22:00:00+00:00, and nothing since",
            "A running node asks it by itself.",
        ),
    ],
)
def test_how_it_stands_is_said(
    stores: Stores, standing: Standing | None, status: str, detail: str, todo: str
) -> None:
    if standing is not None:
        stores.ledger.others.keep_standing(standing)
    (found,) = witnesses(stores, NOW)
    assert (found.subject, found.status, found.detail) == ("witness w", status, detail)
    assert found.todo == todo


def test_a_witness_with_another_key_is_another_one(stores: Stores) -> None:
    stores.ledger.others.keep_standing(Standing(NAME, NOW, NOW, 7))
    other = VerifierKey("w.example", COSIGNATURE, bytes([1] * 32))
    stores.folder.witnesses.write_text(f"witness w {other} https://w.example\nquorum w\n")
    (found,) = witnesses(stores, NOW)
    assert found.detail == "it was not asked yet"


def test_settings_that_cannot_be_used_are_told(stores: Stores) -> None:
    stores.folder.witnesses.write_text("witness w\n")
    stores.folder.timestamps.write_text("every: week\n")
    first, second = witnesses(stores, NOW)
    assert (first.status, second.status) == ("problem", "problem")
    assert "witnesses.policy, line 1: the policy cannot be read" in first.detail
    assert "timestamps.yaml, line 1: field 'every'" in second.detail
