"""Hours that repeat what was told before: a day copied from another day, or from another line.

Two hours of a real line are never the same to the microsecond and to the item, but for a line that
stands still, or that makes one item a cycle all the time. So what counts is not that hours are the
same, but how much they had to say. Each slice of facts (an hour, or less) tells how long each state
held, and how many items came. What is the same by plan or by design says nothing:

- a state that held all of the slice, none of it, or whole minutes of it;
- a number that another slice of the same day and line has as well, or nearly;
- durations that vary by less than two cycles over the day, and counts that vary by less than two
  items beside what the producing time explains.

What is left counts as many bits as the numbers of that day vary by (log2 of their mean deviation in
seconds, or items), six at most. Of the states of a slice one is given by the others. An example, a
line with stops (deviation 240 s, so 6 bits, and 20 items: 3.3 bits):

    hour     10 March               17 March               the same   bits
    08:00    3312.418 s, 1481       3312.418 s, 1481       both       9.3
    09:00    2911.093 s, 1290       2911.093 s, 1290       both       9.3
    10:00    3600 s, 1642           3600 s, 1642           both       3.3: it ran all the hour
    11:00    1204.770 s, 530        1811.002 s, 811        nothing    0

A day repeats another one where 40 bits or more, in three hours or more, are the same at the same
time of day: by chance that happens to one of 10^12 pairs of days, and ten lines have 10^7 pairs in
two years. Days that were copied and then shifted, or changed a little everywhere, are not found.
"""

from __future__ import annotations

import polars as pl

from domain.frames import STATE_COLUMNS
from domain.time import HOUR_US

BITS_MIN = 40.0
HOURS_MIN = 3.0
BITS_OF_ONE_MAX = 6.0
_DAY = ("line", "day")
_MINUTE_US = 60_000_000
_SECOND_US = 1_000_000
_NEAR = 5  # seconds, or items: within them two numbers of a day count as the same


def same_hours(facts: pl.DataFrame, zone: str) -> pl.DataFrame:
    """Days with hours that an earlier day, or another line on the same day, has told: line, day,
    from_line, from_day, same_us (how much time is the same), bits. `facts`: FACTS; `zone`: of the
    tz database, in which days are days."""
    slices = _slices(facts, zone)
    states = [name for name in STATE_COLUMNS if name != "unknown_us" and slices[name].sum()]
    same = []
    key = ("clock_us", "length_us", *states)
    if _any_again(slices, key, states):
        same.append(_same(slices, key, _bits_of_states(states)))
    same.append(_same(slices, ("clock_us", "length_us", "items"), _bits_of_items()))
    return (
        pl.concat(same)
        .group_by("line", "day", "from_line", "from_day", "start")
        .agg(pl.col("bits").sum(), pl.col("length_us").first())
        .group_by("line", "day", "from_line", "from_day")
        .agg(pl.col("bits").sum(), pl.col("length_us").sum().alias("same_us"))
        .filter((pl.col("bits") >= BITS_MIN) & (pl.col("same_us") >= HOURS_MIN * HOUR_US))
        .sort("line", "from_line", "day", "from_day")
    )


def _slices(facts: pl.DataFrame, zone: str) -> pl.DataFrame:
    """A row a slice: line, day, clock_us (local time of day), length_us, states, items, cycle_s."""
    local = pl.col("start").dt.convert_time_zone(zone)
    ideal, items = pl.col("ideal_s").sum(), pl.col("total_count").sum()
    return (
        facts.group_by("line", "day", "start", "end")
        .agg(
            *(pl.col(name).sum() for name in STATE_COLUMNS),
            items=pl.when(pl.col("total_count").is_not_null().any()).then(items.round(3)),  # shares
            cycle_s=pl.when(items > 0).then(ideal / items),
        )
        .with_columns(
            clock_us=(local - local.dt.truncate("1d")).dt.total_microseconds(),
            length_us=(pl.col("end") - pl.col("start")).dt.total_microseconds(),
            cycle_s=pl.col("cycle_s").median().over(_DAY).fill_null(1.0).clip(lower_bound=1.0),
        )
        # A slice of one state in which nothing was made says nothing.
        .filter((pl.max_horizontal(STATE_COLUMNS) < pl.col("length_us")) | (pl.col("items") > 0))
        .sort("day", "line", "start")
    )


def _any_again(slices: pl.DataFrame, key: tuple[str, ...], states: list[str]) -> bool:
    """Whether any slice that may say something with its states has the key of another one: mostly
    none has, and to find that out takes a tenth of counting bits."""
    odd = [_is_odd(pl.col(name)) for name in states] or [pl.lit(value=False)]
    return bool(slices.filter(pl.any_horizontal(odd)).select(key).is_duplicated().any())


def _same(slices: pl.DataFrame, key: tuple[str, ...], bits: pl.Expr) -> pl.DataFrame:
    """The slices that say what the first one with the same key said, and how much that is."""
    told = slices.with_columns(bits=bits).filter(pl.col("bits") > 0)
    first = [pl.col(name).first().over(key).alias(f"from_{name}") for name in _DAY]
    return (
        told.with_columns(first)
        .filter((pl.col("day") != pl.col("from_day")) | (pl.col("line") != pl.col("from_line")))
        .select("line", "day", "from_line", "from_day", "start", "length_us", "bits")
    )


def _bits_of_states(states: list[str]) -> pl.Expr:
    """All but the most telling one: that is given by the others."""
    bits = [_bits_of_state(pl.col(name)) for name in states] or [pl.lit(0.0)]
    return pl.sum_horizontal(bits) - pl.max_horizontal(bits)


def _bits_of_state(held_us: pl.Expr) -> pl.Expr:
    seconds = pl.when(_is_odd(held_us)).then(held_us / _SECOND_US)
    return _bits(seconds, _deviation(seconds) / (2 * pl.col("cycle_s")))


def _is_odd(held_us: pl.Expr) -> pl.Expr:
    return (held_us > 0) & (held_us < pl.col("length_us")) & (held_us % _MINUTE_US != 0)


def _bits_of_items() -> pl.Expr:
    """Beside what the producing time explains at the day's own rate."""
    producing_s = pl.when(pl.col("items") > 0).then(pl.col("producing_us") / _SECOND_US)
    rate = pl.col("items").sum().over(_DAY) / producing_s.sum().over(_DAY)
    unexplained = pl.when(producing_s > 0).then(pl.col("items") - rate * producing_s)
    return _bits(pl.when(pl.col("items") > 0).then(pl.col("items")), _deviation(unexplained) / 2)


def _bits(number: pl.Expr, deviation: pl.Expr) -> pl.Expr:
    """Of a number that no other slice of its day has, nearly."""
    is_alone = pl.lit(True)
    for shift in (0.0, _NEAR / 2):
        place = ((number + shift) / _NEAR).floor()
        is_alone = is_alone & (place.count().over(*_DAY, place) == 1)
    found = deviation.log(2).clip(0.0, BITS_OF_ONE_MAX)
    return pl.when(number.is_not_null() & is_alone).then(found).otherwise(0.0).fill_nan(0.0)


def _deviation(number: pl.Expr) -> pl.Expr:
    """From the day's median, on average."""
    return (number - number.median().over(_DAY)).abs().mean().over(_DAY).fill_null(0.0)
