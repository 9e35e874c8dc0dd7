"""`profile record`: a machine's readings into the file that proves a profile.

What came is on disk every WRITE_EVERY_S, whole and under its name, so that a crash costs little and
the panel's readings can be compared while the recording goes on. What nobody else needs to know
never reaches the disk (`device_profiles.proving.redaction`).
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from urllib.parse import urlsplit

from device_profiles.files.catalogue import FILE_NAME, PACKAGED, beside, file_of, parse
from device_profiles.files.yaml_file import yaml_file_text
from device_profiles.proving.recording import RECORDING, head_line, reading_line
from device_profiles.proving.redaction import Redaction
from domain.errors import BusyError, InputError, StorageError
from domain.samples import Reading
from edge.browsing.trial import TrialReport, tried
from edge.whole_file import write_whole
from lineproof.browsing import connection_to, settings_of
from lineproof.clock import utc_now
from lineproof.stopping import stop_on_signals

WRITE_EVERY_S = 2.0
RECORDING_BYTES_MAX = 10_000_000
_SECRET_SETTINGS = {"user": "name", "password": "credentials"}


@dataclass(frozen=True, slots=True)
class RecordRequest:
    """`folder`: where the profile and its recording shall be; None: beside the profile, which is
    one's own. `parameters` and `settings` as in `name=value`. `words`: texts to replace wherever
    they stand; `hidden`: text signals whose texts are replaced. `data`: where the program keeps its
    own certificate."""

    url: str
    profile: str
    folder: Path | None
    seconds: float
    parameters: Sequence[str]
    settings: Sequence[str]
    words: Sequence[str]
    hidden: Sequence[str]
    is_replaced: bool
    data: Path


@dataclass(frozen=True, slots=True)
class RecordReport:
    """`replaced`: what was replaced, by its pseudonym; `left_out`: fields that no input reads;
    `kept_texts`: the texts that stand in the recording; `as_given`: parameters that may say which
    machine it is and could not be changed. `is_full`: it ended because it was large."""

    file: Path
    readings: int
    begin: datetime
    end: datetime
    is_full: bool
    replaced: Mapping[str, str]
    left_out: tuple[str, ...]
    kept_texts: tuple[str, ...]
    as_given: tuple[str, ...]
    trial: TrialReport


@dataclass
class Recorder:
    """What is kept, and where it goes; `stop` is set when it is full."""

    redaction: Redaction
    profile: Path
    profile_text: str
    file: Path
    begin: datetime
    stop: asyncio.Event
    tell_begun: Callable[[Path], None]
    bytes_max: int = RECORDING_BYTES_MAX
    lines: list[str] = field(default_factory=list)
    size_bytes: int = 0
    is_full: bool = False
    is_begun: bool = False

    def keep(self, reading: Reading) -> None:
        """One that says nothing new is not kept."""
        redacted = None if reading.unchanged else self.redaction.redacted(reading)
        if redacted is None or self.is_full:
            return
        line = reading_line(redacted)
        self.size_bytes += len(line.encode()) + 1
        if self.size_bytes > self.bytes_max:
            self.is_full = True
            self.stop.set()
            return
        self.lines.append(line)

    def write(self, end: datetime) -> None:
        """All that came until then, whole or not at all. Raises StorageError."""
        if not self.lines:
            return
        head = head_line(self.redaction.parameters, self.begin, end)
        text = "\n".join((head, *self.lines)) + "\n"
        try:
            self.file.parent.mkdir(parents=True, exist_ok=True)
            if not self.profile.exists():
                write_whole(self.profile, self.profile_text.encode())
            write_whole(self.file, text.encode())
        except OSError as error:
            why = f"the recording cannot be written: {error.strerror}"
            raise StorageError(why, where=str(self.file)) from None
        if not self.is_begun:
            self.is_begun = True
            self.tell_begun(self.file)


def record_machine(request: RecordRequest, tell_begun: Callable[[Path], None]) -> RecordReport:
    """Reads the machine until the time is over, the recording is full, or a signal asks for the
    end. `tell_begun` is given the file once something of it is on disk.

    Raises InputError for what cannot be used and where nothing came, BusyError where a recording
    is there already, StorageError where the disk refuses.
    """
    source = file_of(request.profile)
    text = yaml_file_text(source, "the profile")
    model = parse(text, str(source))
    parameters = settings_of(request.parameters, "--parameter")
    profile, file = _targets(request, source, text)
    redaction = Redaction(model, parameters, _words(request), request.hidden)
    stop = asyncio.Event()
    recorder = Recorder(redaction, profile, text, file, utc_now(), stop, tell_begun)
    return asyncio.run(_recorded(request, parameters, recorder))


def _words(request: RecordRequest) -> dict[str, str]:
    """What names persons and computers, as far as the command says it."""
    host = urlsplit(request.url).hostname or ""
    words = {} if host in ("localhost", "") else {host: "host"}
    settings = settings_of(request.settings, "--setting")
    words |= {settings[it]: kind for it, kind in _SECRET_SETTINGS.items() if settings.get(it)}
    return words | dict.fromkeys(request.words, "name")


def _targets(request: RecordRequest, source: Path, text: str) -> tuple[Path, Path]:
    """The files of the profile and of its recording."""
    if request.folder is None and PACKAGED in source.resolve().parents:
        raise InputError(
            f"'{request.profile}' comes with the program and has its recording",
            todo="Say with -o in which folder yours shall be.",
        )
    profile = source if request.folder is None else request.folder / FILE_NAME
    recording = beside(profile, RECORDING)
    if recording.exists() and not request.is_replaced:
        raise BusyError(
            "there is a recording already",
            where=str(recording),
            todo="Give another folder with -o, or --replace it.",
        )
    if profile.exists() and yaml_file_text(profile, "the profile") != text:
        raise BusyError(
            "there is another profile already",
            where=str(profile),
            todo="Give another folder with -o, or that profile.",
        )
    return profile, recording


async def _recorded(
    request: RecordRequest, parameters: dict[str, str], recorder: Recorder
) -> RecordReport:
    stop = recorder.stop
    stop_on_signals(stop)
    trial = asyncio.create_task(
        tried(
            request.profile,
            parameters,
            connection_to(request.url, request.settings),
            request.seconds,
            utc_now,
            request.data,
            stop=stop,
            keep=recorder.keep,
        )
    )
    stopped = asyncio.create_task(stop.wait())
    try:
        while not trial.done():
            # First to disk, then the end of the session: it may take longer than there is time.
            await asyncio.wait(
                (trial, stopped), timeout=WRITE_EVERY_S, return_when="FIRST_COMPLETED"
            )
            recorder.write(end := utc_now())
            if stopped.done():
                break
        report = await trial
    finally:
        stopped.cancel()
        trial.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await trial
    if not recorder.lines:
        raise InputError(
            f"nothing came of the machine that could be recorded: {report.wrong[0]}",
            where=request.url,
            todo="See with 'lineproof profile try' what is wrong.",
        )
    redaction = recorder.redaction
    return RecordReport(
        file=recorder.file,
        readings=len(recorder.lines),
        begin=recorder.begin,
        end=end,
        is_full=recorder.is_full,
        replaced=redaction.replaced,
        left_out=tuple(redaction.left_out),
        kept_texts=tuple(redaction.kept_texts),
        as_given=tuple(redaction.parameters_as_given),
        trial=report,
    )
