"""Rows of the record, opened: their digest is the one that was told, and a registry made of them
gives the same answers."""

from __future__ import annotations

import hashlib
import shutil
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from whole_folder import make

from domain.errors import InputError
from lineproof.clock import utc_now
from store.node.opening import Stores, open_stores
from store.registry.opened_rows import OpenedRow, RowsWanted
from store.registry.record import RECORDED
from store.registry.registry import Registry

HONG_KONG = ZoneInfo("Asia/Hong_Kong")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make(tmp_path_factory.mktemp("opened") / "node")


def wanted(stores: Stores) -> RowsWanted:
    (project,) = stores.registry.projects.all()
    agents = [it.name for it in stores.registry.agents.all()]
    return RowsWanted(
        project.reference, project.lines, agents, {project.plant}, {project.reference}
    )


def rows(stores: Stores) -> list[OpenedRow]:
    return list(stores.registry.opened.read(wanted(stores)))


# No project's dossier tells of what is drawn of a scheme, what shifts hand over, nor of alerts.
OF_NO_PROJECT = {
    "audit_samples", "audit_sample_seeds", "audit_sample_results",
    "handover_notes", "handover_signatures", "alert_acknowledgements",
}  # fmt: skip


def test_each_row_is_the_one_that_the_record_tells(folder: Path) -> None:
    with open_stores(folder) as stores:
        found = rows(stores)
        entries = {it.number: it for it in stores.registry.recorded.entries(0, 1000)}
        assert {it.of for it in found} == {table.name for table in RECORDED} - OF_NO_PROJECT
        assert [it.number for it in found] == [
            number for number in sorted(entries) if entries[number].of not in OF_NO_PROJECT
        ]
        for row in found:
            assert hashlib.sha256(row.text).hexdigest() == entries[row.number].content


def test_those_of_others_are_not_given(folder: Path) -> None:
    with open_stores(folder) as stores:
        mine = wanted(stores)
        others = RowsWanted("another", ["line-9"], ["agent-9"], ["plant-9"], ["another"])
        assert list(stores.registry.opened.read(others)) == []
        one = RowsWanted(mine.project, (), (), (), ())
        assert {it.of for it in stores.registry.opened.read(one)} == {
            "terms_versions", "documents", "document_acts", "attested_figures", "milestone_steps",
            "conflicts", "site_visits", "panel_readings", "change_requests", "change_decisions",
            "visit_withdrawals",
        }  # fmt: skip


def test_a_registry_of_them_gives_the_same_answers(folder: Path, tmp_path: Path) -> None:
    with open_stores(folder) as stores:
        was = stores.registry
        again = Registry(tmp_path / "registry.sqlite", tmp_path / "documents")
        again.opened.restore(rows(stores))
        (project,) = was.projects.all()
        line = project.lines[0]
        assert again.plants.all() == was.plants.all()
        assert again.plants.of_line(line).id == project.plant
        assert again.projects.all() == [project]
        assert again.agents.all() == was.agents.all()
        assert again.records.corrections(line) == was.records.corrections(line)
        assert again.records.plan_changes(line) == was.records.plan_changes(line)
        assert again.records.frozen(line) == was.records.frozen(line)
        ref = project.reference
        assert again.milestone_steps.of_project(ref) == was.milestone_steps.of_project(ref)
        assert again.milestone_steps.conflicts(ref) == was.milestone_steps.conflicts(ref)
        assert again.attested.of_project(ref) == was.attested.of_project(ref)
        assert again.attachments.of_project(ref) == was.attachments.of_project(ref)
        assert again.site_visits.of_project(ref) == was.site_visits.of_project(ref) != []
        assert again.change_requests.of_project(ref) == was.change_requests.of_project(ref) != []
        again.close()


def test_one_whose_name_was_erased_is_what_it_was_since(folder: Path, tmp_path: Path) -> None:
    shutil.copytree(folder, tmp_path / "node")
    with open_stores(tmp_path / "node") as stores:
        before = {it.number for it in rows(stores) if b"Lee" in it.text}
        stores.registry.people.erase("Lee", utc_now(), HONG_KONG)
        after = rows(stores)
        entries = {it.number: it for it in stores.registry.recorded.entries(0, 1000)}
        assert before
        assert not any(b'"Lee"' in it.text for it in after)
        for row in after:
            assert hashlib.sha256(row.text).hexdigest() == entries[row.number].content


@pytest.mark.parametrize(
    "row",
    [
        OpenedRow(1, "accounts", b"{}"),
        OpenedRow(1, "sqlite_master", b"{}"),
        OpenedRow(1, "agents", b"[]"),
        OpenedRow(1, "agents", b"{"),
        OpenedRow(1, "agents", b'{"agent":"a","nothing":1}'),
        OpenedRow(1, "agents", b'{"agent":"a","public_key":"zz","origin":"","enrolled_at":"x"}'),
        OpenedRow(1, "agents", b'{"agent":"a"}'),
        OpenedRow(1, "agents", b'{"agent":{},"public_key":"00","origin":[],"enrolled_at":null}'),
        OpenedRow(1, "agents", b'{"agent":"a","public_key":"00","origin":"","enrolled_at":9}'),
    ],
)
def test_what_is_no_row_is_refused(row: OpenedRow, tmp_path: Path) -> None:
    registry = Registry(tmp_path / "registry.sqlite", tmp_path / "documents")
    with pytest.raises(InputError, match="the record"):
        registry.opened.restore([row])
    registry.close()
