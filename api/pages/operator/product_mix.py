"""What was made in the baseline and in the window of a change, side by side, as texts."""

from __future__ import annotations

from dataclasses import dataclass

from api.i18n import DASH, Language
from domain.grants import MixShare, Verdict
from domain.plant import Plant, text_in
from domain.texts import N_

_BETWEEN = N_("%(value)s (between %(low)s and %(high)s)")
_MOVED = N_("%(share)s of the good units moved to other products.")
_NOT_KNOWN = N_("How much of it moved to other products is not known.")
_COLUMNS = (N_("Product"), N_("Baseline"), N_("Window"))
_CAPTION = N_("Product mix: share of the good units")


@dataclass(frozen=True, slots=True)
class ShownMix:
    """`rows`: product, and its share in the baseline and in the window."""

    caption: str
    columns: list[str]
    rows: list[tuple[str, str, str]]
    moved: str


def shown_mix(verdict: Verdict, plant: Plant, language: Language) -> ShownMix | None:
    """None where the verdict has no product mix."""
    mix = verdict.product_mix
    if mix is None:
        return None
    rows = [
        (
            _title(name, plant, language),
            _share_text(share, language),
            _share_text(mix.window[name], language),
        )
        for name, share in mix.baseline.items()
    ]
    moved = language.text(_NOT_KNOWN)
    if mix.moved_by is not None:
        moved = language.text(_MOVED, share=language.percent(mix.moved_by, 1))
    columns = [language.text(it) for it in _COLUMNS]
    return ShownMix(language.text(_CAPTION), columns, rows, moved)


def _title(product: str, plant: Plant, language: Language) -> str:
    """Its name in the plant file; its code where that has none."""
    known = plant.products.get(product)
    return (text_in(known.name, language.tag) if known else "") or product


def _share_text(share: MixShare, language: Language) -> str:
    value, low, high = (
        DASH if it is None else language.percent(it, 1)
        for it in (share.value, share.low, share.high)
    )
    return value if low == high else language.text(_BETWEEN, value=value, low=low, high=high)
