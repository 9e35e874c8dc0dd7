"""What decoders, sources and the drafting of profiles write, in three languages."""

from __future__ import annotations

from dataclasses import replace

import pytest
from seen_machines import field_value, node_value, server

from api.documents.written_words import written_words
from api.i18n import language
from device_profiles.decoding import convert, decoder, totals
from device_profiles.decoding.address_times import Doubt
from device_profiles.drafting.fitting import Fit
from device_profiles.drafting.proposing import proposals
from device_profiles.drafting.questions import questions, questions_of_fit, reports
from device_profiles.drafting.seen import SeenObject, SeenValue
from device_profiles.files.catalogue import load
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


MACHINES: list[list[SeenValue]] = [
    [
        node_value("Press/State", 2, 6, 2),
        node_value("Press/Total", 10, 12, 14),
        node_value("Press/Good", 9, 11, 13),
        node_value("Press/Reject", 1, 1, 1),
        node_value("Press/Energy", 1.5, 1.75, 2.0, unit="kWh"),
        node_value("Press/Speed", 61.5, 60.0, 61.0),
        node_value("Press/Order", "A-17", "A-18"),
    ],
    [node_value("A", 1, 2, 3), node_value("B", 5, 7, 3)],
    [node_value("A", 1, 2, 3)],
    [node_value(f"Press/W{it}", it + 1, it + 2, it + 3) for it in range(9)],
    [node_value("X", 3, 9, 3), node_value("Y", 3, 9, 3)],
    [field_value("m", "/good", "1", "2"), field_value("m", "/total", "1", "3")],
    [node_value(f"M{it}/{name}", 1, 2) for it in range(6) for name in ("State", "Good")],
]


def proposed() -> list[str]:
    """All that is said of those machines."""
    packml = "http://opcfoundation.org/UA/PackML/"
    fit = Fit(load("packml/opcua"), {}, ("state",), ("total_count",), {}, "", "Filler", "no value")
    types = frozenset({(packml, f"Type{it}") for it in range(6)})
    said = [*questions_of_fit(fit)]
    for looked in MACHINES:
        found = proposals(looked)
        said += [why for it in found.chosen for why in it.reasons]
        said += [*found.undecided, *questions(found)]
    for objects in ((), (SeenObject((("urn:v", "F"),), types),)):
        seen = replace(server(), namespaces=(packml,), objects=objects)
        said += reports(seen, [fit], None)
    return list(dict.fromkeys(said))


WRITTEN = [
    *proposed(),
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
    # As tests/edge/browsing/test_trial.py has them of machines.
    "nothing came from the machine that the profile reads",
    "nothing can be read at Counters/God: the server has no such node (BadNoMatch)",
    "nothing came of input 'good' (ns=2;s=Good)",
    "signal 'good_count' was not told",
    "signal 'total_count' cannot be used: its quality is bad",
    "not a number (3×)",
]


@pytest.mark.parametrize("reason", WRITTEN)
def test_what_is_written_is_translated_and_unchanged_in_english(reason: str) -> None:
    english, traditional, simplified = (
        written_words(reason, language(tag)) for tag in ("en", "zh-Hant", "zh-Hans")
    )
    assert english.text == reason
    assert traditional.is_translated
    assert english.text not in (traditional.text, simplified.text)


@pytest.mark.parametrize("code", ["9", "", "%s %(x)s 100%", "it's", "<b>", "兩\n行", "a" * 300])
def test_what_the_machine_said_stays_as_it_said_it(code: str) -> None:
    reason = f"unknown code '{code}'"
    assert written_words(reason, language("en")).text == reason
    assert written_words(reason, language("zh-Hant")).text == f"未知代碼「{code}」"


@pytest.mark.parametrize("reason", ["no number", "", "no value at all", "100 %(code)s %s"])
def test_a_reason_that_is_not_known_is_shown_as_it_was_written(reason: str) -> None:
    for tag in ("en", "zh-Hant"):
        words = written_words(reason, language(tag))
        assert (words.text, words.is_translated) == (reason, False)


def test_reasons_that_are_nested_without_end_end() -> None:
    reason = "the message is no JSON: " * 5_000
    assert written_words(reason, language("en")).text == reason
    assert written_words(reason, language("zh-Hant")).is_translated
