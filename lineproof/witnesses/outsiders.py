"""Those outside who are asked about a checkpoint: witnesses that cosign, authorities that stamp.

Each knows whether it has answered, what calls for it, and keeps what it said once it is verified.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from datetime import datetime, timedelta

from httpx import AsyncClient

from domain.errors import CheckFailedError, InputError
from domain.ledger.checkpoints import parse_checkpoint
from domain.ledger.leaves import ChainHeadLeaf, Leaf, RecordLeaf
from domain.ledger.signed_notes import SignedNote
from lineproof.witnesses.cosigning import clock_difference, cosigned
from lineproof.witnesses.posting import NoAnswerError, post
from lineproof.witnesses.time_stamps import stamp_request, verified_stamp
from store.ledger.ledger import Ledger
from store.node.data_folder import DataFolder
from store.node.ledger_keeper import WITH_HEADS
from store.node.time_stamp_settings import Authority, read_authorities
from store.node.witness_settings import Witness, read_witness_policy, witnesses_of

_CLOCK = "Compare both with NTP; what it said is kept with its time."


class Outsider(ABC):
    """`title`: as people read it; `does`: what it did, in the past tense; `standing_name`: under
    which its standing is kept; `asked_every`: how long after the last time at the latest."""

    title: str
    does: str
    standing_name: str
    address: str
    asked_every: timedelta

    @abstractmethod
    def is_called_for(self, leaf: Leaf) -> bool:
        """Whether others will rest on the leaf, so that it is asked at once."""

    @abstractmethod
    def has_answered(self, text: str) -> bool:
        """Whether it said of the checkpoint with that text what it was asked for."""

    @abstractmethod
    async def ask(self, client: AsyncClient, note: SignedNote, now: datetime) -> tuple[str, str]:
        """Keep what it says of the checkpoint; what is odd about it, and what to do ("": nothing).
        Raises NoAnswerError, StorageError."""


class CosigningWitness(Outsider):
    """A witness with another key is another one."""

    does = "cosigned"
    asked_every = timedelta(hours=1)

    def __init__(self, witness: Witness, ledger: Ledger) -> None:
        self.witness = witness
        self.title = f"witness {witness.name}"
        self.standing_name = f"{self.title} {witness.key}"
        self.address = witness.address
        self._ledger = ledger

    def is_called_for(self, leaf: Leaf) -> bool:
        return not isinstance(leaf, RecordLeaf) or leaf.of in WITH_HEADS

    def has_answered(self, text: str) -> bool:
        return str(self.witness.key) in [key for key, _ in self._ledger.others.cosignatures(text)]

    async def ask(self, client: AsyncClient, note: SignedNote, now: datetime) -> tuple[str, str]:
        known = self._ledger.others.last_size(str(self.witness.key))
        said = await cosigned(client, self.witness, note, known, self._ledger.growth)
        self._ledger.cosign(parse_checkpoint(note.text).size, said)
        odd = clock_difference(said.time, now)
        return odd, _CLOCK if odd else ""


class StampingAuthority(Outsider):
    """An authority at another address is another one."""

    does = "stamped"

    def __init__(self, authority: Authority, ledger: Ledger) -> None:
        self.authority = authority
        self.title = f"time stamps {authority.name}"
        self.standing_name = f"{self.title} {authority.address}"
        self.address = authority.address
        self.asked_every = authority.every
        self._ledger = ledger

    def is_called_for(self, leaf: Leaf) -> bool:
        """Not for chain heads: an authority may want money for each stamp."""
        if isinstance(leaf, RecordLeaf):
            return leaf.of in WITH_HEADS
        return not isinstance(leaf, ChainHeadLeaf)

    def has_answered(self, text: str) -> bool:
        return self.authority.name in [name for name, _ in self._ledger.others.stamps(text)]

    async def ask(self, client: AsyncClient, note: SignedNote, now: datetime) -> tuple[str, str]:
        request = stamp_request(note.text)
        kind = "application/timestamp-query"  # RFC 3161, 3.4
        answer = await post(client, self.address, kind, request.as_bytes())
        if answer.status != 200:
            raise NoAnswerError(
                f"it answers with status {answer.status}",
                todo="Check the address; it is asked again later.",
            )
        roots = self.authority.roots
        try:
            stamp = verified_stamp(answer.body, note.text, roots, request.nonce)
        except CheckFailedError as error:
            raise NoAnswerError(error.what, todo=error.todo) from None
        size = parse_checkpoint(note.text).size
        self._ledger.others.keep_stamp(size, note.text, self.authority.name, answer.body)
        odd = clock_difference(int(stamp.time.timestamp()), now)
        return odd, _CLOCK if odd else ""


def outsiders_of(
    folder: DataFolder, ledger: Ledger
) -> tuple[list[CosigningWitness], list[StampingAuthority], list[InputError]]:
    """Those that the data folder's files name, and what is wrong with a file of these. Raises
    StorageError."""
    witnesses: list[CosigningWitness] = []
    authorities: list[StampingAuthority] = []
    troubles: list[InputError] = []
    try:
        found = witnesses_of(read_witness_policy(folder.witnesses))
        witnesses = [CosigningWitness(it, ledger) for it in found]
    except InputError as error:
        troubles.append(error)
    try:
        stamping = read_authorities(folder.timestamps)
        authorities = [StampingAuthority(it, ledger) for it in stamping]
    except InputError as error:
        troubles.append(error)
    return witnesses, authorities, troubles
