"""The checklist of a smart line: what the machines show, what documents do, what stays open."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime

from domain.grants import AttachedDocument
from domain.schemes.funding import rule_for
from domain.schemes.smart_line import ConnectedMachines, document_kind, smart_points

RULE = rule_for("NIFS", date(2026, 1, 15))
ALL = ConnectedMachines(machines=3, connected=2, heard=1, signals=14, days=20)
NONE = ConnectedMachines(machines=3, connected=0, heard=0, signals=0, days=0)
PAPER = AttachedDocument(
    "P", "M1", "smart-automation", "robots.pdf", "ab" * 32, datetime(2026, 3, 2, tzinfo=UTC),
    date(2026, 3, 2), "Lee",
)  # fmt: skip


def test_what_the_machines_show_of_each_point() -> None:
    points = {it.item.name: it for it in smart_points(RULE, ALL, [])}
    said = {name: str(it.measured) for name, it in points.items() if it.measured}
    assert said == {
        "iot": "2 of 3 machines are connected by an agent",
        "real_time_data": "1 of 3 machines were heard within the last day",
        "analytics": "key figures are computed of 20 days",
        "sensors": "14 signals of the machines are measured",
    }
    assert (points["iot"].share, points["real_time_data"].share) == (2 / 3, 1 / 3)
    assert not points["automation"].is_evidenced


def test_a_document_evidences_the_point_that_its_kind_names() -> None:
    removed = replace(PAPER, removed_at=PAPER.attached_at)
    for documents, is_evidenced in (
        ([PAPER], True), ([removed], False), ([replace(PAPER, kind="automation")], False),
    ):  # fmt: skip
        points = {it.item.name: it for it in smart_points(RULE, NONE, documents)}
        assert points["automation"].is_evidenced == is_evidenced
        assert not points["iot"].is_evidenced
    assert document_kind("real_time_data") == "smart-real-time-data"


def test_without_machines_or_points_nothing_is_shared_out() -> None:
    empty = smart_points(RULE, replace(NONE, machines=0), [])
    assert {it.share for it in empty} == {None}
    assert smart_points(None, ALL, []) == []
    assert smart_points(rule_for("MPUPS", date(2026, 1, 15)), ALL, []) == []
