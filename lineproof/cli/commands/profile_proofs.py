"""`profile record|check`: a machine's recording, and what proves a profile by it."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from domain.errors import CheckFailedError
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

if TYPE_CHECKING:
    from device_profiles.proving.check import ProfileReport
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


def check(name: ProfileName, as_json: AsJson = False) -> None:
    """Decode a profile's recording and hold it against the machine's panel."""
    from device_profiles.proving.check import check as check_profile

    report = check_profile(name)
    if as_json:
        output.print_json(_report_json(report))
    else:
        _print_report(report)
    if not report.ok:
        raise CheckFailedError(
            f"profile {report.name} does not decode its recording to what the panel showed",
            todo="Mend the profile, or record again what the machine and its panel said.",
        )


def _report_json(report: ProfileReport) -> dict[str, Any]:
    document = asdict(report) | {"level": report.level.value, "ok": report.ok}
    document["mismatches"] = [
        {**asdict(it), "time": it.time.isoformat()} for it in report.mismatches
    ]
    return document


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
        output.print_table(
            "Differences",
            ("Time", "Signal", "Panel", "Decoded"),
            [
                (it.time.isoformat(), it.signal, str(it.panel), str(it.decoded))
                for it in report.mismatches
            ],
        )
