"""A bounds bar in words, for those who do not see it."""

from __future__ import annotations

import pytest

from api.i18n import language
from api.pages.words import figures_sentence


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
