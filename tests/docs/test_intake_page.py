"""docs/intake.md says the limits and answers that the code has."""

from __future__ import annotations

import re

import pytest
from peers import ROOT

from collector.intake.arrow_stream import UNPACKED_MAX_BYTES
from collector.intake.decisions import Outcome
from collector.intake.http import BODIES_MAX_BYTES, BODY_MAX_BYTES
from collector.intake.row_rules import EARLIEST
from domain.batch_header import HEADER_MAX_BYTES, ROWS_MAX, BatchHeader
from domain.names import NAME_LENGTH_MAX
from domain.samples import TEXT_LENGTH_MAX
from store.archive.quarantine import STRANGERS, STRANGERS_MAX_BYTES

PAGE = (ROOT / "docs" / "intake.md").read_text(encoding="utf-8")
WORDS = " ".join(PAGE.split())


@pytest.mark.parametrize(
    "sentence",
    [
        f"the body is larger than {BODY_MAX_BYTES >> 20} MiB",
        f"fill {BODIES_MAX_BYTES >> 20} MiB together",
        f"1 to {NAME_LENGTH_MAX} characters",
        f"whole numbers up to {ROWS_MAX:,}",
        f"at most {HEADER_MAX_BYTES >> 20} MiB",
        f"more than {UNPACKED_MAX_BYTES >> 20} MiB, columns inside of columns",
        f"no more than **{STRANGERS_MAX_BYTES >> 20} MiB** are kept",
        f"no single item of more than {STRANGERS_MAX_BYTES >> 24} MiB",
        f"a time before {EARLIEST.year}",
        f"a text of more than {TEXT_LENGTH_MAX:,} characters",
    ],
)
def test_a_limit_is_the_one_of_the_code(sentence: str) -> None:
    assert sentence in WORDS


def test_every_outcome_and_every_field_is_named() -> None:
    named = set(re.findall(r"`([a-z_]+)`", PAGE))
    assert {it.value for it in Outcome} <= named
    assert set(BatchHeader.__dataclass_fields__) <= named
    assert named >= STRANGERS
