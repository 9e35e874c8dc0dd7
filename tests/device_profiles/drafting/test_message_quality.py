"""The field beside a value that says how good it is."""

from __future__ import annotations

import pytest
from seen_machines import broker, field_value

from device_profiles.drafting.message_quality import SaidQuality, said_quality
from device_profiles.drafting.profile_text import About, profile_text
from device_profiles.drafting.proposing import proposals
from device_profiles.drafting.seen import Plain, SeenValue, TopicPlace
from device_profiles.files.catalogue import parse
from device_profiles.files.resolve import resolve
from device_profiles.model.addresses import MqttAddress

GOOD = TopicPlace("press/counts", "/d/good")


@pytest.mark.parametrize(
    ("beside", "said"),
    [
        (field_value("press/counts", "/d/q", True), SaidQuality("/d/q", ("true",), (), ())),
        (
            field_value("press/counts", "/d/Quality", 192, 0, 64),
            SaidQuality("/d/Quality", ("192",), ("64",), ("0",)),
        ),
        (field_value("press/counts", "/d/q", "GOOD"), SaidQuality("/d/q", ("GOOD",), (), ())),
        (field_value("press/counts", "/d/q", False), None),
        (field_value("press/counts", "/d/q", 192, 20), None),
        (field_value("press/counts", "/q", True), None),
        (field_value("press/state", "/d/q", True), None),
        (field_value("press/counts", "/d/quantity", True), None),
        (field_value("press/counts", "/d/", True), None),
    ],
)
def test_what_stands_beside_a_value(beside: SeenValue, said: SaidQuality | None) -> None:
    assert said_quality(GOOD, [beside]) == said


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ((True, False), (("true", "good"), ("false", "bad"))),
        ((192, 64), (("192", "good"), ("64", "uncertain"))),
    ],
)
def test_the_draft_reads_it(values: tuple[Plain, ...], words: tuple[tuple[str, str], ...]) -> None:
    seen = broker(
        field_value("press/counts", "/d/good", 5, 6), field_value("press/counts", "/d/q", *values)
    )
    text = profile_text(proposals(seen.values), seen, About("mqtt://10.0.0.9", "2026-03-02"))
    (good,) = resolve(parse(text, "draft.yaml"), {}).inputs
    address = good.sources[0].address
    assert isinstance(address, MqttAddress)
    assert address.quality is not None
    assert (address.quality.field, address.quality.words) == ("/d/q", words)
