"""The level of a profile is computed from its recording and panel, and cannot be claimed."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from peers import require_shared_data

from device_profiles.check import (
    PANEL,
    RECORDING,
    Level,
    Mismatch,
    check,
    read_recording,
    recording_lines,
)
from device_profiles.files.catalogue import PACKAGED
from domain.errors import InputError


@pytest.fixture
def own(tmp_path: Path) -> Path:
    """A copy of the packaged meter that a test may spoil."""
    target = tmp_path / "meter"
    shutil.copytree(PACKAGED / "shelly/pro3em-mqtt", target)
    return target


def rewrite(path: Path, old: str, new: str, count: int = -1) -> None:
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, count), encoding="utf-8")


def test_without_a_recording_it_is_a_draft(own: Path) -> None:
    (own / RECORDING).unlink()
    report = check(str(own))
    assert (report.level, report.readings, report.ok) == (Level.DRAFT, 0, True)


def test_without_a_panel_it_is_recorded(own: Path) -> None:
    (own / PANEL).unlink()
    report = check(str(own))
    assert (report.level, report.compared, report.ok) == (Level.RECORDED, 0, True)


def test_a_real_machines_panel_for_every_signal_verifies(own: Path) -> None:
    rewrite(own / PANEL, "simulated: true", "simulated: false")
    assert check(str(own)).level is Level.PANEL_VERIFIED


def test_a_panel_that_is_silent_on_a_signal_does_not_verify(own: Path) -> None:
    rewrite(own / PANEL, "simulated: true", "simulated: false")
    lines = (own / PANEL).read_text(encoding="utf-8").splitlines()
    kept = [line for line in lines if "power:" not in line]
    (own / PANEL).write_text("\n".join(kept), encoding="utf-8")
    report = check(str(own))
    assert (report.level, report.unseen) == (Level.RECORDED, ("power",))


@pytest.mark.parametrize(
    ("old", "new"), [("unit: Wh", "unit: MWh"), ("unit: W}", "unit: W, factor: -1}")]
)
def test_a_wrong_scale_or_sign_is_found(own: Path, old: str, new: str) -> None:
    rewrite(own / "profile.yaml", old, new)
    report = check(str(own))
    assert (report.level, report.ok) == (Level.DRAFT, False)
    assert report.mismatches


def test_a_mismatch_says_when_what_and_both_values(own: Path) -> None:
    rewrite(own / PANEL, "power: 2.8516", "power: 3.0")
    (found,) = check(str(own)).mismatches
    assert isinstance(found, Mismatch)
    assert (found.signal, found.panel, found.decoded) == ("power", 3.0, 2.8516)


def test_a_signal_that_the_recording_never_tells_makes_it_a_draft(own: Path) -> None:
    lines = (own / RECORDING).read_text(encoding="utf-8").splitlines()
    (own / RECORDING).write_text("\n".join(it for it in lines if "power" not in it))
    (own / PANEL).unlink()
    report = check(str(own))
    assert (report.level, report.silent, report.ok) == (Level.DRAFT, ("power",), False)


def test_a_wrong_code_table_is_found(tmp_path: Path) -> None:
    own = tmp_path / "machine"
    shutil.copytree(PACKAGED / "packml/opcua", own)
    rewrite(own / "profile.yaml", "    11: Held", "    11: Execute")
    wrong = [(it.signal, it.panel, it.decoded) for it in check(str(own)).mismatches]
    assert wrong == [("state", "stopped", "producing")]


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ('{"address": "x"}', "line 2: not a line of a recording (KeyError: 'value')"),
        ("{", "line 2: not a line of a recording (JSONDecodeError"),
        ("[]", "line 2: not a line of a recording (TypeError"),
    ],
)
def test_a_line_that_is_no_reading_is_named(own: Path, line: str, message: str) -> None:
    lines = (own / RECORDING).read_text(encoding="utf-8").splitlines()
    (own / RECORDING).write_text("\n".join([lines[0], line]), encoding="utf-8")
    with pytest.raises(InputError) as caught:
        check(str(own))
    assert message in str(caught.value)


def test_a_time_without_offset_is_refused(own: Path) -> None:
    rewrite(own / RECORDING, "+00:00", "", 1)
    with pytest.raises(InputError, match="has no offset"):
        check(str(own))


def test_a_panel_with_a_wrong_key_is_named_with_its_line(own: Path) -> None:
    rewrite(own / PANEL, "simulated: true", "simulatet: true")
    with pytest.raises(InputError, match=r"panel\.yaml, line 2: field 'simulatet': unknown key"):
        check(str(own))


def test_a_recording_is_written_as_it_is_read() -> None:
    path = PACKAGED / "packml/opcua" / RECORDING
    recording = read_recording(path)
    assert recording is not None
    lines = list(recording_lines(recording.parameters, recording.readings))
    assert [json.loads(line) for line in lines] == [
        json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()
    ]


def test_a_source_time_that_stands_still_is_not_believed() -> None:
    """Azure-Samples/iot-edge-opc-plc#403: six readings of ten minutes, all at one source time."""
    report = check(str(require_shared_data("field/opcua-frozen-source-time") / "profile.yaml"))
    assert (report.ok, report.compared, report.mismatches) == (True, 10, ())
    told = {"source time stands still while the value changes: the value stands at its receipt": 2}
    assert report.rejections == told
