"""The digest of what a line's facts depend on."""

from __future__ import annotations

from dataclasses import replace

from plants import calendar, plant, shift

from analytics.facts.line_digest import line_digest
from domain.alerts import AlertKind, AlertRules

PLANS = [
    None,
    calendar(shift("A", "06:30", "14:00", ("07:10", "07:40"))),
    calendar(shift("N", "22:00", "06:45"), shift("A", "06:45", "07:30")),
]


def test_the_digest_names_what_the_facts_depend_on_and_nothing_else() -> None:
    one = plant(PLANS[1])
    renamed = replace(one, lines={"l1": replace(one.lines["l1"], name={"en": "Other"})})
    slower = replace(one, lines={"l1": replace(one.lines["l1"], ideal_cycle_time_s=2.0)})
    assert line_digest(one, "l1") == line_digest(renamed, "l1")
    called = {
        key: replace(it, name={"en": "Called"}) for key, it in one.lines["l1"].machines.items()
    }
    named = replace(one, lines={"l1": replace(one.lines["l1"], machines=called)})
    assert line_digest(one, "l1") == line_digest(named, "l1")
    wanted = replace(one, lines={"l1": replace(one.lines["l1"], target_oee=0.8)})
    assert line_digest(one, "l1") == line_digest(wanted, "l1")
    rules = AlertRules({AlertKind.STOPPED: 600.0})
    alerted = replace(one, lines={"l1": replace(one.lines["l1"], alerts=rules)})
    assert line_digest(one, "l1") == line_digest(alerted, "l1")
    assert line_digest(one, "l1") != line_digest(slower, "l1")


def test_a_machine_that_moved_or_is_read_otherwise_is_the_same_machine() -> None:
    one = plant(PLANS[1])
    line = one.lines["l1"]
    moved = {
        key: replace(it, profile="other", connection={"url": "opc.tcp://10.0.0.9:4840"})
        for key, it in line.machines.items()
    }
    assert moved != line.machines
    elsewhere = replace(one, lines={"l1": replace(line, machines=moved)})
    assert line_digest(one, "l1") == line_digest(elsewhere, "l1")
    role = next(iter(line.roles))
    asked = replace(one, lines={"l1": replace(line, roles={**line.roles, role: "another"})})
    assert line_digest(one, "l1") != line_digest(asked, "l1")
