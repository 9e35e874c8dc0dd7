"""The page of a line that shows all it can (charts, notes, long reasons, first causes) in a real
browser, in three languages."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, timedelta
from pathlib import Path

import pytest
from browser import chromium, serving, visit
from playwright.sync_api import Browser
from telemetry import batch
from web_plant import NOW, PLANT, Clock, app_of, fill, sample_frame, spans

from api.queries.lines import Queries
from domain.states import MachineState
from store.files.plant import read_plant
from store.registry.registry import Registry
from store.telemetry.duckdb.store import DuckDBStore

MACHINES = "      meter: {profile: import}\n"
ROLES = "    roles: {state: filler, total_count: filler, good_count: filler, energy: meter}\n"
MORE = """\
    sequence: [depalletiser, filler]
    measurements:
      fill: {name: {en: Fill weight}, machine: meter, unit: g, lower_limit: 324, upper_limit: 336}
      single: {name: {en: Torque}, machine: meter, subgroup_size: 1}
      nothing: {name: {en: Nothing yet}, machine: meter}
"""
REASON = "The carton magazine was empty and nobody knew where the pallets were 包裝機入料口卡住了"
FIRST = NOW - timedelta(hours=6)
QUIET = NOW - timedelta(hours=4)


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder = tmp_path_factory.mktemp("full")
    text = PLANT.replace(MACHINES, f"{MACHINES}      depalletiser: {{profile: import}}\n", 1)
    text = text.replace(ROLES, ROLES + MORE, 1) + "reasons: {jam: {name: {en: Jam}}}\n"
    store = DuckDBStore(folder / "telemetry.duckdb", memory_limit="200MB")
    fill(store)
    rows: list[dict[str, object]] = [
        {
            "signal": f"measurement.{name}",
            "time": (FIRST + timedelta(minutes=at)).astimezone(UTC),
            "value": 330.0 + (at % 7) + (40 if at == 200 else 0),
        }
        for at in range(300)
        for name in ("fill", "single")
    ]
    said: list[dict[str, object]] = [
        {"signal": "stop_reason", "time": NOW - timedelta(hours=5), "text": REASON},
        *(  # a stop of which nobody says why
            {
                "signal": "state",
                "time": QUIET + timedelta(minutes=at),
                "value": float(state.code),
                "text": state.value,
            }
            for at, state in (
                (0, MachineState.PRODUCING),
                (10, MachineState.STOPPED),
                (20, MachineState.PRODUCING),
            )
        ),
    ]
    known = spans(("filler-1", "depalletiser", FIRST, NOW))
    store.append(
        [
            batch(1, sample_frame("filler-1", "meter", rows), known, agent="scale"),
            batch(1, sample_frame("filler-1", "filler", said), agent="panel"),
        ]
    )
    registry = Registry(folder / "registry.sqlite", folder / "documents")
    registry.apply.plant(text, read_plant(text, "plant.yaml"), NOW)
    queries = Queries(store, registry, Clock())
    with serving(app_of(queries, version="1", live_interval_s=0.2)) as address:
        yield f"{address}/lines/filler-1"
    store.close()
    registry.close()


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as found:
        yield found


@pytest.mark.parametrize("tag", ["en", "zh-Hant", "zh-Hans"])
@pytest.mark.parametrize("width", [1280, 800, 360])
def test_nothing_of_a_full_line_overflows(
    browser: Browser, url: str, tag: str, width: int, tmp_path: Path
) -> None:
    """WCAG 2.2, 1.4.10: no scrolling in two directions; a long reason hides no figure."""
    with visit(browser, viewport={"width": width, "height": 900}) as seen:
        seen.page.goto(f"{url}?lang={tag}")
        wide = seen.page.evaluate("document.documentElement.scrollWidth")
        assert wide <= width, f"{wide} px wide"
        assert seen.page.get_by_text(REASON).count() > 0
        table = seen.page.locator("[data-live=line-stops] .scroll")
        inside, shown = table.evaluate("e => [e.scrollWidth, e.clientWidth]")
        assert inside <= shown or width < 800, f"{inside} px in {shown}"
        assert seen.complaints == []


@pytest.mark.parametrize(
    ("tag", "said"), [("en", "Stopped no reason given"), ("zh-Hant", "停機 沒有填報原因")]
)
def test_a_stop_that_lacks_a_reason_says_so_where_there_are_reasons(
    browser: Browser, url: str, tag: str, said: str
) -> None:
    with visit(browser) as seen:
        seen.page.goto(f"{url}?lang={tag}")
        causes = seen.page.locator("[data-live=line-stops] .causes tbody th").all_inner_texts()
        assert said in causes, causes


def test_a_measurement_without_any_index_says_why_once(browser: Browser, url: str) -> None:
    with visit(browser) as seen:
        seen.page.goto(f"{url}?lang=en")
        tiles = seen.page.locator("[data-live=line-control] .tile")
        assert tiles.count() == 3
        bare = tiles.nth(2)
        assert bare.get_by_text("The measurement has no specification limits.").count() == 1
        assert bare.locator("table").count() == 0
        assert tiles.nth(0).locator("tbody tr").count() == 6
