"""The registry as a whole: its version, and how it stood at an earlier time."""

from __future__ import annotations

import pytest
from registered import HOUR, NOW, apply_grant, apply_plant, let_in, quantity, withdrawal

from domain.corrections import LineCorrections
from domain.errors import NotFoundError
from store.registry.registry import Registry


def test_what_held_at_an_earlier_time(registry: Registry) -> None:
    first, second = quantity("a"), quantity("b", NOW + HOUR)
    gone = withdrawal(first, NOW + 2 * HOUR)
    for it in (first, second, gone):
        registry.record.correction(it, let_in)
    view = registry.as_known_at(NOW + HOUR)
    assert view.records.corrections("filler-1") == [first, second]
    assert view.as_known_at(NOW).records.corrections("filler-1") == [first]
    assert registry.records.corrections("filler-1") == [first, second, gone]
    assert view.facts_basis.line_corrections("filler-1") == LineCorrections((first, second))
    assert registry.facts_basis.line_corrections("filler-1").in_force == (second,)
    with pytest.raises(NotFoundError):
        view.records.correction(gone.id)


def test_a_view_reads_what_was_attached_until_then(registry: Registry) -> None:
    apply_plant(registry)
    apply_grant(registry)
    place = ("NIFS-2025-017", "M5", "audited_accounts")
    attached = registry.attach.document(*place, "a.pdf", b"%PDF-1", NOW, attached_by="Chan")
    documents = registry.as_known_at(NOW).attachments
    assert documents.of_project("NIFS-2025-017") == [attached]
    assert documents.data(attached.sha256) == b"%PDF-1"
    assert registry.as_known_at(NOW - HOUR).attachments.of_project("NIFS-2025-017") == []
    assert registry.as_known_at(NOW - HOUR).projects.all() == registry.projects.all()


def test_a_view_has_parts_to_read_and_none_to_write(registry: Registry) -> None:
    view = registry.as_known_at(NOW)
    parts = {name: part for name, part in vars(view).items() if not name.startswith("_")}
    assert set(parts) == {
        "plants", "projects", "attachments", "attested", "records", "milestone_steps",
        "facts_basis", "site_visits", "change_requests", "alerts",
    }  # fmt: skip
    assert not hasattr(view.facts_basis, "mark_applied")
    before = registry.version
    apply_plant(registry)
    assert view.version == registry.version > before, "a view's answers are of the same registry"
    assert view.plants.all()[0] is registry.plants.all()[0], "one text is read once for all"


def test_the_version_grows_by_what_is_recorded_and_by_nothing_else(registry: Registry) -> None:
    before = registry.version
    registry.records.corrections("filler-1")
    registry.facts_basis.mark_applied("filler-1", 0)
    assert registry.version == before, "how far stored facts follow is in no answer"
    registry.record.correction(quantity("q1"), let_in)
    assert registry.version > before
