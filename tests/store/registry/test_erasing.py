"""A person's name is listed wherever it stands, and erased for good where nothing accepted needs
it; what is left is verifiable as before."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from registered import GRANT, let_in, quantity
from sqlalchemy import String, Text, delete, insert, select, update
from telemetry import facts
from who_did_all import FULL, NAME, NOW, did_all

from domain.access import Assignment
from domain.corrections import CorrectionKind
from domain.errors import BusyError, InputError, LineproofError, NotFoundError
from domain.time import Window
from store.registry import tables as t
from store.registry.audit import AuditFilter, Done, Event, entry_json
from store.registry.erased_rows import entry_digest
from store.registry.personal_data import NAMED, named
from store.registry.registry import Registry

HK = ZoneInfo("Asia/Hong_Kong")
# Texts of the tables that name nobody.
OTHER_TEXTS = {
    **{key: {"owner", "digest"} for key in ("plant_versions", "project_versions")},
    "attested_figures": {"project", "kind", "amount", "milestone", "category", "document"},
    "plant_lines": {"line", "plant"},
    "plant_saves": {"plant"},
    "terms_versions": {"project", "milestone", "digest"},
    "agents": {"agent"},
    "agent_codes": {"secret", "agent"},
    "agent_keys": {"agent"},
    "agent_revocations": {"agent"},
    "documents": {"project", "milestone", "kind", "sha256"},
    "document_acts": {"project", "sha256", "act"},
    "corrections": {
        "id",
        "line",
        "kind",
        "reason",
        "element",
        "withdraws",
        "decides",
        "order",
        "product",
    },
    "corrected_facts": {"line"},
    "plan_changes": {"identity", "line", "kind", "withdraws"},
    "frozen": {"line", "digest"},
    "milestone_steps": {"project", "milestone", "step", "verdict"},
    "conflicts": {"project"},
    "site_visits": {"project", "milestone", "line", "kind"},
    "panel_readings": {"project", "machine", "signal", "value"},
    "visit_withdrawals": {"project"},
    "change_requests": {"project", "kind", "milestone", "line", "machine"},
    "change_decisions": {"project"},
    "audit_samples": {"scheme", "population", "public_value"},
    "audit_sample_seeds": {"value"},
    "audit_sample_results": {"project", "milestone", "amount_hkd"},
    "handover_notes": {"line", "shift"},
    "handover_signatures": {"line", "shift", "side", "figures", "digest"},
    "alerts": {"open_key", "line", "kind", "measurement", "what"},
    "alert_acknowledgements": {"line", "kind"},
    "reminders": {"key", "project", "milestone", "kind", "waits_for"},
    "outbox": {"identity", "channel", "language"},
    "accounts": {"full_name", "password"},  # listed and erased with the name
    "pins": {"hashed"},
    "badges": {"hashed", "salt"},
    "tokens": {"label", "secret"},
    "assignments": {"holder_kind", "assignment"},
    "sessions": {"secret"},
    "sign_ons": {"session"},
    "sign_in_codes": {"secret"},
    "identities": {"issuer", "subject"},
    "failed_tries": {"kind"},
    "audit": {"who", "place", "outcome", "address", "what", "previous", "digest", "salt"},
    **{key: {"digest"} for key in ("audit_end", "record_end")},
    "record": {"of", "key", "content", "salt", "previous", "digest"},
    "erasures": {"reference"},
    "erased_rows": {"content"},
    "ledger_end": {"root", "verifier_key"},
}


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a registry where NAME did all that can be done, and others the same."""
    folder = tmp_path_factory.mktemp("filled")
    with closing(opened(folder)) as found:
        did_all(found)
    return folder


@pytest.fixture
def registry(filled: Path, tmp_path: Path) -> Iterator[Registry]:
    shutil.copytree(filled, tmp_path, dirs_exist_ok=True)
    with closing(opened(tmp_path)) as found:
        yield found


def opened(folder: Path) -> Registry:
    return Registry(folder / "registry.sqlite", folder / "documents")


