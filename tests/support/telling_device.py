"""A device over MQTT that tells changes alone, and something else that shows that it is alive, in
front of a real decoder. Its clock may say what a test wants."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from device_profiles.decoding.decoder import Decoder
from device_profiles.decoding.remembered import Remembered
from device_profiles.model.profile import Profile
from domain.samples import Quality, Reading, Rejection, Sample

START = datetime(2026, 3, 2, 7, tzinfo=UTC)
MINUTE, HOUR, DAY = 60.0, 3600.0, 86_400.0
RUNS, STOPS = 1, 2
HEAD = """
name: field/device
vendor: simulated
model: device over MQTT
title: {en: Device, zh-Hant: 裝置, zh-Hans: 装置}
protocol: mqtt-json
documentation: ["https://example.org/"]
heartbeat: {topic: alive}
"""
PLAIN = f"""{HEAD}
inputs:
  state: {{sources: [{{topic: main, field: /state, time: /ts}}]}}
  total: {{sources: [{{topic: main, field: /total, time: /ts, optional: true}}]}}
  order: {{sources: [{{topic: jobs, field: /order, time: /ts}}]}}
signals:
  state: {{input: state, codes: {{1: producing, 2: stopped}}}}
  total_count: {{input: total}}
  order: {{input: order}}
"""
COMBINED = f"""{HEAD}
inputs:
  state: {{sources: [{{topic: main, field: /state, time: /ts}}]}}
  mode: {{sources: [{{topic: mode, field: /mode, time: /ts}}]}}
signals:
  state:
    when:
      - {{if: {{state: 2}}, then: stopped}}
      - {{if: {{mode: 2}}, then: maintenance}}
      - {{if: {{state: 1, mode: 1}}, then: producing}}
    otherwise: unknown
"""


def at(seconds: float) -> datetime:
    return START + timedelta(seconds=seconds)


@dataclass
class Machine:
    """What it says goes into its decoder at once; it is alive every half minute."""

    profile: Profile
    now_s: float = 0.0
    rows: list[Sample | Rejection] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.decoder = Decoder(self.profile, "line", "m")

    def starts_anew(self) -> None:
        """Its agent, with what it kept in a file."""
        kept = self.decoder.remembered.model_dump_json()
        self.decoder = Decoder(
            self.profile, "line", "m", remembered=Remembered.model_validate_json(kept)
        )

    def until(self, time_s: float, *, silent: bool = False) -> None:
        while self.now_s + 30 < time_s and not silent:
            self.now_s += 30
            self._read("alive", "", "online", None)
        self.now_s = time_s

    def says(self, source_s: float | None = None, **values: object) -> None:
        """In one message, by default with a clock that is right."""
        stamp = at(self.now_s if source_s is None else source_s)
        topics = {"mode": "mode", "order": "jobs"}
        for name, value in values.items():
            self._read(topics.get(name, "main"), f"/{name}", value, stamp)

    def _read(self, topic: str, pointer: str, value: object, stamp: datetime | None) -> None:
        (key,) = [
            it.key
            for it in self.decoder.addresses
            if it.key.startswith(topic) and it.key.endswith(pointer)
        ]
        one = Reading("m", key, value, stamp, at(self.now_s), Quality.GOOD)
        self.rows += self.decoder.decode(one)

    def samples(self, signal: str = "state") -> list[Sample]:
        found = [it for it in self.rows if isinstance(it, Sample) and it.signal == signal]
        return sorted(found, key=lambda it: it.time)

    def shown(self, time_s: float | None = None, signal: str = "state") -> str | None:
        """What holds at a time, of all that is known now."""
        time = at(self.now_s + 0.001 if time_s is None else time_s)
        held = [it.text for it in self.samples(signal) if it.time <= time]
        return held[-1] if held else None

    def reasons(self) -> list[str]:
        return [it.reason for it in self.rows if isinstance(it, Rejection)]
