"""The files of a dossier that prove the others: leaves, proofs, checkpoint, whom to trust.

leaves.jsonl has a line for every leaf of the ledger, so that the root can be computed from it:

    {"hash":"qL5…=","index":0}                               a leaf of another agent
    {"index":1,"leaf":"{\"agent\":…}"}                       as the ledger keeps it
    {"index":2,"leaf":"{\"at\":…}","row":"{\"\":…}"}     and the row of the record that it tells
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

import orjson

from domain.errors import InputError
from domain.ledger.base64_lines import to_base64
from domain.ledger.cosignatures import cosigners
from domain.ledger.leaves import ChainHeadLeaf, RecordLeaf, parse_leaf
from domain.ledger.policies import NO_QUORUM, TrustPolicy
from domain.ledger.signed_notes import parse_note
from domain.ledger.tree import leaf_hash
from lineproof.dossier import paths
from lineproof.dossier.content import Content
from lineproof.dossier.zip_file import DossierZip
from store.ledger.keys import verify_ed25519
from store.node.opening import Stores
from store.node.witness_settings import own_policy

# Rows of which a proof of their own is handed out, beside those of the agents' last batches.
_PROVED = frozenset(
    {
        "terms_versions",
        "plant_versions",
        "milestone_steps",
        "frozen",
        "documents",
        "site_visits",
        "panel_readings",
        "visit_withdrawals",
        "change_requests",
        "change_decisions",
    }
)
_PAGE = 1000


def write_ledger(content: Content, dossier: DossierZip, own: int) -> None:
    """`own`: the dossier's leaf."""
    ledger = content.stores.ledger
    proved = {own}
    dossier.add_stream(paths.LEAVES, _leaves(content, proved))
    for index in sorted(proved):
        ((_, leaf),) = ledger.leaves(index, 1)
        proof = replace(ledger.proof(index), extra=leaf)
        dossier.add(paths.proof_path(index), str(proof).encode())
    dossier.add(paths.CHECKPOINT, ledger.checkpoint_note().encode())
    for name, stamp in ledger.others.stamps(parse_note(ledger.checkpoint_note()).text):
        dossier.add(paths.stamp_path(name), stamp)
    dossier.add(paths.POLICY, str(_policy(content.stores)).encode())


def _policy(stores: Stores) -> TrustPolicy:
    """Whom the dossier itself says to trust. It asks for the witnesses that did cosign: whether
    these are enough is the reader's to say, by a policy of their own."""
    ledger = stores.ledger
    try:
        policy = own_policy(ledger, stores.folder.witnesses)
    except InputError:  # of the file that names the witnesses; whoever made the dossier was told
        policy = TrustPolicy((ledger.verifier_key(),))
    note = parse_note(ledger.checkpoint_note())
    seen_by = [key for key, _ in cosigners(note, policy.witnesses.values(), verify_ed25519)]
    return policy if policy.is_quorum(seen_by) else replace(policy, quorum=NO_QUORUM)


def _leaves(content: Content, proved: set[int]) -> Iterator[bytes]:
    """A line for each; adds to `proved` which get a proof of their own."""
    opened = {row.number: row for row in content.rows}
    heads: dict[str, int] = {}
    for index, written in content.stores.ledger.all_leaves():
        line: Mapping[str, object] = {"index": index, "leaf": written.decode()}
        leaf = parse_leaf(written)
        if isinstance(leaf, ChainHeadLeaf):
            if leaf.agent in content.agents:
                heads[leaf.agent] = index
            else:
                line = {"hash": to_base64(leaf_hash(written)), "index": index}
        elif isinstance(leaf, RecordLeaf) and (row := opened.get(leaf.number)) is not None:
            line = {**line, "row": row.text.decode()}
            if leaf.of in _PROVED:
                proved.add(index)
        yield orjson.dumps(line, option=orjson.OPT_APPEND_NEWLINE)
    proved.update(heads.values())