def everything(registry: Registry) -> str:
    """All that is in the database, as text."""
    with registry._database.reading() as connection:
        rows = {
            table.name: [dict(it) for it in connection.execute(select(table)).mappings()]
            for table in t.metadata.sorted_tables
        }
    return json.dumps(rows, default=str, ensure_ascii=False)


def test_every_text_of_the_tables_is_told_to_be_of_people_or_not() -> None:
    """A new column has to be put into NAMED, or into OTHER_TEXTS above."""
    for table in t.metadata.sorted_tables:
        texts = {it.name for it in table.c if isinstance(it.type, String | Text)}
        of_people = {it.name for it in NAMED if it.table is table}
        assert texts - of_people == OTHER_TEXTS.get(table.name, set()), table.name


def test_all_of_it_is_listed_and_no_secret(registry: Registry) -> None:
    found = registry.people.data(NAME)
    assert found.names == (NAME, FULL)
    assert {it.column.table.name for it in found.held} == {
        "accounts", "assignments", "sessions", "sign_ons", "sign_in_codes", "identities", "pins",
        "badges", "failed_tries", "tokens", "agents", "agent_codes", "agent_revocations",
        "corrections", "plan_changes", "plant_saves", "documents", "attested_figures",
        "document_acts", "site_visits", "panel_readings", "change_requests", "change_decisions",
        "visit_withdrawals",
        "handover_notes", "handover_signatures", "alert_acknowledgements",
        "outbox", "audit_samples", "audit_sample_seeds", "audit_sample_results",
    }  # fmt: skip
    corrections = {it.row["id"] for it in found.held if it.column.table is t.corrections}
    assert corrections == {"c-2-0", "c-2-1"}
    assert {it.event.place for it in found.audit} >= {"", NAME, f"POST /api/v1/users/{NAME}/pin"}
    assert "chan" not in {it.event.who for it in found.audit}
    told = json.dumps([dict(it.row) for it in found.held], default=str)
    with registry._database.reading() as connection:
        for secret in [
            *connection.execute(select(t.accounts.c.password)).scalars(),
            *connection.execute(select(t.pins.c.hashed)).scalars(),
        ]:
            assert secret not in told


def test_all_of_it_is_erased_and_of_nobody_else(registry: Registry) -> None:
    others = registry.people.data("chan")
    registry.accounts.disable(NAME, NOW)
    erased = registry.people.erase(NAME, NOW, HK)
    assert [it.column.name for it in erased.kept] == ["file_name"]
    left = everything(registry)
    assert NAME not in left
    assert left.count(FULL) == 1  # of the document
    assert left.count("merchant") == 6
    assert f"told by {erased.reference}, {erased.reference} and merchant" in left
    assert len(registry.people.data("chan").held) == len(others.held)
    assert [it.name for it in registry.accounts.all()] == ["boss", "chan"]
    assert list(registry.recorded.faults()) == []
    with pytest.raises(NotFoundError, match="nothing is held of"):
        registry.people.data(NAME)
    assert [it.author for it in registry.records.corrections("filler-1")] == [
        "boss", "The Boss", erased.reference, erased.reference, "chan", "Lee Mei",
    ]  # fmt: skip


def test_the_audit_stays_verifiable_and_tells_the_erasure(registry: Registry) -> None:
    before = {it.number: it for it in registry.audit.all(AuditFilter())}
    erase(registry)
    assert list(registry.audit.faults()) == []
    rows = {it.number: it for it in registry.audit.all(AuditFilter())}
    last = rows[max(rows)].event
    assert last.place.startswith("erased-")
    assert last.outcome.startswith(
        f"erased, in {len(registry.people.data(last.place).audit) - 1} rows"
    )
    for number, it in before.items():
        assert (rows[number].digest, rows[number].previous) == (it.digest, it.previous)
    signed_in = next(it for it in rows.values() if it.event.who == last.place)
    assert (signed_in.event.address, signed_in.salt) == ("", None)


