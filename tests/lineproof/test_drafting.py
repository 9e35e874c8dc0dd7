"""Drafts as they are written: by a packaged profile where one fits, else by one of its own."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from seen_machines import broker, field_value, metric_value, node_value, server

from device_profiles.drafting.seen import NodePlace, Seen, SeenObject
from device_profiles.files.catalogue import load
from domain.errors import InputError
from lineproof.drafting import Wanted, drafted
from store.files.plant import read_plant

DAY = "2026-03-02"
PACKML, UA = "http://opcfoundation.org/UA/PackML/", "http://opcfoundation.org/UA/"
FILLER = ("urn:line", "Filler")


def wanted(tmp_path: Path, url: str = "opc.tcp://10.0.0.5:4840", *settings: str) -> Wanted:
    return Wanted(url, "", settings, 10.0, tmp_path, False, str(tmp_path / "press.yaml"))


def packml() -> Seen:
    paths = [
        ((PACKML, "Status"), (PACKML, "UnitModeCurrent")),
        ((PACKML, "BaseStateMachine"), (UA, "CurrentState")),
        ((PACKML, "Admin"), (PACKML, "MachDesignSpeed")),
    ]
    values = [replace(node_value("x", 90), place=NodePlace((FILLER, *it))) for it in paths]
    kind = frozenset({(PACKML, "PackMLBaseObjectType")})
    return Seen("opcua", 10.0, values, objects=[SeenObject((FILLER,), kind)])


def test_where_a_packaged_profile_fits_there_is_only_a_plant_file(tmp_path: Path) -> None:
    made = drafted(
        packml(), wanted(tmp_path, "opc.tcp://10.0.0.5:4840", "security=Basic256Sha256"), DAY
    )
    assert made.profile is None
    assert made.fit is not None
    (line,) = read_plant(made.plant, "plant.yaml").lines.values()
    machine = line.machines["filler"]
    assert machine.profile == "packml/opcua"
    assert machine.connection["security"] == "Basic256Sha256"
    assert line.ideal_cycle_time_s == pytest.approx(60 / 90, abs=1e-6)


def test_one_of_ones_own_on_request(tmp_path: Path) -> None:
    made = drafted(packml(), replace(wanted(tmp_path), own=True), DAY)
    assert made.profile is not None
    assert made.fit is None
    assert any("packml/opcua fits, too" in it for it in made.notes)


def test_a_machine_of_no_packaged_profile(tmp_path: Path) -> None:
    seen = server(node_value("Press/State", 2, 6, 2), node_value("Press/Good", 5, 6))
    made = drafted(seen, wanted(tmp_path), DAY)
    assert made.profile is not None
    path = tmp_path / "press.yaml"
    path.write_text(made.profile, encoding="utf-8")
    assert load(str(path)).signals == ("state", "good_count")
    (line,) = read_plant(made.plant, "plant.yaml").lines.values()
    assert line.machines["press"].profile == str(path)
    assert dict(line.machines["press"].connection) == {
        "url": "opc.tcp://10.0.0.5:4840",
        "security": "none",
    }


def test_a_topic_and_a_device_are_the_connections(tmp_path: Path) -> None:
    seen = broker(
        field_value("hall/press/a", "/state", "RUN"), field_value("hall/press/b", "/good", 1, 2)
    )
    made = drafted(seen, wanted(tmp_path, "mqtt://10.0.0.9"), DAY)
    (line,) = read_plant(made.plant, "plant.yaml").lines.values()
    assert dict(line.machines["press"].connection) == {
        "url": "mqtt://10.0.0.9",
        "topic": "hall/press",
    }
    metrics = [
        metric_value("plant/line/press", "State", 1),
        metric_value("plant/line/press", "Good", 1),
    ]
    made = drafted(Seen("sparkplug-b", 1, metrics), wanted(tmp_path, "mqtt://10.0.0.9"), DAY)
    (line,) = read_plant(made.plant, "plant.yaml").lines.values()
    (machine,) = line.machines.values()
    assert list(machine.connection.items()) == [
        *(("url", "mqtt://10.0.0.9"), ("group", "plant")),
        *(("node", "line"), ("device", "press")),
    ]


def test_where_nothing_can_be_proposed_it_is_said_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"could be told .* \(1 values; no count .*profile new"):
        drafted(server(node_value("Oil", 40.5)), wanted(tmp_path), DAY)
