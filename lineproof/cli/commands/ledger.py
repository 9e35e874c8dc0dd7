"""`ledger show|policy|prove|verify|tiles|witness`: what a node signed, who else saw it, proofs of
leaves to take away, and mirrors.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from domain.errors import CheckFailedError, InputError
from lineproof import output
from lineproof.cli.commands.options import AsJson, DataDir, NodeUrl, OptionalDataDir, Token

app = typer.Typer(
    help="The ledger of evidence: checkpoints and proofs.",
    no_args_is_help=True,
    rich_markup_mode=None,
)


@app.command("show")
def show_ledger(
    witnessed: Annotated[
        bool,
        typer.Option("--witnessed", help="The newest that as many witnesses saw as are asked for."),
    ] = False,
    data: OptionalDataDir = None,
    url: NodeUrl = None,
    token: Token = None,
    as_json: AsJson = False,
) -> None:
    """The newest signed checkpoint. Keep it: whatever comes later must go on from it."""
    from domain.ledger.checkpoints import parse_checkpoint
    from domain.ledger.signed_notes import parse_note
    from lineproof.access.ledgers import ledger_answers

    with ledger_answers(data, url, token) as ledger:
        note, policy = ledger.checkpoint(witnessed=witnessed), ledger.policy()
    checkpoint = parse_checkpoint(parse_note(note).text)
    if as_json:
        output.print_json(
            {
                "origin": checkpoint.origin,
                "size": checkpoint.size,
                "root": checkpoint.root.hex(),
                "checkpoint": note,
                "policy": policy,
            }
        )
        return
    for line in note.splitlines():
        output.say(line)


@app.command("policy")
def show_policy(data: OptionalDataDir = None, url: NodeUrl = None, token: Token = None) -> None:
    """The keys of ledger and witnesses as a trust policy (C2SP tlog-policy), to be kept by who
    verifies."""
    from lineproof.access.ledgers import ledger_answers

    with ledger_answers(data, url, token) as ledger:
        lines = ledger.policy().splitlines()
    for line in lines:
        output.say(line)


@app.command("prove")
def prove(
    leaf: Annotated[int, typer.Option("--leaf", min=0, help="The leaf's index, from 0.")],
    out: Annotated[
        Path, typer.Option("--out", "-o", metavar="FILE", help="Where to write the proof.")
    ],
    data: OptionalDataDir = None,
    url: NodeUrl = None,
    token: Token = None,
) -> None:
    """A leaf and the proof that it is in the ledger, as one .tlog-proof file."""
    from dataclasses import replace

    from domain.ledger.tlog_proofs import parse_proof
    from lineproof.access.ledgers import ledger_answers
    from store.archive.blobs import storage_errors

    with ledger_answers(data, url, token) as ledger:
        proof = replace(parse_proof(ledger.proof(leaf)), extra=ledger.leaf(leaf).encode())
    with storage_errors(out):
        out.write_text(str(proof), encoding="utf-8", newline="\n")
    output.say(f"Leaf {leaf} and its proof are in {out}.")


@app.command("verify")
def verify_proof(
    proof: Annotated[Path, typer.Argument(metavar="FILE", help="A .tlog-proof file.")],
    policy: Annotated[
        Path, typer.Option("--policy", metavar="FILE", help="Whom you trust (C2SP tlog-policy).")
    ],
    leaf: Annotated[
        Path | None,
        typer.Option("--leaf", metavar="FILE", help="The leaf, where the proof does not bring it."),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Whether a leaf is in a ledger that you trust: needs nothing but the files. Leaves with 1
    where it is not."""
    from domain.ledger.cosignatures import cosigners
    from domain.ledger.policies import parse_policy
    from domain.ledger.tlog_proofs import parse_proof, verified_checkpoint
    from store.ledger.keys import verify_ed25519

    trusted = parse_policy(_text(policy))
    given = parse_proof(_text(proof))
    written = given.extra if leaf is None else _bytes(leaf)
    if not written:
        raise InputError(
            "the proof does not bring its leaf", where=str(proof), todo="Give it by --leaf FILE."
        )
    checkpoint = verified_checkpoint(given, written, trusted.logs, verify_ed25519)
    seen_by = [key for key, _ in cosigners(given.note, trusted.witnesses.values(), verify_ed25519)]
    if not trusted.is_quorum(seen_by):
        raise CheckFailedError(
            f"{len(seen_by)} of the witnesses that the policy names cosigned the checkpoint, fewer "
            "than it asks for",
            where=str(proof),
            todo="Get a later proof, or write 'quorum none' to check the ledger's own signature "
            "alone.",
        )
    said = f"leaf {given.index} of the {checkpoint.size} of {checkpoint.origin}"
    if as_json:
        output.print_json(
            {
                "verified": True,
                "origin": checkpoint.origin,
                "size": checkpoint.size,
                "index": given.index,
                "cosigned_by": sorted(it.name for it in seen_by),
                "leaf": written.decode(errors="replace"),
            }
        )
        return
    output.say(f"verified: {said}")
    if seen_by:
        output.say(f"cosigned by {', '.join(sorted(it.name for it in seen_by))}")
    output.say(written.decode(errors="replace"))


