"""What a registry holds of a person, by name: an account's, or one that people wrote as an author.

NAMED is every column in which somebody's name may stand, and what becomes of it when the name is
erased; a test holds it to be all of the tables' texts. Of an account its full name counts as well,
unless another account has the same. Secrets and their hashes are never told. Not looked into are
the bytes of attached documents and what machines sent.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Column, ColumnElement, Connection, or_, select

from store.registry import tables as t
from store.registry.accounts.assignments import Holder
from store.registry.accounts.failed_tries import Counted, Try
from store.registry.audit import Entry, entry_of, printable
from store.registry.line_work.tables import (
    alert_acknowledgements,
    handover_notes,
    handover_signatures,
)
from store.registry.plant_save_table import plant_saves
from store.registry.project_work.tables import (
    attested_figures,
    audit_sample_results,
    audit_sample_seeds,
    audit_samples,
    change_decisions,
    change_requests,
    conflicts,
    document_acts,
    milestone_steps,
    outbox,
    panel_readings,
    site_visits,
    visit_withdrawals,
)


class Erasing(StrEnum):
    """What becomes of it: OWN rows go, in a ROW by somebody and in a TEXT another word takes the
    name's place, what is KEPT stays as it is, an ACCEPTED one must not be erased."""

    OWN = "own"
    ROW = "row"
    TEXT = "text"
    KEPT = "kept"
    ACCEPTED = "accepted"


NAMED: Mapping[Column[Any], Erasing] = {
    t.sessions.c.account: Erasing.OWN,
    t.sign_ons.c.account: Erasing.OWN,
    t.sign_in_codes.c.account: Erasing.OWN,
    t.identities.c.account: Erasing.OWN,
    t.pins.c.account: Erasing.OWN,
    t.badges.c.account: Erasing.OWN,
    t.assignments.c.holder: Erasing.OWN,  # of accounts
    t.failed_tries.c.subject: Erasing.OWN,  # the hash of a name
    t.accounts.c.name: Erasing.OWN,
    t.corrections.c.author: Erasing.ROW,
    t.corrections.c.comment: Erasing.TEXT,
    t.corrections.c.device: Erasing.ROW,
    t.plan_changes.c.author: Erasing.ROW,
    t.plan_changes.c.reason: Erasing.TEXT,
    plant_saves.c.author: Erasing.ROW,
    plant_saves.c.note: Erasing.TEXT,
    t.documents.c.attached_by: Erasing.ROW,
    document_acts.c.author: Erasing.ROW,
    document_acts.c.reason: Erasing.TEXT,
    attested_figures.c.attested_by: Erasing.ROW,
    attested_figures.c.comment: Erasing.TEXT,
    attested_figures.c.payer: Erasing.KEPT,  # who paid for a project is not private
    t.tokens.c.created_by: Erasing.ROW,
    t.agent_codes.c.made_by: Erasing.ROW,
    t.agent_revocations.c.revoked_by: Erasing.ROW,
    t.agents.c.origin: Erasing.TEXT,
    t.frozen.c.author: Erasing.ACCEPTED,
    milestone_steps.c.author: Erasing.ACCEPTED,
    milestone_steps.c.reason: Erasing.TEXT,
    conflicts.c.author: Erasing.ACCEPTED,
    conflicts.c.reason: Erasing.TEXT,
    site_visits.c.author: Erasing.ACCEPTED,
    site_visits.c.note: Erasing.TEXT,
    visit_withdrawals.c.author: Erasing.ACCEPTED,
    visit_withdrawals.c.reason: Erasing.TEXT,
    panel_readings.c.read_by: Erasing.ROW,
    panel_readings.c.note: Erasing.TEXT,
    change_requests.c.author: Erasing.ACCEPTED,
    change_requests.c.old: Erasing.TEXT,
    change_requests.c.new: Erasing.TEXT,
    change_requests.c.reason: Erasing.TEXT,
    change_decisions.c.author: Erasing.ACCEPTED,
    change_decisions.c.reason: Erasing.TEXT,
    audit_samples.c.author: Erasing.ROW,
    audit_sample_seeds.c.author: Erasing.ROW,
    audit_sample_results.c.author: Erasing.ROW,
    audit_sample_results.c.note: Erasing.TEXT,
    handover_notes.c.author: Erasing.ROW,
    handover_notes.c.device: Erasing.ROW,
    handover_notes.c.note: Erasing.TEXT,
    handover_signatures.c.author: Erasing.ROW,
    handover_signatures.c.device: Erasing.ROW,
    alert_acknowledgements.c.author: Erasing.ROW,
    alert_acknowledgements.c.device: Erasing.ROW,
    alert_acknowledgements.c.note: Erasing.TEXT,
    outbox.c.recipient: Erasing.ROW,  # an address of mail
    outbox.c.error: Erasing.TEXT,  # servers may repeat the address
    t.documents.c.file_name: Erasing.KEPT,
    t.plant_versions.c.text: Erasing.KEPT,
    t.project_versions.c.text: Erasing.KEPT,
}
IN_AUDIT = (t.audit.c.who, t.audit.c.place, t.audit.c.outcome)
_SECRET = frozenset({"password", "secret", "hashed", "salt", "session", "text"})
_LATIN = re.compile("[A-Za-z0-9]")
_OF_ACCOUNT = re.compile("[a-z0-9._@-]+")


