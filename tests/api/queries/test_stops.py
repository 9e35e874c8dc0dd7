"""The stop document over HTTP and on the line's page: reasons, losses, first causes."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import httpx
import pytest
from telemetry import batch
from web_plant import NOW, ZONE, Clock, app_of, registry_of, sample_frame, spans, store_of

from api.documents.stops import RELIABILITY, stops_document
from api.queries.lines import Queries
from api.queries.stops import StopsQuestion
from domain.corrections import Correction, CorrectionKind
from domain.errors import InputError
from domain.plant import Line, Plant, StopReason
from domain.states import MachineState, ReasonKind
from domain.time import Window

SHIFT = {"start": "2026-03-25T07:00", "end": "2026-03-25T14:05"}
URL = "/api/v1/lines/filler-1/stops"
EVENING = Window(
    datetime(2026, 3, 24, 15, tzinfo=ZONE).astimezone(UTC),
    datetime(2026, 3, 24, 23, tzinfo=ZONE).astimezone(UTC),
)
REASONS = (
    StopReason(
        "technical",
        {"en": "Technical", "zh-Hant": "技術故障", "zh-Hans": "技术故障"},
        ReasonKind.BREAKDOWN,
    ),
    StopReason(
        "jam",
        {"en": "Jam", "zh-Hant": "卡瓶", "zh-Hans": "卡瓶"},
        ReasonKind.BREAKDOWN,
        "technical",
        ("Jam at the infeed",),
    ),
    StopReason("clean", {"en": "Cleaning"}, ReasonKind.PLANNED, codes=("Cleaning",)),
)


class WithTree(Queries):
    """The same plant with a reason tree, and filler-1 behind a depalletiser."""

    def line(self, line_id: str) -> tuple[Plant, Line]:
        plant, line = super().line(line_id)
        if line_id == "filler-1":
            line = replace(line, sequence=("depalletiser", "filler"))
        reasons = {reason.id: reason for reason in REASONS}
        return replace(plant, reasons=reasons, lines={**plant.lines, line_id: line}), line


@pytest.fixture
def with_tree(own_plant: tuple[Queries, Clock]) -> Queries:
    """On the evening before, the depalletiser stood from 16:58 to 17:14."""
    queries, clock = own_plant
    start = NOW - timedelta(days=1)
    states = (
        (start.replace(hour=7, minute=0), MachineState.PRODUCING),
        (start.replace(hour=16, minute=58), MachineState.FAULT),
        (start.replace(hour=17, minute=14), MachineState.PRODUCING),
    )
    rows: list[dict[str, object]] = [
        {"signal": "state", "time": at, "value": float(state.code), "text": state.value}
        for at, state in states
    ]
    frame = sample_frame("filler-1", "depalletiser", rows)
    known = spans(("filler-1", "depalletiser", states[0][0], NOW))
    store_of(queries).append([batch(1, frame, known, agent="agent-depalletiser")])
    return WithTree(store_of(queries), registry_of(queries), clock)


@pytest.fixture
async def tree_client(with_tree: Queries) -> AsyncIterator[httpx.AsyncClient]:
    app = app_of(with_tree, version="1", live_interval_s=0.1)
    transport = httpx.ASGITransport(app=app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as client:
        yield client
    await app.state.services.close()


async def test_reliability_and_losses_are_those_of_the_kpi_row(client: httpx.AsyncClient) -> None:
    """SysOEE#35: one figure, two values: stops and KPIs of a window say the same."""
    document = (await client.get(URL, params=SHIFT)).json()
    (row,) = (await client.get("/api/v1/lines/filler-1/kpis", params=SHIFT)).json()
    for name in RELIABILITY:
        assert document["reliability"][name] == row[name], name
    assert row["failures"] == 1
    counted = [
        stop
        for stop in document["stops"]
        if stop["category"] in ("minor", "major") and not stop["continued"]
    ]
    assert len(counted) == row["stops"]
    losses = document["losses"]
    assert losses["known_busy_time_s"] == row["planned_busy_time_s"] - row["unknown_time_s"]
    lost = {each["loss"]: each["duration_s"] for each in losses["losses"]}
    assert lost["breakdowns"] == 25 * 60
    assert lost["setup_and_adjustment"] == 20 * 60
    assert lost["start_up"] is None
    rest = sum(seconds for seconds in lost.values() if seconds is not None)
    assert losses["good_ideal_time_s"] + rest == pytest.approx(losses["known_busy_time_s"])
    assert losses["good_ideal_time_s"] / losses["known_busy_time_s"] == pytest.approx(row["oee"])


