"""How good a value is, where its message says so beside it. Pure.

Only words that mean one thing alone are taken: of others a person has to say what they mean.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from device_profiles.drafting.naming import is_quality
from device_profiles.drafting.seen import SeenValue, TopicPlace
from device_profiles.model.values import Unusable, symbol

_GOOD: Final = ("true", "good", "192")  # 192: as OPC Classic (Data Access) numbers it
_UNCERTAIN: Final = ("uncertain", "64")
_BAD: Final = ("false", "bad", "0")


@dataclass(frozen=True, slots=True)
class SaidQuality:
    """`field`: where it stands (JSON Pointer); what each of the words that were seen means."""

    field: str
    good: tuple[str, ...]
    uncertain: tuple[str, ...]
    bad: tuple[str, ...]


def said_quality(place: TopicPlace, values: Sequence[SeenValue]) -> SaidQuality | None:
    """What stands beside the field; None: nothing does, it was never good, or it says more than
    is known here."""
    for it in values:
        beside = it.place
        if not isinstance(beside, TopicPlace) or not it.moments or not _is_beside(beside, place):
            continue
        words = {said for _, value in it.moments if not isinstance(said := symbol(value), Unusable)}
        good, uncertain, bad = (
            tuple(sorted(word for word in words if word.lower() in known))
            for known in (_GOOD, _UNCERTAIN, _BAD)
        )
        if good and len(words) == len((*good, *uncertain, *bad)):
            return SaidQuality(beside.field, good, uncertain, bad)
    return None


def _is_beside(quality: TopicPlace, place: TopicPlace) -> bool:
    """In the same object of the same messages, and by its name a quality."""
    above, _, name = quality.field.rpartition("/")
    is_same = (quality.topic, quality.entry, quality.form) == (place.topic, place.entry, place.form)
    return is_same and above == place.field.rpartition("/")[0] and is_quality(name)