def test_one_erasure_after_the_other_leaves_all_verifiable(registry: Registry) -> None:
    """The second changes rows of the first, its own row too."""
    registry.audit.add(Event(Done.CHANGE, "chan", place=f"/users: disable {NAME}"), NOW)
    erase(registry)
    erase(registry, "chan")
    assert list(registry.audit.faults()) == []
    assert re.findall('Lee Mei|"chan"', everything(registry)) == []


def erase(registry: Registry, name: str = NAME) -> None:
    registry.accounts.disable(name, NOW)
    registry.people.erase(name, NOW, HK)


def row_of(registry: Registry, who: str) -> int:
    return next(it.number for it in registry.audit.all(AuditFilter()) if it.event.who == who)


def erased_row(registry: Registry) -> int:
    with registry._database.reading() as connection:
        return connection.execute(select(t.erased_rows.c.number)).scalars().first() or 0


def change(registry: Registry, number: int, **values: Any) -> None:
    with registry._database.writing() as connection:
        connection.execute(update(t.audit).where(t.audit.c.number == number).values(**values))


def put_in_place_of(registry: Registry, number: int, outcome: str) -> None:
    """Changes an erased row, and what its erasure has of it."""
    change(registry, number, outcome=outcome)
    row = next(it for it in registry.audit.all(AuditFilter()) if it.number == number)
    with registry._database.writing() as connection:
        connection.execute(
            update(t.erased_rows)
            .where(t.erased_rows.c.number == number)
            .values(content=entry_digest(entry_json(row)))
        )


def erase_without_telling(registry: Registry) -> None:
    """A row is changed, and said to be erased by another row of the audit."""
    number = row_of(registry, "boss")
    change(registry, number, outcome="x")
    row = next(it for it in registry.audit.all(AuditFilter()) if it.number == number)
    with registry._database.writing() as connection:
        connection.execute(insert(t.erasures).values(number=number + 1, reference="x"))
        values = {
            "erasure": number + 1,
            "number": number,
            "content": entry_digest(entry_json(row)),
        }
        connection.execute(insert(t.erased_rows).values(values))


FORGERIES: dict[str, Callable[[Registry], None]] = {
    "an erased row": lambda it: change(it, erased_row(it), outcome="x"),
    "an erased row's address": lambda it: change(it, erased_row(it), address="192.0.2.1"),
    "a row that was not erased": lambda it: change(it, row_of(it, "boss"), who="x"),
    "an erased row with its erasure's": lambda it: put_in_place_of(it, erased_row(it), "x"),
    "a row that says it was erased": erase_without_telling,
}


@pytest.mark.parametrize("forgery", FORGERIES)
def test_who_changes_a_row_under_the_cloak_of_an_erasure_is_found(
    registry: Registry, forgery: str
) -> None:
    erase(registry)
    FORGERIES[forgery](registry)
    assert list(registry.audit.faults())


def test_an_erasure_that_was_taken_away_leaves_its_rows_unbelieved(registry: Registry) -> None:
    erase(registry)
    with registry._database.writing() as connection:
        connection.execute(delete(t.erased_rows))
    assert any("was changed" in it for it in registry.audit.faults())


def test_a_row_of_an_earlier_version_has_no_salt_and_is_believed(registry: Registry) -> None:
    number = registry.audit.page(AuditFilter(), limit=1)[0].number
    row = replace(registry.audit.page(AuditFilter(), limit=1)[0], salt=None)
    old = {key: value for key, value in entry_json(row).items() if key != "digest"}
    digest = entry_digest(old)
    change(registry, number, salt=None, digest=digest)
    with registry._database.writing() as connection:
        connection.execute(update(t.audit_end).values(digest=digest))
    assert list(registry.audit.faults()) == []


def accept(registry: Registry, line: str, start: datetime, end: datetime, author: str) -> None:
    registry.record.freeze(line, Window(start, end), facts([(start, end)]), author, NOW, let_in)


