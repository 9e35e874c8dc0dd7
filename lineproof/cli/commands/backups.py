"""`backup` and `restore`: all of a node in one file, and a node made of it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from lineproof import output
from lineproof.cli.commands.options import AsJson, OptionalDataDir

if TYPE_CHECKING:
    from lineproof.backup.making import Backup
    from lineproof.backup.restoring import Restored


def backup(
    data: OptionalDataDir = None,
    into: Annotated[
        Path | None,
        typer.Option(
            "-o", "--output", metavar="FILE", help="The backup; in a folder it gets a name itself."
        ),
    ] = None,
    to: Annotated[
        list[str] | None,
        typer.Option(
            "--to",
            metavar="KEY",
            help="Encrypt it for this public key (age1… or ssh-…); may be repeated.",
        ),
    ] = None,
    keep: Annotated[
        int | None,
        typer.Option(
            "--keep", metavar="N", min=1, help="Of the backups in the folder, keep the last N."
        ),
    ] = None,
    new_key: Annotated[
        Path | None,
        typer.Option(
            "--new-key", metavar="FILE", help="Make a key pair; the secret one goes into the file."
        ),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """All of a node that cannot be made anew, in one file; the node may run meanwhile.

    The file holds keys and, where the node has accounts, hashes of passwords: keep it as you keep
    the node, or encrypt it. 'lineproof restore FILE --check' says whether it can be used.
    """
    from domain.errors import InputError

    if new_key is not None:
        from lineproof.backup.sealing import new_key as make_key

        public = make_key(new_key)
        output.say(
            f"The secret key is in {new_key}: keep it where the backups are not. Make backups with "
            f"--to {public}"
        )
        return
    if data is None or into is None:
        raise InputError(
            "a backup needs a node and a place",
            todo="Give the node's folder with --data and a file or folder with -o.",
        )
    from lineproof.backup.making import make_backup
    from lineproof.backup.sealing import recipient
    from lineproof.clock import utc_now

    recipients = [recipient(it) for it in to or ()]
    with output.progress_bar() as bar:
        made = make_backup(
            data,
            into,
            utc_now(),
            recipients=recipients,
            keep=keep,
            progress=output.Steps(bar),
        )
    if as_json:
        output.print_json(_backup_json(made))
    else:
        output.say(_backup_sentence(made))


def restore(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="The backup.")],
    data: OptionalDataDir = None,
    identity: Annotated[
        Path | None,
        typer.Option("--identity", metavar="FILE", help="The secret key of an encrypted backup."),
    ] = None,
    check: Annotated[
        bool, typer.Option("--check", help="Only read it through: whether it can be used.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Make a node's folder of a backup; leaves with 1 when some of it does not verify.

    The folder must be new or empty. Everything is held against its digest first; then telemetry
    and facts are made anew. What came after the backup is not in it: agents on other machines hand
    it over again, as far as they keep it.
    """
    from domain.errors import InputError
    from lineproof.backup.restoring import check_backup, restore_backup
    from lineproof.backup.sealing import read_identities
    from lineproof.clock import utc_now

    if (data is None) is not check:
        raise InputError(
            "a restore needs a new folder, or --check",
            todo="Give the folder to make with --data, or only --check.",
        )
    identities = [] if identity is None else read_identities(identity)
    with output.progress_bar() as bar:
        steps = output.Steps(bar)
        if data is None:
            done = check_backup(file, identities, steps)
        else:
            done = restore_backup(file, data, utc_now(), identities, steps)
    document = _restored_json(done)
    if as_json:
        output.print_json(document)
    else:
        output.say(_restored_sentence(done))
    if not document["ok"]:
        raise typer.Exit(1)


def _backup_json(made: Backup) -> dict[str, Any]:
    return {
        "path": str(made.path),
        "files": made.files,
        "bytes": made.bytes,
        "encrypted": made.is_encrypted,
        "removed": [str(it) for it in made.removed],
    }


def _backup_sentence(made: Backup) -> str:
    secret = "encrypted" if made.is_encrypted else "NOT encrypted: whoever has it has the keys"
    sentence = f"{made.path}: {made.files} files, {made.bytes:,} bytes, {secret}."
    if made.removed:
        sentence += f" Removed: {', '.join(it.name for it in made.removed)}."
    return sentence


def _restored_json(done: Restored) -> dict[str, Any]:
    document: dict[str, Any] = {
        "ok": True,
        "made_at": done.made_at,
        "files": done.files,
        "bytes": done.bytes,
    }
    if done.rebuilt is not None:
        replayed = done.rebuilt.replayed
        document |= {
            "ok": not (replayed.quarantined or replayed.missing or replayed.unreadable),
            "batches": replayed.batches,
            "samples": replayed.samples,
            "facts": done.rebuilt.facts,
            "quarantined": replayed.quarantined,
            "missing": replayed.missing,
            "unreadable": replayed.unreadable,
        }
    return document


def _restored_sentence(done: Restored) -> str:
    whole = f"The backup of {done.made_at} is whole: {done.files} files, {done.bytes:,} bytes."
    if done.rebuilt is None:
        return f"{whole} Nothing was written."
    replayed = done.rebuilt.replayed
    wrong = replayed.quarantined + replayed.missing + len(replayed.unreadable)
    rest = (
        f" {wrong} batches do not verify or are missing, as on the day of the backup: "
        "'lineproof doctor' says which."
        if wrong
        else ""
    )
    return (
        f"{whole}\n{replayed.batches} batches with {replayed.samples} samples verified, "
        f"{done.rebuilt.facts} facts computed.{rest}\nStart it with 'lineproof up'; the node that "
        "it was made of must not run any more. Agents on other machines hand over again what came "
        "later."
    )
