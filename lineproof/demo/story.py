"""What a demo's data folder remembers: its days, its line, its machines' addresses.

A folder that is opened again goes on with the same line: the same origin and seed give the
same truth, the counters go on where they would stand, and the days without the demo are
simply unknown.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from datetime import date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from domain.errors import InputError
from domain.time import micros
from lineproof.demo.broker import free_port, is_free
from lineproof.demo.history import demo_model, pick_seed
from lineproof.demo.plant_model import PlantModel
from lineproof.demo.texts import ZONE, DemoDays

FILE = "demo.json"


@dataclass(frozen=True, slots=True)
class Story:
    """`first_day`: the day on which the folder was made, ISO 8601."""

    first_day: str
    seed: int
    opcua_port: int
    mqtt_port: int

    @property
    def days(self) -> DemoDays:
        return DemoDays(date.fromisoformat(self.first_day))

    @property
    def model(self) -> PlantModel:
        return demo_model(self.days, self.seed)


def open_story(folder: Path, now: datetime) -> tuple[Story, bool]:
    """The folder's story and whether it is a new one. Raises InputError for a strange file."""
    path = folder / FILE
    if path.exists():
        story = _read(path)
        if is_free(story.opcua_port) and is_free(story.mqtt_port):
            return story, False
        moved = Story(story.first_day, story.seed, free_port(), free_port())
        return _write(path, moved), False
    today = now.astimezone(ZoneInfo(ZONE)).date()
    seed = pick_seed(DemoDays(today), micros(now))
    return _write(path, Story(today.isoformat(), seed, free_port(), free_port())), True


def _read(path: Path) -> Story:
    try:
        story = Story(**json.loads(path.read_text(encoding="utf-8")))
        date.fromisoformat(story.first_day)
    except (ValueError, TypeError):
        raise InputError(
            "this is not the file of a demo",
            where=str(path),
            todo="Give --data an empty folder, or leave it out.",
        ) from None
    return story


def _write(path: Path, story: Story) -> Story:
    path.write_text(json.dumps(asdict(story), indent=1) + "\n", encoding="utf-8")
    return story
