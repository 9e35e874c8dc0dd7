"""The reason of stops: none is inherited, chatter ends none, people have the last word."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import numpy as np
import polars as pl
import pytest
from plants import history, local, plant

from analytics.timeline.reasons import reason_kinds, reason_track
from analytics.timeline.state_intervals import state_intervals
from analytics.timeline.tracks import state_track
from domain.corrections import Correction, CorrectionKind
from domain.frames import REASON_LOST
from domain.plant import DEFAULT_CHATTER_S, REASON_HOLDS_MAX, StopReason
from domain.states import ReasonKind
from domain.time import instant, micros

BASE = local("2026-03-02 06:00")


def at(seconds: float) -> datetime:
    return BASE + timedelta(seconds=seconds)


def test_a_stop_does_not_inherit_the_reason_of_the_one_before() -> None:
    rows = [
        ("state", at(0), "stopped"),
        ("stop_reason", at(5), "jam"),
        ("state", at(60), "producing"),
        ("state", at(120), "stopped"),
        ("stop_reason", at(150), "no bottles"),
    ]
    where = plant(None, roles=("state",))
    found = state_intervals(where, "l1", history(rows, at(0), at(180)), at(0), at(180))
    assert found.select("state", "reason").rows() == [
        ("stopped", "jam"),
        ("producing", None),
        ("stopped", "no bottles"),
    ]


def test_chatter_of_production_does_not_end_a_reason() -> None:
    def reasons_with(chatter_s: float) -> list[str | None]:
        where = plant(None, roles=("state",))
        line = replace(where.lines["l1"], chatter_s=chatter_s)
        rows = [("state", at(0), "stopped"), ("stop_reason", at(5), "jam")]
        rows += [("state", at(60), "producing"), ("state", at(62), "stopped")]
        found = state_intervals(
            replace(where, lines={"l1": line}), "l1", history(rows, at(0), at(90)), at(0), at(90)
        )
        return found.filter(pl.col("start") >= at(62))["reason"].to_list()

    assert reasons_with(chatter_s=3.0) == ["jam"]
    assert reasons_with(chatter_s=1.0) == [None]


def test_people_say_it_for_the_time_that_they_name_and_the_machine_goes_on_behind() -> None:
    where = plant(None, roles=("state",))
    rows = [("state", at(0), "stopped"), ("stop_reason", at(2), "jam")]
    said = Correction(
        id="c",
        line="l1",
        kind=CorrectionKind.REASON,
        start=at(3),
        end=at(5),
        author="Ann",
        recorded_at=at(90),
        reason="cleaning",
    )
    told = replace(history(rows, at(0), at(9)), corrections=(said,))
    found = state_intervals(where, "l1", told, at(0), at(9))
    assert found["reason"].to_list() == ["cleaning", "jam"]
    assert found["start"].to_list() == [at(0), at(5)]


def reasons_by_people(*said: tuple[int, int, str]) -> list[tuple[datetime, str | None]]:
    """When which reason begins, of a line that stands from the 100th second to the 160th."""
    where = plant(None, roles=("state",))
    rows = [("state", at(0), "producing"), ("state", at(100), "stopped")]
    rows.append(("state", at(160), "producing"))
    corrections = tuple(
        Correction(
            id=reason, line="l1", kind=CorrectionKind.REASON, start=at(start), end=at(end),
            author="Ann", recorded_at=at(900), reason=reason,
        )
        for start, end, reason in said
    )  # fmt: skip
    told = replace(history(rows, at(0), at(300)), corrections=corrections)
    reasons = reason_track(where, where.lines["l1"], told, state_track(where.lines["l1"], told))
    instants = [at(second) for second in range(300)]
    held = reasons.at(np.array([micros(it) for it in instants])).to_list()
    return [
        (instant, reason)
        for instant, reason, before in zip(instants, held, [None, *held], strict=False)
        if reason != before
    ]


def test_what_people_say_reaches_back_to_the_begin_of_the_stop() -> None:
    assert reasons_by_people((140, 160, "jam")) == [(at(100), "jam"), (at(160), None)]


def test_but_not_over_what_they_said_of_the_time_before() -> None:
    assert reasons_by_people((110, 120, "cleaning"), (140, 160, "jam")) == [
        (at(100), "cleaning"),
        (at(120), "jam"),
        (at(160), None),
    ]


def test_nor_from_behind_the_stop() -> None:
    assert reasons_by_people((160, 200, "jam")) == [(at(160), "jam"), (at(200), None)]


def test_a_text_is_the_node_that_it_means_and_that_has_a_kind() -> None:
    film = StopReason("film", {"en": "Film"}, ReasonKind.SETUP, codes=("17",))
    where = replace(plant(None, roles=("state",)), reasons={"film": film})
    rows = [("state", at(0), "producing"), ("state", at(10), "stopped")]
    rows += [("stop_reason", at(12), "17"), ("stop_reason", at(74), "x")]
    told = history(rows, at(0), at(100))
    line = where.lines["l1"]
    state = state_track(line, told)
    instants = np.array([micros(at(second)) for second in (9, 11, 75)])
    reasons = reason_track(where, line, told, state)
    assert reasons.at(instants).to_list() == [None, "film", "x"]
    kinds = reason_kinds(where, line, told, state, None)
    assert kinds.at(instants).to_list() == [None, "setup", "unplanned"]


def test_no_reason_holds_for_ever() -> None:
    where, last = plant(None, roles=("state",)), REASON_HOLDS_MAX.total_seconds()
    rows = [("state", at(0), "stopped"), ("stop_reason", at(0), "jam")]
    told = history(rows, at(0), at(2 * last))
    found = state_intervals(where, "l1", told, at(0), at(2 * last))
    assert found.select("start", "reason").rows() == [(at(0), "jam"), (at(last), None)]


def lost_kinds(rows: list[tuple[str, datetime, str | None]]) -> list[tuple[datetime, str | None]]:
    """Of two stops with production between: the kinds of reason from when on each holds."""
    before = ("state", at(-9), "producing")
    states = [before, ("state", at(0), "stopped"), ("state", at(300), "producing")]
    told = history([*states, ("state", at(400), "stopped"), *rows], at(-9), at(600))
    line = replace(plant(None, roles=("state",)).lines["l1"], chatter_s=1.0)
    where = replace(plant(None, roles=("state",)), lines={"l1": line})
    kinds = reason_kinds(where, line, told, state_track(line, told), None)
    changes = zip(map(instant, kinds.times.tolist()), kinds.at(kinds.times), strict=True)
    return [(when, kind) for when, kind in changes if when < at(600)]


def test_a_reason_that_cannot_be_read_is_lost_until_one_can() -> None:
    said = [("stop_reason", at(100), "jam"), ("stop_reason", at(200), None)]
    assert lost_kinds(said) == [(at(100), "unplanned"), (at(200), REASON_LOST)]
    again = ("stop_reason", at(500), "cups")
    assert lost_kinds([*said, again]) == [
        (at(100), "unplanned"),
        (at(200), REASON_LOST),  # also of the stop that begins at 400
        (at(500), "unplanned"),
    ]


def test_a_reason_that_is_read_soon_after_makes_the_lost_one_known() -> None:
    said = [("stop_reason", at(10), None), ("stop_reason", at(50), "jam")]
    assert lost_kinds(said) == [(at(0), "unplanned"), (at(300), None)]
    assert lost_kinds(said[:1]) == [(at(0), REASON_LOST)], "it reaches back as any other"


def test_what_people_say_stands_over_a_lost_reason() -> None:
    rows = [("state", at(0), "stopped"), ("stop_reason", at(5), None)]
    told = history(rows, at(0), at(600))
    said = Correction("c", "l1", CorrectionKind.REASON, at(200), at(300), "op", at(400), reason="x")
    told = replace(told, corrections=(said,))
    where = plant(None, roles=("state",))
    line = where.lines["l1"]
    state = state_track(line, told)
    kinds = reason_kinds(where, line, told, state, None)
    assert list(kinds.at(kinds.times)) == [REASON_LOST, "unplanned", REASON_LOST]
    assert reason_track(where, line, told, state).names == ("x",), "a list of stops shows none"


Rows = list[tuple[str, datetime, str | float | None]]


ROLES = ("state", "total_count", "good_count", "reject_count")


def kinds_at(
    seconds: list[int], rows: Rows, now: datetime | None = None, until_s: int = 600
) -> list[str | None]:
    """The kinds of reason then, of a line that was heard `until_s`."""
    told, where = history(rows, at(0), at(until_s)), plant(None, roles=ROLES)
    line = where.lines["l1"]
    kinds = reason_kinds(where, line, told, state_track(line, told, now), now)
    return kinds.at(np.array([micros(at(second)) for second in seconds])).to_list()


def test_a_stop_seen_first_behind_unknown_time_has_its_reason_from_when_it_was_told() -> None:
    stop: Rows = [("state", at(100), "stopped"), ("stop_reason", at(120), "jam")]
    seen: Rows = [("state", at(0), "producing"), *stop]
    assert kinds_at([100, 119, 120], seen) == ["unplanned"] * 3
    hidden: Rows = [("state", at(0), "producing"), ("state", at(50), None), *stop]
    assert kinds_at([99, 100, 119, 120], hidden) == [None, REASON_LOST, REASON_LOST, "unplanned"]
    assert kinds_at([99, 100, 119, 120], stop) == [None, REASON_LOST, REASON_LOST, "unplanned"]
    same: Rows = [("stop_reason", at(50), "jam"), *hidden]
    assert kinds_at([99, 100, 119, 120], same) == ["unplanned", *[REASON_LOST] * 2, "unplanned"]


@pytest.mark.parametrize(
    ("counted", "is_known"),
    [
        ({"total_count": (80, 80)}, True),
        ({"total_count": (80, 81)}, False),
        ({"total_count": (80, None)}, False),
        ({"total_count": (None, 80)}, False),
        ({"good_count": (80, 80)}, False),
        ({"good_count": (80, 80), "reject_count": (3, 4)}, False),
        ({"good_count": (80, 80), "reject_count": (3, 3)}, True),
        ({"total_count": (80, 81), "good_count": (70, 70), "reject_count": (3, 3)}, False),
        ({}, False),
    ],
)
def test_a_reason_goes_on_behind_unknown_time_in_which_nothing_was_made(
    counted: dict[str, tuple[float | None, float | None]], is_known: bool
) -> None:
    rows: Rows = [("state", at(0), "stopped"), ("stop_reason", at(20), "jam")]
    rows += [("state", at(100), None), ("state", at(200), "stopped")]
    for count, readings in counted.items():
        both = zip((at(10), at(250)), readings, strict=True)
        rows += [(count, when, value) for when, value in both if value is not None]
    behind = "unplanned" if is_known else REASON_LOST
    assert kinds_at([99, 200, 599], rows) == ["unplanned", behind, behind]
    told_again: Rows = [*rows, ("stop_reason", at(300), "jam")]
    assert kinds_at([200, 299, 300], told_again) == [behind, behind, "unplanned"]
    assert kinds_at([300, 599], [*rows, ("state", at(300), "producing")]) == [None, None]


def test_unknown_time_that_is_too_short_for_production_ends_no_reason() -> None:
    rows: Rows = [("state", at(0), "stopped"), ("stop_reason", at(20), "jam")]
    chatter = timedelta(seconds=DEFAULT_CHATTER_S)
    for length, kind in ((chatter * 0.9, "unplanned"), (chatter, REASON_LOST)):
        end = at(100) + length
        hidden: Rows = [("state", at(100), None), ("state", end, "stopped")]
        assert kinds_at([99, 110], [*rows, *hidden]) == ["unplanned", kind]
        # Known production beside it, too short by itself, may have lasted longer.
        beside: Rows = [*rows, ("state", at(100) - chatter * 0.9, "producing"), *hidden]
        assert kinds_at([110], beside) == [REASON_LOST]
        told: Rows = [*rows, *hidden, ("stop_reason", end - chatter * 0.5, "jam")]
        assert kinds_at([110], told) == ["unplanned"], "just before"


TOLD_BEFORE: Rows = [
    ("state", at(0), "stopped"),
    ("stop_reason", at(0), "jam"),
    ("state", at(20), "producing"),
    ("state", at(100), "stopped"),
]


@pytest.mark.parametrize(
    ("cut_off_s", "kind"), [(110, REASON_LOST), (160, REASON_LOST), (161, None)]
)
def test_a_stop_that_is_cut_off_before_all_was_told_of_it_has_any_reason(
    cut_off_s: int, kind: str | None
) -> None:
    cut_off: tuple[str, datetime, str | None] = ("state", at(cut_off_s), None)
    assert kinds_at([99, 100, cut_off_s - 1, cut_off_s], [*TOLD_BEFORE, cut_off]) == [
        None, kind, kind, None
    ]  # fmt: skip
    assert kinds_at([100, cut_off_s - 1], TOLD_BEFORE, until_s=cut_off_s) == [kind, kind]
    silent = [it for it in TOLD_BEFORE if it[0] == "state"]
    assert kinds_at([100], [*silent, cut_off]) == [None], "no reason was ever told"


def test_what_is_to_come_cuts_off_no_stop() -> None:
    assert kinds_at([100, 149], TOLD_BEFORE, now=at(150), until_s=150) == [None, None]
    assert kinds_at([100, 149], TOLD_BEFORE, now=at(900), until_s=150) == [REASON_LOST] * 2


def test_what_people_say_of_a_stop_behind_unknown_time_holds_from_when_they_say() -> None:
    where, rows = plant(None, roles=("state",)), [("state", at(0), "stopped")]
    line = where.lines["l1"]
    for start_s, holds in ((0, ["unplanned"]), (20, [REASON_LOST, "unplanned"])):
        said = Correction(
            "c", "l1", CorrectionKind.REASON, at(start_s), at(300), "op", at(400), reason="x"
        )
        told = replace(history(rows, at(0), at(600)), corrections=(said,))
        kinds = reason_kinds(where, line, told, state_track(line, told), None)
        assert kinds.at(kinds.times).to_list() == [*holds, None]
        reasons = reason_track(where, line, told, state_track(line, told))
        assert reasons.at(reasons.times).to_list() == ["x", None], "a list of stops shows it"
