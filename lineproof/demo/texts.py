"""The demo's plant file and grant file, written for the day on which the demo starts.

The texts are what an integrator and an officer would write by hand; they go through the same
readers. Dates follow `DemoDays`, so that on any day one milestone is met, one at risk and one
cannot be proven.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date, timedelta
from importlib.resources import files
from string import Template

from lineproof.demo.model.days import ZONE, DemoDays

PLANT = "harbour-noodles"
LINE = "noodle-1"
PROJECT = "NIFS-2026-008"


@dataclass(frozen=True, slots=True)
class Addresses:
    """Where the machines are, and the file of the checkweigher's profile."""

    opcua_url: str
    mqtt_url: str
    topic: str
    profile: str


def plant_yaml(days: DemoDays, addresses: Addresses) -> str:
    """The plant file of the demo, with the addresses of its machines."""
    return _template("plant.yaml").substitute(
        plant=PLANT,
        zone=ZONE,
        line=LINE,
        overhaul=days.overhaul,
        opcua_url=addresses.opcua_url,
        mqtt_url=addresses.mqtt_url,
        topic=addresses.topic,
        profile=json.dumps(addresses.profile),  # quoted as YAML reads it too
    )


def profile_yaml() -> str:
    """The profile of the checkweigher."""
    return _text("profile.yaml")


def grant_yaml(days: DemoDays) -> str:
    """The grant file of the demo's one project."""

    def day(offset: int) -> date:
        return days.today + timedelta(days=offset)

    window_from, window_to = days.gap_window
    return _template("grant.yaml").substitute(
        project=PROJECT,
        plant=PLANT,
        line=LINE,
        approved=days.first - timedelta(days=60),
        start=days.first,
        end=day(640),
        commission_due=day(-75),
        gap_from=window_from,
        gap_to=window_to,
        gap_due=day(-20),
        base_from=days.first,
        base_to=days.first + timedelta(days=13),
        energy_from=day(-14),
        energy_to=day(15),
        energy_due=day(20),
    )


def _template(name: str) -> Template:
    return Template(_text(name))


def _text(name: str) -> str:
    return files("lineproof.demo").joinpath(name).read_text(encoding="utf-8")
