"""In which order the readings of one instant are told, with their marks."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from device_profiles.decoding.address_times import Judged
from device_profiles.decoding.convert import Content, Observed
from device_profiles.decoding.instant import Instant, in_turn
from domain.samples import Quality, Reading

START = datetime(2026, 3, 2, 7, tzinfo=UTC)
NOW = START + timedelta(hours=1)


def reading(value: object) -> Reading:
    return Reading("m", "a", value, START, NOW, Quality.GOOD)


def test_a_sure_value_has_no_mark() -> None:
    placed = [(reading(1), Judged(START, True, True)), (reading(2), Judged(START, True, True))]
    assert list(in_turn(placed)) == [placed]


def test_a_mark_before_and_one_after_are_of_bad_quality() -> None:
    sure = (reading(1), Judged(START, True, True))
    unsure = (reading(2), Judged(NOW, False, False, unsure_from=START))
    old = (reading(3), Judged(START, True, True, is_old=True, ends=NOW))
    before, values, after = in_turn([sure, unsure, old])
    assert values == [sure, unsure, old]
    assert [(it.quality, judged.time, judged.timed) for it, judged in (*before, *after)] == [
        (Quality.BAD, START, True),
        (Quality.BAD, NOW, False),
    ]


def test_a_value_that_has_no_place_leaves_its_marks_alone() -> None:
    nowhere = Judged(START, True, True, unsure_from=START, is_placed=False, is_old=True, ends=NOW)
    told = [(it.quality, judged.time) for group in in_turn([(reading(1), nowhere)])
            for it, judged in group]  # fmt: skip
    assert told == [(Quality.BAD, START), (Quality.BAD, NOW)]


def test_counters_give_every_value_and_others_the_last_one() -> None:
    instant, observed = Instant(), Observed(1, "1", START, True, NOW, Quality.GOOD)
    contents = [Content(float(value), None, Quality.GOOD) for value in (1, 2)]
    for content in contents:
        instant.add("total_count", content, observed)
        instant.add("power", content, observed)
    instant.add("power", None, observed)
    assert [content for _, content, _ in instant.counted] == contents
    assert instant.held == {"power": (contents[1], observed)}