async def test_rejects_after_a_start_are_start_up_losses(client: httpx.AsyncClient) -> None:
    """Two starts: of the shift at 07:00, and after the setup at 12:40; ten minutes each."""
    plain = (await client.get(URL, params=SHIFT)).json()["losses"]["losses"]
    told = (await client.get(URL, params={**SHIFT, "start_up_s": "600"})).json()
    lost = {each["loss"]: each["duration_s"] for each in told["losses"]["losses"]}
    (row,) = (await client.get("/api/v1/lines/filler-1/kpis", params=SHIFT)).json()
    producing_s = row["production_time_s"]
    defects_s = next(each["duration_s"] for each in plain if each["loss"] == "process_defects")
    assert lost["start_up"] + lost["process_defects"] == pytest.approx(defects_s)
    assert lost["start_up"] / defects_s == pytest.approx(1200 / producing_s, rel=0.05)


async def test_a_line_without_sequence_has_no_first_causes(client: httpx.AsyncClient) -> None:
    assert "first_causes" not in (await client.get(URL, params=SHIFT)).json()


async def test_nothing_is_told_of_what_has_not_been_yet(client: httpx.AsyncClient) -> None:
    later = {"start": "2026-03-25T14:05", "end": "2026-03-26T00:00"}
    document = (await client.get(URL, params=later)).json()
    assert (document["stops"], document["losses"]) == ([], None)
    until = (await client.get(URL, params={**SHIFT, "end": "2026-03-25T23:00"})).json()
    now = (await client.get(URL, params=SHIFT)).json()
    assert until["stops"] == now["stops"], "the rest of the day is not unknown, it is to come"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("level", "0"),
        ("lag_s", "-1"),
        ("start_up_s", "4000"),
        ("method", "guessed"),
        ("lang", "de"),
    ],
)
async def test_a_question_that_means_nothing_is_refused(
    client: httpx.AsyncClient, name: str, value: str
) -> None:
    answer = await client.get(URL, params={**SHIFT, name: value})
    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"


def test_a_question_names_what_is_wrong() -> None:
    with pytest.raises(InputError, match="lag_s: -1 is no length"):
        StopsQuestion(lag_s=-1)


async def test_reasons_by_the_tree_in_every_language(tree_client: httpx.AsyncClient) -> None:
    for tag, name, root in (("en", "Jam", "Technical"), ("zh-Hant", "卡瓶", "技術故障")):
        document = (await tree_client.get(URL, params={**SHIFT, "lang": tag})).json()
        fault = next(stop for stop in document["stops"] if stop["state"] == "fault")
        assert (fault["reason_id"], fault["reason_name"]) == ("jam", name)
        assert (fault["reason_path"], fault["kind"]) == (["technical", "jam"], "breakdown")
        asked = {**SHIFT, "lang": tag, "level": "1"}
        top = (await tree_client.get(URL, params=asked)).json()["pareto"][0]
        assert (top["cause"], top["name"]) == ("technical", root)
        page = (await tree_client.get("/lines/filler-1", params={"lang": tag, "tab": "stops"})).text
        assert name in page
        assert "Jam at the infeed" not in page


async def test_the_page_names_losses_and_first_causes(tree_client: httpx.AsyncClient) -> None:
    page = (await tree_client.get("/lines/filler-1?lang=zh-Hant&tab=losses")).text
    for words in ("六大損失", "換線與調機", "機器停頓的連帶影響", "depalletiser"):
        assert words in page, words


