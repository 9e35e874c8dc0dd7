"""`profile check` says all that is wrong, and `profile show` what is missing for the next level."""

from __future__ import annotations

from pathlib import Path

from command_line import answer, lineproof, run
from own_profiles import own_profile, rewrite

from device_profiles.proving.recording import RECORDING


def test_everything_that_is_wrong_with_a_file_is_said_at_once(tmp_path: Path) -> None:
    own = own_profile(tmp_path)
    rewrite(own / "profile.yaml", "unit: Wh", "unit: Whh")
    rewrite(own / "profile.yaml", "vendor:", "vender:")
    told = run("profile", "check", own)
    assert told.status == 2
    said = [line for line in told.output.splitlines() if line.startswith("Wrong: ")]
    assert len(said) >= 3
    assert any("'vender': unknown key. Did you mean 'vendor'?" in line for line in said)
    assert any("'Whh'" in line for line in said)
    assert f"{len(said)} things are wrong with the profile" in told.errors
    assert run("profile", "check", own, "--json").json["faults"] == [
        line.removeprefix("Wrong: ") for line in said
    ]


def test_what_the_recording_shows_to_be_wrong_fails_the_check(tmp_path: Path) -> None:
    own = own_profile(tmp_path)
    rewrite(own / RECORDING, "182257.9", "182100.0")
    told = run("profile", "check", own)
    assert told.status == 1
    assert "Wrong: 'energy' falls from 182.21 to 182.1 at " in told.output.replace("\n", " ")
    assert "is not right" in told.errors


def test_why_a_profile_has_no_higher_level_is_shown() -> None:
    why = ["the machine is simulated, so it has no panel of its own"]
    assert answer("profile", "show", "shelly/pro3em-mqtt")["for_the_next_level"] == why
    shown = lineproof("profile", "show", "shelly/pro3em-mqtt").output
    assert f"For the next level: {why[0]}." in shown
    assert "See https://" in shown
