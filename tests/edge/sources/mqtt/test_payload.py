"""Payloads as devices send them: one bad field costs itself, and a guess is never made."""

from __future__ import annotations

import math
from typing import Any

import pytest

from device_profiles.model.addresses import MqttAddress, PayloadForm
from edge.sources.mqtt.payload import by_form, document_of, document_reader, of_form


def document(payload: bytes | str, *, nul_ended: bool = False, plain: bool = False) -> Any:
    data = payload.encode() if isinstance(payload, str) else payload
    return document_of(data, nul_ended=nul_ended, plain=plain)


@pytest.mark.parametrize(
    "word",
    ["nan", "NaN", "-nan", "inf", "-Infinity", "1.#QNAN", ".5", "5.", "+5", "007", "0x1F", "N/A",
     "--", "undefined", "None", "True", "'on'", "12.5kWh", ""],
)  # fmt: skip
def test_a_bare_word_beside_a_value_costs_itself(word: str) -> None:
    for text in (f'{{"temp": {word}, "value": 320.5}}', f'{{"value": 320.5, "temp": {word}}}'):
        read = document(text)
        assert read["value"] == 320.5
        assert not math.isfinite(read["temp"])


def test_words_inside_texts_stay_as_they_are() -> None:
    text = r'{"a": nan, "state": "nan, .5 \" nan", "n": -1.5e-3, "t": true, "z": null}'
    read = document(text)
    assert (read["state"], read["n"], read["t"], read["z"]) == (
        'nan, .5 " nan',
        -1.5e-3,
        True,
        None,
    )


@pytest.mark.parametrize("field", [b'"name": "B\xfcro"', b'"name": "a\nb\tc"', b'"name": "\x01"'])
def test_a_text_that_is_not_as_it_should_be_costs_itself(field: bytes) -> None:
    assert document(b"{" + field + b', "value": 7}')["value"] == 7


@pytest.mark.parametrize(
    ("payload", "reason"),
    [
        ('{"total_act_power": ', "Expecting value"),
        ('{"value": 5', "Expecting ',' delimiter"),
        ("{value: 5}", "Expecting property name enclosed in double quotes"),
        ('{"value": 5} {"value": 6}', "Extra data"),
        ('{"value": 5}\x00', "Extra data"),
        (b"\xff\xfe", "Expecting value"),
        ("", "Expecting value"),
        ("[" * 100_000, "it is nested too deeply"),
        ('{"value": ' + "9" * 5_000 + "}", "a number is too long"),
    ],
)
def test_what_is_no_document_is_refused_with_a_reason_to_count(
    payload: bytes | str, reason: str
) -> None:
    with pytest.raises(ValueError, match="is no JSON") as caught:
        document(payload)
    assert str(caught.value) == f"the message is no JSON: {reason}"


def test_nul_characters_at_the_end_are_taken_where_the_profile_says_so() -> None:
    assert document(b'{"value": 5}\x00\x00', nul_ended=True) == {"value": 5}


def test_a_heartbeat_may_be_a_plain_text() -> None:
    assert document("online", plain=True) == "online"
    assert document("1", plain=True) == 1


TEXT = PayloadForm("text")


@pytest.mark.parametrize(
    ("payload", "text"),
    [
        (b"12.5", "12.5"),
        (b" 1,5\r\n", "1,5"),
        (b"\xef\xbb\xbfRUN", "RUN"),
        (b"", ""),
        (b'{"a": 1}', '{"a": 1}'),
        (b"\xff\xfe", "\ufffd\ufffd"),
        ("運行".encode(), "運行"),
    ],
)
def test_a_bare_text_is_the_value(payload: bytes, text: str) -> None:
    assert of_form(payload, TEXT, nul_ended=False) == text


def test_rows_of_columns_by_number_and_by_the_header() -> None:
    numbered = of_form(b"7; 3;RUN\r\n8;3;\r\n", PayloadForm("csv", ";"), nul_ended=False)
    assert numbered == [{"1": "7", "2": "3", "3": "RUN"}, {"1": "8", "2": "3", "3": ""}]
    data = b'time\tgood,bad\t"a ""b"""\n10\t4\tx\n\n'
    (named,) = of_form(data, PayloadForm("csv", "\t", True), nul_ended=False)
    assert (named["time"], named["good,bad"], named['a "b"'], named["2"]) == ("10", "4", "x", "4")


@pytest.mark.parametrize(
    ("payload", "rows"),
    [
        (b"", []),
        (b"good;bad\n", []),
        (b"good;bad\n4\n", [{"1": "4", "good": "4"}]),
        (b"good\n4;5\n", [{"1": "4", "good": "4", "2": "5"}]),
        (b";bad\n4;5\n\x00\x00", [{"1": "4", "2": "5", "bad": "5"}]),
    ],
)
def test_rows_that_are_short_long_or_none(payload: bytes, rows: list[dict[str, str]]) -> None:
    assert of_form(payload, PayloadForm("csv", ";", True), nul_ended=True) == rows


@pytest.mark.parametrize(
    ("payload", "why"),
    [(b'a;"b', "no csv"), (b'a;"b"c', "no csv"), (b"a" * 200_000, "no csv"),
     (b"n;n\n1;2", "a name twice")],
)  # fmt: skip
def test_what_is_no_csv_is_refused(payload: bytes, why: str) -> None:
    with pytest.raises(ValueError, match=why):
        of_form(payload, PayloadForm("csv", ";", True), nul_ended=False)


def test_each_form_is_read_once_and_none_for_the_topic_alone() -> None:
    level, text = MqttAddress("a/+", "", level=2), MqttAddress("a/+", "", form=TEXT)
    assert by_form([level, text]) == {None: [level], TEXT: [text]}
    assert document_reader(None, [level])(b"\xff no document") is None
    assert document_reader(TEXT, [text])(b"no json") == "no json"
    timed = MqttAddress("a/+", "", "/t", level=2)
    with pytest.raises(ValueError, match="no JSON"):
        document_reader(None, [level, timed])(b"no json")
