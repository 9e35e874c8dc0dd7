"""The live document: `GET lines/{line}` and its events."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from api.documents.kpi_rows import kpi_row_json, window_json
from api.documents.source_faults import fault_json
from api.documents.times import local_text
from api.i18n import language
from api.queries.live import Live
from api.queries.withheld import told


def live_json(live: Live) -> dict[str, Any]:
    """Fields as `Live` names them; times with the plant's offset."""
    zone, period = live.zone, live.period
    return {
        "plant": live.plant,
        "line": live.line,
        "name": live.name,
        "at": local_text(live.at, zone),
        "state": live.state,
        "since": local_text(live.since, zone),
        "reason": live.reason,
        "alarm": live.alarm,
        "order": live.order,
        "product": live.product,
        "speed": live.speed,
        "total_counter": live.total_counter,
        "machines": [
            {
                "machine": it.machine,
                "at": local_text(it.at, zone),
                "stale": it.stale,
                "lost": it.lost,
            }
            for it in live.machines
        ],
        "last_heard": local_text(live.last_heard, zone),
        "stale": live.stale,
        "faults": [fault_json(it.machine, it.fault, language("en"), zone) for it in live.faults],
        "alerts": [
            {
                "number": it.number,
                "kind": it.cause.kind.value,
                "measurement": it.cause.measurement or None,
                "since": local_text(it.cause.since, zone),
                "state": it.state.value,
            }
            for it in live.alerts
        ],
        "plan": live.plan,
        "next_period": local_text(live.next_period, zone),
        "kpis": kpi_row_json(live.kpis) if live.kpis else None,
        "forecast": asdict(live.forecast) if live.forecast else None,
        "target": asdict(live.target) if live.target else None,
        "shift": period
        and {
            "name": period.name,
            **window_json(period.window, zone),
            "planned_busy_time_s": period.planned_s,
        },
        **told(live.withheld),
    }
