"""The integrator: a machine of one's own, connected by files alone.

Two machines on one line's node: one by the packaged profile for plain OPC UA counters, one by a
profile of one's own that the plant file names by its path.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from command_line import Node, answer, lineproof, node
from live_machine import STATE_CODES, STOPPED, LiveMachine, live_machine
from opcua_server import VENDOR
from peers import wait_until

GENERIC = "generic/opcua-counters"
OWN_PROFILE = f"""
vendor: mine
name: mine/press
model: Press 7
protocol: opcua
documentation: [https://example.org/press]
recorded_from: nothing yet
title: {{en: Press 7, zh-Hant: 沖床 7, zh-Hans: 冲床 7}}
namespaces: {{v: "{VENDOR}"}}
tables:
  states: {{2: halted, 6: running}}
inputs:
  state: {{sources: [{{path: ["v:Counters", "v:State"], table: states}}]}}
  strokes: {{sources: [{{path: ["v:Counters", "v:Total"]}}]}}
signals:
  state: {{input: state, codes: {{halted: stopped, running: producing}}}}
  total_count: {{input: strokes, factor: 2}}
"""
PLANT = """
plant: workshop
company: {{name: {{en: Workshop Ltd}}}}
lines:
  packer:
    ideal_cycle_time_s: 0.2
    machines:
      packer:
        profile: generic/opcua-counters
        connection: {{url: "{url}", security: none}}
        parameters:
          state: "{state}"
          state_codes: "{codes}"
          total_count: "{total_count}"
          good_count: "{good_count}"
          stop_reason: "{stop_reason}"
    roles: {{state: packer, stop_reason: packer, total_count: packer, good_count: packer}}
  press:
    ideal_cycle_time_s: 0.1
    machines:
      press: {{profile: "{profile}", connection: {{url: "{url}", security: none}}}}
    roles: {{state: press, total_count: press}}
"""


@dataclass(frozen=True)
class Workshop:
    machine: LiveMachine
    running: Node
    profile: Path

    def live(self, line: str) -> Any:
        return self.running.get(f"lines/{line}")


@pytest.fixture(scope="module")
def workshop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workshop]:
    folder = tmp_path_factory.mktemp("workshop")
    profile, plant = folder / "press" / "profile.yaml", folder / "plant.yaml"
    profile.parent.mkdir()
    profile.write_text(OWN_PROFILE)
    with live_machine() as machine:
        addresses = {**machine.addresses, "codes": STATE_CODES, "profile": profile}
        plant.write_text(PLANT.format(url=machine.url, **addresses))
        with node(folder / "data", plant) as running:
            yield Workshop(machine, running, profile)


def test_the_profile_for_plain_counters_explains_itself() -> None:
    names = {row["profile"] for row in answer("profile", "list")}
    assert GENERIC in names
    shown = answer("profile", "show", GENERIC)
    assert {"state", "state_codes", "total_count", "good_count"} <= set(shown["parameters"])
    assert "total_count" in lineproof("profile", "show", GENERIC).output
    checked = answer("profile", "check", GENERIC)
    assert checked["ok"]
    assert checked["compared"] > 0
    assert checked["mismatches"] == []


def test_a_profile_of_ones_own_is_a_draft_until_it_is_recorded(workshop: Workshop) -> None:
    shown = answer("profile", "show", workshop.profile)
    assert shown["level"] == "draft"
    assert set(shown["signals"]) == {"state", "total_count"}
    checked = answer("profile", "check", workshop.profile)
    assert checked["level"] == "draft"


def test_counts_are_seen_within_seconds(workshop: Workshop) -> None:
    def counted() -> bool:
        live = workshop.live("packer")
        return live["state"] == "producing" and (live["total_counter"] or 0) > 0

    wait_until(counted, "the machine's counts on the API", timeout_s=60)
    first = workshop.live("packer")["total_counter"]
    wait_until(lambda: workshop.live("packer")["total_counter"] > first, "more items")
    assert workshop.live("packer")["total_counter"] <= workshop.machine.made
    assert not workshop.live("packer")["stale"]


def test_a_profile_by_its_path_counts_by_its_own_rules(workshop: Workshop) -> None:
    """Each stroke of the press makes two items."""
    wait_until(lambda: (workshop.live("press")["total_counter"] or 0) > 2, "strokes", timeout_s=60)
    live = workshop.live("press")
    assert live["state"] == "producing"
    assert live["total_counter"] % 2 == 0


def test_a_stop_is_seen_with_its_reason_and_the_totals_are_the_machines_own(
    workshop: Workshop,
) -> None:
    machine = workshop.machine
    wait_until(lambda: machine.made > 20, "items")
    wait_until(lambda: workshop.live("packer")["state"] == "producing", "it runs", timeout_s=60)
    machine.turn(STOPPED, "no film")
    wait_until(lambda: workshop.live("packer")["state"] == "stopped", "the stop", timeout_s=60)
    made = machine.made
    wait_until(
        lambda: workshop.live("packer")["total_counter"] == made, "the last item", timeout_s=60
    )
    live = workshop.live("packer")
    assert live["reason"] == "no film"
    assert live["state"] == "stopped"
    wait_until(
        lambda: workshop.live("press")["total_counter"] == 2 * made, "both tell", timeout_s=60
    )
    assert workshop.live("press")["state"] == "stopped"


def test_the_file_that_runs_is_checked_once_more_by_apply(
    workshop: Workshop, tmp_path: Path
) -> None:
    """Idempotent: the plant of the running node, applied to a folder twice."""
    plant = workshop.profile.parent.parent / "plant.yaml"
    first = lineproof("apply", "-f", plant, "--data", tmp_path / "data")
    assert "packer" in first.output
    assert answer("apply", "-f", plant, "--data", tmp_path / "data") != first.output
