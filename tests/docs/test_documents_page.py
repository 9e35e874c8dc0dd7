"""The page of documents names every type that is taken, and what it says of others is true."""

from __future__ import annotations

import io
import re
from pathlib import Path

import pytest

from domain.errors import InputError
from store.archive.document_types import TYPES, check_type

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "documents.md").read_text(encoding="utf-8")


def test_the_table_has_every_ending_that_is_taken() -> None:
    rows = re.findall(r"^\| (`\..+?) \|", PAGE, re.MULTILINE)
    assert {it for row in rows for it in re.findall(r"`(\.\w+)`", row)} == set(TYPES)


def test_what_it_says_is_not_taken_is_refused() -> None:
    _, _, others = PAGE.partition("Why these are not taken:")
    endings = re.findall(r"`(\.\w+)`", others)
    assert len(endings) >= 8
    for ending in endings:
        with pytest.raises(InputError, match="are not taken"):
            check_type(f"a{ending}", io.BytesIO(b"%PDF-"))
