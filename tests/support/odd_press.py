"""A day on which everything was wrong with the data of one line, and of which it is known what."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from telemetry import batch, rejections
from web_plant import NOW, PLANT, ZONE, registry_of, sample_frame, store_of
from web_plant import spans as heard

from api.queries.lines import Queries
from domain.signals import FAULTS, SOURCE_IDENTITY
from domain.source_faults import FaultCode, SourceFault, to_text
from domain.source_identity import SourceIdentity
from domain.time import Window
from store.files.plant import read_plant

DAY = NOW.date()
TODAY = Window.of_days(DAY, DAY, ZONE)
TOPIC = "hall/press#/good"
RAW = "<b>1,5</b> " + "x" * 200


def at(hour: int, minute: int = 0) -> datetime:
    return datetime(DAY.year, DAY.month, DAY.day, hour, minute, tzinfo=ZONE)


def odd_morning(queries: Queries) -> None:
    """press-1 is read since 7, and lost from 9 to 10 and from 11 to 12; its agent says why of the
    first time alone. Its clock is ahead, values could not be used, a batch came two days late."""
    text = PLANT.replace(
        "press: {profile: import}",
        'press: {profile: packml/opcua, connection: {url: "opc.tcp://press:4840", security: none}}',
    )
    registry_of(queries).apply.plant(text, read_plant(text, "plant.yaml"), NOW)
    lost = SourceFault(FaultCode.CONNECTION_LOST, at(9), detail="no route to host")
    clock = SourceFault(FaultCode.CLOCK_AHEAD, at(8), amount_s=90.0)
    who = SourceIdentity("agent-7", "packml/opcua", "9f", "opc.tcp://10.0.0.5:4840").to_text()
    told = sample_frame(
        "press-1",
        "press",
        [
            {"signal": SOURCE_IDENTITY, "time": at(7), "text": who},
            {"signal": FAULTS, "time": at(8), "text": to_text([clock])},
            {"signal": FAULTS, "time": at(9, 1), "text": to_text([clock, lost])},
            {"signal": FAULTS, "time": at(10), "text": to_text([])},
            {"signal": "speed", "time": at(8, 30), "value": 1.0},
            {"signal": "speed", "time": at(8, 31), "value": 2.0, "quality": 1},
            {"signal": "speed", "time": at(8, 32), "value": None, "quality": 2},
        ],
    )
    known = [(at(7), at(9)), (at(10), at(11)), (at(12), NOW)]
    spans = heard(*(("press-1", "press", *it) for it in known))
    unused = rejections(
        *[{"line": "press-1", "machine": "press", "received": at(8, 40), "address": TOPIC,
           "reason": "no number", "raw": RAW}] * 3,
        {"line": "press-1", "machine": "press", "received": at(0) - timedelta(hours=1),
         "reason": "of yesterday"},
    )  # fmt: skip
    record, content = batch(1, told, spans, unused, agent="agent-7")
    one = sample_frame("press-1", "press", [{"signal": "power", "time": at(13), "value": 1.0}])
    late, late_content = batch(2, one, agent="agent-7")
    told_late = replace(
        late, first_time=at(13), last_time=at(13), received=at(13) + timedelta(days=2)
    )
    store_of(queries).append([(record, content), (told_late, late_content)])
