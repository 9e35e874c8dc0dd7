"""`dossier`, `verify`: a project's evidence as one file, and whether such a file holds."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from domain.errors import InputError
from lineproof import output
from lineproof.cli.commands.options import AsJson, DataDir, ProjectRef

if TYPE_CHECKING:
    from lineproof.verification.outcome import Outcome


def dossier(
    data: DataDir,
    project: ProjectRef,
    out: Annotated[
        Path, typer.Option("--out", "-o", metavar="FILE", help="Where to write the zip.")
    ],
    as_of: Annotated[
        str | None,
        typer.Option("--as-of", metavar="TIME", help="Verdicts as they stood then; default now."),
    ] = None,
    confidential: Annotated[
        bool,
        typer.Option(
            "--confidential",
            help="Raw data stay at the factory: digests and signatures of them alone. So it always "
            "is where the plant file keeps raw_samples.",
        ),
    ] = False,
    as_json: AsJson = False,
) -> None:
    """All that a project's verdicts rest on, as one zip to be taken away and checked elsewhere."""
    from api.queries.times import instant_of
    from domain.time import check_past
    from lineproof.clock import utc_now
    from lineproof.dossier.making import make_dossier
    from store.node.opening import ONCE_MEMORY, open_stores

    with (
        open_stores(data, must_exist=True, memory_limit=ONCE_MEMORY) as stores,
        output.progress_bar() as bar,
    ):
        registered = stores.registry.projects.by_reference(project)
        zone = stores.registry.plants.of_line(registered.lines[0]).zone
        now = utc_now().replace(microsecond=0)
        at = instant_of(as_of, zone, "--as-of") if as_of else now
        check_past(at, now, zone, "--as-of")
        made = make_dossier(
            stores, project, out, at, utc_now, output.Steps(bar), confidential=confidential
        )
        stores.registry.audit.tell_change(f"project {project}", f"dossier {made.evidence} made")
    if as_json:
        output.print_json(
            {
                "file": str(made.path),
                "bytes": made.bytes,
                "files": made.files,
                "as_of": at.astimezone(zone).isoformat(),
                "leaf": made.leaf,
                "evidence": made.evidence,
                "missing": list(made.missing),
            }
        )
        return
    output.say(
        f"{made.path} has {made.files} files ({output.number(made.bytes)} bytes). Leaf {made.leaf} "
        f"of the ledger vouches for it. Check it with 'lineproof verify {made.path}'."
    )
    for why in made.missing:
        output.say(why)


def verify(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="The dossier.")],
    policy: Annotated[
        Path | None,
        typer.Option("--policy", metavar="FILE", help="Whom you trust (C2SP tlog-policy)."),
    ] = None,
    seen: Annotated[
        list[Path] | None,
        typer.Option(
            "--seen",
            metavar="FILE",
            help="A checkpoint, or a dossier, that you had earlier; may be repeated.",
        ),
    ] = None,
    tsa_root: Annotated[
        list[Path] | None,
        typer.Option(
            "--tsa-root",
            metavar="FILE",
            help="Root certificates (PEM) of a time stamp authority that you trust; may be "
            "repeated.",
        ),
    ] = None,
    report_root: Annotated[
        list[Path] | None,
        typer.Option(
            "--report-root",
            metavar="FILE",
            help="Certificates (PEM) under which the reports must be signed; may be repeated.",
        ),
    ] = None,
    opened: Annotated[
        Path | None,
        typer.Option(
            "--opened", metavar="FILE", help="Days of a confidential dossier that were opened."
        ),
    ] = None,
    challenge: Annotated[
        Path | None,
        typer.Option("--challenge", metavar="FILE", help="The challenge that --opened answers."),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Whether a dossier holds: signatures, proofs, and facts and verdicts made again from what the
    agents sealed. Leaves with 1, and says what does not hold."""
    from lineproof.verification.opened_part import OpenedDays
    from lineproof.verification.verify import verify_dossier

    if challenge is not None and opened is None:
        raise InputError("--challenge is of days that were opened", todo="Give --opened, too.")
    days = None if opened is None else OpenedDays(opened, challenge)
    with output.progress_bar() as bar:
        outcome = verify_dossier(
            file,
            policy,
            seen or (),
            output.Steps(bar),
            tsa_root or (),
            report_root or (),
            opened=days,
        )
    if as_json:
        output.print_json(_document(outcome))
    else:
        _say(outcome)
    if not outcome.verified:
        raise typer.Exit(1)


def _document(outcome: Outcome) -> dict[str, Any]:
    from lineproof.verification.outcome import DossierCheck

    failures = {it.check: it for it in outcome.failures}
    first = outcome.failed
    return {
        "verified": outcome.verified,
        "failed": first and {"check": first.check.value, "path": first.path, "says": first.says},
        "checks": [
            {
                "check": check.value,
                "ok": check in outcome.held,
                "says": failures[check].says if check in failures else outcome.held[check],
            }
            for check in DossierCheck
            if check in outcome.held or check in failures
        ],
        "recomputed": {
            "milestones": outcome.milestones,
            "days": outcome.days,
            "of_days": outcome.of_days,
        },
    }


def _share(outcome: Outcome) -> str:
    """How much of the facts was made again, so that nobody takes a part for the whole."""
    share = outcome.days / outcome.of_days if outcome.of_days else 0.0
    return f"{outcome.days} of {outcome.of_days} days ({100 * share:.3g} %)"


def _say(outcome: Outcome) -> None:
    for failed in outcome.failures:
        name = failed.check.value.replace("_", " ")
        output.say(f"does not hold: {name}: {failed.path}: {failed.says}")
    if outcome.verified:
        output.say(
            f"verified: {len(outcome.held)} checks hold; {outcome.milestones} verdicts were made "
            f"again from the facts, and of the facts {_share(outcome)} from what the agents sealed."
        )
    for check, says in outcome.held.items():
        if says:
            output.say(f"{check.value.replace('_', ' ')}: {says}")
