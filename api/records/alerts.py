"""Who acknowledges an alert, for HTTP and pages alike."""

from __future__ import annotations

from functools import partial

from api.queries.lines import Queries
from api.records.handovers import Signer
from domain.alerts import Acknowledgement, Alert, check_acknowledgement
from store.registry.line_work.alerts import KeepingAlerts


def acknowledge_alert(
    queries: Queries, alerts: KeepingAlerts, number: int, note: str, by: Signer
) -> Alert:
    """Raises InputError or NotFoundError where it is refused, BusyError where somebody else was as
    quick."""
    new = Acknowledgement(by.name.strip(), queries.now(), note.strip(), by.device)
    return alerts.acknowledge(number, new, partial(check_acknowledgement, new=new))
