"""A form of the page of stops becomes what it records: corrections, or a note of the shift.

A form says in `do` what is meant. It may come late, from a tablet whose network was away, and then
tells how long ago it was entered (`ago_s`): the tablet's own clock may be wrong. Sent again, it is
recorded once.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

from api.http.access.callers import Seen
from api.http.dependencies import Services
from api.i18n import Language
from api.queries.lines import Queries
from api.queries.times import instant_of
from api.records.corrections import Draft, record
from api.records.entries import Entered, Entry, record_entry
from api.records.handovers import Signer, write_note
from domain.access import Action, Caller
from domain.errors import InputError
from domain.texts import N_

_TEXTS = ("stop", "seen_end", "comment", "start", "end", "moment", "following")
_AGO_MAX = timedelta(days=7)


def record_form(
    services: Services,
    line: str,
    fields: Mapping[str, str],
    who: tuple[Caller, Seen],
    language: Language,
) -> Entered:
    """Record it. Raises as `api.records.entries.record_entry`."""
    queries, (caller, seen) = services.live.still(), who
    action, _, named = fields.get("do", "").partition(":")
    texts = {it: fields.get(it, "").strip() for it in _TEXTS}
    identity = fields.get("identity") or services.new_id()
    if action == "note":
        _note(services, line, fields, caller, language)
        return Entered(identity, waits=False)
    recording, may_approve = services.registry.record, seen.may(Action.APPROVE, line)
    draft = _draft(queries, action, named, fields, caller)
    if draft is not None:
        made = record(queries, recording, line, draft, identity, may_approve=may_approve)
        return Entered(identity, bool(made["waiting"]))
    if action == "rest":  # the stop from that instant on
        action = "reason"
        texts["start"], _, named = named.partition("|")
    entry = Entry(
        identity=identity,
        action=action,
        author=caller.name,
        device=caller.device,
        reason=named if action == "reason" else "",
        withdraws=named if action in ("withdraw", "undo") else "",
        seen=frozenset(fields.get("seen", "").split()),
        knows_accepted=fields.get("knows_accepted") == "yes",
        **texts,
    )
    return record_entry(queries, recording, line, entry, may_approve=may_approve)


def _draft(
    queries: Queries, action: str, named: str, fields: Mapping[str, str], caller: Caller
) -> Draft | None:
    """The correction, where it is one alone: a count, or what is made."""
    said = {it: fields.get(it, "").strip() for it in ("start", "end", "moment", "comment")}
    if action == "quantity":
        return Draft(
            "quantity", caller.name, said["start"], said["end"], element=fields.get("element"),
            amount=_amount(fields.get("amount", "")), comment=said["comment"],
            device=caller.device,
        )  # fmt: skip
    if action in ("order", "product"):
        return Draft(
            "order", caller.name, said["moment"] or entered_at(queries, fields).isoformat(),
            comment=said["comment"], device=caller.device,
            order=named if action == "order" else None,
            product=named if action == "product" else None,
        )  # fmt: skip
    return None


def _note(
    services: Services,
    line: str,
    fields: Mapping[str, str],
    caller: Caller,
    language: Language,
) -> None:
    """A note for the next shift; of a stop it begins with when that was."""
    queries, stop = services.live.still(), fields.get("stop", "")
    text = fields.get("note", "").strip()
    if not stop:
        shift = entered_at(queries, fields).isoformat()
    else:
        shift, zone = stop, queries.line(line)[0].zone
        begun = language.time(instant_of(stop, zone, "stop"), zone)
        text = text and language.text(N_("Stop of %(time)s: %(text)s"), time=begun, text=text)
    by = Signer(caller.name, caller.device)
    write_note(queries, services.registry.handovers, line, shift, text, by, once=True)


def entered_at(queries: Queries, fields: Mapping[str, str]) -> datetime:
    """When the form was filled in: now, or so long before."""
    text = fields.get("ago_s", "") or "0"
    try:
        ago = timedelta(seconds=float(text))
    except (ValueError, OverflowError):
        ago = _AGO_MAX + timedelta(days=1)
    if not timedelta(0) <= ago <= _AGO_MAX:
        raise InputError(
            f"'{text}' is no time ago", where="ago_s", todo="Give seconds, seven days at most."
        )
    return queries.now() - ago


def _amount(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        raise InputError(
            N_("'%(text)s' is no amount"),
            where="amount",
            todo=N_("Give a number."),
            values={"text": text},
        ) from None
