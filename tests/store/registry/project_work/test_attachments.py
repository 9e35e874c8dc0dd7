"""Documents attached to milestones."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from registered import LATER, NOW, apply_grant, apply_plant

from domain.errors import InputError, NotFoundError
from store.registry.project_work import attachments
from store.registry.registry import Registry


def test_a_document_stays_with_its_milestone(registry: Registry, tmp_path: Path) -> None:
    apply_plant(registry)
    apply_grant(registry)
    place = ("NIFS-2025-017", "M5", "audited_accounts")
    one = registry.attach.document(*place, "帳目 2026.pdf", b"%PDF-1", NOW, attached_by="Chan")
    again = registry.attach.document(*place, "copy.pdf", b"%PDF-1", LATER, attached_by="Lee")
    assert again == one
    two = registry.attach.document(*place, "new.pdf", b"%PDF-2", LATER, attached_by="Lee")
    assert registry.attachments.of_project("NIFS-2025-017") == [one, two]
    assert (one.file_name, one.attached_by, one.attached_at) == ("帳目 2026.pdf", "Chan", NOW)
    # 18:30 in London is the next day in Hong Kong.
    assert one.attached_on == date(2026, 3, 2)
    assert registry.attachments.data(two.sha256) == b"%PDF-2"


def test_a_document_for_nothing_is_refused(registry: Registry) -> None:
    apply_plant(registry)
    apply_grant(registry)
    with pytest.raises(NotFoundError, match="has no milestone 'M7'"):
        registry.attach.document(
            "NIFS-2025-017", "M7", "x", "x.pdf", b"%PDF-", NOW, attached_by="C"
        )
    with pytest.raises(NotFoundError, match="there is no project 'X'"):
        registry.attachments.of_project("X")


@pytest.mark.parametrize(
    "name",
    [
        "", ".", "..", "../a.pdf", "a/b.pdf", "..\\a.pdf", "C:a.pdf", "/etc/passwd", "a\0.pdf",
        "a\r\nX: y.pdf", "\x1b[2J.pdf", "fdp\u202e.exe", 'a".pdf', "<b>.pdf", "x" * 201, "帳" * 67,
        "CON.pdf", "nul.2026.csv",
    ],
)  # fmt: skip
def test_a_name_that_is_none_in_every_folder_is_refused(registry: Registry, name: str) -> None:
    apply_plant(registry)
    apply_grant(registry)
    with pytest.raises(InputError, match="is no name for a document") as told:
        registry.attach.document("NIFS-2025-017", "M5", "x", name, b"x", NOW, attached_by="C")
    assert str(told.value).isprintable()
    assert registry.attachments.of_project("NIFS-2025-017") == []


def test_what_is_taken_is_of_a_type_and_not_too_long(
    registry: Registry, monkeypatch: pytest.MonkeyPatch
) -> None:
    apply_plant(registry)
    apply_grant(registry)
    entities = b'<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]><svg onload="x()">&a;</svg>'
    place = ("NIFS-2025-017", "M5", "x")
    for name in ("drawing.svg", "drawing.pdf", "drawing.csv"):
        with pytest.raises(InputError, match=name):
            registry.attach.document(*place, name, entities, NOW, attached_by="C")
    monkeypatch.setattr(attachments, "DOCUMENT_MAX_BYTES", 10)
    with pytest.raises(InputError, match=r"a\.pdf: a document has at most 10 bytes"):
        registry.attach.document(*place, "a.pdf", b"%PDF-" + b"x" * 6, NOW, attached_by="C")
    assert registry.attachments.of_project("NIFS-2025-017") == []
