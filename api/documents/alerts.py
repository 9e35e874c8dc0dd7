"""Alerts as JSON, as sentences, and as the mail that tells them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any
from zoneinfo import ZoneInfo

from api.documents.corrections import READS_ALL, Reader
from api.documents.times import local_text
from api.i18n import Language
from domain.alerts import Alert, AlertCause, AlertKind
from domain.plant import Confidential, Line, Plant, text_in
from domain.texts import N_
from store.registry.line_work.alerts import MessagesOf

NamedLines = Mapping[str, tuple[Plant, Line]]  # by the line's id
NO_ZONE = ZoneInfo("UTC")  # of a line that no plant has any more
_SHOWN_IN_MAIL = 50
_SAID: Mapping[AlertKind, str] = {
    AlertKind.STOPPED: N_("%(line)s: %(state)s since %(since)s, for longer than %(limit)s."),
    AlertKind.NO_DATA: N_(
        "%(line)s: no data from %(machines)s since %(since)s, for longer than %(limit)s."
    ),
    AlertKind.OEE: N_(
        "%(line)s: OEE of the shift since %(since)s is at most %(value)s, under %(limit)s."
    ),
    AlertKind.ENERGY: N_(
        "%(line)s: %(value)s kWh in the shift since %(since)s, over %(limit)s kWh."
    ),
    AlertKind.FORECAST: N_(
        "%(line)s: the shift since %(since)s will make at most %(value)s good items, under its "
        "target of %(limit)s."
    ),
    AlertKind.CONTROL_CHART: N_(
        "%(line)s: %(measurement)s is beyond the limits of its control chart since %(since)s."
    ),
}


def line_of_alert(it: Alert, lines: NamedLines) -> tuple[Line | None, ZoneInfo]:
    """The alert's line, and the zone of its plant."""
    plant, line = lines.get(it.cause.line, (None, None))
    return line, plant.zone if plant else NO_ZONE


def alert_sentence(cause: AlertCause, line: Line | None, zone: ZoneInfo, language: Language) -> str:
    """In the words of its kind. Figures are those of the moment at which it was raised."""
    measured = line.measurements.get(cause.measurement) if line else None
    waited = cause.kind in (AlertKind.STOPPED, AlertKind.NO_DATA)
    show = language.percent if cause.kind is AlertKind.OEE else language.number
    return language.text(
        _SAID[cause.kind],
        line=(text_in(line.name, language.tag) if line else "") or cause.line,
        since=language.moment(cause.since, zone),
        limit=(language.duration if waited else show)(cause.limit),
        value=show(cause.value),
        # The word for a state is its name.
        state=language.text(cause.what.capitalize()) if cause.what else "",
        machines=_machines(cause.what, line, language),
        measurement=text_in(measured.name, language.tag) if measured else cause.measurement,
    )


def _machines(names: str, line: Line | None, language: Language) -> str:
    """As people call them."""
    known = line.machines if line else {}
    called = (
        (text_in(known[it].name, language.tag) if it in known else "") or it
        for it in names.split(", ")
    )
    return language.listed(called)


def alerts_mail(alerts: Sequence[Alert], lines: NamedLines, words: Language) -> tuple[str, str]:
    """Subject and text, in the recipient's language; of what has ended meanwhile, when."""
    said = [_told(it, lines, words) for it in alerts]
    subject = said[0] if len(said) == 1 else words.text(N_("%(count)s alerts"), count=len(said))
    shown = [f"- {it}" for it in said[:_SHOWN_IN_MAIL]]
    if len(said) > _SHOWN_IN_MAIL:
        more = len(said) - _SHOWN_IN_MAIL
        shown.append(words.text(N_("and %(count)s more: see the page of alerts"), count=more))
    end = words.text(N_("Lineproof tells this once. What stands now is on its page of alerts."))
    return subject, "\n".join([*shown, "", end, ""])


def _told(it: Alert, lines: NamedLines, words: Language) -> str:
    line, zone = line_of_alert(it, lines)
    said = alert_sentence(it.cause, line, zone, words)
    if it.ended_at is None:
        return said
    ended = words.text(N_("It ended %(time)s."), time=words.moment(it.ended_at, zone))
    return f"{said} {ended}"


def alerts_told(alerts: Sequence[Alert], lines: NamedLines) -> list[dict[str, Any]]:
    """What a webhook is told: the alerts as they are when it is sent."""
    return [alert_json(it, line_of_alert(it, lines)[1]) for it in alerts]


def alert_json(it: Alert, zone: ZoneInfo, reader: Reader = READS_ALL) -> dict[str, Any]:
    """`state`: open, acknowledged or ended; times with the plant's offset."""
    cause, said = it.cause, it.acknowledged
    is_raw = cause.kind is AlertKind.CONTROL_CHART
    shows_value = not is_raw or Confidential.RAW_SAMPLES not in reader.withheld
    return {
        "number": it.number,
        "line": cause.line,
        "kind": cause.kind.value,
        "limit": cause.limit,
        "value": cause.value if shows_value else None,
        "what": cause.what,
        "measurement": cause.measurement or None,
        "since": local_text(cause.since, zone),
        "state": it.state.value,
        "raised_at": local_text(it.raised_at, zone),
        "ended_at": local_text(it.ended_at, zone),
        "acknowledged_by": reader.author(said.author) if said else None,
        "acknowledged_at": local_text(said.at, zone) if said else None,
        "note": said.note if said and reader.may_see_reasons else None,
    }


def messages_json(it: MessagesOf, *, with_error: bool) -> dict[str, Any]:
    """How many messages were sent, wait or were given up; `error` for who may see the node."""
    found = asdict(it)
    return found if with_error else found | {"error": ""}
