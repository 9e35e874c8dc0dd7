"""`/floor`: the andon board of all lines by halls, live; on top, who is needed where."""

from __future__ import annotations

from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from fastapi import APIRouter, Request
from markupsafe import Markup
from sse_starlette import EventSourceResponse, ServerSentEvent
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from api.documents.source_faults import FaultWords, fault_words
from api.http.access.callers import Shown
from api.http.dependencies import SeenDep, Services, ServicesDep
from api.http.live_feed import AllLives
from api.http.page_events import page_events
from api.i18n import Language
from api.pages.drawing.bars import BoundsBar, bounds_bar
from api.pages.exports import export_links
from api.pages.labels import ALERTS
from api.pages.operator.attention import Need, needs, unacknowledged, worst_first
from api.pages.operator.halls import Hall, by_hall
from api.pages.render import render
from api.pages.templates import fragment, language_of
from api.pages.words import figures_sentence
from api.queries.live import Live
from api.queries.withheld import live_without
from domain.alerts import Alert
from domain.plant import Withheld, text_in
from domain.states import MachineState

router = APIRouter()


@dataclass(frozen=True)
class Card:
    """A line on the board: its live values and their texts."""

    live: Live
    name: str
    since: str
    heard: str
    next: str | None
    product: str | None
    reason: str | None
    bar: BoundsBar
    figures: str
    faults: list[FaultWords]


def card(live: Live, language: Language) -> Card:
    row, forecast = live.kpis, live.forecast
    target = forecast.target_oee if forecast else None
    oee, low, high = (row["oee"], row["oee_low"], row["oee_high"]) if row else (None, None, None)
    return Card(
        live,
        line_name(live, language),
        when(language, live.since, live),
        when(language, live.last_heard, live, seconds=True),
        when(language, live.next_period, live) if live.next_period else None,
        product_name(live, language),
        reason_name(live, language),
        bounds_bar(oee, low, high, target),
        figures_sentence(language, oee, low, high, target=target, show=language.percent),
        shown_faults(live, language),
    )


def shown_faults(live: Live, language: Language) -> list[FaultWords]:
    """What is wrong with the machines' sources, in words."""
    return [
        fault_words(machine_name(live, it.machine, language), it.fault, language, live.zone)
        for it in live.faults
    ]


def machine_name(live: Live, machine: str, language: Language) -> str:
    """What people call the machine; its id where the plant file does not name it."""
    return text_in(live.machine_names.get(machine, {}), language.tag) or machine


def product_name(live: Live, language: Language) -> str | None:
    """The product's name in the language; its id where the plant file does not name it."""
    name = live.texts.get(live.product or "")
    return text_in(name, language.tag) if name else live.product


def reason_name(live: Live, language: Language) -> str | None:
    """The reason's name in the language; what was said where the plant's tree does not have it."""
    return text_in(live.reason_name, language.tag) or live.reason


def when(language: Language, instant: datetime | None, live: Live, *, seconds: bool = False) -> str:
    """The time of day; with the day where it is not today's."""
    if instant is None:
        return ""
    local, now = instant.astimezone(live.zone), live.at.astimezone(live.zone)
    time = language.time(instant, live.zone, seconds=seconds)
    return time if local.date() == now.date() else f"{language.day(local.date())} {time}"


class Order(StrEnum):
    """How the cards stand: by halls, or the worst first."""

    HALL = "hall"
    WORST = "worst"


@dataclass(frozen=True)
class Parts:
    """What the page shows of one answer, by the names of its parts. `number`: the answer's; `of`:
    as that of AllLives; `order`: the lines as they stand."""

    number: int
    html: dict[str, str]
    order: str = ""
    of: frozenset[tuple[str, Withheld]] | None = None


NOTHING = Parts(0, {})


@router.get("/floor")
async def floor(
    request: Request, services: ServicesDep, seen: SeenDep, order: Order = Order.HALL
) -> Response:
    """`order` worst: without halls, those lines first that need someone."""
    language = language_of(request)
    shown = seen_lives(await services.feed.all(), await run_in_threadpool(seen.shown))
    made = await parts(services, shown, language, order)
    return render(
        request,
        "floor.html",
        halls=_halls(shown.lives, language, order),
        order=order.value,
        orders=Order,
        cards={
            live.line: (line_name(live, language), Markup(made.html[live.line]))
            for live in shown.lives
        },
        standing=made.order,
        first=shown.lives[0] if shown.lives else None,
        needed=needed_rows(shown.lives, language),
        exports=export_links("/floor/export", {}, language, [("lines", "")]),
        **_summary(shown.lives, language),
    )


