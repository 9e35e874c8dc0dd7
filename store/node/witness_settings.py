"""Which witnesses see the ledger's checkpoints: `witnesses.policy` in the data folder.

    witness council witness.example+4d5e6f70+BGx1… https://witness.example
    witness bank bank.example+8192a3b4+BEzu… https://bank.example/witness
    group both all council bank
    quorum both

It is a C2SP tlog-policy without a log, for this node's own is meant, and with the address of every
witness (its submission prefix). It is read anew whenever it changed. Without it there is none.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

from domain.errors import InputError, NotFoundError
from domain.ledger.policies import TrustPolicy, parse_policy
from domain.ledger.signed_notes import COSIGNATURE, VerifierKey
from store.archive.blobs import storage_errors
from store.ledger.ledger import Ledger
from store.node.web_addresses import is_web_address

_MAX_BYTES = 1_000_000
_AS_IN = "Write it as in https://witness.example, without /add-checkpoint."


@dataclass(frozen=True, slots=True)
class Witness:
    """Whom to ask: its name in the policy, its key, and the prefix of its address."""

    name: str
    key: VerifierKey
    address: str


def read_witness_policy(path: Path) -> TrustPolicy:
    """The policy in that file; one that asks for nobody where there is no file. Raises InputError
    with the line, StorageError."""
    if not path.exists():
        return TrustPolicy(())
    with storage_errors(path), path.open("rb") as file:
        written = file.read(_MAX_BYTES)
    try:
        policy = parse_policy(written.decode())
    except UnicodeDecodeError:
        raise InputError(
            "this is no text in UTF-8", where=str(path), todo="Write it in a text editor."
        ) from None
    except InputError as error:
        raise InputError(error.what, where=f"{path}, {error.where}", todo=error.todo) from None
    if policy.logs:
        raise InputError(
            "a line 'log' has no place here: the witnesses are those of this node's own ledger",
            where=str(path),
            todo="Take it out.",
        )
    for it in witnesses_of(policy):
        _check(it, str(path))
    return policy


def witnesses_of(policy: TrustPolicy) -> list[Witness]:
    """Whom the policy names, each with its address ("": it has none)."""
    return [
        Witness(name, key, policy.addresses.get(name, "").rstrip("/"))
        for name, key in policy.witnesses.items()
    ]


def own_policy(ledger: Ledger, path: Path) -> TrustPolicy:
    """What an officer should trust: the ledger's key, its witnesses, and the quorum of these.
    Raises NotFoundError where the ledger has no leaf, InputError where the file is no policy,
    StorageError."""
    ledger.checkpoint_note()  # of one that was not begun there is no key
    return replace(read_witness_policy(path), logs=(ledger.verifier_key(),))


def shown_checkpoint(ledger: Ledger, path: Path, *, witnessed: bool = False) -> str:
    """The newest checkpoint's note; with `witnessed` the newest that a quorum cosigned. Raises
    NotFoundError where there is none, InputError, StorageError."""
    newest = ledger.checkpoint_note()
    if not witnessed:
        return newest
    found = ledger.witnessed_note(own_policy(ledger, path))
    if found is None:
        raise NotFoundError(
            "no checkpoint was cosigned by as many witnesses as are asked for",
            todo="'lineproof doctor' says how each of them stands.",
        )
    return found


def _check(witness: Witness, where: str) -> None:
    who = f"witness '{witness.name}'"
    if witness.key.kind != COSIGNATURE:
        raise InputError(
            f"{who} has a key of type {witness.key.kind:#04x}, which is no Ed25519 cosignature key",
            where=where,
            todo="Ask its operator for the key of type 0x04 (cosignature/v1).",
        )
    if not witness.address:
        raise InputError(f"{who} has no address", where=where, todo=_AS_IN)
    if not is_web_address(witness.address):
        said = f"{who}: '{witness.address[:200]}' is no address of a witness"
        raise InputError(said, where=where, todo=_AS_IN)
