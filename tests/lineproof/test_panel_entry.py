"""`profile accept`: the panel's readings are kept beside the recording and compared at once."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from own_profiles import own_profile
from typer.testing import CliRunner

from device_profiles.proving.panel import PANEL, read_panel
from device_profiles.proving.recording import RECORDING, read_recording
from device_profiles.proving.typed_reading import typed_reading
from domain.errors import InputError, LineproofError
from lineproof.cli.main import app
from lineproof.panel_entry import Accepted, PanelEntry


@pytest.fixture
def own(tmp_path: Path) -> Path:
    """A meter with a recording that nobody has looked at yet."""
    folder = own_profile(tmp_path)
    (folder / PANEL).unlink()
    return folder


def arrival(folder: Path, index: int = -1) -> datetime:
    recording = read_recording(folder / RECORDING)
    assert recording is not None
    return recording.readings[index].received


def accept(folder: Path, text: str, at: datetime, **more: Any) -> Accepted:
    entry = PanelEntry(str(folder))
    given = {"within_s": 0.0, "read_by": "Chan", "is_simulated": False} | more
    return entry.accept(typed_reading(text, entry.profile.signals), at, **given)


def test_readings_are_kept_and_compared_whether_they_agree_or_not(own: Path) -> None:
    at = arrival(own)
    first = accept(own, "power=0W energy=182.258", at)
    assert first.mismatches == ()
    second = accept(own, "power=1.5", at, read_by="Lee")
    assert [(it.signal, it.panel, it.decoded) for it in second.mismatches] == [("power", 1.5, 0.0)]
    panel = read_panel(own / PANEL)
    assert panel is not None
    assert (panel.read_by, panel.simulated) == ("Chan", False)
    assert [it.read_by for it in panel.readings] == [None, "Lee"]
    assert [it.shows for it in panel.readings] == [
        {"power": 0.0, "energy": 182.258},
        {"power": 1.5},
    ]
    assert panel.readings[0].steps == {"power": 0.001, "energy": 0.001}


def test_what_a_person_wrote_into_the_file_stays(own: Path) -> None:
    at = arrival(own).isoformat()
    written = (
        "# read with a torch\nread_by: Chan\nsimulated: false\nreadings:\n"
        f"  - {{time: '{at}', shows: {{power: 0}}}}  # at last\n"
    )
    (own / PANEL).write_text(written)
    accept(own, "energy=182.258", arrival(own))
    text = (own / PANEL).read_text()
    assert text.startswith(written)
    (own / PANEL).write_text(f"{text}\n# the end\nx: 1\n")
    with pytest.raises(InputError, match="unknown key"):
        accept(own, "power=0", arrival(own))
    (own / PANEL).write_text(f"readings: [{{time: '{at}', shows: {{power: 0}}}}]\n"
                             "simulated: false\nread_by: Chan\n")  # fmt: skip
    accept(own, "energy=182.258", arrival(own))
    panel = read_panel(own / PANEL)
    assert panel is not None
    assert len(panel.readings) == 2


def test_what_cannot_be_accepted_is_refused_and_nothing_is_kept(own: Path) -> None:
    early, late = arrival(own, 0) - timedelta(seconds=1), arrival(own) + timedelta(seconds=1)
    for at in (early, late, datetime.now(UTC) + timedelta(hours=1)):
        with pytest.raises(InputError, match="lies outside of the recording"):
            accept(own, "power=0", at)
    assert not (own / PANEL).exists()
    accept(own, "power=0", arrival(own))
    with pytest.raises(InputError, match="the readings before were of a real machine"):
        accept(own, "power=0", arrival(own), is_simulated=True)
    (own / RECORDING).unlink()
    with pytest.raises(LineproofError, match="there is no recording to compare with"):
        PanelEntry(str(own))


def test_what_was_replaced_in_the_recording_is_not_kept_by_the_panel_either(tmp_path: Path) -> None:
    own = own_profile(tmp_path, "machinetool/opcua")
    (own / PANEL).unlink()
    recording = own / RECORDING
    recording.write_text(recording.read_text().replace("M-0815", "serial-1"))
    with pytest.raises(InputError, match="has pseudonyms for 'serial_number'"):
        accept(own, "serial_number=M-0815", arrival(own))
    assert not (own / PANEL).exists()
    assert accept(own, "serial_number=serial-1", arrival(own)).mismatches == ()


def test_two_who_type_at_once_lose_nothing(own: Path) -> None:
    at = arrival(own)
    both = [threading.Thread(target=accept, args=(own, f"power={it}", at)) for it in range(8)]
    for it in both:
        it.start()
    for it in both:
        it.join()
    panel = read_panel(own / PANEL)
    assert panel is not None
    assert sorted(it.shows["power"] for it in panel.readings) == list(range(8))


def ask(folder: Path, *words: str, typed: str = "") -> tuple[int, str]:
    outcome = CliRunner().invoke(app, ["profile", "accept", str(folder), *words], input=typed)
    error = "" if isinstance(outcome.exception, SystemExit | None) else str(outcome.exception)
    return outcome.exit_code, outcome.output + error


def test_a_person_is_asked_signal_by_signal(own: Path) -> None:
    lines = (own / RECORDING).read_text().splitlines()
    begin = arrival(own, 0).isoformat()
    end = (datetime.now(UTC) + timedelta(hours=1)).isoformat()
    head = f'{{"recording": 1, "parameters": {{}}, "from": "{begin}", "until": "{end}"}}'
    (own / RECORDING).write_text("\n".join([head, *lines[1:]]))
    typed = "Chan, at the meter\nn\n" + "\nmuch\n182.258 kWh\n\n" + "\n\n0\nq\n"
    status, told = ask(own, typed=typed)
    assert status == 0, told
    assert "'much' of 'energy' is no number" in told
    panel = read_panel(own / PANEL)
    assert panel is not None
    assert (panel.read_by, panel.simulated) == ("Chan, at the meter", False)
    assert [it.shows for it in panel.readings] == [{"energy": 182.258}, {"power": 0.0}]


def test_a_script_says_all_of_it_or_is_refused(own: Path) -> None:
    reading = ("--reading", "power=1.5 energy=182.258")
    at = ("--at", arrival(own).isoformat())
    for words, says in (
        ((), "nobody is named who read the panel"),
        (("--read-by", "Chan"), "nothing is said of whether the machine is simulated"),
        (("--read-by", "Chan", "--at", "2026-11-29T09:00"), "is no time with an offset"),
    ):
        status, told = ask(own, *reading, *(() if "--at" in words else at), *words)
        assert status != 0
        assert says in told
    status, told = ask(own, *reading, *at, "--read-by", "Chan", "--simulated", "--within", "0")
    assert status != 0
    assert "the recording differs from the panel (1 values)" in told
    panel = read_panel(own / PANEL)
    assert panel is not None
    assert panel.simulated
