"""`profile draft` and `profile new` as people type them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from command_line import lineproof, refused, run
from mqtt_broker import MqttBroker, mqtt_broker


@pytest.fixture(scope="module")
def broker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[MqttBroker]:
    with mqtt_broker(tmp_path_factory.mktemp("broker")) as running:
        said = '{"Gutteile": 5, "Zustand": 3, "Zeit": "2026-03-02T04:00:00Z"}'
        running.publish("werk/presse", said, retain=True)
        yield running


def test_from_an_address_to_a_profile_that_loads(broker: MqttBroker, tmp_path: Path) -> None:
    profile, plant = tmp_path / "presse.yaml", tmp_path / "plant.yaml"
    for seconds in ("1", "8", "40"):  # on a busy machine things come late
        told = run(
            *("profile", "draft", broker.url, "-o", profile, "--plant", plant),
            *("--below", "werk", "--seconds", seconds, "--force"),
        )
        if told.status == 0:
            break
    assert told.status == 0, told.errors
    assert "werk/presse/Gutteile" in told.output
    assert "Ask the vendor: What does each code of state mean" in told.output
    assert f"profile try {broker.url} {profile} --setting topic=werk" in told.output
    assert lineproof("profile", "check", profile, "--json").json["level"] == "draft"
    assert "profile: " in plant.read_text()
    arguments = ("profile", "draft", broker.url, "--below", "werk", "--seconds", seconds)
    found = lineproof(*arguments, "-o", profile, "--force", "--json").json
    by_signal = {it["signal"]: it for it in found["proposed"]}
    assert by_signal["good_count"]["from"] == "werk/presse/Gutteile"
    assert by_signal["state"]["codes"] == [{"code": "3", "text": "", "seen": True}]
    assert found["written"] == [f"Written: the profile, {profile}"]
    assert found["next"] in told.output.replace("\n", " ")
    again = refused("profile", "draft", broker.url, "-o", profile)
    assert "there is a file already" in again
    assert "--force" in again


def test_nothing_is_written_where_nothing_is_there(broker: MqttBroker, tmp_path: Path) -> None:
    out = tmp_path / "x.yaml"
    said = refused("profile", "draft", broker.url, "-o", out, "--below", "no", "--seconds", "0.2")
    assert "lineproof profile new" in said
    assert not out.exists()


def test_a_new_profile_loads(tmp_path: Path) -> None:
    out = tmp_path / "press.yaml"
    told = lineproof("profile", "new", "acme/press-7", "--protocol", "mqtt-json", "-o", out)
    assert f"lineproof profile check {out}" in told.output
    assert lineproof("profile", "show", out, "--json").json["profile"] == "acme/press-7"
    assert "there is a file already" in refused("profile", "new", "x", "-o", out)
    assert "cannot be written" in refused("profile", "new", "x", "-o", tmp_path / "no" / "x.yaml")
    assert "unknown protocol" in refused("profile", "new", "x", "--protocol", "s7", "-o", out)
