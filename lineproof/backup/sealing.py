"""A stream that is encrypted for who may read the backup, with age (age-encryption.org/v1).

Who makes backups needs no secret for it: recipients are public keys (`age1…`, or an SSH key's
public line). A key pair of ours is the one of age's own tools, so that either side can do without
the other. What was changed on the way is refused by the decryption itself.
"""

from __future__ import annotations

import contextlib
import os
import threading
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, BinaryIO, TypeAlias

import pyrage

from domain.errors import InputError
from store.archive.blobs import storage_errors

AGE_BEGINS = b"age-encryption.org/v1\n"
_KEY_BEGINS = "AGE-SECRET-KEY-"

AgeRecipient: TypeAlias = Any  # pyrage says nothing of its types: a Recipient of x25519 or ssh
AgeIdentity: TypeAlias = Any  # likewise


def recipient(text: str) -> AgeRecipient:
    """Who may read. Raises InputError."""
    kind = pyrage.ssh if text.startswith("ssh-") else pyrage.x25519
    try:
        return kind.Recipient.from_str(text.strip())
    except (pyrage.RecipientError, ValueError):
        raise InputError(
            f"'{text}' is nobody for whom a backup can be encrypted",
            todo="Give a public key as in age1…, or the line of a public SSH key "
            "(ssh-ed25519 …, ssh-rsa …).",
        ) from None


def new_key(path: Path) -> str:
    """Make a key pair: the secret key into a file that is not there yet, for its owner alone; gives
    the public one. Raises InputError where the file is there, StorageError."""
    identity = pyrage.x25519.Identity.generate()
    public = str(identity.to_public())
    with storage_errors(path):
        try:
            descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        except FileExistsError:
            raise InputError(
                "this file is there already", where=str(path), todo="Name a new one for the key."
            ) from None
        with os.fdopen(descriptor, "w", encoding="ascii") as file:
            file.write(f"# public key: {public}\n{identity}\n")
            file.flush()
            os.fsync(file.fileno())
    return public


def read_identities(path: Path) -> list[AgeIdentity]:
    """The secret keys of a file: age's, or an SSH key's. Raises InputError, StorageError."""
    with storage_errors(path):
        data = path.read_bytes()
    found: list[AgeIdentity] = []
    for line in data.decode("ascii", "replace").splitlines():
        if line.startswith(_KEY_BEGINS):
            with contextlib.suppress(pyrage.IdentityError, ValueError):
                found.append(pyrage.x25519.Identity.from_str(line.strip()))
    if not found:
        with contextlib.suppress(pyrage.IdentityError, ValueError):
            found.append(pyrage.ssh.Identity.from_buffer(data))
    if not found:
        raise InputError(
            "there is no secret key in this file",
            where=str(path),
            todo=f"Give the file with the line {_KEY_BEGINS}…, or an SSH key without a password.",
        )
    return found


@contextlib.contextmanager
def encrypted(into: BinaryIO, recipients: Sequence[AgeRecipient]) -> Iterator[BinaryIO]:
    """What is written in the block reaches `into` encrypted; as it is without recipients."""
    if not recipients:
        yield into
        return
    read, write = _pipe()
    with _beside(lambda: pyrage.encrypt_io(read, into, recipients), read), write:
        yield write


@contextlib.contextmanager
def decrypted(file: BinaryIO, identities: Sequence[AgeIdentity], where: str) -> Iterator[BinaryIO]:
    """What the file holds, encrypted or not. Raises InputError where it is for somebody else, or
    was changed."""
    begins = file.read(len(AGE_BEGINS))
    file.seek(0)
    if begins != AGE_BEGINS:
        yield file
        return
    if not identities:
        raise InputError(
            "this backup is encrypted", where=where, todo="Give the secret key with --identity."
        )
    read, write = _pipe()

    def work() -> None:
        try:
            pyrage.decrypt_io(file, write, identities)
        except BrokenPipeError:
            raise
        except (pyrage.DecryptError, OSError, ValueError) as error:
            raise InputError(
                f"this backup cannot be decrypted ({error})",
                where=where,
                todo="Give the key of one of those for whom it was made; where it is the right "
                "key, the file was changed or is cut off: take another copy.",
            ) from None

    with _beside(work, write), read:
        yield read


def _pipe() -> tuple[BinaryIO, BinaryIO]:
    read, write = os.pipe()
    return os.fdopen(read, "rb"), os.fdopen(write, "wb")


@contextlib.contextmanager
def _beside(work: Callable[[], object], end: BinaryIO) -> Iterator[None]:
    """`work` in a thread beside the block; it has `end` of a pipe, which is closed when it is done.
    What went wrong with it goes before what the block says of that."""
    failed: list[BaseException] = []

    def run() -> None:
        try:
            work()
        except BaseException as error:
            failed.append(error)
        finally:
            with contextlib.suppress(OSError):
                end.close()

    thread = threading.Thread(target=run, name="age", daemon=True)
    thread.start()
    try:
        yield
    except BaseException as error:
        thread.join()
        cause = failed[0] if failed else None
        # A pipe that broke did so because the block ended.
        raise error if cause is None or isinstance(cause, BrokenPipeError) else cause from error
    thread.join()
    if failed:
        raise failed[0]