@dataclass(frozen=True, slots=True)
class Held:
    """A row with the name in a column: what of it can be told, and its primary key."""

    column: Column[Any]
    row: Mapping[str, Any]
    key: tuple[Any, ...]

    @property
    def erasing(self) -> Erasing:
        return NAMED[self.column]


@dataclass(frozen=True, slots=True)
class NeededPeriod:
    """An accepted period that needs the name: it was accepted by that person, or its figures rest
    on a correction or an exception of the calendar of theirs."""

    line: str
    start: datetime
    end: datetime
    why: str


@dataclass(frozen=True, slots=True)
class NeededStep:
    """A step of a milestone that the person took, a site visit that they made, a change that they
    asked for or decided, or a conflict of interest that they declared (`milestone` may be empty):
    who decides about public money is told as long as it is."""

    project: str
    milestone: str
    at: datetime
    why: str


@dataclass(frozen=True, slots=True)
class PersonalData:
    """All of it. `names`: by which it was found."""

    names: tuple[str, ...]
    held: tuple[Held, ...]
    audit: tuple[Entry, ...]
    needed: tuple[NeededPeriod | NeededStep, ...]


def personal_data(connection: Connection, name: str) -> PersonalData:
    """What there is of that name; nothing of one that nobody has."""
    names = _names(connection, name)
    held = [it for column in NAMED for it in _held(connection, column, names)]
    return PersonalData(
        names,
        tuple(held),
        tuple(_audited(connection, names)),
        (*_needed(connection, names), *_needed_steps(connection, names)),
    )


def named(names: Iterable[str]) -> re.Pattern[str]:
    """Finds the names in a text, as words: 'chan' neither in 'chan.tai' nor in 'merchant', but
    'Chan' in 'Chan.pdf'. Beside letters of another script than the Latin no border is needed:
    由chan報告."""
    longest_first = sorted(names, key=lambda it: (-len(it), it))
    return re.compile("|".join(_as_word(it) for it in longest_first))


def _as_word(name: str) -> str:
    goes_on = r"[A-Za-z0-9_@-]|\.[a-z0-9]" if _OF_ACCOUNT.fullmatch(name) else "[A-Za-z0-9]"
    began = (
        r"(?<![A-Za-z0-9_@-])(?<![a-z0-9]\.)" if _OF_ACCOUNT.fullmatch(name) else "(?<![A-Za-z0-9])"
    )
    before = began if _LATIN.match(name[0]) else ""
    after = f"(?!{goes_on})" if _LATIN.match(name[-1]) else ""
    return f"{before}{re.escape(name)}{after}"


def _names(connection: Connection, name: str) -> tuple[str, ...]:
    full_names = dict(connection.execute(select(t.accounts.c.name, t.accounts.c.full_name)).all())
    full = full_names.get(name, name)
    is_alone = list(full_names.values()).count(full) == 1 and full not in full_names
    return (name, full) if full != name and is_alone else (name,)


def _held(connection: Connection, column: Column[Any], names: tuple[str, ...]) -> Iterable[Held]:
    rows = select(column.table).where(stands_in(column, names))
    pattern = named(names)
    for row in connection.execute(rows).mappings():
        if not is_text(column) or pattern.search(row[column.name]):
            yield Held(column, _told(row), tuple(row[it.name] for it in column.table.primary_key))


