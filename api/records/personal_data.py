"""A person's data as administrators list and erase them: the same by HTTP and command line."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from store.registry.audit import entry_json
from store.registry.personal_data import Held, NeededPeriod, NeededStep, PersonalData
from store.registry.registry import Registry

NOT_LOOKED_INTO = (
    "the bytes of attached documents",
    "the batches that machines sent, and what was computed from them",
    "logs, backups, and files that were downloaded",
)


def personal_data_json(registry: Registry, name: str) -> dict[str, Any]:
    """All that is held of that name. Raises NotFoundError where it is nothing."""
    found, zone = registry.people.data(name), zone_of(registry)
    return {
        "name": name,
        "names": list(found.names),
        "held": [_held_json(it, zone) for it in found.held],
        "audit": [entry_json(it) for it in found.audit],
        "needed_by": _needed_json(found, zone),
        "not_looked_into": list(NOT_LOOKED_INTO),
    }


def erase_person(registry: Registry, name: str, now: datetime) -> dict[str, Any]:
    """What took its place, and what still has the name. Raises NotFoundError, BusyError;
    InputError where an accepted period or a step of a milestone needs it."""
    zone = zone_of(registry)
    done = registry.people.erase(name, now, zone)
    return {
        "name": name,
        "reference": done.reference,
        "rows": done.rows,
        "audit_rows": done.audit_rows,
        "kept": [_held_json(it, zone) for it in done.kept],
        "not_looked_into": list(NOT_LOOKED_INTO),
    }


def zone_of(registry: Registry) -> ZoneInfo:
    """That of the first plant, in which times are told."""
    plants = registry.plants.all()
    return plants[0].zone if plants else ZoneInfo("UTC")


def _needed_json(found: PersonalData, zone: ZoneInfo) -> list[dict[str, Any]]:
    return [_need_json(it, zone) for it in found.needed]


def _need_json(it: NeededPeriod | NeededStep, zone: ZoneInfo) -> dict[str, Any]:
    if isinstance(it, NeededStep):
        return {
            "project": it.project,
            "milestone": it.milestone or None,
            "at": it.at.astimezone(zone).isoformat(),
            "why": it.why,
        }
    return {
        "line": it.line,
        "start": it.start.astimezone(zone).isoformat(),
        "end": it.end.astimezone(zone).isoformat(),
        "why": it.why,
    }


def _held_json(held: Held, zone: ZoneInfo) -> dict[str, Any]:
    row = {name: _plain(value, zone) for name, value in held.row.items()}
    return {
        "where": held.column.table.name,
        "column": held.column.name,
        "erasing": held.erasing.value,
        "row": row,
    }


def _plain(value: Any, zone: ZoneInfo) -> Any:
    return value.astimezone(zone).isoformat() if isinstance(value, datetime) else value
