"""Rules of alerts in plant.yaml: what they become, and what is refused."""

from __future__ import annotations

from datetime import time
from pathlib import Path

import pytest
import spoilt

from domain.alerts import AlertKind, AlertRules, QuietTime
from domain.errors import InputError
from store.files.plant import read_plant
from store.registry.change_sentences import plant_changes

FULL = (Path(__file__).parent / "examples" / "full-plant.yaml").read_text(encoding="utf-8")
ALERTS = """
    alerts:
      stopped_longer_than_s: 600
      no_data_for_s: 120
      oee_under: 0.5
      energy_over_kwh: 400
      control_chart_out: true
      quiet:
        - {shift: N}
        - {from: "12:00", to: "24:00"}
"""
ENERGY = "state: filler, energy: filler"
WITH_ALERTS = spoilt.changed(FULL, "\n    measurements:", f"{ALERTS}    measurements:").replace(
    "state: filler", ENERGY, 1
)


def test_rules_have_limits_and_quiet_times() -> None:
    assert read_plant(FULL, "p").lines["filler-1"].alerts == AlertRules()
    rules = read_plant(WITH_ALERTS, "p").lines["filler-1"].alerts
    assert rules.limits == {
        AlertKind.STOPPED: 600,
        AlertKind.NO_DATA: 120,
        AlertKind.OEE: 0.5,
        AlertKind.ENERGY: 400,
        AlertKind.CONTROL_CHART: 1,
    }
    assert rules.quiet == (QuietTime("N"), QuietTime(start=time(12), end=time(0)))


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("stopped_longer_than_s: 600", "stopped_longer_than_s: 5", "greater than or equal to 60"),
        ("stopped_longer_than_s", "stoped_longer_than_s", "stopped_longer_than_s"),
        ("oee_under: 0.5", "oee_under: 50", "less than or equal to 1"),
        (f"roles: {{{ENERGY}", "roles: {state: filler", "no machine has the role 'energy'"),
        ("{shift: N}", "{shift: M}", "the shift 'M' is not one of the line's calendar"),
        ("{shift: N}", '{shift: N, from: "07:00"}', "give either a shift"),
        ("{shift: N}", '{from: "07:00"}', "give either a shift"),
        ("{shift: N}", "{}", "give either a shift"),
        ('to: "24:00"', 'to: "25:00"', "'25:00' is not a time of day"),
    ],
)
def test_what_no_rule_can_be_is_refused(old: str, new: str, says: str) -> None:
    with pytest.raises(InputError, match=r"lines\.filler-1") as refused:
        read_plant(spoilt.changed(WITH_ALERTS, old, new), "p")
    assert says in str(refused.value)


def test_a_line_without_measurements_has_no_control_chart() -> None:
    plain = (Path(__file__).parent / "examples" / "plant.yaml").read_text(encoding="utf-8")
    text = spoilt.changed(plain, "minor_stop_s: 120", "alerts: {control_chart_out: true}")
    with pytest.raises(InputError, match="the line has no measurements"):
        read_plant(text, "p")


def test_what_changed_in_the_rules_is_told() -> None:
    old, new = (read_plant(it, "p") for it in (WITH_ALERTS, WITH_ALERTS.replace("600", "900")))
    assert plant_changes(old, new) == ["line filler-1: alerts changed"]
