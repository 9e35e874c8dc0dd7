"""An alert in a registry, as an acknowledgement needs it."""

from __future__ import annotations

from datetime import datetime, timedelta

from domain.alerts import Acknowledgement, Alert, AlertCause, AlertKind, StandingCauses
from store.registry.registry import Registry


def stopped(line: str, since: datetime) -> AlertCause:
    return AlertCause(line, AlertKind.STOPPED, 600, since, 601, "fault")


def raise_alert(registry: Registry, cause: AlertCause, now: datetime) -> Alert:
    (raised,) = registry.keep_alerts.follow(StandingCauses([cause]), lambda _cause: (), now)
    return raised


def acknowledged(
    registry: Registry, line: str, author: str, at: datetime, note: str = "", device: str = ""
) -> Alert:
    """A stop of the line, raised and acknowledged by `author` without any check."""
    alert = raise_alert(registry, stopped(line, at - timedelta(minutes=10)), at)
    new = Acknowledgement(author, at, note, device)
    return registry.keep_alerts.acknowledge(alert.number, new, lambda _alert: None)
