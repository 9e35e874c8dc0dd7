"""The one reader of headers. What is wrong in each field tests collector/intake/test_bad_batches;
here, what a sentence says and what has to be taken."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from domain.batch_header import GENESIS, NUMBER_MAX, ROWS_MAX, TIME_MAX_US, BatchHeader, read_header
from domain.errors import InputError

HEADER = BatchHeader(
    agent="filler-edge",
    number=1,
    previous=GENESIS,
    payload_digest="a" * 64,
    samples=2,
    rejections=1,
    samples_size=16,
    sealed_at=1_772_406_000_000_000,
    spans=(("filler-1", "filler", 1, 2),),
    profiles={"filler-1/filler": "一號"},
)


@pytest.mark.parametrize(
    "header",
    [
        HEADER,
        replace(HEADER, number=NUMBER_MAX, samples=ROWS_MAX, rejections=ROWS_MAX),
        replace(HEADER, sealed_at=0, spans=()),
        replace(HEADER, sealed_at=TIME_MAX_US, profiles={}),
        replace(HEADER, agent="一號灌裝線", spans=(("l", "m", 0, TIME_MAX_US),) * 1000),
    ],
    ids=["usual", "largest", "1970", "2200", "many spans"],
)
def test_what_an_agent_writes_is_read(header: BatchHeader) -> None:
    assert read_header(header.to_line()) == header


@pytest.mark.parametrize(
    ("field", "value", "sentence"),
    [
        ("number", True, "'number' of its header must be a whole number from 1 to"),
        ("number", 2**70, "not a huge number"),
        ("agent", "a\nb", r"'agent' .* must be a name of 1 to 200 characters .* not 'a.+nb'"),
        ("previous", "A" * 64, "lower-case hex"),
        ("spans", [["l", "m", 1]], "must be a list of .* not a list"),
        ("profiles", [], "must be names of machines"),
        ("sealed_at", 1.5, "microseconds since 1970.*not 1.5"),
    ],
)
def test_the_sentence_names_field_rule_and_value(field: str, value: object, sentence: str) -> None:
    fields = json.loads(HEADER.to_line()) | {field: value}
    line = json.dumps(fields, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()
    with pytest.raises(InputError, match=sentence):
        read_header(line)
