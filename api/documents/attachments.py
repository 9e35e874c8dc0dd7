"""Attached documents as JSON: what is told of them, never their bytes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from zoneinfo import ZoneInfo

from api.documents.times import local_text
from domain.grants import AttachedDocument
from store.archive.document_types import media_type_of


def attachment_json(
    document: AttachedDocument, zone: ZoneInfo, name: Callable[[str], str] = str
) -> dict[str, Any]:
    """`name`: how people's names are told to who reads it. `retain_until` null: for ever."""
    hold = document.hold
    return {
        "project": document.project,
        "milestone": document.milestone or None,
        "kind": document.kind,
        "file_name": document.file_name,
        "media_type": media_type_of(document.file_name),
        "sha256": document.sha256,
        "bytes": document.size,
        "attached_at": local_text(document.attached_at, zone),
        "attached_by": name(document.attached_by),
        "retain_until": document.retain_until and document.retain_until.isoformat(),
        "hold": hold
        and {
            "by": name(hold.put_by),
            "at": local_text(hold.put_at, zone),
            "reason": hold.reason,
        },
        "removed_at": local_text(document.removed_at, zone),
    }
