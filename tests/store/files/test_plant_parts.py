"""plant.yaml: patterns and cycle times by date, reasons, flow, counters, measurements."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
import spoilt

from domain.plant import CycleTimeChange
from store.files.plant import read_plant

FULL = (Path(__file__).parent / "examples" / "full-plant.yaml").read_text(encoding="utf-8")


def changed(old: str, new: str) -> str:
    return spoilt.changed(FULL, old, new)


def test_cycle_times_of_a_product_by_date() -> None:
    text = changed(
        "[{from: 2026-07-01, ideal_cycle_time_s: 0.45}]",
        "[{from: 2026-09-01, ideal_cycle_time_s: 0.4}, "
        "{from: 2026-07-01, ideal_cycle_time_s: 0.45}]",
    )
    product = read_plant(text, "p").products["juice-330"]
    assert product.ideal_cycle_time_s == 0.5
    assert product.changes == (
        CycleTimeChange(date(2026, 7, 1), 0.45),
        CycleTimeChange(date(2026, 9, 1), 0.4),
    )


@pytest.mark.parametrize(
    ("old", "new", "line", "sentence"),
    [
        ("from: 2026-10-01", "from: 2026-07-01", 13, "1.from': a change from 2026-07-01 is there"),
        ("from: 2026-10-01", "from: soon", 12, "'soon' is not a day"),
        ("from: 2026-10-01", "form: 2026-10-01", 12, "unknown key. Did you mean 'from'"),
        ('start: "14:00"', 'start: "13:00"', 13, "the shift B (13:00–22:30) overlaps shift A"),
        ("name: B, days: [mon]", "name: A, days: [mon]", 13, "the shift 'A' is there twice"),
        ("shifts: [{name: A, days: [mon, tue], ", "shifts: [{days: [mon], ", 12, "name': missing"),
        ("decided_on: 2026-02-20", "decided_on: 2026-02-30", 15, "is no day of the calendar"),
        ("HK-general", "HK-generel", 7, "write an ISO code as HK, HK-general, a list of days"),
        (
            "ideal_cycle_times: [",
            "ideal_cycle_times: [{from: 2026-07-01, ideal_cycle_time_s: 1}, ",
            18,
            "ideal_cycle_times.1.from': a change from 2026-07-01 is there already",
        ),
        ("0.45}", "0}", 18, "greater than 0"),
        ("bearing: {codes: [18]}", "jam: {}", 25, "was given in line 24"),
        ("  other: {}", "  jam: {}", 27, "the reason 'jam' stands in line 24 already"),
        ("codes: [18]", "codes: [17]", 25, "the code '17' stands at the reason 'jam' already"),
        ("codes: [18]", "codes: [18, 18]", 25, "the code '18' stands at the reason 'bearing' al"),
        ("codes: [18]", "codes: [wash]", 25, "the code 'wash' is the id of another reason"),
        ("codes: [18]", "codes: [5.10]", 25, "write it in quotes"),
        ("codes: [18]", 'codes: [""]', 25, "must not be empty"),
        ("codes: [18]", "code: [18]", 25, "bearing.code': unknown key. Did you mean 'codes'"),
        ("kind: breakdown", "kind: breakage", 22, "must be 'unplanned', 'breakdown', 'planned'"),
        ("bearing: {codes: [18]}", "bearing: &b {reasons: {b: *b}}", 25, "an alias stands inside"),
        ("chatter_s: 2", "chatter_s: 60.5", 33, "less than or equal to 60"),
        ("chatter_s: 2", "chatter_s: -1", 33, "greater than or equal to 0"),
        ("counters: {total_count", "counters: {totl_count", 39, "Did you mean 'total_count'"),
        ("rollover: 65536", "rollover: 0", 39, "greater than or equal to 1"),
        ("[filler, capper,", "[filler, caper,", 40, "sequence.1': the machine 'caper' is not one"),
        ("[filler, capper,", "[filler, filler,", 40, "the machine 'filler' is there twice"),
        ("fill-weight:", "Fill-weight:", 42, "'measurement.Fill-weight' can be no signal"),
        ("machine: checkweigher", "machine: checkwigher", 42, "Did you mean 'checkweigher'"),
        ("upper_limit: 336", "upper_limit: 328", 42, "the upper limit 328 is not above the lower"),
        ("target: 331", "target: 327.5", 42, "the target 327.5 lies outside the limits"),
        ("target: 331", "target: 336.5", 42, "the target 336.5 lies outside the limits"),
        ("lower_limit: 1.2", "lower_limit: .nan", 43, "finite"),
        ("subgroup_size: 4", "subgroup_size: 0", 42, "greater than or equal to 1"),
    ],
)
def test_what_is_wrong_is_said_with_line_and_field(
    old: str, new: str, line: int, sentence: str
) -> None:
    spoilt.check_refused(read_plant, changed(old, new), line, sentence)
