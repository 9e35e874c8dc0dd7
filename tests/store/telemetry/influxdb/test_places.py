"""Different samples of one microsecond never overwrite each other, whatever their hash."""

from __future__ import annotations

from random import Random

import polars as pl
import pytest
from influx import InfluxServer
from telemetry import at, batch, samples

from store.telemetry.influxdb.places import PLACES, placed
from store.telemetry.influxdb.points import telemetry_points
from store.telemetry.influxdb.store import InfluxStore
from store.telemetry.protocol import BatchContent

TAGS = ("line", "machine", "signal")


def points(*values: float) -> pl.DataFrame:
    of = samples(*({"time": at(10), "value": value} for value in values))
    content = BatchContent(of, batch(1)[1].spans, batch(1)[1].rejections)
    ((_, found),) = telemetry_points(content)
    return found


@pytest.fixture(scope="module")
def alike() -> list[float]:
    """Five values whose hashes are the same, and one whose hash is the next."""
    every = [float(value) for value in range(20_000)]
    hashes = (points(*every)["time_ns"] % PLACES).to_list()
    same = [value for value, it in zip(every, hashes, strict=True) if it == 998][:5]
    return [*same, next(value for value, it in zip(every, hashes, strict=True) if it == 999)]


def test_those_of_one_hash_take_the_next_free_places(alike: list[float]) -> None:
    found = placed(points(*alike), points(1.0)[:0], TAGS)
    assert found["time_ns"].n_unique() == len(alike)
    assert (found["time_ns"] // PLACES).n_unique() == 1, "the microsecond is the same"
    assert sorted(found["value"]) == sorted(alike)


def test_a_repeat_finds_its_own_place(alike: list[float]) -> None:
    stored = placed(points(*alike), points(1.0)[:0], TAGS)
    again = placed(points(*alike[::-1], alike[2]), stored, TAGS)
    assert again.sort("value").equals(stored.sort("value"))
    alone = placed(points(alike[4]), stored, TAGS)
    assert alone.equals(stored.filter(value=alike[4]))


def test_where_no_hashes_are_the_same_nothing_is_moved() -> None:
    some = points(1.0, 2.0, 3.0)
    assert placed(some, points(4.0), TAGS) is some
    assert placed(some, some, TAGS) is some


def test_more_than_there_are_places_for_is_no_overwriting() -> None:
    with pytest.raises(ValueError, match="more than 1000"):
        placed(points(*map(float, range(PLACES + 1))), points(1.0)[:0], TAGS)


def test_all_are_there_in_any_order_of_arrival(influx: InfluxServer, alike: list[float]) -> None:
    chance = Random(1)
    for _ in range(4):
        store = InfluxStore(influx.url, influx.org, influx.new_bucket(), influx.token)
        arriving = chance.sample([*alike, *alike], 2 * len(alike))
        number = 0
        while arriving:
            number, count = number + 1, chance.randint(1, 3)
            rows = [{"time": at(10), "value": value} for value in arriving[:count]]
            store.append([batch(number, samples(*rows))])
            arriving = arriving[count:]
        found = store.history("filler-1", at(0), at(60)).samples["value"].to_list()
        assert found == sorted(alike)
        store.close()
