"""Rows of alerts, each with its acknowledgement, as values."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, Select, select

from domain.alerts import Acknowledgement, Alert, AlertCause, AlertKind
from store.registry.line_work.tables import alert_acknowledgements, alerts, outbox_alerts

_said = alert_acknowledgements.c
_WITH_ACKNOWLEDGEMENT = select(
    alerts, _said.author, _said.device, _said.acknowledged_at, _said.note
).join_from(alerts, alert_acknowledgements, _said.alert == alerts.c.number, isouter=True)


def alert_rows() -> Select[Any]:
    """All of them; to be narrowed and sorted by whoever asks."""
    return _WITH_ACKNOWLEDGEMENT


def alerts_of_rows(connection: Connection, rows: Select[Any]) -> list[Alert]:
    return [_alert(it) for it in connection.execute(rows).mappings()]


def alerts_by_message(connection: Connection, messages: Sequence[int]) -> dict[int, list[Alert]]:
    """What each of the messages tells, by their numbers."""
    link = outbox_alerts
    rows = alert_rows().add_columns(link.c.message).join(link, link.c.alert == alerts.c.number)
    found: dict[int, list[Alert]] = {}
    wanted = rows.where(link.c.message.in_(messages)).order_by(alerts.c.number)
    for row in connection.execute(wanted).mappings():
        found.setdefault(row["message"], []).append(_alert(row))
    return found


def _alert(row: Any) -> Alert:
    said = None
    if row["acknowledged_at"] is not None:
        said = Acknowledgement(row["author"], row["acknowledged_at"], row["note"], row["device"])
    return Alert(
        row["number"],
        AlertCause(
            row["line"],
            AlertKind(row["kind"]),
            row["rule_limit"],
            row["since"],
            row["value"],
            row["what"],
            row["measurement"],
        ),
        row["raised_at"],
        row["ended_at"],
        said,
    )
