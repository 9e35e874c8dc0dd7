"""A redacted recording says nothing of persons and machines, and decodes as what came."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import pytest

from device_profiles.files.catalogue import PACKAGED, names, parse, read
from device_profiles.files.resolve import resolve
from device_profiles.proving.check import replay
from device_profiles.proving.recording import RECORDING, read_recording
from device_profiles.proving.redaction import Redaction
from domain.errors import InputError
from domain.samples import Quality, Reading, Sample

AT = datetime(2026, 11, 29, 8, tzinfo=UTC)
PRESS = """
name: mine/press
vendor: mine
model: Press
title: {en: Press}
protocol: opcua
documentation: [https://example.org/press]
namespaces: {v: "urn:v"}
parameters: {reason: {description: Node of the reason.}}
tables: {states: {RUN: running, HALT: halted}}
inputs:
  state: {sources: [{path: ["v:State"], field: [1, Name], table: states}]}
  strokes: {sources: [{path: ["v:State"], field: [-1, Count]}]}
  weight: {sources: [{path: ["v:Weight"], decimal_mark: ","}]}
  serial: {sources: [{path: ["v:Serial"]}]}
  order: {sources: [{path: ["v:Order"]}]}
  reason: {sources: [{node: {parameter: reason}}]}
signals:
  state: {input: state, codes: {running: producing, halted: stopped}}
  total_count: {input: strokes}
  measurement.weight: {input: weight}
  serial_number: {input: serial}
  order: {input: order}
  stop_reason: {input: reason}
"""
GIVEN = {"reason": "urn:v:SN0012345/Reason"}


def press(*hidden: str, **words: str) -> Redaction:
    return Redaction(parse(PRESS, "press.yaml"), GIVEN, words, hidden)


def reading(address: str, value: Any) -> Reading:
    return Reading("machine", address, value, AT, AT, Quality.GOOD)


def redacted(redaction: Redaction, address: str, value: Any) -> Any:
    it = redaction.redacted(reading(address, value))
    return it and it.value


def test_of_a_structure_only_what_an_input_reads_is_kept() -> None:
    redaction = press()
    operator = {"Name": "Chan Tai Man", "Badge": 4711, "Count": 1}
    value = [operator, {"Name": "RUN", "Of": "Chan"}, {"Count": 7, "Name": "Chan"}]
    kept = redacted(redaction, "/{urn:v}State", value)
    assert kept == [None, {"Name": "RUN"}, {"Count": 7}]
    assert [*redaction.left_out] == ["/{urn:v}State Of", "/{urn:v}State Name"]


@pytest.mark.parametrize(
    ("address", "value", "kept"),
    [
        ("Weight", "81,5", "81,5"),
        ("Weight", "Chan Tai Man", "text-1"),
        ("Weight", 81.5, 81.5),
        ("Weight", ["Chan"], {}),
        ("Serial", "4711-A", "serial-2"),  # the first is in an address
        ("Serial", "", ""),
        ("Order", "PO-7 of kwok@factory.hk", "PO-7 of mail-1"),
        ("Order", b"Chan", {}),
        ("Order", "Chan " * 1000, {}),
        ("State", "Chan Tai Man", "text-1"),
    ],
)
def test_a_text_is_kept_where_a_rule_needs_it(address: str, value: Any, kept: Any) -> None:
    assert redacted(press(), f"/{{urn:v}}{address}", value) == kept


def test_an_address_that_nothing_reads_is_left_out() -> None:
    assert press().redacted(reading("/{urn:v}Operator", "Chan Tai Man")) is None


def test_a_serial_number_in_an_address_is_replaced_in_the_parameter_and_the_readings() -> None:
    redaction = press()
    assert redaction.parameters == {"reason": "urn:v:serial-1/Reason"}
    told = redaction.redacted(reading("/{urn:v}SN0012345/{urn:v}Reason", "jam"))
    assert told is not None
    assert told.address == "/{urn:v}serial-1/{urn:v}Reason"
    assert redaction.replaced == {"serial-1": "SN0012345"}


def test_what_may_not_be_read_is_hidden_and_what_is_kept_is_listed() -> None:
    redaction = press("order")
    for text in ("PO-7", "PO-8", "PO-7"):
        redacted(redaction, "/{urn:v}Order", text)
    redacted(redaction, "/{urn:v}SN0012345/{urn:v}Reason", "jam")
    assert redaction.replaced == {"serial-1": "SN0012345", "order-1": "PO-7", "order-2": "PO-8"}
    assert [*redaction.kept_texts] == ["jam"]
    for name in ("odrer", "total_count"):
        with pytest.raises(InputError, match="is no text of this profile"):
            press(name)


def test_codes_are_no_serial_numbers() -> None:
    codes = {"state": "urn:v:State", "state_codes": "1000001=producing, 1000002=stopped"}
    assert Redaction(read("generic/opcua-counters"), codes, {}).parameters == codes


def told(readings: Sequence[Reading], name: str, parameters: dict[str, str]) -> list[Any]:
    return [
        (it.signal, it.time, it.value, it.quality) if isinstance(it, Sample) else it.reason
        for it in replay(resolve(read(name), parameters), readings)
    ]


@pytest.mark.parametrize("name", names())
def test_a_redacted_recording_decodes_as_what_came(name: str) -> None:
    recording = read_recording(PACKAGED / name / RECORDING)
    assert recording is not None
    redaction = Redaction(read(name), recording.parameters, {})
    kept = [redaction.redacted(it) for it in recording.readings]
    after = told([it for it in kept if it is not None], name, redaction.parameters)
    assert after == told(recording.readings, name, recording.parameters)


def test_whatever_a_machine_says_is_redacted_without_an_error() -> None:
    redaction = press()
    odd: list[Any] = [None, True, float("nan"), "\x00", "\ud800", [], [1], {"a": {}}, [[{}]], b"x"]
    for address in ("State", "Weight", "Serial", "Order"):
        for value in odd:
            redacted(redaction, f"/{{urn:v}}{address}", value)
    assert "\ud800" not in "".join(redaction.kept_texts)


FOLDER = """
name: mine/press
vendor: mine
model: Press
title: {en: Press}
protocol: opcua
documentation: [https://example.org/press]
namespaces: {v: "urn:v"}
parameters: {press: {description: The press., required: true}}
inputs:
  in_a: {sources: [{path: ["v:A"]}]}
  in_b: {sources: [{path: ["v:B"]}]}
signals:
  total_count: {sum: [in_a, in_b]}
measurements:
  - path: ["v:Machines", {parameter: press}, "v:Process"]
"""


def test_what_is_added_up_or_measured_is_a_number() -> None:
    given = {"press": "SN0012345"}
    redaction = Redaction(parse(FOLDER, "press.yaml"), given, {})
    assert redacted(redaction, "/{urn:v}A", 7) == 7
    assert redacted(redaction, "/{urn:v}B", "Chan") == "text-1"
    place = "/{urn:v}Machines/{urn:v}SN0012345/{urn:v}Process/{urn:v}Heat"
    told = redaction.redacted(reading(place, 81.5))
    assert told is not None
    assert told.value == 81.5
    assert told.address == place.replace("SN0012345", "serial-1")
    assert redacted(redaction, place, "Chan") == "text-1"
    assert redaction.redacted(reading(place.replace("Process", "Operator"), 1)) is None
