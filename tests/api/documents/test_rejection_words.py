"""Reasons of rejected values, as decoders and sources write them, in three languages."""

from __future__ import annotations

import pytest

from api.documents.rejection_words import rejection_words
from api.i18n import language
from device_profiles.decoding import convert, decoder, totals
from device_profiles.decoding.address_times import Doubt
from device_profiles.model import values
from edge.sources.mqtt.payload import TOO_LARGE, document_of
from edge.sources.sparkplug.datatypes import whole


def why_no_json(payload: bytes) -> str:
    with pytest.raises(ValueError, match="no JSON") as refused:
        document_of(payload, nul_ended=False, plain=False)
    return str(refused.value)


def reason_of(value: object) -> str:
    assert isinstance(value, values.Unusable)
    return value.reason


WRITTEN = [
    *map(str, Doubt),
    *(
        it.reason
        for it in (
            values.NO_VALUE,
            values.NOT_FINITE,
            convert.BAD_QUALITY,
            convert.TOO_LONG,
            totals.TOO_WIDE,
            totals.NEGATIVE,
            totals.TOO_LARGE,
            totals.RETAINED,
        )
    ),
    totals.LATE,
    totals.FALLEN,
    decoder._ENDED,
    TOO_LARGE,
    why_no_json(b"{"),
    reason_of(values.picked({}, ("a",))),
    reason_of(values.picked([], (3,))),
    reason_of(values.picked(7, (3,))),
    reason_of(whole(300, 5, 32)),
]


@pytest.mark.parametrize("reason", WRITTEN)
def test_what_is_written_is_translated_and_unchanged_in_english(reason: str) -> None:
    english, traditional, simplified = (
        rejection_words(reason, language(tag)) for tag in ("en", "zh-Hant", "zh-Hans")
    )
    assert english.text == reason
    assert traditional.is_translated
    assert len({english.text, traditional.text, simplified.text}) == 3


@pytest.mark.parametrize("code", ["9", "", "%s %(x)s 100%", "it's", "<b>", "兩\n行", "a" * 300])
def test_what_the_machine_said_stays_as_it_said_it(code: str) -> None:
    reason = f"unknown code '{code}'"
    assert rejection_words(reason, language("en")).text == reason
    assert rejection_words(reason, language("zh-Hant")).text == f"未知代碼「{code}」"


@pytest.mark.parametrize("reason", ["no number", "", "no value at all", "100 %(code)s %s"])
def test_a_reason_that_is_not_known_is_shown_as_it_was_written(reason: str) -> None:
    for tag in ("en", "zh-Hant"):
        words = rejection_words(reason, language(tag))
        assert (words.text, words.is_translated) == (reason, False)
