"""The mark on texts is found by the extraction of messages; foreign texts are shown as they are."""

from __future__ import annotations

from io import BytesIO

import pytest
from babel.messages.extract import extract

from domain.texts import N_, harmless_lines, one_line


def test_a_marked_text_is_itself_and_is_found() -> None:
    assert N_("Coverage") == "Coverage"
    source = b'WORD = N_("Coverage")\nLONG = N_("in two " "parts")\nOTHER = "not marked"\n'
    found = [message for _, message, _, _ in extract("python", BytesIO(source), {"N_": None})]
    assert found == ["Coverage", "in two parts"]


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("灌裝線\u3000一號 ok", "灌裝線\u3000一號 ok"),
        ("a\nb\r\x85\u2028c", r"a\x0ab\x0d\x85\x2028c"),
        ("\x1b[2J\x9b1A\x7f", r"\x1b[2J\x9b1A\x7f"),
        ("x\u202ey", r"x\x202ey"),
    ],
    ids=["spaces", "line ends", "of terminals", "turned"],
)
def test_what_is_not_printable_is_written_out(text: str, shown: str) -> None:
    assert one_line(text) == shown
    assert harmless_lines(f"{text}\nx").replace("\n", r"\x0a") == rf"{shown}\x0ax"