def is_text(column: Column[Any]) -> bool:
    """Whether other words may stand beside the name."""
    return NAMED[column] in (Erasing.TEXT, Erasing.KEPT)


def stands_in(column: Column[Any], names: tuple[str, ...]) -> ColumnElement[bool]:
    """In which rows the column has one of the names; of a text: may have it as a word."""
    if is_text(column):
        return or_(*(column.contains(it, autoescape=True) for it in names))
    if column.table is t.failed_tries:
        return column.in_([Try(Counted.NAME, it).key for it in names])
    if column.table is t.assignments:
        return column.in_(names) & (t.assignments.c.holder_kind == Holder.ACCOUNT)
    return column.in_(names)


def _told(row: Mapping[Any, Any]) -> dict[str, Any]:
    return {str(key): value for key, value in row.items() if key not in _SECRET}


def _audited(connection: Connection, names: tuple[str, ...]) -> Iterable[Entry]:
    """The oldest first."""
    pattern, columns = named(printable(it) for it in names), IN_AUDIT
    has_one = or_(
        *(it.contains(printable(name), autoescape=True) for it in columns for name in names)
    )
    for row in connection.execute(
        select(t.audit).where(has_one).order_by(t.audit.c.number)
    ).mappings():
        if any(pattern.search(row[it.name]) for it in columns):
            yield entry_of(row)


def _needed(connection: Connection, names: tuple[str, ...]) -> Iterable[NeededPeriod]:
    pattern, c, f = named(names), t.corrections.c, t.frozen.c
    for row in connection.execute(select(t.frozen).order_by(f.line, f.start)).mappings():
        period = (row["line"], row["start"], row["end"])
        if row["author"] in names:
            yield NeededPeriod(*period, "they accepted it")
        inside = (c.line == row["line"]) & (c.recorded_at <= row["frozen_at"])
        inside &= (c.start < row["end"]) & ((c.end > row["start"]) | (c.start >= row["start"]))
        for correction in connection.execute(select(t.corrections).where(inside)).mappings():
            if correction["author"] in names or pattern.search(correction["comment"]):
                why = f"its figures rest on the correction {correction['id']}"
                yield NeededPeriod(*period, why)
        p = t.plan_changes.c
        of_plan = (p.line == row["line"]) & (p.recorded_at <= row["frozen_at"])
        of_plan &= p.start.is_(None) | ((p.start < row["end"]) & (p.end > row["start"]))
        for change in connection.execute(select(t.plan_changes).where(of_plan)).mappings():
            if change["author"] in names or pattern.search(change["reason"]):
                yield NeededPeriod(*period, f"its plan rests on the exception {change['identity']}")


def _needed_steps(connection: Connection, names: tuple[str, ...]) -> Iterable[NeededStep]:
    s, c = milestone_steps.c, conflicts.c
    steps = select(s.project, s.milestone, s.taken_at, s.step).where(s.author.in_(names))
    for project, milestone, at, step in connection.execute(steps.order_by(s.id)):
        yield NeededStep(project, milestone, at, f"their step '{step}'")
    v = site_visits.c
    visits = select(v.project, v.milestone, v.recorded_at).where(v.author.in_(names))
    for project, milestone, at in connection.execute(visits.order_by(v.id)):
        yield NeededStep(project, milestone, at, "their site visit")
    w = visit_withdrawals.c
    withdrawn = select(w.project, w.withdrawn_at).where(w.author.in_(names))
    for project, at in connection.execute(withdrawn.order_by(w.id)):
        yield NeededStep(project, "", at, "their withdrawal of a site visit")
    q = change_requests.c
    asked = select(q.project, q.milestone, q.asked_at).where(q.author.in_(names))
    for project, milestone, at in connection.execute(asked.order_by(q.id)):
        yield NeededStep(project, milestone, at, "their change request")
    d = change_decisions.c
    decided = select(d.project, d.decided_at).where(d.author.in_(names))
    for project, at in connection.execute(decided.order_by(d.id)):
        yield NeededStep(project, "", at, "their decision of a change request")
    declared = select(c.project, c.declared_at).where(c.author.in_(names))
    for project, at in connection.execute(declared.order_by(c.id)):
        yield NeededStep(project, "", at, "the conflict of interest that they declared")
