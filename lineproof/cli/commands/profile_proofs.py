"""`profile record|accept|check`: a machine's recording and panel, and what they prove."""

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from domain.errors import CheckFailedError, InputError
from lineproof import output
from lineproof.cli.commands.options import AsJson
from lineproof.cli.commands.profiles import (
    Data,
    MachineUrl,
    Parameters,
    ProfileName,
    Settings,
    print_trial,
)
from lineproof.clock import utc_now

if TYPE_CHECKING:
    from device_profiles.proving.check import ProfileReport
    from device_profiles.proving.panel import Mismatch
    from device_profiles.proving.typed_reading import TypedReading
    from lineproof.panel_entry import Accepted, PanelEntry
    from lineproof.recorder import RecordReport


def record_profile(
    url: MachineUrl,
    name: ProfileName,
    folder: Annotated[
        Path | None,
        typer.Option("--output", "-o", help="The new folder; without it, beside the profile."),
    ] = None,
    seconds: Annotated[
        float, typer.Option(help="How long to record; Ctrl-C ends it earlier.", min=0.1, max=86_400)
    ] = 600.0,
    parameters: Parameters = None,
    settings: Settings = None,
    words: Annotated[
        list[str] | None,
        typer.Option("--redact", help="A word to replace wherever it stands; may be repeated."),
    ] = None,
    hidden: Annotated[
        list[str] | None,
        typer.Option("--hide", help="A text signal to replace, as in order; may be repeated."),
    ] = None,
    is_replaced: Annotated[
        bool, typer.Option("--replace", help="Replace the recording that is there.")
    ] = False,
    data: Data = Path("lineproof-browse"),
    as_json: AsJson = False,
) -> None:
    """Record what a machine says, without what identifies persons, computers or the machine."""
    from lineproof.recorder import RecordRequest, record_machine

    request = RecordRequest(
        url=url,
        profile=name,
        folder=folder,
        seconds=seconds,
        parameters=parameters or (),
        settings=settings or (),
        words=words or (),
        hidden=hidden or (),
        is_replaced=is_replaced,
        data=data,
    )
    report = record_machine(request, _tell_begun)
    if as_json:
        output.print_json(_record_json(report))
    else:
        _print_record(report)


def _tell_begun(file: Path) -> None:
    output.note(
        f"Recording to {file}. Read the machine's own panel meanwhile: 'lineproof profile accept "
        f"{file.parent}'. Ctrl-C ends it."
    )


def _record_json(report: RecordReport) -> dict[str, Any]:
    return {
        "recording": str(report.file),
        "readings": report.readings,
        "from": report.begin.isoformat(),
        "until": report.end.isoformat(),
        "is_full": report.is_full,
        "replaced": sorted(report.replaced),
        "left_out": list(report.left_out),
        "texts": list(report.kept_texts),
        "parameters_as_given": list(report.as_given),
        "wrong": list(report.trial.wrong),
    }


def _print_record(report: RecordReport) -> None:
    print_trial(report.trial)
    output.say(f"{report.readings} readings are in {report.file}.")
    if report.is_full:
        output.say("The recording is as large as one may be: it ends there.")
    if report.replaced:
        output.print_table(
            "Replaced (what stood there is shown here alone)",
            ("In the recording", "Was"),
            [
                (it, "…" if it.startswith("credentials") else was)
                for it, was in report.replaced.items()
            ],
        )
    if report.left_out:
        output.say(f"Left out, no input reads them: {'; '.join(report.left_out)}.")
    if report.as_given:
        output.say(
            "Look at these parameters: what they name could not be replaced: "
            f"{', '.join(report.as_given)}."
        )
    if report.kept_texts:
        output.say(
            "These texts stand in the recording. Hide what nobody else should read with --hide or "
            f"--redact: {'; '.join(report.kept_texts)}."
        )


