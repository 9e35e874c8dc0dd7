"""The file that is written loads, reads what was seen, and decides nothing that people must."""

from __future__ import annotations

from dataclasses import replace

import pytest
import yaml
from seen_machines import broker, field_value, metric_value, node_value, server

from device_profiles.drafting.profile_text import (
    About,
    connection_topic,
    machine_name,
    profile_text,
)
from device_profiles.drafting.proposing import proposals
from device_profiles.drafting.seen import (
    TEXT,
    ChosenEntry,
    MessageTime,
    NodePlace,
    Seen,
    TopicPlace,
)
from device_profiles.files.catalogue import parse
from device_profiles.files.resolve import resolve
from device_profiles.model.addresses import MqttAddress, PayloadForm
from device_profiles.model.profile import CodeRule, NumberRule, Profile

ABOUT = About("opc.tcp://10.0.0.5:4840", "2026-03-02")
PRESS = server(
    node_value("Press/State", 2, 6, 2),
    node_value("Press/Good", 5, 6),
    node_value("Press/Energy", 7.5, 8.25, unit="kWh"),
    node_value("Press/Oil", 40.5, unit="°C"),
)


def written(seen: Seen) -> tuple[str, Profile]:
    text = profile_text(proposals(seen.values), seen, ABOUT)
    return text, resolve(parse(text, "draft.yaml"), {})


def test_every_proposal_has_its_reason_beside_it() -> None:
    text, profile = written(PRESS)
    assert profile.signals == ("state", "good_count", "energy")
    assert "  good_count:  # its name has 'good'; integer; only rises, in whole steps" in text
    assert "  energy: {input: energy, unit: kWh}  # check the unit" in text
    assert "#   Press/Oil = 40.5 °C" in text
    assert "# Looked at opc.tcp://10.0.0.5:4840 for 10 s on 2026-03-02." in text


def test_each_code_is_unknown_until_somebody_says_what_it_means() -> None:
    text, profile = written(PRESS)
    (rule,) = (it for it in profile.rules if isinstance(it, CodeRule))
    assert rule.codes == {"2": "unknown", "6": "unknown"}
    assert "producing" not in text


def test_a_unit_that_nobody_told_is_said() -> None:
    text, profile = written(server(node_value("Press/Energy", 7.5, 8.25)))
    assert "no unit was told: taken as kWh" in text
    (rule,) = profile.rules
    assert isinstance(rule, NumberRule)


@pytest.mark.parametrize(
    "name",
    [
        *("Good\nsignals: {state: producing}", 'Good"}], x: [{"', "Good # no", "Good\x1b[2J"),
        *("良品 😀", "Good: {a}", "Nut/Bolt:&<x>", "Good\u2028Count", "- Good", "Good\x00Count"),
    ],
)  # fmt: skip
def test_no_name_breaks_the_file(name: str) -> None:
    """As a node, as a topic and as a metric: what is read is what was seen."""
    place = NodePlace((("urn:o", "Line"), ("urn:v", name)), (0, name, "GoodCount"))
    text, profile = written(server(replace(node_value("x", 1, 2), place=place, unit=name)))
    assert profile.inputs[0].sources[0].address.key.startswith("/{urn:o}Line/{urn:v}")
    assert profile.inputs[0].sources[0].field == (0, name, "GoodCount")
    assert yaml.safe_load(text)["signals"] == {"good_count": {"input": "good_count"}}
    assert all(line.isprintable() for line in text.split("\n"))
    text, profile = written(
        Seen("sparkplug-b", 1, [metric_value("g/n", f"{name}/GoodCount", 1, 2)])
    )
    assert profile.addresses[0].key == f"{name}/GoodCount"
    field = f"/{name.replace('~', '~0').replace('/', '~1')}/good_count"
    text, profile = written(broker(field_value("press/counts", field, 1, 2)))
    assert profile.addresses[0].key == f"counts#{field}"


def test_messages_have_their_topic_field_and_time() -> None:
    seen = broker(
        field_value("hall/press/counts", "/good", 5, 6),
        field_value("hall/press/meter/energy", "/kwh", "7,5", "8,25"),
        field_value("hall/press/state", "", "RUN", "HALT"),
    )
    times = {("hall/press/counts", ""): MessageTime("/ts", "ms", None, "time: the name says so")}
    text, profile = written(replace(seen, times=times))
    found = proposals(seen.values)
    assert (connection_topic(found), machine_name(found)) == ("hall/press", "press")
    assert '# topic: "hall/press"' in text
    addresses = {it.key: it for it in profile.addresses if isinstance(it, MqttAddress)}
    assert addresses.keys() == {"counts#/good", "meter/energy#/kwh", "state#"}
    counts = addresses["counts#/good"]
    assert (counts.time_field, counts.time_unit) == ("/ts", "ms")
    energy = next(it for it in profile.inputs if it.name == "energy")
    assert energy.sources[0].decimal_mark == ","
    assert "# its messages say no time" in text


def test_entries_of_lists_and_messages_that_are_texts() -> None:
    """As a gateway sends many tags, and as a device sends one bare word."""
    entry = ChosenEntry("/values", "id", 'Press."Good"')
    good = replace(field_value("x", "", 5, 6), place=TopicPlace("iot/gateway", "/v", entry))
    state = replace(field_value("iot/state", "", "RUN", "HALT"), kind=TEXT)
    energy = replace(field_value("iot/energy", "", "7,5", "8,5"), kind=TEXT)
    times = {("iot/gateway", "/values"): MessageTime("/t", "ms", None, "time: of the entry")}
    text, profile = written(replace(broker(good, state, energy), times=times))
    addresses = {it.key: it for it in profile.addresses if isinstance(it, MqttAddress)}
    chosen = addresses['gateway#/values[/id=Press."Good"]/v']
    assert (chosen.time_field, chosen.each) == ("/t", "/values")
    assert "# time: of the entry" in text
    assert addresses.keys() == {chosen.key, "state#text", "energy#text"}


def test_what_is_undecided_stands_at_the_top() -> None:
    values = [*PRESS.values, node_value("Other/Good", 5, 6)]
    text, _ = written(server(*values))
    assert "# Not decided: good_count may also be Other/Good." in text
    assert "    # or is it Other/Good?" in text
    assert text.index("Not decided") < text.index("name:")


def test_a_machine_that_names_itself() -> None:
    text, profile = written(replace(PRESS, vendor="Pressen GmbH", model='P7 "eco"'))
    assert (profile.name, profile.vendor) == ("draft/p7-eco", "Pressen GmbH")
    assert 'title: {en: "Pressen GmbH P7 \\"eco\\" (OPC UA)"}' in text


def test_columns_of_rows_are_read_as_such() -> None:
    rows = PayloadForm("csv", ";", header=True)
    values = [
        replace(it, place=replace(it.place, form=rows))
        for it in (
            field_value("hall/log", "/state", "2", "6", "2"),
            field_value("hall/log", "/good", "1203", "1204"),
        )
        if isinstance(it.place, TopicPlace)
    ]
    time = MessageTime("/at", "iso", None, "time: a text as in ISO 8601, with its offset")
    seen = Seen("mqtt-json", 10.0, values, times={("hall/log", ""): time})
    text, profile = written(seen)
    assert 'payload: csv, separator: ";", header: true, field: "/state"' in text
    state, good = profile.inputs
    assert isinstance(good.sources[0].address, MqttAddress)
    assert good.sources[0].address.form == rows
    assert good.sources[0].address.time_field == "/at"
    (codes,) = [it for it in profile.rules if isinstance(it, CodeRule)]
    assert codes.input == state.name
