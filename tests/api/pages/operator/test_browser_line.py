"""The page of a line that shows all it can (charts, notes, long reasons, first causes) in a real
browser, in three languages."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, timedelta
from itertools import pairwise
from statistics import fmean, stdev

import pytest
from axe import violations
from browser import chromium, serving, visit
from playwright.sync_api import Browser, expect
from readable import SMALL_TARGETS
from telemetry import batch
from web_plant import NOW, PLANT, Clock, app_of, fill, on_board, sample_frame, spans

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
CLOCK = Clock()
NEW_YORK = "America/New_York"  # where none of the plant's times is right
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
    text = text.replace(
        "    product: juice-330\n", "    product: juice-330\n    target_oee: 0.8\n", 1
    )
    registry.apply.plant(text, read_plant(text, "plant.yaml"), NOW)
    queries = Queries(store, registry, CLOCK)
    with serving(app_of(on_board(queries), version="1", live_interval_s=0.2)) as address:
        yield f"{address}/lines/filler-1"
    store.close()
    registry.close()


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as found:
        yield found


# As the stream does it when there are new points.
COMES_ANEW = """async () => {
  const text = await (await fetch(location)).text(), part = "[data-live=line-control]";
  const fresh = new DOMParser().parseFromString(text, "text/html").querySelector(part);
  document.querySelector(part).replaceWith(document.adoptNode(fresh));
}"""
TABS = ("", "day", "stops", "losses", "quality", "energy", "kpis", "corrections")


@pytest.mark.parametrize("tab", TABS)
def test_nothing_of_a_full_line_overflows(browser: Browser, url: str, tab: str) -> None:
    """On any tab: axe-core finds nothing, nothing scrolls in two directions (WCAG 2.2, 1.4.10), no
    table is cut off. English has the longest words."""
    with visit(browser) as seen:
        seen.page.goto(f"{url}?lang=en&tab={tab}")
        seen.page.evaluate("document.querySelectorAll('details').forEach(e => e.open = true)")
        for width in (1280, 800, 390):
            seen.page.set_viewport_size({"width": width, "height": 900})
            wide = seen.page.evaluate("document.documentElement.scrollWidth")
            assert wide <= width, f"{wide} px wide"
            for table in seen.page.locator(".scroll").all():
                inside, shown = table.evaluate("e => [e.scrollWidth, e.clientWidth]")
                assert inside <= shown, f"{inside} px in {shown} at {width}"
            assert seen.page.evaluate(SMALL_TARGETS) == [], width
        assert violations(seen.page) == []
        assert seen.complaints == []


@pytest.mark.parametrize("tag", ["en", "zh-Hant", "zh-Hans"])
def test_the_first_screen_is_one_screen(browser: Browser, url: str, tag: str) -> None:
    with visit(browser, viewport={"width": 1280, "height": 800}) as seen:
        seen.page.goto(f"{url}?lang={tag}")
        assert seen.page.evaluate("document.documentElement.scrollHeight") <= 800
        seen.page.set_viewport_size({"width": 390, "height": 844})
        band = seen.page.locator("[data-live=line-state]").bounding_box()
        assert band is not None
        assert band["y"] + band["height"] <= 844, "the state is not seen at first"


def test_times_of_day_do_not_collide_on_a_phone(browser: Browser, url: str) -> None:
    with visit(browser, viewport={"width": 390, "height": 844}) as seen:
        for tab, texts in (("", ".timeline text"), ("day", ".timeline text"),
                           ("quality", ".control .times")):  # fmt: skip
            seen.page.goto(f"{url}?lang=en&tab={tab}")
            for drawing in seen.page.locator("svg.timeline, svg.control").all():
                boxes = [it.bounding_box() for it in drawing.locator(texts.split()[-1]).all()]
                placed = sorted((it["x"], it["x"] + it["width"]) for it in boxes if it)
                assert all(left[1] <= right[0] for left, right in pairwise(placed)), tab


def test_a_stop_without_a_reason_is_two_touches_away(browser: Browser, url: str) -> None:
    """It glows in the band, is asked for in one sentence, and leads to where it is entered."""
    with visit(browser) as seen:
        page = seen.page
        page.goto(f"{url}?lang=en")
        expect(page.locator(".next-step")).to_have_text("Say why it stood still at 10:15.")
        assert page.locator(".timeline a.bare").count() == 1
        bare = page.locator(".stop-list .bare")
        expect(bare).to_contain_text("no reason given")
        box = bare.bounding_box()
        assert box is not None
        assert box["height"] >= 48
        bare.click()
        expect(page).to_have_url(re.compile("/lines/filler-1/stops\\?at=2026-03-25T10:15:00"))


def test_bars_of_planned_and_unplanned_causes_are_on_one_scale(browser: Browser, url: str) -> None:
    """1 h 11 min was drawn 2.3 times as long as 1 h."""
    with visit(browser) as seen:
        seen.page.goto(f"{url}?lang=en&tab=stops")
        rows = seen.page.locator(".causes tbody tr:has(.bar)")
        drawn = rows.evaluate_all(
            "rows => rows.map(it => [it.querySelector('.n').textContent,"
            " parseFloat(it.querySelector('.bar rect:last-child').getAttribute('width'))])"
        )
        assert dict(drawn) == {"25 mins": 100, "20 mins": 80, "15 mins": 60, "10 mins": 40}


def test_every_figure_opens_its_formula_and_stays_open(browser: Browser, url: str) -> None:
    with visit(browser) as seen:
        page = seen.page
        page.goto(f"{url}?lang=en")
        page.get_by_text("How it is computed").click()
        formula = page.locator(".computed .formula").first
        expect(formula).to_contain_text("availability × effectiveness × quality ratio")
        expect(formula).to_contain_text("ISO 22400-2, KPI 6")
        wanted = page.locator(".counts")
        before = wanted.inner_text()
        CLOCK.now += timedelta(seconds=50)  # 80 more are wanted
        try:
            expect(wanted).not_to_have_text(before, use_inner_text=True)
            expect(formula).to_be_visible()
        finally:
            CLOCK.now = NOW


def test_days_are_picked_by_a_calendar(browser: Browser, url: str) -> None:
    with visit(browser) as seen:
        page = seen.page
        page.goto(f"{url}?lang=en&tab=kpis")
        page.get_by_label("First day").fill("2026-03-16")
        page.get_by_label("Last day").fill("2026-03-18")
        page.get_by_label("One row for each").select_option("product")
        page.get_by_role("button", name="Show").click()
        expect(page.locator("tbody th")).to_have_text("Juice 330 ml")
        expect(page.locator("h2")).to_contain_text("16–18 Mar 2026")
        page.goto(f"{url}?tab=kpis&start=2026-03-18&end=2026-03-16")
        expect(page.get_by_role("heading", level=1)).to_have_text(
            "The request cannot be used as it is"
        )


@pytest.mark.parametrize(
    ("tag", "said"), [("en", "Stopped no reason given"), ("zh-Hant", "停機 沒有填報原因")]
)
def test_a_stop_that_lacks_a_reason_says_so_where_there_are_reasons(
    browser: Browser, url: str, tag: str, said: str
) -> None:
    with visit(browser) as seen:
        seen.page.goto(f"{url}?lang={tag}&tab=stops")
        causes = seen.page.locator("[data-live=line-stops] .causes tbody th").all_inner_texts()
        assert said in causes, causes


def test_control_charts_have_axes_and_specification_and_hide_no_rule(
    browser: Browser, url: str
) -> None:
    with visit(browser) as seen:
        seen.page.goto(f"{url}?lang=en&tab=quality")
        tiles = seen.page.locator("[data-live=line-control] .tile")
        assert tiles.count() == 3
        filled, single, bare = (tiles.nth(it) for it in range(3))
        assert filled.locator(".lsl, .usl").count() == 2
        assert filled.locator("svg").first.locator(".scale").count() >= 3
        assert filled.locator(":scope > .scroll tbody tr").count() == 6
        said = single.locator(".reasons").first
        expect(said).to_contain_text("6 successive points steadily rise or fall. 83 times")
        expect(said).to_contain_text("A point lies beyond the control limits.")
        assert bare.get_by_text("The measurement has no specification limits.").count() == 1
        assert bare.locator("table").count() == 0


def test_the_band_is_zoomed_by_buttons_keys_and_wheel_and_a_link_carries_it(
    browser: Browser, url: str
) -> None:
    with visit(browser, viewport={"width": 1280, "height": 800}, timezone_id=NEW_YORK) as seen:
        page = seen.page
        page.goto(f"{url}?lang=en")
        times, into = page.locator("[data-view]"), page.get_by_role("link", name="Zoom in")
        expect(times).to_have_text("07:00–15:00")
        into.click()
        expect(times).to_have_text("10:05–14:05")
        page.keyboard.press("+")  # the button has the focus
        page.keyboard.press("ArrowLeft")
        expect(times).to_have_text("10:05–12:05")
        page.wait_for_url("**from=2026-03-25T10:05:00&to=2026-03-25T12:05:00")
        shown = page.locator(".timeline .view").bounding_box()
        assert shown is not None
        CLOCK.now += timedelta(seconds=31)  # the band comes anew
        old = page.locator(".timeline").evaluate_handle("e => e")
        try:
            page.wait_for_function("e => !e.isConnected", arg=old)
        finally:
            CLOCK.now = NOW
        expect(times).to_have_text("10:05–12:05")
        assert page.locator(".timeline .view").bounding_box() == shown
        expect(into).to_be_focused()
        page.locator(".timeline").hover(position={"x": 0, "y": 20})
        page.mouse.wheel(0, -60)
        expect(times).to_have_text(re.compile("^10:0[45]–11:2"))
        into.press("0")
        expect(times).to_have_text("07:00–15:00")
        assert seen.complaints == []
    with visit(browser, java_script_enabled=False) as seen:
        seen.page.goto(f"{url}?lang=zh-Hant&from=2026-03-25T10:05:00&to=2026-03-25T12:05:00")
        drawn = seen.page.locator(".timeline .view")
        assert drawn.get_attribute("width") == "400.0%"
        expect(seen.page.locator("[data-view]")).to_have_text("10:05–12:05")
        seen.page.get_by_role("link", name="縮小").click()
        expect(seen.page.locator("[data-view]")).to_have_text("09:05–13:05")


def test_two_fingers_spread_the_band(browser: Browser, url: str) -> None:
    with visit(browser, viewport={"width": 390, "height": 844}, has_touch=True) as seen:
        page = seen.page
        page.goto(f"{url}?lang=en")
        band = page.locator(".timeline")
        band.scroll_into_view_if_needed()
        box = band.bounding_box()
        assert box is not None
        session = page.context.new_cdp_session(page)

        def touch(kind: str, *at: float) -> None:
            places = [{"x": box["x"] + box["width"] * it, "y": box["y"] + 30} for it in at]
            session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": places})

        touch("touchStart", 0.4, 0.6)
        for apart in (0.2, 0.3, 0.4):
            touch("touchMove", 0.5 - apart, 0.5 + apart)
        touch("touchEnd")
        about = re.compile("^(09:59|10:0[01])–(11:59|12:0[01])$")  # touches are of whole pixels
        expect(page.locator("[data-view]")).to_have_text(about)
        expect(page).to_have_url(re.compile("from="))
        assert "/stops" not in page.url


def test_a_part_of_a_control_chart_has_its_figures_and_its_rules(
    browser: Browser, url: str
) -> None:
    """By the keyboard at its two ends, and by drawing over the chart; it outlives what is live."""
    with visit(browser, viewport={"width": 1280, "height": 1600}) as seen:
        page = seen.page
        page.goto(f"{url}?lang=en&tab=quality")
        tile = page.locator("[data-live=line-control] .tile").nth(1)
        part, figure = tile.locator(".brush"), tile.locator("[data-figure=count]")
        part.locator("summary").click()
        points = tile.locator("[data-at]")
        values = [float(it) for it in points.evaluate_all("e => e.map(it => it.dataset.value)")]
        expect(figure).to_have_text(str(len(values)))
        part.get_by_label("Last point").press("Home")
        part.get_by_label("Last point").press("ArrowRight")
        part.get_by_label("Last point").press("ArrowRight")
        expect(figure).to_have_text("3")
        shown = [float(it) for it in part.locator("[data-figure]").all_inner_texts()[1:]]
        three = values[:3]
        expected = (fmean(three), min(three), max(three), stdev(three))
        assert shown == pytest.approx(expected, abs=0.01)
        high = max(range(len(values)), key=values.__getitem__)
        xs = [float(it) for it in points.evaluate_all("e => e.map(it => it.dataset.x)")]
        box = tile.locator("svg.control").first.bounding_box()
        assert box is not None
        for at, press in ((xs[high] - 3, page.mouse.down), (xs[high] + 3, page.mouse.up)):
            page.mouse.move(box["x"] + box["width"] * at / 100, box["y"] + 40, steps=3)
            press()
        expect(part.locator("ul")).to_contain_text("A point lies beyond the control limits. 1 ×")
        expect(part.locator("[data-figure=highest]")).to_have_text(re.compile("^37"))
        few = figure.inner_text()
        assert int(few) < 12
        page.evaluate(COMES_ANEW)
        expect(figure).to_have_text(few)
        assert seen.complaints == []
    with visit(browser, java_script_enabled=False) as seen:
        seen.page.goto(f"{url}?lang=en&tab=quality")
        expect(seen.page.locator(".brush").first).to_be_hidden()
