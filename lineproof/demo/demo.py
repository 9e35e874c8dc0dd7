"""`lineproof demo`: a whole plant on loopback, from the machines to the pages.

Machines, broker, agents, collector, stores, API and pages run in this one process and speak
their real protocols over loopback. What takes long to load is loaded while another process makes
the history of a new folder.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Iterator, Sequence
from pathlib import Path

from domain.errors import InputError
from lineproof import output
from lineproof.clock import utc_now
from lineproof.demo.story import Story, open_story
from lineproof.demo.texts import Addresses, grant_yamls, plant_yaml, profile_yaml
from lineproof.demo.told_history import TellingHistory, telling_history
from lineproof.run.web_server import LOOPBACK, bind
from lineproof.stopping import temporary_folder


def run_demo(*, port: int, browser: bool, seconds: float | None, data: Path | None) -> None:
    """Run until a signal or the end of `seconds`, counted from when the pages answer.

    Raises BusyError for a taken port before anything else is done.
    """
    with bind(LOOPBACK, port) as bound, _folder(data) as folder:
        story, is_new = open_story(folder, utc_now())
        files = write_files(folder, story)
        with _history(folder, files, is_new=is_new) as telling:
            from lineproof.demo.playing import Play, play

            asyncio.run(play(Play(story, folder, files, telling, browser, seconds), bound))
    output.say("The demo has stopped.")


@contextlib.contextmanager
def _history(
    folder: Path, files: Sequence[Path], *, is_new: bool
) -> Iterator[TellingHistory | None]:
    if not is_new:
        yield None
        return
    with telling_history(folder, files) as telling:
        yield telling


@contextlib.contextmanager
def _folder(data: Path | None) -> Iterator[Path]:
    """The given folder, made if need be, or a temporary one."""
    if data is None:
        with temporary_folder("lineproof-demo-") as folder:
            yield folder
        return
    try:
        data.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise InputError(
            f"the folder cannot be made ({error.strerror})",
            where=str(data),
            todo="Give --data another one.",
        ) from None
    yield data


def write_files(folder: Path, story: Story) -> list[Path]:
    """Plant, grants and the checkweigher's profile, to be read by whoever is curious; the plant
    file and the grant files."""
    profile = folder.resolve() / "checkweigher" / "profile.yaml"
    profile.parent.mkdir(exist_ok=True)
    profile.write_text(profile_yaml(), encoding="utf-8")
    addresses = Addresses(
        f"opc.tcp://127.0.0.1:{story.opcua_port}",
        f"mqtt://127.0.0.1:{story.mqtt_port}",
        str(profile),
    )
    grants = {f"grant-{project}.yaml": it for project, it in grant_yamls(story.days).items()}
    texts = {"plant.yaml": plant_yaml(story.days, addresses)} | grants
    for name, text in texts.items():
        (folder / name).write_text(text, encoding="utf-8")
    return [folder / name for name in texts]