@app.command("tiles")
def write_tiles(
    out: Annotated[
        Path, typer.Option("--out", "-o", metavar="FOLDER", help="Where the mirror lies.")
    ],
    entries: Annotated[
        bool,
        typer.Option("--entries", help="The leaves, too; they name agents."),
    ] = False,
    data: OptionalDataDir = None,
    url: NodeUrl = None,
    token: Token = None,
) -> None:
    """The ledger as static files for mirrors (C2SP tlog-tiles); run again, it brings them up to
    date."""
    from lineproof.access.ledger_mirror import write_mirror
    from lineproof.access.ledgers import ledger_answers

    with ledger_answers(data, url, token) as ledger:
        size, written = write_mirror(ledger, out, with_entries=entries)
    output.say(f"{out} mirrors {size} leaves; {written} files were written.")


@app.command("witness")
def ask_witnesses(data: DataDir, as_json: AsJson = False) -> None:
    """Show the newest checkpoint of a stopped node to its witnesses and time stamp authorities now;
    how each of them stands. A running node does so by itself. Leaves with 1 where fewer witnesses
    cosign than are asked for."""
    from lineproof.clock import utc_now
    from lineproof.witnesses.keeper import WitnessKeeper
    from lineproof.witnesses.outsiders import outsiders_of
    from store.node.ledger_keeper import LedgerKeeper
    from store.node.opening import open_stores
    from store.node.witness_settings import read_witness_policy

    with open_stores(data, must_exist=True) as stores:
        witnesses, authorities, troubles = outsiders_of(stores.folder, stores.ledger)
        for error in troubles:
            raise error
        policy = read_witness_policy(stores.folder.witnesses)
        if not witnesses and not authorities:
            raise InputError(
                "neither a witness nor a time stamp authority is named",
                where=str(data),
                todo="docs/witnesses.md says how.",
            )
        LedgerKeeper(stores.ledger, stores.registry, stores.telemetry, utc_now).refresh()
        size = stores.ledger.checkpoint().size
        keeper = WitnessKeeper(stores.ledger, stores.folder, utc_now)
        cosigned = keeper.ask_now(witnesses)
        asked = [*cosigned, *keeper.ask_now(authorities)]
    pairs = zip(witnesses, cosigned, strict=True)
    is_quorum = policy.is_quorum([it.witness.key for it, how in pairs if how.is_done])
    if as_json:
        rows = [
            {"name": it.outsider.title, "done": it.is_done, "says": it.standing.says}
            for it in asked
        ]
        output.print_json({"size": size, "quorum": is_quorum, "asked": rows})
    for it in () if as_json else asked:
        how = it.outsider.does if it.is_done else f"has not {it.outsider.does}"
        says = f"; {it.standing.says}. {it.standing.todo}" if it.standing.says else ""
        output.say(f"{it.outsider.title} {how} the checkpoint of {size} leaves{says}")
    if not is_quorum:
        raise typer.Exit(1)


def _text(path: Path) -> str:
    try:
        return _bytes(path).decode()
    except UnicodeDecodeError:
        raise InputError("this is no text in UTF-8", where=str(path)) from None


def _bytes(path: Path) -> bytes:
    from domain.ledger.signed_notes import NOTE_MAX_CHARACTERS
    from store.archive.blobs import storage_errors

    if not path.is_file():
        raise InputError("there is no such file", where=str(path), todo="Check the path.")
    with storage_errors(path), path.open("rb") as file:
        return file.read(4 * NOTE_MAX_CHARACTERS)
