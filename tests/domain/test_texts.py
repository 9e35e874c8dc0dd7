"""The mark on texts: the extraction of messages finds what carries it, and nothing else."""

from __future__ import annotations

from io import BytesIO

from babel.messages.extract import extract

from domain.texts import N_


def test_a_marked_text_is_itself_and_is_found() -> None:
    assert N_("Coverage") == "Coverage"
    source = b'WORD = N_("Coverage")\nLONG = N_("in two " "parts")\nOTHER = "not marked"\n'
    found = [message for _, message, _, _ in extract("python", BytesIO(source), {"N_": None})]
    assert found == ["Coverage", "in two parts"]