def accept_reading(
    name: Annotated[str, typer.Argument(help="The folder or the file of the profile.")],
    reading: Annotated[
        str,
        typer.Option(help='As in "state=producing total_count=25"; without it you are asked.'),
    ] = "",
    at: Annotated[
        str, typer.Option(help="When the panel showed it, ISO 8601 with offset; absent: now.")
    ] = "",
    within_s: Annotated[
        float,
        typer.Option("--within", help="You looked so many s earlier or later.", min=0, max=60),
    ] = 2.0,
    read_by: Annotated[str, typer.Option(help="Who looked at the panel.")] = "",
    is_simulated: Annotated[
        bool | None, typer.Option("--simulated/--real", help="Whether the machine is simulated.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Take down what a machine's own panel shows, and compare it with the recording."""
    from device_profiles.proving.typed_reading import typed_reading
    from lineproof.panel_entry import PanelEntry

    entry = PanelEntry(name)
    looked = _instant(at) if at else utc_now()
    typed = typed_reading(reading, entry.profile.signals) if reading else None
    who = _who(entry, read_by, is_asked=typed is None)
    simulated = _is_simulated(entry, is_simulated, is_asked=typed is None)
    differing = 0
    while True:
        if typed is None:
            asked = _asked(entry)
            if asked is None:
                break
            looked, answers = asked
        else:
            answers = typed
        accepted = entry.accept(answers, looked, within_s, who, simulated)
        differing += len(accepted.mismatches)
        _print_accepted(accepted, as_json)
        if typed is not None:
            break
    if differing:
        raise CheckFailedError(
            f"the recording differs from the panel ({differing} values)",
            todo="Look at the panel again. If it is right, the profile is wrong.",
        )


def _instant(text: str) -> datetime:
    at = None
    with contextlib.suppress(ValueError):
        at = datetime.fromisoformat(text)
    if at is None or at.tzinfo is None:
        raise InputError(
            f"'{text}' is no time with an offset",
            where="--at",
            todo="Write it as in 2026-11-21T09:36:51+08:00.",
        )
    return at.astimezone(UTC)


def _who(entry: PanelEntry, given: str, *, is_asked: bool) -> str:
    known = given or (entry.panel.read_by if entry.panel else "")
    if known:
        return known
    if not is_asked:
        raise InputError("nobody is named who read the panel", todo="Give --read-by.")
    return str(typer.prompt("Who reads the panel, and where", err=True)).strip()


def _is_simulated(entry: PanelEntry, given: bool | None, *, is_asked: bool) -> bool:
    if given is not None:
        return given
    if entry.panel is not None:
        return entry.panel.simulated
    if not is_asked:
        raise InputError(
            "nothing is said of whether the machine is simulated",
            todo="Give --real or --simulated.",
        )
    return typer.confirm("Is the machine simulated", err=True)


def _asked(entry: PanelEntry) -> tuple[datetime, TypedReading] | None:
    """One look at the panel, signal by signal; None where there is no more."""
    from device_profiles.proving.typed_reading import TypedReading, typed_value
    from domain.signals import signal_named

    say = typer.prompt("Look at the panel and press Enter (q: end)", default="", err=True,
                       show_default=False)  # fmt: skip
    looked = utc_now()
    if str(say).strip().lower() == "q":
        return None
    output.note("What does it show? Enter alone: nothing of that; ?: it does not know.")
    shows: dict[str, str | float | None] = {}
    steps: dict[str, float] = {}
    for name in entry.profile.signals:
        unit = signal_named(name).unit
        question = f"{name} ({unit})" if unit else name
        while True:
            said = str(typer.prompt(question, default="", err=True, show_default=False))
            if not said.strip():
                break
            try:
                shows[name], step = typed_value(name, said)
            except InputError as error:
                output.note(str(error))
                continue
            if step is not None:
                steps[name] = step
            break
    return (looked, TypedReading(shows, steps)) if shows else _asked(entry)


def _print_accepted(accepted: Accepted, as_json: bool) -> None:
    reading = accepted.reading
    if as_json:
        output.print_json(
            {
                "time": reading.time.isoformat(),
                "shows": reading.shows,
                "mismatches": [_mismatch_json(it) for it in accepted.mismatches],
            }
        )
        return
    output.say(f"Kept: {len(reading.shows)} values at {reading.time.isoformat()}.")
    if accepted.mismatches:
        _print_mismatches(accepted.mismatches)
    else:
        output.say("The recording says the same.")


def check(name: ProfileName, as_json: AsJson = False) -> None:
    """Decode a profile's recording, hold it against the machine's panel, and say what is wrong."""
    from device_profiles.files.catalogue import all_wrong_with
    from device_profiles.proving.check import check as check_profile

    wrong = all_wrong_with(name)
    if len(wrong) > 1:
        if as_json:
            output.print_json({"ok": False, "faults": [str(it) for it in wrong]})
        else:
            for error in wrong:
                output.say(f"Wrong: {error}")
        raise InputError(f"{len(wrong)} things are wrong with the profile", where=name)
    report = check_profile(name)
    if as_json:
        output.print_json(_report_json(report))
    else:
        _print_report(report)
    if not report.ok:
        raise CheckFailedError(
            f"profile {report.name} is not right: {_count(report)}",
            todo="Mend the profile, or record again what the machine and its panel said.",
        )


def _report_json(report: ProfileReport) -> dict[str, Any]:
    document = asdict(report) | {"level": report.level.value, "ok": report.ok}
    del document["wrong"]
    document["faults"] = list(report.faults)
    document["mismatches"] = [_mismatch_json(it) for it in report.mismatches]
    return document


def _mismatch_json(mismatch: Mismatch) -> dict[str, Any]:
    return {**asdict(mismatch), "time": mismatch.time.isoformat()}


def _print_report(report: ProfileReport) -> None:
    output.say(
        f"{report.name}: {report.level.value}. {report.readings} readings gave {report.samples} "
        f"samples; {report.compared} panel values were compared, "
        f"{len(report.mismatches)} of them differ."
    )
    if report.silent:
        output.say(f"The recording never tells: {', '.join(report.silent)}.")
    if report.unseen:
        output.say(f"The panel says nothing of: {', '.join(report.unseen)}.")
    for reason, count in report.rejections.items():
        output.say(f"{count} readings could not be used: {reason}.")
    if report.mismatches:
        _print_mismatches(report.mismatches)
    for sentence in report.faults:
        output.say(f"Wrong: {sentence}.")
    for sentence in report.for_the_next_level:
        output.say(f"For the next level: {sentence}.")


def _print_mismatches(mismatches: Sequence[Mismatch]) -> None:
    output.print_table(
        "Differences",
        ("Time", "Signal", "Panel", "Decoded"),
        [(it.time.isoformat(), it.signal, str(it.panel), str(it.decoded)) for it in mismatches],
    )


def _count(report: ProfileReport) -> str:
    faults = len(report.faults) + (len(report.silent) if report.readings else 0)
    return f"{len(report.mismatches)} values differ from the panel, {faults} other faults"
