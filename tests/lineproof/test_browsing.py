"""`profile browse`: what is there, or a sentence why it cannot be looked at."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from mqtt_broker import mqtt_broker
from typer.testing import CliRunner

from domain.errors import InputError
from lineproof.browsing import look_at
from lineproof.cli.commands.profiles import app


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


def test_people_see_a_table_and_programs_json(tmp_path: Path) -> None:
    run = CliRunner()
    with mqtt_broker(tmp_path) as broker:
        broker.publish("press/temp", "81.5", retain=True)
        listen = ["browse", broker.url, "--seconds", "0.5"]
        told = run.invoke(app, [*listen, "--json"])
        assert json.loads(told.stdout) == [
            {
                "address": "press/temp", "field": "", "kind": "number", "unit": "",
                "example": "81.5", "per_s": 0.0, "problem": "",
            }
        ]  # fmt: skip
        shown = run.invoke(app, [*listen, "--below", "press"])
        assert "press/temp" in shown.stdout
        nothing = run.invoke(app, [*listen, "--below", "none"])
        assert (nothing.exit_code, "Nothing is there." in nothing.stderr) == (0, True)