async def test_the_page_tells_the_means_and_what_they_are_divided_by(
    tree_client: httpx.AsyncClient,
) -> None:
    """SysOEE#35: as the document of stops has them. The last 24 hours had a fault of 25 min."""
    page = (await tree_client.get("/lines/filler-1?lang=en&tab=stops")).text
    day = {"start": "2026-03-24T14:05", "end": "2026-03-25T14:05"}
    found = (await tree_client.get(URL, params=day)).json()["reliability"]
    assert (found["failures"], found["mean_time_to_repair_s"]) == (1, 1500)
    assert "<dt>Mean time to repair</dt><dd>25 mins</dd>" in page
    assert f"<dt>Stops</dt><dd>{found['stops']}</dd>" in page
    assert "Over 1 failure: a fault" in page
    assert (
        "以 1 次故障計算" in (await tree_client.get("/lines/filler-1?lang=zh-Hant&tab=stops")).text
    )
    losses = (await tree_client.get("/lines/filler-1?lang=en&tab=losses")).text
    assert "counted among the process defects" in losses


async def test_waiting_goes_to_the_machine_that_stood(tree_client: httpx.AsyncClient) -> None:
    """united-manufacturing-hub#174: whom to blame on a line."""
    evening = {"start": EVENING.start.isoformat(), "end": EVENING.end.isoformat()}
    found = (await tree_client.get(URL, params=evening)).json()["first_causes"]
    assert found["sequence"] == ["depalletiser", "filler"]
    (wait,) = found["waits"]
    assert (wait["machine"], wait["waited"], wait["duration_s"]) == ("filler", "starved", 900)
    assert (wait["cause"], wait["start"]) == ("depalletiser", "2026-03-24T17:00:00+08:00")
    first, second = found["machines"]
    assert (first["own_stop_s"], first["caused_s"], second["waited_s"]) == (960, 900, 900)
    within = {**evening, "start": "2026-03-24T17:05", "end": "2026-03-24T17:10"}
    (part,) = (await tree_client.get(URL, params=within)).json()["first_causes"]["waits"]
    assert (part["cause"], part["duration_s"]) == ("depalletiser", 300), "it began before"


def test_split_and_merge_and_back_again(own_plant: tuple[Queries, Clock]) -> None:
    """point85/OEE-Designer#9: what people say of stops never adds or takes stopped time."""
    queries, _ = own_plant

    def at(hour: int, minute: int = 0) -> datetime:
        return datetime(2026, 3, 24, hour, minute, tzinfo=ZONE).astimezone(UTC)

    def listed() -> list[tuple[str, float]]:
        found = stops_document(queries, "filler-1", EVENING)["stops"]
        return [(stop["start"][11:16], stop["duration_s"]) for stop in found]

    def say(
        identity: str, kind: CorrectionKind, start: datetime, end: datetime, withdraws: str = ""
    ) -> None:
        correction = Correction(
            identity, "filler-1", kind, start, end, "operator", NOW, withdraws=withdraws or None
        )
        registry_of(queries).record.correction(correction, lambda earlier: None)

    measured = stops_document(queries, "filler-1", EVENING)
    assert listed() == [("17:00", 900), ("20:30", 600)]
    say("s", CorrectionKind.SPLIT, at(17, 5), at(17, 5))
    assert listed() == [("17:00", 300), ("17:05", 600), ("20:30", 600)]
    say("m", CorrectionKind.MERGE, at(17, 10), at(20, 31))
    assert listed() == [("17:00", 300), ("17:05", 1200)]
    late = Window(at(20), EVENING.end)
    (row,) = stops_document(queries, "filler-1", late)["stops"]
    assert row["continued"], "the merged stop began at 17:05, before this window"
    for name in ("s", "m"):
        say(f"no-{name}", CorrectionKind.WITHDRAWAL, EVENING.start, EVENING.end, name)
    assert stops_document(queries, "filler-1", EVENING) == measured
