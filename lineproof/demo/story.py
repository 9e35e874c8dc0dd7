"""What a demo's data folder remembers: its days, its lines, its machines' addresses.

A folder that is opened again goes on with the same lines: the same origin and seed give the
same truth, the counters go on where they would stand, and the days without the demo are
simply unknown.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from datetime import datetime
from functools import cached_property
from pathlib import Path

from domain.errors import InputError
from domain.time import instant, micros
from lineproof.demo.model.days import DemoDays, demo_days, pick_seed
from lineproof.demo.model.lines import DemoLine, demo_lines
from lineproof.demo.servers.broker import free_port, is_free

FILE = "demo.json"


@dataclass(frozen=True)
class Story:
    """`opened_us`: when the folder was made, microseconds since the epoch."""

    opened_us: int
    seed: int
    opcua_port: int
    mqtt_port: int

    @cached_property
    def days(self) -> DemoDays:
        return demo_days(self.opened_us)

    @cached_property
    def lines(self) -> dict[str, DemoLine]:
        """By their names."""
        return demo_lines(self.opened_us, self.seed)


def open_story(folder: Path, now: datetime) -> tuple[Story, bool]:
    """The folder's story and whether it is a new one. Raises InputError for a strange file."""
    path = folder / FILE
    if path.exists():
        story = read_story(folder)
        if is_free(story.opcua_port) and is_free(story.mqtt_port):
            return story, False
        moved = Story(story.opened_us, story.seed, free_port(), free_port())
        return _write(path, moved), False
    seed = pick_seed(micros(now))
    return _write(path, Story(micros(now), seed, free_port(), free_port())), True


def read_story(folder: Path) -> Story:
    """The story that the folder has. Raises InputError for a strange file."""
    path = folder / FILE
    try:
        story = Story(**json.loads(path.read_text(encoding="utf-8")))
        instant(story.opened_us)
    except (ValueError, TypeError, OverflowError):
        raise InputError(
            "this is not the file of a demo",
            where=str(path),
            todo="Give --data an empty folder, or leave it out.",
        ) from None
    return story


def _write(path: Path, story: Story) -> Story:
    path.write_text(json.dumps(asdict(story), indent=1) + "\n", encoding="utf-8")
    return story
