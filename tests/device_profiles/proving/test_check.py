"""The level of a profile is computed from its recording and panel, and cannot be claimed."""

from __future__ import annotations

from pathlib import Path

import pytest
from own_profiles import own_profile, rewrite
from peers import require_shared_data

from device_profiles.proving.check import Level, check
from device_profiles.proving.panel import PANEL
from device_profiles.proving.recording import RECORDING


@pytest.fixture
def own(tmp_path: Path) -> Path:
    return own_profile(tmp_path)


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


def test_a_signal_that_the_recording_never_tells_makes_it_a_draft(own: Path) -> None:
    lines = (own / RECORDING).read_text(encoding="utf-8").splitlines()
    (own / RECORDING).write_text("\n".join(it for it in lines if "power" not in it))
    (own / PANEL).unlink()
    report = check(str(own))
    assert (report.level, report.silent, report.ok) == (Level.DRAFT, ("power",), False)


def test_a_wrong_code_table_is_found(tmp_path: Path) -> None:
    own = own_profile(tmp_path, "packml/opcua")
    rewrite(own / "profile.yaml", "    11: Held", "    11: Execute")
    wrong = [(it.signal, it.panel, it.decoded) for it in check(str(own)).mismatches]
    assert wrong == [("state", "stopped", "producing")]


def test_a_source_time_that_stands_still_is_not_believed() -> None:
    """Azure-Samples/iot-edge-opc-plc#403: six readings of ten minutes, all at one source time."""
    report = check(str(require_shared_data("field/opcua-frozen-source-time") / "profile.yaml"))
    assert (report.ok, report.compared, report.mismatches) == (True, 10, ())
    told = {"source time stands still while the value changes: the value stands at its receipt": 2}
    assert report.rejections == told