@pytest.mark.parametrize("author", ["Ho", FULL])
def test_what_an_accepted_period_needs_is_not_erased(registry: Registry, author: str) -> None:
    made = quantity("x")
    start = made.start.replace(minute=0, second=0, microsecond=0)
    accept(registry, "filler-1", start, start + timedelta(hours=3), author)
    registry.accounts.disable(NAME, NOW)
    before = everything(registry)
    with pytest.raises(
        InputError, match="the accepted period of filler-1 from 2026-03-01T23:00"
    ) as told:
        registry.people.erase(NAME, NOW, HK)
    why = "they accepted it" if author == FULL else "its figures rest on the correction c-2-0"
    assert why in str(told.value)
    assert everything(registry) == before
    assert {it.why for it in registry.people.data(NAME).needed} >= {why}


@pytest.mark.parametrize("how", ["another line", "another time", "later"])
def test_what_no_accepted_period_needs_is_erased_beside_one(registry: Registry, how: str) -> None:
    made = quantity("x")
    start = made.start.replace(minute=0, second=0, microsecond=0)
    if how == "another time":
        start -= timedelta(days=2)
    line = "filler-1"
    accept(
        registry,
        "packer-9" if how == "another line" else line,
        start,
        start + timedelta(hours=3),
        "Ho",
    )
    if how == "later":  # a correction that the accepted figures do not rest on
        with registry._database.writing() as connection:
            later = {"recorded_at": NOW + timedelta(days=1)}
            connection.execute(update(t.corrections).values(later))
    erase(registry)


def test_who_may_still_sign_in_is_not_erased(registry: Registry) -> None:
    with pytest.raises(BusyError, match="may still sign in") as told:
        registry.people.erase(NAME, NOW, HK)
    assert "lineproof user disable chan.tm" in str(told.value)


def test_an_author_without_an_account_is_erased_too(registry: Registry) -> None:
    other = replace(
        quantity("other"), author="陳大文", kind=CorrectionKind.FIGURE, comment="由陳大文點算"
    )
    registry.record.correction(other, let_in)
    registry.people.erase("陳大文", NOW, HK)
    assert "陳大文" not in everything(registry).replace(GRANT, "")


@pytest.mark.parametrize("name", ["", " ", "nobody", "Chan T", "han.t"])
def test_of_nobody_nothing_is_held(registry: Registry, name: str) -> None:
    for asked in (registry.people.data, lambda it: registry.people.erase(it, NOW, HK)):
        with pytest.raises(LineproofError, match="nothing is held"):
            asked(name)


def test_a_full_name_that_two_have_is_not_taken_for_one(registry: Registry) -> None:
    registry.accounts.add("chan.2", FULL, [Assignment.parse("operator")], NOW)
    assert registry.people.data(NAME).names == (NAME,)


@pytest.mark.parametrize(
    ("name", "text", "found"),
    [
        ("chan", "by chan.", True),
        ("chan", "chan: done", True),
        ("chan", "/users/chan/pin", True),
        ("chan", "由chan報告", True),
        ("chan", "chan.tai", False),
        ("chan", "a.chan", False),
        ("chan", "chan-2", False),
        ("chan", "merchant", False),
        ("chan", "chan@tko", False),
        ("Chan", "chan", False),
        ("Chan", "report Chan.pdf", True),
        ("Chan", "Chang", False),
        ("陳大文", "由陳大文點算", True),
        ("a.c", "abc", False),
    ],
)
def test_names_are_found_as_words(name: str, text: str, found: bool) -> None:
    assert bool(named([name]).search(text)) is found


def test_names_go_from_what_was_read_before(registry: Registry) -> None:
    """By another process, as with a command while a node of another machine runs."""
    assert FULL in {it.author for it in registry.records.corrections("filler-1")}
    registry.accounts.disable(NAME, NOW)
    folder = Path(registry._database._where).parent
    with closing(opened(folder)) as other:
        other.people.erase(NAME, NOW, HK)
    authors = {it.author for it in registry.records.corrections("filler-1")}
    assert not {NAME, FULL} & authors
