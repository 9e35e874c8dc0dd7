"""The plant file of a machine that was looked at: it loads, and guesses no plan."""

from __future__ import annotations

from dataclasses import replace

import pytest
from seen_machines import node_value

from device_profiles.drafting.fitting import Fit
from device_profiles.drafting.plant_text import (
    MachineEntry,
    ideal_of_fit,
    ideal_of_proposals,
    pace_of,
    plant_text,
)
from device_profiles.drafting.proposing import proposals
from device_profiles.files.catalogue import load
from domain.yaml_text import load_yaml
from store.files.plant import read_plant

ENTRY = MachineEntry(
    name="Filler 7\nx: y",
    profile="packml/opcua",
    connection={"url": "opc.tcp://10.0.0.5:4840", "security": "none"},
    parameters={"unit": 'Filler "7"'},
    signals=("state", "total_count", "speed"),
    why="'Filler 7\nx: y' is of a type",
)


def test_a_machine_with_a_state_is_a_line_that_loads() -> None:
    plant = read_plant(plant_text(ENTRY), "plant.yaml")
    (line,) = plant.lines.values()
    (machine,) = line.machines.values()
    assert (machine.id, machine.profile) == ("filler-7-x-y", "packml/opcua")
    assert machine.connection["url"] == "opc.tcp://10.0.0.5:4840"
    assert machine.parameters == {"unit": 'Filler "7"'}
    assert line.roles == {"state": machine.id, "total_count": machine.id}
    assert line.ideal_cycle_time_s is None


def test_a_planned_cycle_time_comes_from_the_machine_or_is_left_to_people() -> None:
    told = replace(ENTRY, ideal=(0.5, "the machine says so"))
    (line,) = read_plant(plant_text(told), "plant.yaml").lines.values()
    assert line.ideal_cycle_time_s == 0.5
    seen = plant_text(replace(ENTRY, pace_s=0.25))
    assert (
        "# ideal_cycle_time_s: 1  # fill in: seconds planned for one item; it took 0.25 s" in seen
    )


def test_a_meter_is_an_entry_for_a_plant_file_that_is_there() -> None:
    text = plant_text(replace(ENTRY, signals=("energy",)))
    assert load_yaml(text, "f")[0].keys() == {"filler-7-x-y"}
    assert "into its `roles`: {energy: filler-7-x-y}" in text


def test_a_password_is_not_written_down() -> None:
    secret = {**ENTRY.connection, "user": "line", "password": "correct horse"}
    text = plant_text(replace(ENTRY, connection=secret))
    assert "correct horse" not in text
    assert "# password_file:" in text
    assert 'user: "line"' in text


def test_the_cycle_time_of_the_speed_that_a_machine_was_designed_for() -> None:
    found = proposals([node_value("Press/DesignSpeed", 120.0, unit="pcs/min")])
    assert ideal_of_proposals(found) == (
        0.5,
        "the machine says that it was designed for 120 a minute",
    )
    for other in (
        node_value("Press/DesignSpeed", 120.0),
        node_value("Press/DesignSpeed", 0.0, unit="pcs/min"),
    ):
        assert ideal_of_proposals(proposals([other])) is None


@pytest.mark.parametrize(("speed", "ideal"), [(60.0, 1.0), (0.0, None), (-5.0, None)])
def test_the_same_of_a_packaged_profile(speed: float, ideal: float | None) -> None:
    values = {"design_speed": node_value("MachDesignSpeed", speed)}
    fit = Fit(load("packml/opcua"), values, ("ideal_speed",), (), {}, "", "Filler", "")
    found = ideal_of_fit(fit)
    assert (None if found is None else found[0]) == ideal
    assert ideal_of_fit(replace(fit, values={})) is None


def test_the_pace_of_a_counter() -> None:
    assert pace_of({"good_count": node_value("Good", 5, 6, 6, 9)}) == 1.5 / 4
    assert pace_of({"good_count": node_value("Good", 5)}) is None
    assert pace_of({}) is None
