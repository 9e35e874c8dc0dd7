"""Counters whose falls the profile explains: they wrap, or are set to a value."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from device_profiles.decoding.decoder import Decoder
from device_profiles.decoding.totals import FALLEN, TOO_WIDE, KeptTotals
from device_profiles.files.catalogue import parse
from device_profiles.files.resolve import resolve
from device_profiles.model.addresses import OpcUaAddress, OpcUaStart
from device_profiles.model.profile import Falls, Input, Profile, Source, SumRule
from domain.errors import InputError
from domain.samples import Quality, Reading, Sample

BEGIN = datetime(2026, 3, 2, 8, tzinfo=UTC)
NODE = OpcUaAddress(OpcUaStart(), (("urn:v", "Count"),))


def decoder_of(falls: Falls, kept: str = "{}", factor: float = 1.0) -> Decoder:
    rule = SumRule("total_count", ("count",), factor, (1, 1), falls)
    inputs = (Input("count", (Source(NODE),)),)
    names = ("t/t", "t", ("t",), {"en": "t"})
    decoder = Decoder(Profile(*names, "opcua", (), (), "", {}, inputs, (), (rule,)), "l", "m")
    decoder.totals.go_on_from(KeptTotals.of_text(kept))
    return decoder


def told(decoder: Decoder, *values: Any) -> list[float | str | None]:
    """Values of samples and reasons of rejections, in order."""
    rows = []
    for second, value in enumerate(values):
        at = BEGIN + timedelta(seconds=second)
        rows += decoder.decode(Reading("m", NODE.key, value, at, at, Quality.GOOD))
    return [row.value if isinstance(row, Sample) else row.reason for row in rows]


@pytest.mark.parametrize(
    ("falls", "values", "totals"),
    [
        # Over the wrap the step is counted, once the next value has shown that it was no noise.
        (Falls(width=16), (65_530, 4, 6), [65_530, 65_542]),
        (Falls(width=16), (65_530, 4, 65_531), [65_530, 65_531]),
        (Falls(width=16), (32_000, -32_700, -32_690), [32_000, 32_836, 32_846]),
        (Falls(width=16), (65_530, 4, 3, 5), [65_530, FALLEN, 65_541]),
        # Of one that always wraps every fall is one, at once.
        (Falls(width=8, wraps=True), (200, 150, 100, 101), [200, 406, 612, 613]),
        (Falls(resets_to=0), (100, 40, 41), [100, 141]),
        (Falls(resets_to=0), (100, 0, 101), [100, 101]),
        (Falls(resets_to=1_000), (1_500, 1_003, 1_004), [1_500, 1_504]),
        (Falls(width=16, resets_to=0), (20_000, 50, 51), [20_000, 20_051]),
        # Nothing was said of this fall: what it looks like decides.
        (Falls(width=16), (20_000, 50, 51), [20_000, FALLEN, 20_051]),
        (Falls(resets_to=1_000), (1_500, 900, 901), [1_500, FALLEN, 1_500]),
        (Falls(width=8), (5, 256, 6, -129), [5, None, TOO_WIDE.reason, 6, None, TOO_WIDE.reason]),
    ],
)
def test_a_fall_counts_as_the_profile_says(
    falls: Falls, values: tuple[float, ...], totals: list[float | str | None]
) -> None:
    assert told(decoder_of(falls), *values) == totals


def test_a_wrap_while_nobody_looked_is_counted_and_scaled() -> None:
    first = decoder_of(Falls(width=16), factor=10)
    assert told(first, 65_000, 65_500) == [650_000, 655_000]
    kept = first.totals.kept.model_dump_json()
    again = decoder_of(Falls(width=16), kept, factor=10)
    assert told(again, 100, 101) == [656_370]


@given(st.lists(st.integers(0, 127), min_size=1, max_size=30), st.integers(0, 255))
def test_nothing_is_lost_or_doubled_over_any_number_of_wraps(steps: list[int], first: int) -> None:
    counted = [first]
    for step in steps:
        counted.append(counted[-1] + step)
    decoder = decoder_of(Falls(width=8, wraps=True))
    samples = told(decoder, *(it % 256 for it in counted))
    assert samples[-1] == counted[-1]


@pytest.mark.parametrize(
    ("rule", "message"),
    [
        ("{input: i, width: 65}", "signals.total_count.width"),
        ("{input: i, resets: wraps}", "a counter that wraps has a 'width'"),
        ("{input: i, width: 8, offset: 1}", "belong to 'input', without 'offset'"),
        ("{input: i, resets: {too: 1}}", "Did you mean 'to'?"),
        ("{input: i, width: 8, factor: -1}", "a counter only grows"),
    ],
)
def test_what_makes_no_sense_is_refused(rule: str, message: str) -> None:
    text = f"""
name: a/b
vendor: v
model: m
protocol: opcua
title: {{en: t}}
inputs: {{i: {{sources: [{{node: 'urn:v:Count'}}]}}}}
signals: {{total_count: {rule}}}
"""
    with pytest.raises(InputError) as caught:
        parse(text, "profile.yaml")
    assert message in str(caught.value)
    gauge = text.replace(f"total_count: {rule}", "speed: {input: i, resets: to_zero}")
    with pytest.raises(InputError, match="only a counter wraps or is reset"):
        parse(gauge, "profile.yaml")
    (found,) = resolve(parse(text.replace(rule, "{input: i, width: 8}"), "p"), {}).rules
    assert isinstance(found, SumRule)
    assert found.falls == Falls(width=8)
