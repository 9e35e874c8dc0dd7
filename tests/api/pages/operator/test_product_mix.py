"""A product mix as texts, in the reader's language."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from facts_frames import Day, judged, plant

from api.i18n import language_named
from api.pages.operator.product_mix import shown_mix
from domain.grants import DayRange, KpiTerms, MixShare, ProductMix

START = date(2026, 3, 2)
GIVEN = judged(KpiTerms("oee", ">=", DayRange(START, START), 0.1), [Day()], start=START, due=START)
PLANT = plant()  # it names one product
MIX = ProductMix(
    {"juice-330": MixShare(0.8, 0.75, 0.85), "b": MixShare(None, 0.0, 1.0)},
    {"juice-330": MixShare(1.0, 1.0, 1.0), "b": MixShare(0.0, 0.0, 0.0)},
    0.2,
)


def test_shares_have_their_bounds_where_they_are_not_certain() -> None:
    shown = shown_mix(replace(GIVEN, product_mix=MIX), PLANT, language_named("en"))
    assert shown is not None
    assert shown.columns == ["Product", "Baseline", "Window"]
    assert shown.rows == [
        ("Juice", "80.0% (between 75.0% and 85.0%)", "100.0%"),
        ("b", "– (between 0.0% and 100.0%)", "0.0%"),
    ]
    assert shown.moved == "20.0% of the good units moved to other products."


def test_what_is_not_known_is_said_so_in_chinese() -> None:
    unknown = replace(GIVEN, product_mix=replace(MIX, moved_by=None))
    shown = shown_mix(unknown, PLANT, language_named("zh-Hant"))
    assert shown is not None
    assert (shown.caption, shown.moved) == (
        "產品組合：佔合格品的比例",
        "未能得知有多少轉為其他產品。",
    )


def test_other_verdicts_have_none() -> None:
    assert shown_mix(GIVEN, PLANT, language_named("en")) is None
