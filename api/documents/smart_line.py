"""The checklist of a smart line: `GET projects/{ref}/smart-line`."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from domain.grants import Reason
from domain.plant import text_in
from domain.schemes.smart_line import SmartPoint, document_kind


def smart_line_json(
    points: Sequence[SmartPoint], language: str, say: Callable[[Reason], str] = str
) -> list[dict[str, Any]]:
    """One row a point; `say` puts what was measured into the reader's language."""
    return [
        {
            "point": it.item.name,
            "title": text_in(it.item.title, language),
            "is_evidenced": it.is_evidenced,
            "measured": None if it.measured is None else say(it.measured),
            "share_of_machines": it.share,
            "document_kind": document_kind(it.item.name),
            "documents": [each.sha256 for each in it.documents],
            "source": it.item.source.title,
            "is_excerpt": it.item.source.is_excerpt,
        }
        for it in points
    ]