@router.get("/floor/events")
async def floor_events(
    request: Request, services: ServicesDep, seen: SeenDep, order: Order = Order.HALL
) -> EventSourceResponse:
    """What of the floor changed, about every second (api.http.page_events)."""
    shown = await run_in_threadpool(seen.shown)
    topic = floor_topic(services, language_of(request), shown, order)
    return page_events(request, services, shown, [topic])


def floor_topic(
    services: Services, language: Language, shown: Shown | None, order: Order
) -> LivesTopic:
    """The cards, the summary, who is needed where, and how the cards stand."""
    name = ("floor", language.tag, order)
    return LivesTopic(services, shown, name, lambda it: parts(services, it, language, order))


class LivesTopic:
    """A page of every line that is shown. `name`: of all that `made` makes of the lines; what two
    pages of one name show of the same lines is the same."""

    def __init__(
        self,
        services: Services,
        shown: Shown | None,
        name: tuple[str, ...],
        made: Callable[[AllLives], Awaitable[Parts]],
    ) -> None:
        self._feed, self._shown = services.feed, shown
        self._name, self._made = name, made
        self._sent = NOTHING

    async def changed(self) -> bytes:
        now = await self._made(seen_lives(await self._feed.all(), self._shown))
        sent, self._sent = self._sent, now
        if now is sent:
            return b""
        key = ("events", self._name, now.of, sent is NOTHING)
        return self._feed.part(key, (sent.number, now.number), lambda: _events(sent, now))


def _events(sent: Parts, now: Parts) -> bytes:
    """Of the parts that are others than those sent; made once for all who were sent the same."""
    told = [
        ServerSentEvent(html, event="part")
        for name, html in now.html.items()
        if sent.html.get(name) != html
    ]
    if sent.order != now.order:
        told.append(ServerSentEvent(now.order, event="order"))
    return b"".join(it.encode() for it in told)


def seen_lives(every: AllLives, shown: Shown | None) -> AllLives:
    """What is shown of them."""
    if shown is None:
        return every
    lives = (live_without(it, shown[it.line]) for it in every.lives if it.line in shown)
    return AllLives(every.number, tuple(lives), frozenset(shown.items()))


async def parts(services: Services, shown: AllLives, language: Language, order: Order) -> Parts:
    """The cards and what stands above them, made once for all who look."""
    name = ("floor card", language.tag)
    cards = await services.feed.of_each(name, shown, lambda it: _card_html(it, language))

    def made() -> Parts:
        summary = fragment(language, "floor_summary.html", **_summary(shown.lives, language))
        needed = fragment(language, "floor_needed.html", needed=needed_rows(shown.lives, language))
        halls = _halls(shown.lives, language, order)
        standing = " ".join(live.line for hall in halls for live in hall.lives)
        html = {**cards, "summary of all lines": summary, "who is needed": needed}
        return Parts(shown.number, html, standing, shown.of)

    return services.feed.part(("floor", language.tag, order, shown.of), shown.number, made)


def _halls(lives: Sequence[Live], language: Language, order: Order) -> list[Hall]:
    if order is Order.WORST:
        return [Hall("", tuple(worst_first(lives)))]
    return by_hall(lives, language)


def _card_html(live: Live, language: Language) -> str:
    """The live parts of a line's card."""
    shown = card(live, language)
    return fragment(
        language,
        "floor_card.html",
        **{name: getattr(shown, name) for name in Card.__dataclass_fields__},
    )


def line_name(live: Live, language: Language) -> str:
    """The line's name in the language; its id where it has none."""
    return text_in(live.name, language.tag) or live.line


def _summary(lives: Sequence[Live], language: Language) -> dict[str, Any]:
    counts = Counter(live.state for live in lives)
    ordered = [(state, counts[state]) for state in MachineState.names() if counts[state]]
    ordered.sort(key=lambda item: -item[1])
    clock = language.time(lives[0].at, lives[0].zone, seconds=True) if lives else ""
    return {"counts": ordered, "clock": clock}


def alert_words(alerts: Sequence[Alert], language: Language) -> str:
    """Which rules are broken, each named once."""
    words = dict.fromkeys(ALERTS[it.cause.kind.value] for it in alerts)
    return language.listed(language.text(it) for it in words)


@dataclass(frozen=True)
class NeededRow:
    """`since`: a time of day. `why`: what is said of it, or which machines are silent. `alerts`:
    those that nobody has acknowledged."""

    need: Need
    name: str
    since: str
    why: str
    alerts: str


def needed_rows(lives: Sequence[Live], language: Language) -> list[NeededRow]:
    """Lines that need someone, longest first, in words."""
    return [
        NeededRow(
            it,
            line_name(it.live, language),
            when(language, it.since, it.live),
            language.listed(machine_name(it.live, each, language) for each in it.silent)
            or reason_name(it.live, language)
            or it.live.alarm
            or "",
            alert_words(unacknowledged(it.live), language),
        )
        for it in needs(lives)
    ]
