"""The demo's plant file and grant files, written for the day on which the demo starts.

The texts are what an integrator and an officer would write by hand; they go through the same
readers. Dates follow `DemoDays`, so that on any day some milestones are met, some are at risk and
one cannot be proven.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date, timedelta
from importlib.resources import files
from string import Template

from domain.states import MachineState
from lineproof.demo.model.days import ZONE, DemoDays

PLANT = "harbour-noodles"
METER_TOPIC = "shelly/noodle-1"
SPARKPLUG_GROUP = "Harbour"
SPARKPLUG_HOST = "lineproof"  # for which the bagger's edge node waits
# What the codes of the machines that speak Sparkplug mean; 7 they tell and nobody explained.
STATE_CODES = {
    1: MachineState.PRODUCING,
    2: MachineState.STARVED,
    3: MachineState.STOPPED,
    4: MachineState.FAULT,
    5: MachineState.SETUP,
}
PROJECTS = ("NIFS-2026-008", "NIFS-2026-015", "NIFS-2026-021")
_GRANTS = dict(zip(PROJECTS, ("noodle-1", "noodle-2", "snacks"), strict=True))


@dataclass(frozen=True, slots=True)
class Addresses:
    """Where the machines are, and the file of the checkweigher's profile."""

    opcua_url: str
    mqtt_url: str
    profile: str


def plant_yaml(days: DemoDays, addresses: Addresses) -> str:
    """The plant file of the demo, with the addresses of its machines."""
    return _template("plant.yaml").substitute(
        plant=PLANT,
        zone=ZONE,
        overhaul=days.overhaul,
        orders_from=days.today - timedelta(days=6),
        orders_to=days.today + timedelta(days=14),
        opcua_url=addresses.opcua_url,
        mqtt_url=addresses.mqtt_url,
        meter_topic=METER_TOPIC,
        group=SPARKPLUG_GROUP,
        host=SPARKPLUG_HOST,
        state_codes=", ".join(f"{code}={state.value}" for code, state in STATE_CODES.items()),
        profile=json.dumps(addresses.profile),  # quoted as YAML reads it too
    )


def profile_yaml() -> str:
    """The profile of the checkweigher."""
    return _text("profile.yaml")


def grant_yamls(days: DemoDays) -> dict[str, str]:
    """The grant files of the demo's projects, by project."""
    named = _grant_days(days)
    return {
        project: _template(f"grant-{name}.yaml").substitute(named)
        for project, name in _GRANTS.items()
    }


def _grant_days(days: DemoDays) -> dict[str, str]:
    """What stands for days in the grant files, by name."""

    def day(offset: int) -> date:
        return days.today + timedelta(days=offset)

    named = {
        "approved": days.first - timedelta(days=60),
        "start": days.first,
        "end": day(640),
        "commission_due": day(-45),
        "acceptance_from": days.acceptance[0],
        "acceptance_to": days.acceptance[1],
        "acceptance_due": day(-20),
        "base_from": days.first,
        "base_to": days.first + timedelta(days=13),
        "energy_from": day(-14),
        "energy_to": day(15),
        "energy_due": day(20),
        "other_first": days.other_first,
        "second_approved": day(-75),
        "second_end": day(420),
        "second_commission_due": day(-12),
        "second_oee_due": day(25),
        "second_output_due": day(70),
        "third_approved": day(-70),
        "third_end": day(400),
        "sauce_from": days.sauce_acceptance[0],
        "sauce_to": days.sauce_acceptance[1],
        "sauce_due": day(4),
        "third_output_due": day(45),
        "third_training_due": day(10),
    }
    return {"plant": PLANT} | {name: it.isoformat() for name, it in named.items()}


def _template(name: str) -> Template:
    return Template(_text(name))


def _text(name: str) -> str:
    return files("lineproof.demo").joinpath(name).read_text(encoding="utf-8")
