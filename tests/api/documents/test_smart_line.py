"""The checklist of a smart line as JSON."""

from __future__ import annotations

from datetime import UTC, date, datetime

from api.documents.smart_line import smart_line_json
from domain.grants import AttachedDocument, Reason
from domain.plant import text_in
from domain.schemes.funding import rule_for
from domain.schemes.smart_line import ConnectedMachines, smart_points


def test_a_row_has_what_is_measured_and_which_documents_there_are() -> None:
    rule = rule_for("NIFS", date(2026, 1, 15))
    at = datetime(2026, 3, 2, tzinfo=UTC)
    paper = AttachedDocument("P", "M1", "smart-iot", "a.pdf", "ab" * 32, at, at.date(), "Lee")
    points = smart_points(rule, ConnectedMachines(4, 3, 0, 0, 0), [paper])

    def say(reason: Reason) -> str:
        return f"said: {reason}"

    rows = smart_line_json(points, "zh-Hans", say)
    assert rule is not None
    assert [it["title"] for it in rows] == [
        text_in(it.title, "zh-Hans") for it in rule.smart_points
    ]
    assert rows[0] == {
        "point": "iot",
        "title": "物联网",
        "is_evidenced": True,
        "measured": "said: 3 of 4 machines are connected by an agent",
        "share_of_machines": 0.75,
        "document_kind": "smart-iot",
        "documents": ["ab" * 32],
        "source": "smelink.gov.hk, page of the scheme",
        "is_excerpt": False,
    }
    assert (rows[1]["is_evidenced"], rows[1]["share_of_machines"]) == (False, 0.0)
