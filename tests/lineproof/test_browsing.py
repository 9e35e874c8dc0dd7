"""`profile browse`: what is there, or a sentence why it cannot be looked at."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from command_line import Outcome, lineproof, run
from longer import TIMES_S
from mqtt_broker import MqttBroker, mqtt_broker

from domain.errors import InputError
from lineproof.browsing import look_at


@pytest.mark.parametrize(
    ("url", "settings", "says"),
    [
        ("http://x", [], "Begin it with opc.tcp://"),
        ("opc.tcp://x", [], "not the address of an OPC UA server"),
        ("opc.tcp://x:1", ["user"], "'user' is no setting"),
        ("opc.tcp://x:1", ["=x"], "'=x' is no setting"),
        ("mqtt://x", ["security=none"], "unknown setting 'security'"),
    ],
)
def test_what_cannot_be_used_is_said_before_anything_is_asked(
    tmp_path: Path, url: str, settings: list[str], says: str
) -> None:
    with pytest.raises(InputError, match=says):
        look_at(url, "", settings, 1.0, tmp_path)
    assert list(tmp_path.iterdir()) == []


@pytest.fixture(scope="module")
def broker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[MqttBroker]:
    with mqtt_broker(tmp_path_factory.mktemp("broker")) as running:
        running.publish("press/temp", "81.5", retain=True)
        yield running


@contextlib.contextmanager
def telling(broker: MqttBroker) -> Iterator[None]:
    """A meter that tells its power again and again: what is retained is no news."""
    end = threading.Event()

    def tell() -> None:
        while not end.wait(0.1):
            broker.publish("shelly/a/status/em:0", '{"id": 0, "total_act_power": 12.5}')

    meter = threading.Thread(target=tell)
    meter.start()
    try:
        yield
    finally:
        end.set()
        meter.join()


def until(is_right: Callable[[Outcome], bool], *command: str) -> Outcome:
    """The command, which listens for longer each time: on a busy machine things come late."""
    for seconds in TIMES_S:
        outcome = run(*command, "--seconds", str(seconds))
        if is_right(outcome):
            break
    return outcome


def test_people_see_a_table_and_programs_json(broker: MqttBroker) -> None:
    browse = ("profile", "browse", broker.url, "--below")
    told = until(lambda it: bool(it.json), *browse, "press", "--json")
    assert told.json == [
        {
            "address": "press/temp", "field": "", "kind": "number", "unit": "",
            "example": "81.5", "per_s": 0.0, "problem": "",
        }
    ]  # fmt: skip
    shown = until(lambda it: "81.5" in it.output, *browse, "press")
    assert "press/temp" in shown.output
    assert "Nothing is there." in lineproof(*browse, "none", "--seconds", "0.5").errors


def test_a_profile_is_tried_and_what_is_wrong_is_the_exit(broker: MqttBroker) -> None:
    given = ("profile", "try", broker.url, "shelly/pro3em-mqtt", "--setting")
    with telling(broker):
        right = until(lambda it: '"0.0125"' in it.output, *given, "topic=shelly/a", "--json")
    wrong = until(lambda it: "nothing came" in it.output, *given, "topic=shelly/b")
    values = {it["signal"]: it["value"] for it in right.json["signals"]}
    assert values["power"] == "0.0125"
    assert "What the profile makes of it" in wrong.output
    assert "Wrong: nothing came from the machine" in wrong.output
    assert wrong.status == 1
    assert "does not fit this machine (1 faults)" in wrong.errors
