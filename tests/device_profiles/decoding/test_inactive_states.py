"""A state machine inside an inactive one has no state, however a server tells that: it is no
rejection. Where a value was needed and there is none, that is told, and the state is unknown."""

from __future__ import annotations

from typing import Any

import pytest
from packml_readings import (
    STATE_ID,
    STATE_TEXT,
    decoder,
    last_state,
    reading,
    reasons,
)

from device_profiles.decoding.decoder import Decoder
from domain.samples import Quality, Reading

ABORTED, CLEARED, RUNNING, EXECUTE, STOPPED = 9, 19, 18, 6, 2
GOOD, UNCERTAIN, BAD = Quality.GOOD, Quality.UNCERTAIN, Quality.BAD
# How servers tell that there is no state: number, id and text of CurrentState.
FORMS: list[tuple[str, Any, Quality]] = [
    ("number", None, GOOD),
    ("number", None, UNCERTAIN),
    ("number", None, BAD),  # BadStateNotActive, BadNoData, BadNotReadable, …
    ("number", EXECUTE, BAD),
    ("id", None, GOOD),
    ("text", "", GOOD),
    ("text", "  ", GOOD),
    ("text", None, GOOD),
]


def inactive(name: str, form: tuple[str, Any, Quality], seconds: float) -> Reading:
    kind, value, quality = form
    address = {"number": "", "id": STATE_ID[name], "text": STATE_TEXT[name]}[kind]
    return reading(name, value, seconds, quality, address=address)


def producing() -> Decoder:
    dec = decoder()
    states = [("base_state", CLEARED), ("machine_state", RUNNING)]
    dec.decode_all([reading("mode", 1), *(reading(name, number) for name, number in states)])
    return dec


@pytest.mark.parametrize("form", FORMS, ids=str)
def test_an_inactive_state_machine_is_no_rejection(form: tuple[str, Any, Quality]) -> None:
    dec = producing()
    execute = STATE_TEXT["execute_state"] if form[0] == "text" else ""
    value: Any = "Execute" if execute else EXECUTE
    if form[0] == "id":
        execute = STATE_ID["execute_state"]
        value = "nsu=http://opcfoundation.org/UA/PackML/;i=36"
    assert last_state(dec.decode(reading("execute_state", value, 1, address=execute))) == (
        "producing"
    )
    aborted = dec.decode_all(
        [
            reading("base_state", ABORTED, 2),
            inactive("machine_state", form, 2),
            inactive("execute_state", form, 2),
        ]
    )
    assert (last_state(aborted), reasons(aborted)) == ("fault", [])
    stopped = dec.decode_all(
        [
            reading("base_state", CLEARED, 3),
            reading("machine_state", STOPPED, 3),
            inactive("execute_state", form, 3),
        ]
    )
    assert (last_state(stopped), reasons(stopped)) == ("stopped", [])


@pytest.mark.parametrize("form", [it for it in FORMS if it[2] is not BAD], ids=str)
def test_a_state_that_is_needed_and_not_there_is_told(form: tuple[str, Any, Quality]) -> None:
    dec = producing()
    out = dec.decode(inactive("execute_state", form, 1))
    assert (last_state(out), reasons(out)) == ("unknown", ["no value"])


def test_a_code_that_nobody_knows_is_told_also_where_it_decides_nothing() -> None:
    dec = producing()
    out = dec.decode_all([reading("base_state", ABORTED, 1), reading("execute_state", 42, 1)])
    assert (last_state(out), reasons(out)) == ("fault", ["unknown code '42'"])


def test_a_mode_without_a_value_is_needed() -> None:
    dec = producing()
    dec.decode(reading("execute_state", EXECUTE, 1))
    out = dec.decode(reading("mode", None, 2))
    assert (last_state(out), reasons(out)) == ("unknown", ["no value"])
