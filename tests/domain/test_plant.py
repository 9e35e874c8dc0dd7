"""Names in several languages."""

from __future__ import annotations

from domain.plant import text_in


def test_a_name_is_in_the_readers_language_or_in_english_or_in_any() -> None:
    names = {"zh-Hant": "灌裝線", "en": "Filling line"}
    assert text_in(names, "zh-Hant") == "灌裝線"
    assert text_in(names, "zh-Hans") == "Filling line"
