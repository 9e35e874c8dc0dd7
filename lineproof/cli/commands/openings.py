"""`challenge`, `open`: days of a confidential dossier drawn by lot, and just their batches."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from domain.errors import InputError
from lineproof import output
from lineproof.cli.commands.options import AsJson, DataDir, ProjectRef

if TYPE_CHECKING:
    from lineproof.openings.challenge_file import Challenge

_DAYS = 5  # of each line, unless somebody asks for more or fewer
_SHARES = (0.05, 0.1, 0.2, 0.5)  # of forged days, for which it is said how likely one is caught


def challenge(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="The confidential dossier.")],
    checkpoint: Annotated[
        Path,
        typer.Option(
            "--checkpoint",
            metavar="FILE",
            help="A checkpoint of the ledger that came after the dossier, or a proof of the "
            "dossier's leaf that leads to one.",
        ),
    ],
    days: Annotated[
        int | None,
        typer.Option("--days", min=1, help="How many production days of each line; default 5."),
    ] = None,
    share: Annotated[
        float | None,
        typer.Option("--share", min=0, max=1, help="Which share of them, instead of --days."),
    ] = None,
    word: Annotated[
        str,
        typer.Option(
            "--word",
            metavar="TEXT",
            help="Your part of the draw: a secret whose SHA-256 you gave to the factory before the "
            "checkpoint was made.",
        ),
    ] = "",
    policy: Annotated[
        Path | None,
        typer.Option("--policy", metavar="FILE", help="Whom you trust (C2SP tlog-policy)."),
    ] = None,
    out: Annotated[
        Path, typer.Option("--out", "-o", metavar="FILE", help="Where to write the challenge.")
    ] = Path("challenge.json"),
    as_json: AsJson = False,
) -> None:
    """Draw days of a confidential dossier that the factory is to open. The draw follows from the
    dossier and the checkpoint: nobody chooses, and everybody draws the same."""
    from lineproof.verification.challenge_part import DaysAsked, challenge_of
    from store.archive.blobs import storage_errors

    if days is not None and share is not None:
        raise InputError("give --days or --share, not both")
    asked = (
        DaysAsked(share=share) if share is not None else DaysAsked(days=5 if days is None else days)
    )
    made, says = challenge_of(file, checkpoint, asked, word, policy)
    with storage_errors(out):
        out.write_bytes(made.to_bytes())
    if as_json:
        output.print_json(
            {
                "file": str(out),
                "project": made.dossier.project,
                "seed": made.seed.hex(),
                "lines": [_line(made, line) for line in made.lines],
                "says": says,
            }
        )
        return
    _say_drawn(made, out)
    for told in filter(None, (says, "" if word else _NO_WORD)):
        output.say(told)


_NO_WORD = (
    "Without --word whoever owns the ledger could have tried several checkpoints until the draw "
    "suited them: docs/confidential.md says how to rule that out."
)


def _line(made: Challenge, line: str) -> dict[str, Any]:
    from domain.ledger.drawing import catch_probability

    it = made.lines[line]
    return {
        "line": line,
        "drawn": [day.isoformat() for day in it.drawn],
        "of_days": len(it.days),
        "caught": [
            {
                "forged_share": share,
                "probability": catch_probability(len(it.days), share, len(it.drawn)),
            }
            for share in _SHARES
        ],
    }


def _say_drawn(made: Challenge, out: Path) -> None:
    for line in made.lines:
        told = _line(made, line)
        output.say(
            f"{line}: {len(told['drawn'])} of {told['of_days']} production days are drawn: "
            f"{', '.join(sorted(told['drawn']))}."
        )
        caught = [
            f"{100 * it['forged_share']:g} % of them are: {100 * it['probability']:.0f} %"
            for it in told["caught"]
        ]
        output.say(f"How likely a forged day is among them, if {'; if '.join(caught)}.")
    output.say(
        f"{out} is written. The factory answers it: 'lineproof open --data DIR --project "
        f"{made.dossier.project} --challenge {out} -o opened.zip'."
    )


def open_days(
    data: DataDir,
    project: ProjectRef,
    given: Annotated[
        Path,
        typer.Option("--challenge", metavar="FILE", help="The challenge that you were given."),
    ],
    out: Annotated[
        Path, typer.Option("--out", "-o", metavar="FILE", help="Where to write the zip.")
    ],
    as_json: AsJson = False,
) -> None:
    """Hand over the sealed batches of the days that a challenge draws, and no others. The draw is
    checked before."""
    from lineproof.openings.challenge_file import read_challenge
    from lineproof.openings.opening import make_opening
    from store.node.opening import open_stores

    asked = read_challenge(given)
    with open_stores(data, must_exist=True) as stores, output.progress_bar() as bar:
        made = make_opening(stores, project, asked, out, output.Steps(bar))
        told = f"{made.days} days of dossier {asked.dossier.evidence} opened"
        stores.registry.audit.tell_change(f"project {project}", told)
    if as_json:
        output.print_json(
            {
                "file": str(made.path),
                "bytes": made.bytes,
                "days": made.days,
                "batches": made.batches,
                "of_batches": made.of_batches,
            }
        )
        return
    output.say(
        f"{made.path} opens {made.days} days: {made.batches} of {made.of_batches} sealed batches "
        f"({output.number(made.bytes)} bytes). They are checked with 'lineproof verify FILE.zip "
        f"--opened {made.path}'."
    )
