"""The registry on a real SQLite file: versions, cross checks, agents, documents."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from spoilt import changed
from sqlalchemy import create_engine, text

from domain.errors import InputError, NotFoundError, StorageError
from store.files.grant import read_grant
from store.files.plant import read_plant
from store.registry.database import migrate
from store.registry.registry import Registry
from store.registry.tables import metadata

EXAMPLES = Path(__file__).parents[1] / "files" / "examples"
PLANT = (EXAMPLES / "plant.yaml").read_text(encoding="utf-8")
GRANT = (EXAMPLES / "grant.yaml").read_text(encoding="utf-8")
NOW = datetime(2026, 3, 1, 18, 30, tzinfo=UTC)
LATER = NOW + timedelta(days=1, microseconds=7)
KEY, OTHER_KEY = b"k" * 32, b"o" * 32


@pytest.fixture
def registry(tmp_path: Path) -> Iterator[Registry]:
    registry = Registry(tmp_path / "registry.sqlite", tmp_path / "documents")
    yield registry
    registry.close()


def apply_plant(registry: Registry, written: str = PLANT, now: datetime = NOW) -> list[str]:
    return registry.apply_plant(written, read_plant(written, "p.yaml"), now, file="p.yaml")


def apply_grant(registry: Registry, written: str = GRANT, now: datetime = NOW) -> list[str]:
    return registry.apply_project(written, read_grant(written, "g.yaml"), now, file="g.yaml")


# plants


def test_a_plant_is_there_after_it_was_applied(registry: Registry, tmp_path: Path) -> None:
    assert registry.plant() is None
    assert apply_plant(registry) == ["plant tko-foods: new, with line filler-1"]
    registry.close()
    again = Registry(tmp_path / "registry.sqlite", tmp_path / "documents")
    assert again.plant() == read_plant(PLANT, "p")
    assert again.plant_of_line("filler-1").id == "tko-foods"
    again.close()


def test_the_same_plant_again_changes_nothing(registry: Registry) -> None:
    apply_plant(registry)
    assert apply_plant(registry, now=LATER) == []
    (version,) = registry.plant_history("tko-foods")
    assert (version.number, version.applied_at) == (1, NOW)


def test_a_changed_plant_is_a_new_version_beside_the_old(registry: Registry) -> None:
    apply_plant(registry)
    slower = changed(PLANT, "ideal_cycle_time_s: 1.0", "ideal_cycle_time_s: 1.5")
    assert apply_plant(registry, slower, LATER) == ["line filler-1: ideal_cycle_time_s changed"]
    assert apply_plant(registry, slower + "# note\n", LATER) == [
        "plant tko-foods: the text changed, its meaning did not"
    ]
    assert registry.plant_of_line("filler-1").lines["filler-1"].ideal_cycle_time_s == 1.5
    history = registry.plant_history("tko-foods")
    assert [(v.number, v.applied_at) for v in history] == [(1, NOW), (2, LATER), (3, LATER)]
    assert len({version.digest for version in history}) == 3


def test_what_changed_is_said_by_line(registry: Registry) -> None:
    apply_plant(registry)
    line = PLANT[PLANT.index("  filler-1:\n") :]
    more = changed(PLANT, "timezone: Asia/Hong_Kong", "timezone: Asia/Tokyo")
    more = changed(more, "  filler-1:\n", "  filler-9:\n") + line
    more = changed(more, "minor_stop_s: 120", "minor_stop_s: 60")
    overhaul = "exception 2026-03-02T07:00{0} to 2026-03-02T15:00{0} planned_down (annual overhaul)"
    assert apply_plant(registry, more) == [
        "plant tko-foods: zone changed",
        # Exceptions of the calendar are in the plant's zone, so this one moved.
        f"calendar two-shift: {overhaul.format('+09:00')}: new",
        f"calendar two-shift: {overhaul.format('+08:00')}: removed",
        "line filler-9: new, with machines filler, meter, checkweigher, old-press",
    ]
    assert apply_plant(registry, changed(more, line, ""))[-1:] == ["line filler-1: removed"]
    with pytest.raises(NotFoundError, match=r"no line 'filler-1'.*Did you mean 'filler-9'"):
        registry.plant_of_line("filler-1")


def test_two_plants_keep_their_lines_apart(registry: Registry) -> None:
    apply_plant(registry)
    second = changed(PLANT, "plant: tko-foods", "plant: yuen-long")
    with pytest.raises(
        InputError, match=r"p\.yaml, line 15: .*'tko-foods' has a line of that name already"
    ):
        apply_plant(registry, second)
    assert [plant.id for plant in registry.plants()] == ["tko-foods"]
    apply_plant(registry, changed(second, "  filler-1:\n", "  filler-2:\n"))
    assert [plant.id for plant in registry.plants()] == ["tko-foods", "yuen-long"]
    assert registry.plant() == registry.plants()[0]
    assert registry.plant_of_line("filler-2").id == "yuen-long"


def test_a_funded_line_cannot_be_removed(registry: Registry) -> None:
    apply_plant(registry)
    apply_grant(registry)
    renamed = changed(PLANT, "  filler-1:\n", "  filler-2:\n")
    with pytest.raises(InputError, match="'filler-1' is gone, but project NIFS-2025-017"):
        apply_plant(registry, renamed)
    assert len(registry.plant_history("tko-foods")) == 1


# projects


def test_a_project_is_there_after_it_was_applied(registry: Registry) -> None:
    apply_plant(registry)
    assert apply_grant(registry) == [
        "project NIFS-2025-017: new, with milestones M1, M2, M3, M4, M5, M6"
    ]
    assert apply_grant(registry, now=LATER) == []
    assert registry.projects() == [read_grant(GRANT, "g")]
    assert registry.project("NIFS-2025-017").milestones[0].id == "M1"
    with pytest.raises(NotFoundError, match="Did you mean 'NIFS-2025-017'"):
        registry.project("NIFS-2025-018")


@pytest.mark.parametrize(
    ("old", "new", "sentence"),
    [
        (
            "lines: [filler-1]",
            "lines: [filler-1, filler-2]",
            r"g\.yaml, line 4: .*no line 'filler-",
        ),
        ("plant: tko-foods", "plant: tko-food", r"g\.yaml, line 3: .*Did you mean 'tko-foods'"),
    ],
)
def test_a_grant_for_what_does_not_exist_is_refused(
    registry: Registry, old: str, new: str, sentence: str
) -> None:
    apply_plant(registry)
    with pytest.raises(InputError, match=sentence):
        apply_grant(registry, changed(GRANT, old, new))
    assert registry.projects() == []


def test_a_grant_before_its_plant_is_told_to_wait(registry: Registry) -> None:
    with pytest.raises(InputError, match=r"There is none yet: apply its plant file first\."):
        apply_grant(registry)


def test_terms_have_a_history_of_their_own(registry: Registry) -> None:
    apply_plant(registry)
    apply_grant(registry)
    eased = changed(GRANT, "target: 0.65", "target: 0.60")
    assert apply_grant(registry, eased, LATER) == ["milestone M2: terms changed"]
    extended = changed(eased, "due: 2026-03-31", "due: 2026-04-30")
    assert apply_grant(registry, extended, LATER) == ["milestone M2: due changed"]
    without = extended[: extended.index("  - {id: M6")]
    assert apply_grant(registry, without, LATER) == ["milestone M6: removed"]
    digests = [read_grant(written, "g").milestones[1].terms_digest for written in (GRANT, eased)]
    history = registry.terms_history("NIFS-2025-017", "M2")
    assert [(v.number, v.digest, v.applied_at) for v in history] == [
        (1, digests[0], NOW),
        (2, digests[1], LATER),
    ]
    assert len(registry.terms_history("NIFS-2025-017", "M1")) == 1
    assert len(registry.terms_history("NIFS-2025-017", "M6")) == 1
    assert len(registry.project_history("NIFS-2025-017")) == 4


# agents


def test_an_agent_is_enrolled_once_and_keeps_its_key(registry: Registry) -> None:
    assert registry.agent_key("edge-1") is None
    assert registry.enrol("edge-1", KEY, NOW, origin="up") is True
    assert registry.enrol("edge-1", KEY, LATER) is False
    with pytest.raises(InputError, match="'edge-1' is enrolled with another key"):
        registry.enrol("edge-1", OTHER_KEY, LATER)
    with pytest.raises(InputError, match="has 3 bytes, not 32"):
        registry.enrol("edge-2", b"abc", NOW)
    assert registry.agent_key("edge-1") == KEY
    (agent,) = registry.agents()
    assert (agent.name, agent.public_key, agent.origin, agent.enrolled_at) == (
        "edge-1",
        KEY,
        "up",
        NOW,
    )


# documents


def test_a_document_stays_with_its_milestone(registry: Registry, tmp_path: Path) -> None:
    apply_plant(registry)
    apply_grant(registry)
    place = ("NIFS-2025-017", "M5", "audited_accounts")
    one = registry.attach_document(*place, "帳目 2026.pdf", b"%PDF", NOW, attached_by="Chan")
    again = registry.attach_document(*place, "copy.pdf", b"%PDF", LATER, attached_by="Lee")
    assert again == one
    two = registry.attach_document(*place, "new.pdf", b"%PDF2", LATER, attached_by="Lee")
    assert registry.documents("NIFS-2025-017") == [one, two]
    assert (one.file_name, one.attached_by, one.attached_at) == ("帳目 2026.pdf", "Chan", NOW)
    # 18:30 in London is the next day in Hong Kong.
    assert one.attached_on == date(2026, 3, 2)
    assert registry.document_bytes(two.sha256) == b"%PDF2"


def test_a_document_for_nothing_is_refused(registry: Registry) -> None:
    apply_plant(registry)
    apply_grant(registry)
    with pytest.raises(NotFoundError, match="has no milestone 'M7'"):
        registry.attach_document("NIFS-2025-017", "M7", "x", "x", b"", NOW, attached_by="C")
    with pytest.raises(NotFoundError, match="there is no project 'X'"):
        registry.documents("X")


# the database


def test_the_migrations_make_the_tables_that_the_program_knows(tmp_path: Path) -> None:
    engine = create_engine(f"sqlite:///{tmp_path / 'r.sqlite'}")
    with engine.begin() as connection:
        migrate(connection)
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, metadata) == []
        migrate(connection)
    engine.dispose()


def test_a_registry_of_a_later_program_is_refused(registry: Registry, tmp_path: Path) -> None:
    engine = create_engine(f"sqlite:///{tmp_path / 'registry.sqlite'}")
    with engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    engine.dispose()
    with pytest.raises(StorageError, match=r"registry\.sqlite.*later version of the program"):
        Registry(tmp_path / "registry.sqlite", tmp_path / "documents")


def test_a_file_that_is_no_registry_is_refused(tmp_path: Path) -> None:
    (tmp_path / "r.sqlite").write_bytes(b"not a database" * 100)
    with pytest.raises(StorageError, match=r"could not be opened .*not a database"):
        Registry(tmp_path / "r.sqlite", tmp_path / "documents")


def test_a_url_that_is_none_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="not the URL of a database"):
        Registry("://x", tmp_path / "documents")
