"""Holds, and what is removed when: in a real registry, up to a crash between row and bytes."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from registered import GRANT, LATER, NOW, apply_grant, apply_plant

from domain.document_acts import ActOnDocument, DocumentAct
from domain.errors import InputError, NotFoundError, StorageError
from domain.grants import AttachedDocument
from lineproof.upkeep.registry_checks import documents
from store.archive.blobs import Blobs
from store.registry.registry import Registry

REF, OTHER = "NIFS-2025-017", "NIFS-2025-018"
YEARS = timedelta(days=366 * 12)
BEHIND = NOW + YEARS
PDF = b"%PDF-1.7 accounts"


@pytest.fixture(autouse=True)
def _applied(registry: Registry) -> None:
    apply_plant(registry)
    apply_grant(registry)


def attached(registry: Registry, project: str = REF, data: bytes = PDF) -> AttachedDocument:
    place = (project, "M5", "audited_accounts", "accounts.pdf")
    return registry.attach.document(*place, data, NOW, attached_by="Chan")


def put(registry: Registry, document: AttachedDocument, act: DocumentAct) -> AttachedDocument:
    return registry.retain.put(
        ActOnDocument(document.project, document.sha256, act, "Ho", LATER, "an audit")
    )


def expire(
    registry: Registry, agree: Callable[[list[AttachedDocument]], bool] = lambda _due: True
) -> list[str]:
    found = registry.retain.remove_expired(BEHIND, author="Ann", agree=agree)
    return [it.sha256 for it in found]


def remove(registry: Registry, sha256: str, now: datetime = BEHIND) -> None:
    """This one alone."""
    found = registry.retain.remove_expired(
        now, author="Ann", agree=lambda _due: True, only=(REF, sha256)
    )
    assert {it.sha256 for it in found} == {sha256}


def is_there(registry: Registry, document: AttachedDocument) -> bool:
    with contextlib.suppress(NotFoundError):
        return registry.attachments.data(document.sha256) == PDF
    return False


def test_what_is_behind_its_day_goes_and_its_row_stays(registry: Registry) -> None:
    kept = attached(registry)
    assert kept.retain_until is not None
    assert kept.size == len(PDF)
    last = NOW.replace(year=kept.retain_until.year, month=kept.retain_until.month, day=1)
    assert registry.retain.remove_expired(last, author="Ann", agree=lambda _due: True) == []
    assert expire(registry, lambda due: due != [kept]) == []
    assert is_there(registry, kept)
    assert expire(registry) == [kept.sha256]
    (told,) = registry.attachments.of_project(REF)
    assert (told.sha256, told.removed_at, told.size) == (kept.sha256, BEHIND, len(PDF))
    assert not is_there(registry, kept)
    (finding,) = documents(registry)
    assert finding.status == "ok"
    assert "the bytes of 1 were removed" in finding.detail
    assert expire(registry) == []
    assert list(registry.recorded.faults()) == []


def test_a_hold_keeps_it_until_it_is_released(registry: Registry) -> None:
    kept = attached(registry)
    held = put(registry, kept, DocumentAct.HOLD)
    assert held.hold is not None
    assert (held.hold.put_by, held.hold.reason) == ("Ho", "an audit")
    assert expire(registry) == []
    with pytest.raises(InputError, match="on legal hold, by Ho"):
        remove(registry, kept.sha256, BEHIND)
    assert is_there(registry, kept)
    assert registry.as_known_at(NOW).attachments.of_project(REF)[0].hold is None
    assert put(registry, kept, DocumentAct.RELEASE).hold is None
    remove(registry, kept.sha256, BEHIND)
    assert not is_there(registry, kept)


def test_before_its_day_and_of_what_is_not_there_nothing_is_removed(registry: Registry) -> None:
    kept = attached(registry)
    with pytest.raises(InputError, match="it is kept until 20"):
        remove(registry, kept.sha256, LATER)
    with pytest.raises(NotFoundError, match="has no document"):
        remove(registry, "0" * 64)
    with pytest.raises(NotFoundError, match="has no document"):
        put(registry, attached_elsewhere(kept), DocumentAct.HOLD)
    assert is_there(registry, kept)


def attached_elsewhere(document: AttachedDocument) -> AttachedDocument:
    return AttachedDocument(document.project, "M5", "x", "x.pdf", "f" * 64, NOW, NOW.date(), "Chan")


def test_where_no_rule_is_known_it_is_kept_for_ever(registry: Registry) -> None:
    apply_grant(registry, GRANT.replace("scheme: NIFS", "scheme: NITTP"))
    kept = attached(registry)
    assert kept.retain_until is None
    assert expire(registry) == []
    with pytest.raises(InputError, match="kept for ever"):
        remove(registry, kept.sha256, BEHIND)


@pytest.mark.parametrize("because", ["hold", "scheme"])
def test_bytes_that_another_project_needs_stay(registry: Registry, because: str) -> None:
    other = GRANT.replace(REF, OTHER)
    if because == "scheme":
        other = other.replace("scheme: NIFS", "scheme: NITTP")
    apply_grant(registry, other)
    mine, theirs = attached(registry), attached(registry, OTHER)
    if because == "hold":
        put(registry, theirs, DocumentAct.HOLD)
    assert expire(registry) == []
    with pytest.raises(InputError, match=OTHER):
        remove(registry, mine.sha256, BEHIND)
    assert is_there(registry, mine)


def test_of_two_projects_that_both_let_it_go_it_goes_from_both(registry: Registry) -> None:
    apply_grant(registry, GRANT.replace(REF, OTHER))
    attached(registry), attached(registry, OTHER)
    assert len(expire(registry)) == 2
    for project in (REF, OTHER):
        assert registry.attachments.of_project(project)[0].removed_at == BEHIND


def test_what_is_attached_again_is_there_again_and_kept_anew(registry: Registry) -> None:
    kept = attached(registry)
    expire(registry)
    place = (REF, "M5", "audited_accounts", "again.pdf")
    again = registry.attach.document(*place, PDF, BEHIND, attached_by="Lee")
    assert is_there(registry, kept)
    assert again.removed_at is None
    assert (again.file_name, again.attached_at) == ("accounts.pdf", NOW)
    assert again.retain_until is not None
    assert again.retain_until.year == BEHIND.year + 7
    assert expire(registry) == []


def test_a_crash_between_row_and_bytes_is_made_good_by_the_next_removal(
    registry: Registry, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept = attached(registry)

    def fails(_blobs: Blobs, _digest: str) -> None:
        raise StorageError("the power went")

    with monkeypatch.context() as patch:
        patch.setattr(Blobs, "remove", fails)
        with pytest.raises(StorageError):
            expire(registry)
    assert is_there(registry, kept)
    assert next(documents(registry)).status == "ok"
    assert expire(registry) == []
    assert not is_there(registry, kept)


def test_bytes_that_an_accepted_period_has_too_stay(registry: Registry, tmp_path: Path) -> None:
    """No type that is taken has bytes of facts, but older documents may be of any."""
    from sqlalchemy import insert

    from store.registry.tables import frozen

    kept = attached(registry)
    with registry._database.writing() as connection:
        connection.execute(
            insert(frozen).values(
                line="filler-1", number=1, start=NOW, end=LATER, author="O", frozen_at=NOW,
                digest=kept.sha256,
            )
        )  # fmt: skip
    assert expire(registry) == []
    with pytest.raises(InputError, match="an accepted period has the same bytes"):
        remove(registry, kept.sha256, BEHIND)
