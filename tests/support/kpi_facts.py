"""Facts as hypothesis makes them up: any plan, mode, order, reason, state and count."""

from __future__ import annotations

from datetime import UTC, date, datetime

import polars as pl
from hypothesis import strategies as st

from domain.frames import FACTS, ORDER_LOST, QUANTITY_COLUMNS, REASON_LOST, STATE_COLUMNS
from domain.states import MachineMode, Plan, ReasonKind

CYCLE_S = 2.0
START = datetime(2026, 3, 2, tzinfo=UTC)

_HIDDEN = QUANTITY_COLUMNS[QUANTITY_COLUMNS.index("ideal_unknown_s") :]

micros = st.integers(0, 3600).map(lambda seconds: seconds * 1_000_000)


@st.composite
def facts_row(draw: st.DrawFn) -> dict[str, object]:
    """A row of FACTS as the kernel makes them: what is counted took at least its ideal time."""
    plan = draw(st.sampled_from([p.value for p in Plan]))
    times = {column: draw(micros) for column in STATE_COLUMNS}
    unknown = draw(st.booleans())
    # A row is known or unknown throughout where it counts.
    if unknown:
        times = {c: (t if c == "unknown_us" else 0) for c, t in times.items()}
    else:
        times["unknown_us"] = 0
    room = (times["unknown_us"] if unknown else times["producing_us"]) / 1e6 / CYCLE_S
    total = room * draw(st.floats(0, 1))
    good = total * draw(st.floats(0, 1))
    implausible = draw(st.sampled_from([0.0, 0.0, 12.0]))
    return {
        "plan": plan,
        "mode": draw(st.sampled_from([None, *(m.value for m in MachineMode)])),
        "order": draw(st.sampled_from([None, "", "A", ORDER_LOST])),
        "reason_kind": draw(st.sampled_from([None, REASON_LOST, *ReasonKind.names()])),
        **times,
        "total_count": total,
        "good_count": good,
        "reject_count": total - good,
        "rework_count": good * draw(st.floats(0, 1)),
        "total_count_unknown": total if unknown else 0.0,
        "good_count_unknown": good if unknown else 0.0,
        "ideal_s": 0.0 if unknown else total * CYCLE_S,
        "good_ideal_s": good * CYCLE_S,
        "energy_kwh": draw(st.floats(0, 10)),
        "total_count_implausible": implausible,
        "implausible_ideal_s": implausible * CYCLE_S,
        "ideal_unknown_s": total * CYCLE_S if unknown else 0.0,
        "possible_count": times["unknown_us"] / 1e6 / CYCLE_S if plan == Plan.BUSY else 0.0,
        "stops": 1,
        "failures": draw(st.integers(0, 2)),
    }


@st.composite
def maybe_silent_row(draw: st.DrawFn) -> dict[str, object]:
    """The same, but the counters may not have been heard in it."""
    row = draw(facts_row())
    if draw(st.booleans()):
        return row
    producing_s, possible = (float(str(row[name])) for name in ("producing_us", "possible_count"))
    producing_s /= 1e6
    counts = ("total_count", "good_count", "reject_count", "rework_count")
    silent = dict.fromkeys(f"{count.split('_')[0]}_unheard_s" for count in counts)
    nothing = dict.fromkeys((*counts, "ideal_s", "good_ideal_s", "energy_kwh"))
    return {
        **row,
        **nothing,
        "total_count_unknown": None,
        "good_count_unknown": None,
        "ideal_unknown_s": None,
        **dict.fromkeys(silent, producing_s),
        "total_missing_s": producing_s,
        "energy_unheard_s": 10.0,
        "possible_count": possible + producing_s / CYCLE_S,
    }


def frame(rows: list[dict[str, object]]) -> pl.DataFrame:
    filled = {
        "line": "l1",
        "start": START,
        "end": START,
        "day": date(2026, 3, 2),
        "shift": None,
        "shift_start": None,
        "product": "",
        "flags": 0,
        **dict.fromkeys(_HIDDEN, 0.0),
    }
    assert all(set(QUANTITY_COLUMNS) - set(_HIDDEN) <= set(row) for row in rows)
    return pl.DataFrame([filled | row for row in rows], schema=FACTS)
