"""A bounds bar in words, for those who do not see it."""

from __future__ import annotations

import pytest

from api.i18n import language
from api.pages.words import figures_sentence, worth_warning


def show(share: float | None) -> str:
    return "–" if share is None else f"{share:.0%}"


@pytest.mark.parametrize(
    ("figures", "target", "text"),
    [
        ((0.7, 0.6, 0.8), None, "70%, between 60% and 80%"),
        ((0.7, 0.6, 0.8), 0.65, "70%, between 60% and 80%, target 65%"),
        ((None, 0.6, 0.8), None, "–, between 60% and 80%"),
        ((None, None, None), 0.65, "No figure can be computed yet"),
    ],
)
def test_a_bar_is_read_out(
    figures: tuple[float | None, float | None, float | None], target: float | None, text: str
) -> None:
    assert figures_sentence(language("en"), *figures, target=target, show=show) == text


@pytest.mark.parametrize(
    ("coverage", "told"),
    [
        (None, ["gap", "overdue"]),
        (0.99, ["gap", "overdue"]),
        (0.995, ["overdue"]),
        (1.0, ["overdue"]),
    ],
)
def test_a_gap_is_told_of_where_it_matters(coverage: float | None, told: list[str]) -> None:
    assert worth_warning(["gap", "overdue"], coverage) == told
