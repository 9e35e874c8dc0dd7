"""What a line makes, as its page of stops shows it: what people said last, and what can be chosen.

Orders are those of the plan (`orders` of the plant file) that are not over since long; a plant
without orders for the line has its products to choose from.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from api.documents.corrections import Reader
from api.i18n import Language
from api.pages.operator.shift_stops import Said, said_of
from api.pages.operator.texts import from_to
from api.queries.lines import Queries
from domain.corrections import CorrectionKind, Standing
from domain.plant import Line, PlannedOrder, Plant, text_in

_ORDERS_MAX = 12
_SAID_MAX = 5
_CLOCKS = len("00:00–00:00")  # longer ones have their days
_OVER_SINCE_MAX = timedelta(days=2)


@dataclass(frozen=True)
class MadeChoice:
    """What a touch says: `do` of the form; `name` is that of the order or product; `product`,
    `quantity`, `times` of the order in the plan, or empty."""

    do: str
    name: str
    product: str = ""
    quantity: float | None = None
    times: str = ""
    is_now: bool = False


@dataclass(frozen=True)
class MadeNow:
    """`said`: what people said last of it, the latest first."""

    choices: tuple[MadeChoice, ...]
    said: tuple[Said, ...]


def made_now(queries: Queries, line_id: str, reader: Reader, language: Language) -> MadeNow:
    plant, line = queries.line(line_id)
    now, records = queries.now(), queries.corrections(line_id)
    standing = Standing(records)
    orders = [
        it
        for it in records
        if it.kind is CorrectionKind.ORDER and it.id in standing.in_force | standing.waiting
    ]
    orders.sort(key=lambda it: it.start)
    holding = [it for it in orders if it.id in standing.in_force and it.start <= now]
    chosen = (holding[-1].order, holding[-1].product) if holding else (None, None)
    return MadeNow(
        _choices(plant, line, now, chosen, language),
        tuple(
            said_of(it, plant, standing, reader, language) for it in reversed(orders[-_SAID_MAX:])
        ),
    )


def _choices(
    plant: Plant,
    line: Line,
    now: datetime,
    chosen: tuple[str | None, str | None],
    language: Language,
) -> tuple[MadeChoice, ...]:
    """Orders that should run now first, then those to come; or products."""

    def name_of(product: str | None) -> str:
        found = plant.products.get(product or "")
        return (text_in(found.name, language.tag) if found else "") or product or ""

    def times_of(order: PlannedOrder) -> str:
        times = from_to(order.window.start, order.window.end, language, plant.zone)
        day = order.window.start.astimezone(plant.zone).date()
        is_today = day == now.astimezone(plant.zone).date()
        return times if is_today or len(times) > _CLOCKS else f"{language.day(day)} {times}"

    mine = [
        it
        for it in plant.orders.values()
        if it.line == line.id and it.window.end > now - _OVER_SINCE_MAX
    ]
    mine.sort(key=lambda it: (_away(it, now), it.window.start))
    if mine:
        return tuple(
            MadeChoice(
                f"order:{it.id}",
                it.id,
                name_of(it.product),
                it.quantity,
                times_of(it),
                it.id == chosen[0],
            )
            for it in mine[:_ORDERS_MAX]
        )
    return tuple(
        MadeChoice(f"product:{it}", name_of(it), is_now=it == chosen[1])
        for it in list(plant.products)
    )


def _away(order: PlannedOrder, now: datetime) -> timedelta:
    """How far its planned time is from now; zero while it lasts."""
    return max(order.window.start - now, now - order.window.end, timedelta(0))
