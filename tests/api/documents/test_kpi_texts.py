"""Formulas in the reader's language."""

from __future__ import annotations

import pytest

from analytics.kpi.evaluation import KPIS
from api.documents.kpi_texts import formula_text
from api.i18n import language


@pytest.mark.parametrize(
    ("tag", "formula"),
    [
        ("en", "availability × effectiveness × quality ratio"),
        ("zh-Hant", "可用率 × 性能率 × 合格率"),
    ],
)
def test_words_are_translated_and_symbols_are_not(tag: str, formula: str) -> None:
    assert formula_text(KPIS["oee"].formula, language(tag)) == formula
    assert formula_text("APT / PBT", language(tag)) == "APT / PBT"
