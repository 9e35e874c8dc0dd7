"""A stop is told once, over real servers, whatever becomes of process, clock, servers and files."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from mail_server import hook_server, mail_server
from peers import free_port
from stopped_line import LINE, RUNNING, TREE, at, stopped_line
from web_plant import PLANT, Clock, confirm, registry_of, store_of, tell

from api.queries.board import Board
from api.queries.board_keeper import BoardKeeper
from api.queries.lines import Queries
from domain.alerts import Alert, AlertKind, AlertState
from domain.states import MachineState
from lineproof.alerts.keeper import CHARTS_EVERY, AlertKeeper
from lineproof.reminders.keeper import ReminderKeeper
from lineproof.reminders.settings import ReminderSettings
from store.files.plant import read_plant

LEE = "lee@tko.example"
SECRET = "a-secret-that-is-long-enough"
STOPPED = "alerts: {stopped_longer_than_s: 600"
RULES = f"{STOPPED}}}"
Plant = tuple[Queries, Clock]


def apply(queries: Queries, rules: str, line: str = "filler") -> None:
    """The plant file with these rules of one line."""
    roles = f"    roles: {{state: {line},"
    text = PLANT.replace(roles, f"    {rules}\n{roles}", 1) + TREE
    registry_of(queries).apply.plant(text, read_plant(text, "plant.yaml"), queries.now())


@pytest.fixture
def plant(tmp_path: Path) -> Iterator[Plant]:
    """Line 1 has stood since 14:20."""
    clock = Clock()
    found = stopped_line(tmp_path, clock)
    apply(found, RULES)
    yield found, clock
    store_of(found).close()
    registry_of(found).close()


def told_by(mail_port: int = 0, hook: str = "", folder: Path | None = None) -> ReminderSettings:
    given: dict[str, Any] = {}
    if mail_port:
        given["mail"] = {"host": "127.0.0.1", "port": mail_port, "security": "off",
                         "sender": "node@tko.example"}  # fmt: skip
        given["people"] = [
            {"who": "alerts", "address": LEE, "scope": f"line:{LINE}", "language": "zh-Hant"},
            {"who": "alerts", "address": LEE, "scope": "everything", "language": "zh-Hant"},
            {"who": "alerts", "address": "other@x.example", "scope": "line:packer-1"},
        ]
    if hook:
        assert folder is not None
        (folder / "secret").write_text(SECRET, encoding="utf-8")
        given["webhooks"] = [{"who": "alerts", "url": hook, "secret_file": folder / "secret"}]
    return ReminderSettings.model_validate(given)


def looks(
    queries: Queries,
    clock: Clock,
    minute: float,
    settings: ReminderSettings | None = None,
    *,
    is_heard: bool = True,
) -> AlertKeeper:
    """One that was just started looks at that minute, until which line 1 was heard."""
    clock.now = at(minute)
    if is_heard:
        confirm(queries, round(minute * 10), clock.now)
    keeper = AlertKeeper(queries, registry_of(queries).keep_alerts, settings)
    keeper.refresh()
    return keeper


def sends(queries: Queries, settings: ReminderSettings) -> None:
    ReminderKeeper(queries, registry_of(queries).outbox, settings, queries.now).send()


def open_ones(queries: Queries) -> list[Alert]:
    return registry_of(queries).alerts.open()


def numbers(queries: Queries) -> list[int]:
    return [it.number for it in open_ones(queries)]


def test_silence_is_told_when_the_rule_says_and_not_when_the_board_is_looked_at_next(
    plant: Plant,
) -> None:
    """The live board looks at what is silent once a minute."""
    found, clock = plant
    registry, store = registry_of(found), store_of(found)
    text = PLANT.replace("profile: import}", "profile: packml/opcua}", 1)
    roles = "    roles: {state: filler,"
    text = text.replace(roles, f"    alerts: {{no_data_for_s: 90}}\n{roles}", 1)
    registry.apply.plant(text, read_plant(text, "plant.yaml"), clock())
    board = Board()
    keeps = BoardKeeper(store, registry.facts_basis, board, clock)
    alerts = AlertKeeper(
        Queries(store, registry, clock, board=board),
        registry.keep_alerts,
        None,
        lambda: (clock.now - at(0)).total_seconds(),
    )
    confirm(found, 300, at(30))
    for second in range(0, 180, 5):
        clock.now = at(30) + timedelta(seconds=second)
        keeps.refresh()
        alerts.refresh()
    (alert,) = registry.alerts.open()
    assert (alert.cause.kind, alert.cause.since) == (AlertKind.NO_DATA, at(30))
    assert timedelta(seconds=90) <= alert.raised_at - at(30) <= timedelta(seconds=100)


def test_a_stop_is_told_once_over_any_number_of_restarts(plant: Plant) -> None:
    queries, clock = plant
    with mail_server() as running:
        settings = told_by(running.port)
        for minute in (29.9, 30, 31):
            looks(queries, clock, minute, settings)
            sends(queries, settings)
        (mail,) = running.took
    assert (mail["to"], mail["subject"]) == (
        LEE, "一號灌裝線：自 2026年3月25日 14:20 起停機，超過 10 分鐘。",
    )  # fmt: skip
    text = mail.get_content()  # type: ignore[attr-defined]  # of an EmailMessage
    assert "Lineproof 只會通知一次" in text
    (alert,) = open_ones(queries)
    assert (alert.cause.since, alert.raised_at) == (RUNNING, at(30))
    tell(queries, 51, (at(41), MachineState.PRODUCING))
    looks(queries, clock, 42, settings)
    (ended,) = registry_of(queries).alerts.ended()
    assert (ended.number, ended.ended_at, ended.state) == (1, at(42), AlertState.ENDED)
    tell(queries, 52, (at(43), MachineState.FAULT))
    looks(queries, clock, 54, settings)
    assert numbers(queries) == [2]  # another stop


def test_a_webhook_says_it_in_figures(plant: Plant, tmp_path: Path) -> None:
    queries, clock = plant
    with hook_server() as running:
        settings = told_by(hook=f"{running.url}/hooks", folder=tmp_path)
        looks(queries, clock, 30, settings)
        sends(queries, settings)
        (call,) = running.calls
    assert call[1]["webhook-signature"].startswith("v1,")
    told = json.loads(call[2])
    assert told["type"] == "lineproof.alerts"
    (alert,) = told["data"]
    expected = {
        "line": LINE, "kind": "stopped_longer_than_s", "limit": 600.0, "value": 600.0,
        "what": "stopped", "since": "2026-03-25T14:20:00+08:00", "state": "open", "number": 1,
    }  # fmt: skip
    assert expected.items() <= alert.items()


def test_a_mail_server_that_was_down_for_a_day_tells_how_it_ended(plant: Plant) -> None:
    queries, clock = plant
    port = free_port()
    settings = told_by(port)
    looks(queries, clock, 30, settings)
    sends(queries, settings)
    assert "refused" in registry_of(queries).alerts.messages([1])[1].error
    tell(queries, 51, (at(41), MachineState.PRODUCING))
    looks(queries, clock, 42, settings)
    with mail_server(port=port) as running:
        for hours in (24, 25, 26):
            clock.now = at(30 + hours * 60)
            sends(queries, settings)
        (mail,) = running.took
    assert "已於 2026年3月25日 14:42 結束" in str(mail["subject"])
    assert registry_of(queries).alerts.messages([1])[1].sent == 1


@pytest.mark.parametrize("quiet", ["{shift: A}", '{from: "14:00", to: "15:10"}'])
def test_what_still_stands_at_the_end_of_a_quiet_time_is_raised_then(
    plant: Plant, quiet: str
) -> None:
    queries, clock = plant
    apply(queries, f"{STOPPED}, quiet: [{quiet}]}}")
    looks(queries, clock, 45)
    assert numbers(queries) == []
    looks(queries, clock, 71)
    assert numbers(queries) == [1]


def test_a_rule_or_a_line_that_is_gone_ends_its_alert(plant: Plant) -> None:
    queries, clock = plant
    looks(queries, clock, 30)
    apply(queries, "hall: {en: A}")
    looks(queries, clock, 31)
    assert numbers(queries) == []
    apply(queries, RULES)
    looks(queries, clock, 32)
    assert numbers(queries) == [1]  # the same stop
    apply(queries, RULES.replace("600", "60"), "packer")
    looks(queries, clock, 5, is_heard=False)  # the packer is in fault
    assert [it.cause.line for it in open_ones(queries)] == ["packer-1"]
    text = PLANT.replace("  packer-1:", "  packer-2:", 1)
    registry_of(queries).apply.plant(text, read_plant(text, "plant.yaml"), queries.now())
    looks(queries, clock, 33)
    assert numbers(queries) == []


def test_unknown_time_neither_raises_nor_ends(plant: Plant) -> None:
    queries, clock = plant
    looks(queries, clock, 30)
    apply(queries, RULES)
    looks(queries, clock, 40, is_heard=False)
    assert numbers(queries) == [1]


def silent_line(queries: Queries) -> None:
    """Line 2 has a live source, and has been silent for an hour."""
    text = PLANT.replace("filler2: {profile: import}", "filler2: {profile: packml/opcua}", 1)
    roles = "    roles: {state: filler2,"
    text = text.replace(roles, f"    alerts: {{no_data_for_s: 120}}\n{roles}", 1)
    registry_of(queries).apply.plant(text, read_plant(text, "plant.yaml"), queries.now())


def test_right_after_a_start_and_when_the_clock_was_set_silence_is_not_believed(
    plant: Plant,
) -> None:
    queries, clock = plant
    silent_line(queries)
    steady = [0.0]
    clock.now = at(22)
    kept = registry_of(queries).keep_alerts
    keeper = AlertKeeper(queries, kept, None, lambda: steady[0])
    for passed_s, set_ahead_s, raised in (
        (0, 0, False),
        (119, 0, False),
        (10, 3600, False),  # somebody set the clock ahead
        (119, 0, False),
        (2, 0, True),
    ):
        steady[0] += passed_s
        clock.now += timedelta(seconds=passed_s + set_ahead_s)
        keeper.refresh()
        assert bool(open_ones(queries)) is raised, steady
    (alert,) = open_ones(queries)
    assert (alert.cause.kind, alert.cause.what) == (AlertKind.NO_DATA, "filler2")
    looks(queries, clock, 30)  # started again: what is open stays
    assert numbers(queries) == [1]


def test_control_charts_are_looked_at_again_once_a_minute(plant: Plant) -> None:
    queries, clock = plant
    measured = "measurements: {fill: {machine: filler}}\n    alerts: {control_chart_out: true}"
    apply(queries, measured)
    keeper = looks(queries, clock, 22)
    (first,) = keeper._charts.values()
    clock.now += CHARTS_EVERY / 2
    keeper.refresh()
    assert keeper._charts[LINE] is first
    clock.now += CHARTS_EVERY / 2
    keeper.refresh()
    assert keeper._charts[LINE] is not first
