"""plant.yaml: what it becomes, and the sentence for everything that can be wrong in it."""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from pathlib import Path

import pytest
import spoilt

from domain.plant import Break
from store.files.fields import FileModel
from store.files.plant import read_plant

EXAMPLE = (Path(__file__).parent / "examples" / "plant.yaml").read_text(encoding="utf-8")


def changed(old: str, new: str) -> str:
    return spoilt.changed(EXAMPLE, old, new)


def test_the_example_becomes_a_plant() -> None:
    plant = read_plant(EXAMPLE, "plant.yaml")
    assert (plant.id, plant.zone.key) == ("tko-foods", "Asia/Hong_Kong")
    assert plant.company["zh-Hant"] == "將軍澳食品有限公司"
    assert plant.business_registration == "12345678"
    assert plant.products["juice-330"].ideal_cycle_time_s == 0.5
    line = plant.lines["filler-1"]
    assert line.roles == {
        "state": "filler",
        "total_count": "filler",
        "good_count": "filler",
        "energy": "meter",
    }
    assert line.machines["old-press"].profile == "import"
    assert line.machines["checkweigher"].parameters == {"good_count": "urn:vendor:Counters/Good"}
    assert line.machines["filler"].connection == {
        "url": "opc.tcp://127.0.0.1:4840",
        "security": "none",
    }
    assert (line.minor_stop_s, line.stale_after_s) == (120.0, 60.0)
    calendar = line.calendar
    assert calendar is not None
    assert calendar.holidays == "HK"
    assert [shift.name for shift in calendar.shifts] == ["A", "B"]
    assert calendar.shifts[0].days == frozenset(range(6))
    assert calendar.shifts[0].breaks == (Break(time(11), time(11, 30)),)
    (overhaul,) = calendar.exceptions
    assert overhaul.start == datetime(2026, 3, 1, 23, tzinfo=UTC)
    assert overhaul.end == datetime(2026, 3, 2, 7, tzinfo=UTC)
    assert (overhaul.kind, overhaul.reason) == ("planned_down", "annual overhaul")


def test_a_small_plant_needs_little() -> None:
    plant = read_plant(
        "{plant: p, company: {name: {en: P}}, lines: {l: "
        "{machines: {m: {profile: import}}, roles: {state: m}}}}",
        "p.yaml",
    )
    line = plant.lines["l"]
    assert (line.name, line.calendar, line.product) == ({"en": "l"}, None, None)


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ('"none"', frozenset()),
        ("[2026-02-17, 2026-02-18]", frozenset({date(2026, 2, 17), date(2026, 2, 18)})),
    ],
)
def test_holidays_can_be_listed_or_none(written: str, read: object) -> None:
    calendar = read_plant(changed("holidays: HK", f"holidays: {written}"), "p")
    assert calendar.lines["filler-1"].calendar.holidays == read  # type: ignore[union-attr]  # has one


def test_an_exception_of_days_includes_its_last_one_in_the_plants_zone() -> None:
    """odoo/odoo#70841: slots in the wrong zone. Across the change to summer time the day
    has 23 hours."""
    text = changed('"2026-03-02T07:00", end: "2026-03-02T15:00"', "2026-03-28, end: 2026-03-29")
    text = text.replace("Asia/Hong_Kong", "Europe/Berlin").replace("planned_down", "maintenance")
    (item,) = read_plant(text, "p").lines["filler-1"].calendar.exceptions  # type: ignore[union-attr]  # has one
    assert item.start == datetime(2026, 3, 27, 23, tzinfo=UTC)
    assert item.end == datetime(2026, 3, 29, 22, tzinfo=UTC)
    assert item.kind == "planned_down"


@pytest.mark.parametrize(
    ("old", "new", "line", "sentence"),
    [
        ("calendar: two", "calender: two", 17, "filler-1.calender': unknown key. Did you mean 'ca"),
        ("timezone: Asia/Hong_Kong", "timezone: Asia/Hongkong1", 2, "unknown time zone"),
        ("timezone: Asia/Hong_Kong", "timezone: ../../etc/passwd", 2, "unknown time zone"),
        ("calendar: two-shift", "calendar: tow-shift", 17, "'tow-shift' is not in this file"),
        ("product: juice-330  ", "product: juice-331  ", 19, "'juice-331' is not in this file"),
        ("{state: filler,", "{state: filer,", 30, "'filer' is not one of this line"),
        ("{state: filler,", "{stat: filler,", 30, "Did you mean 'state'"),
        ("{state: filler,", "{mode: filler,", 30, "no machine has the role 'state'"),
        ('end: "15:00", breaks', 'end: "16:00", breaks', 9, "the shift B (15:00–23:00) overlaps"),
        ('start: "15:00", end: "23:00"', 'start: "23:00", end: "07:30"', 9, "overlaps shift A"),
        ('end: "11:30"', 'end: "10:30"', 8, "lies outside its shift A"),
        ('{start: "11:00"', '{start: "06:30"', 8, "lies outside its shift A"),
        ('end: "11:30"', 'end: "11:00"', 8, "has no length"),
        ('end: "11:30"}', 'end: "11:30"}, {start: "11:29", end: "12:00"}', 8, "overlaps another"),
        ("name: B", "name: A", 9, "the shift 'A' is there twice"),
        ("[mon, tue", "[monday, tue", 8, "must be 'mon', 'tue'"),
        ('"2026-03-02T15:00"', '"2026-03-01T15:00"', 11, "ends (2026-03-01T15:00) before it st"),
        ("class: planned_down", "class: plant_down", 11, "must be 'planned_down', 'maintenance'"),
        ('"2026-03-02T15:00"', '"2 March"', 11, "'2 March' is not a time"),
        ("holidays: HK", "holidays: HKG1", 6, "'HKG1' is no country"),
        ("holidays: HK", "holidays: [2026-02-30]", 6, "'2026-02-30' is no day of the calendar"),
        ('start: "07:00"', 'start: "7 am"', 8, "'7 am' is not a time of day"),
        ("ideal_cycle_time_s: 0.5", "ideal_cycle_time_s: 0", 13, "greater than 0"),
        ("ideal_cycle_time_s: 0.5", "ideal_cycle_time_s: .inf", 13, "finite"),
        ("minor_stop_s: 120", "minor_stop_s: -1", 20, "greater than or equal to 0"),
        ("plant: tko-foods", "plant: tko foods/1", 1, "'tko foods/1' "),
        ("{en: Juice 330 ml}", "{fr: Jus}", 13, "must be 'en', 'zh-Hant' or 'zh-Hans'"),
        ("profile: import", "profil: import", 29, "profil': unknown key. Did you mean 'profile'"),
    ],
)
def test_what_is_wrong_is_said_with_line_and_field(
    old: str, new: str, line: int, sentence: str
) -> None:
    spoilt.check_refused(read_plant, changed(old, new), line, sentence)


def test_every_part_of_the_file_refuses_unknown_keys() -> None:
    parts = FileModel.__subclasses__()
    assert len(parts) >= 9
    assert all(part.model_config["extra"] in ("forbid", "allow") for part in parts)
    assert [p.__name__ for p in parts if p.model_config["extra"] == "allow"] in (
        [],
        ["AttestedTermsFile"],
    )
