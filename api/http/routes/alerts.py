"""`alerts`: what somebody is called for, what ended, and who acknowledged it."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Annotated, Any

from fastapi import APIRouter, Path
from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import Response

from api.documents.alerts import NamedLines, alert_json, line_of_alert, messages_json
from api.documents.corrections import Reader
from api.http.access.callers import Seen
from api.http.dependencies import CallerDep, SeenDep, Services, ServicesDep, author_of
from api.http.paging import json_answer
from api.http.routes import PREFIX
from api.records.alerts import acknowledge_alert
from api.records.handovers import Signer
from domain.access import Action, Caller
from domain.alerts import Alert
from store.registry.line_work.alerts import MessagesOf

router = APIRouter(prefix=f"{PREFIX}/alerts", tags=["figures"])
NUMBER_MAX = 2**53


class GivenAcknowledgement(BaseModel):
    """That somebody has seen an alert."""

    model_config = ConfigDict(extra="forbid")

    note: str = Field("", description="What is being done")
    author: str | None = Field(None, description="Who has; left out: who is signed in")


@router.get("", summary="What somebody is called for, and what ended")
async def alerts(services: ServicesDep, caller: CallerDep, seen: SeenDep) -> Response:
    """Of the lines that one may see: all that stand, the oldest first, and the last that ended."""
    return json_answer(await services.lanes.quick.run(partial(_document, services, caller, seen)))


@router.post("/{number}/acknowledgement", status_code=201, summary="Acknowledge an alert")
async def acknowledge(
    number: Annotated[int, Path(ge=1, le=NUMBER_MAX)],
    given: GivenAcknowledgement,
    services: ServicesDep,
    caller: CallerDep,
    seen: SeenDep,
) -> Response:
    """By name, once. Nothing of it can be changed later."""
    by = Signer(author_of(caller, given.author), caller.device)

    def made() -> dict[str, Any]:
        found = acknowledged(services, seen, number, given.note, by)
        told = services.registry.alerts.messages([number])
        return _json(services, caller, seen, seen_lines(seen), found, told.get(number))

    answer = json_answer(await services.lanes.quick.run(made))
    answer.status_code = 201
    return answer


def acknowledged(services: Services, seen: Seen, number: int, note: str, by: Signer) -> Alert:
    """Raises NotFoundError where its line is not shown, NotAllowedError where it may only be
    seen, and as `acknowledge_alert`."""
    seen.check_line(services.registry.alerts.one(number).cause.line, Action.CORRECT)
    return acknowledge_alert(services.queries, services.registry.keep_alerts, number, note, by)


def seen_lines(seen: Seen) -> NamedLines:
    return {line.id: (plant, line) for plant, line in seen.lines()}


def seen_alerts(
    services: Services, seen: Seen, lines: NamedLines
) -> tuple[list[Alert], list[Alert]]:
    """Those that stand and those that ended. Of a line that is gone they are shown to who sees
    all."""
    found = services.registry.alerts
    standing = [it for it in found.open() if seen.all or it.cause.line in lines]
    return standing, found.ended(None if seen.all else lines)


def alert_reader(services: Services, seen: Seen, alert: Alert, lines: NamedLines) -> Reader:
    """Who sees of an alert's acknowledgement what."""
    line = alert.cause.line
    if line not in lines:
        return Reader()
    return Reader(seen.withheld(line), partial(services.registry.pseudonyms.of, lines[line][0].id))


def _document(services: Services, caller: Caller, seen: Seen) -> dict[str, Any]:
    lines = seen_lines(seen)
    standing, ended = seen_alerts(services, seen, lines)
    told = services.registry.alerts.messages([it.number for it in (*standing, *ended)])

    def made(found: Sequence[Alert]) -> list[dict[str, Any]]:
        return [_json(services, caller, seen, lines, it, told.get(it.number)) for it in found]

    return {"open": made(standing), "ended": made(ended)}


def _json(
    services: Services,
    caller: Caller,
    seen: Seen,
    lines: NamedLines,
    it: Alert,
    told: MessagesOf | None,
) -> dict[str, Any]:
    zone = line_of_alert(it, lines)[1]
    shown = alert_json(it, zone, alert_reader(services, seen, it, lines))
    with_error = caller.may(Action.SEE_NODE)
    return shown | {"messages": messages_json(told or MessagesOf(), with_error=with_error)}
