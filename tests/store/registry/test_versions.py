"""Texts that were applied."""

from __future__ import annotations

from store.registry.versions import ReadOnce, instead_of


def test_a_text_is_read_once() -> None:
    read: list[str] = []

    def shout(text: str) -> str:
        read.append(text)
        return text.upper()

    texts = ReadOnce(shout)
    assert [texts.read("a"), texts.read("b"), texts.read("a")] == ["A", "B", "A"]
    assert read == ["a", "b"]


def test_a_wrong_name_is_answered_with_what_there_is() -> None:
    assert "Did you mean 'filler-1'" in instead_of("filler-2", ["filler-1", "press"])
    assert instead_of("filler-2", []) == "There is none yet: apply a file first."
