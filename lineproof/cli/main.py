"""The command line: gathers the commands and turns errors into one sentence and a status.

0 done; 1 the data say no; 2 wrong usage or input; 70 an error of the program itself, with
the place of its trace; 130 interrupted; 143 terminated before it served.

`lineproof --help` answers at once: this module and those of the commands load at their top only
what describes commands and options. What takes long to load (frames, stores, servers, logs,
tables), a command's function imports when it runs.
"""

from __future__ import annotations

import os
import sys
import traceback
from typing import Annotated

import typer

from domain.errors import LineproofError
from domain.panics import is_panic
from lineproof.cli.commands import (
    accounts,
    agents,
    approvals,
    attested,
    backups,
    changes,
    checks,
    completion,
    corrections,
    decisions,
    doctor,
    documents,
    dossiers,
    edge,
    exceptions,
    figures,
    handovers,
    history,
    ledger,
    licences,
    openings,
    personal_data,
    portfolios,
    profile_drafts,
    profile_proofs,
    profiles,
    rebuild,
    schemes,
    serve,
    setup,
    spc,
    stops,
    tls,
    verifiers,
    visits,
)
from lineproof.cli.usage_errors import as_input_error, asks_for_help
from lineproof.output import note
from lineproof.stopping import leave_on_signals, told_to_leave

EXIT_INTERNAL = 70  # EX_SOFTWARE of sysexits.h
_DEBUG_ENV = "LINEPROOF_DEBUG"

app = typer.Typer(
    name="lineproof",
    help="Shows from the machines whether a publicly funded production line meets its milestones.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.command()(serve.demo)
app.command()(setup.apply)
app.command()(serve.up)
app.command()(serve.collector)
app.command()(serve.api)
app.command("import")(history.import_history)
app.command()(figures.kpi)
app.command()(stops.stops)
app.command()(handovers.handover)
app.command()(spc.spc)
app.command()(figures.milestones)
app.command()(portfolios.portfolio)
app.command()(portfolios.reminders)
app.command()(decisions.decide)
app.command()(decisions.decisions)
app.command()(decisions.conflict)
app.command()(decisions.conflicts)
app.command()(corrections.correct)
app.command()(corrections.corrections)
app.command()(approvals.waiting)
app.command()(approvals.approve)
app.command()(approvals.refuse)
app.command()(corrections.freeze)
app.command()(corrections.frozen)
app.command()(dossiers.dossier)
app.command()(dossiers.verify)
app.command()(openings.challenge)
app.command("open")(openings.open_days)
app.command()(verifiers.verifier)
app.command()(doctor.doctor)
app.command()(rebuild.rebuild)
app.command()(backups.backup)
app.command()(backups.restore)
app.command()(tls.tls)
app.command()(completion.completion)
app.command()(licences.licences)
app.add_typer(edge.app, name="edge")
app.add_typer(ledger.app, name="ledger")
app.add_typer(agents.app, name="agent")
profiles.app.command("record")(profile_proofs.record_profile)
profiles.app.command("accept")(profile_proofs.accept_reading)
profiles.app.command()(profile_proofs.check)
profiles.app.command()(profile_drafts.draft)
profiles.app.command()(profile_drafts.new)
app.add_typer(profiles.app, name="profile")
app.add_typer(schemes.app, name="scheme")
app.add_typer(exceptions.app, name="exception")
app.add_typer(documents.app, name="document")
app.add_typer(visits.app, name="visit")
app.add_typer(changes.app, name="change")
app.add_typer(checks.app, name="check")
app.add_typer(attested.app, name="attest")
accounts.users.command()(personal_data.data)
accounts.users.command()(personal_data.erase)
app.add_typer(accounts.users, name="user")
app.add_typer(accounts.tokens, name="token")


def _print_version(wanted: bool) -> None:
    if wanted:
        from importlib.metadata import version

        typer.echo(version("lineproof"))
        raise typer.Exit


@app.callback()
def _options(
    debug: Annotated[
        bool, typer.Option("--debug", envvar=_DEBUG_ENV, help="Say more; show traces of errors.")
    ] = False,
    _version: Annotated[
        bool | None,
        typer.Option("--version", callback=_print_version, is_eager=True, help="Print and leave."),
    ] = None,
) -> None:
    import logging

    from lineproof.cli import logs

    if debug:
        os.environ[_DEBUG_ENV] = "1"
    logs.configure(logging.DEBUG if debug else logging.INFO)


def main() -> None:
    """The console script."""
    leave_on_signals()
    completion.prepare_completion()
    try:
        sys.exit(app(prog_name=app.info.name, standalone_mode=False))
    except BaseException as error:
        if (told := told_to_leave()) is not None:
            sys.exit(told)
        if not isinstance(error, Exception) and not is_panic(error):
            raise  # to leave
        if isinstance(error, typer.TyperException) and asks_for_help(error):
            note(error.message)
            sys.exit(error.exit_code)
        sentence, status = _said(error)
        if os.environ.get(_DEBUG_ENV):
            traceback.print_exc()
        note(f"lineproof: {sentence}")
        sys.exit(status)


def _said(error: BaseException) -> tuple[str, int]:
    """A sentence for a person, and the status with which to leave."""
    if isinstance(error, typer.TyperException):
        error = as_input_error(error)
    if isinstance(error, LineproofError):
        return str(error), error.exit_status
    what = f"an error of the program itself ({type(error).__name__}: {error})"
    kept = _keep_trace()
    return f"{what}; its trace is in {kept}. Please report it with that file.", EXIT_INTERNAL


def _keep_trace() -> str:
    import tempfile

    with tempfile.NamedTemporaryFile(
        "w", prefix="lineproof-error-", suffix=".log", delete=False, encoding="utf-8"
    ) as file:
        traceback.print_exc(file=file)
    return file.name
