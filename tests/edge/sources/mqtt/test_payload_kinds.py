"""What devices publish in one way or another, from mosquitto to sealed batches, by one agent."""

from __future__ import annotations

from pathlib import Path

from mqtt_machine import PROFILE, mqtt_machine
from recording_sink import until

from domain.samples import Quality

KINDS = f"""{PROFILE}
inputs:
  left: {{sources: [{{topic: left/count, payload: text}}]}}
  right: {{sources: [{{topic: right/count, payload: text, decimal_mark: ","}}]}}
  log:
    sources:
      - {{topic: log, payload: csv, separator: ";", header: true, field: /good, time: /at,
         time_unit: iso, time_zone: Asia/Hong_Kong}}
  tag:
    sources:
      - {{topic: "gateway/#", each: values, where: {{id: Press.Speed}}, field: v, time: t,
         time_unit: ms, quality: {{field: q, good: [true], uncertain: [maybe]}}}}
  power: {{sources: [{{topic: meter, field: "phases[?name=='total'].w | [0]"}}]}}
  event: {{sources: [{{topic: "event/+/+", level: -1}}]}}
  made: {{sources: [{{topic: "cell/+/made", any_topic: true, field: n}}]}}
signals:
  total_count: {{sum: [left, right]}}
  good_count: {{input: log}}
  speed: {{input: tag}}
  measurement.power: {{input: power}}
  state: {{input: event, codes: {{started: producing, stopped: stopped}}}}
  reject_count: {{increments: made}}
"""


async def test_every_kind_of_payload(tmp_path: Path) -> None:
    async with mqtt_machine(tmp_path, KINDS) as device:

        def values(signal: str) -> list[float | None]:
            return [value for _, value, _ in device.samples(signal)]

        await device.publish("left/count", "5")
        await device.publish("right/count", "2,5")
        await device.publish("right/count", "2.500")  # thousands, or what? never guessed
        await device.publish("log", b"at;good\n2026-03-02T10:00:01;8\n2026-03-02T10:00:00;7\n")
        await device.publish(
            "gateway/iot",
            '{"values": [{"id": "Press.Speed", "v": 1.5, "q": true, "t": 1772416800000},'
            ' {"id": "Other", "v": 9, "q": true, "t": 1772416800000},'
            ' {"id": "Press.Speed", "v": 1.6, "q": "maybe", "t": 1772416801000}]}',
            '{"values": [{"id": "Press.Speed", "v": 1.7, "q": "odd", "t": 1772416802000}]}',
        )
        await device.publish(
            "meter", '{"phases": [{"name": "a", "w": 1}, {"name": "total", "w": 3}]}'
        )
        await device.publish("event/press/started", b"", b"\xff")
        await device.publish("event/press/exploded", "x")
        await device.publish("cell/1/made", '{"n": 3}')
        await device.publish("cell/2/made", '{"n": 4}')
        await device.publish("gateway/other", '{"values": []}')  # which one is the machine's?
        await until(lambda: any("two topics" in it for it in device.reasons), "the second topic")
        await device.has("reject_count", 2)

        assert values("total_count") == [7.5, None]
        assert values("good_count") == [7, 8]
        qualities = [
            (value, Quality(quality).name) for _, value, quality in device.samples("speed")
        ]
        assert qualities == [(1.5, "GOOD"), (1.6, "UNCERTAIN"), (None, "BAD")]
        assert values("measurement.power") == [3]
        assert values("state")[0] == values("state")[1] != values("state")[-1]
        assert values("reject_count") == [3, 7]
        assert sorted(device.reasons) == [
            "not a number written as a text with ','",
            "the quality is none that the profile knows: the value is bad",
            "two topics match the wildcard: name one, or say 'any_topic' if both are of this value",
            "unknown code 'exploded'",
        ]
