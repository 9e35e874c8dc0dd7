"""Days are drawn from a checkpoint that came after the data, and from no other; a factory opens
nothing that was not drawn so."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import orjson
import pytest
from confidential_days import AS_OF, DAYS, LINE, TWO, Factory
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from forging import edited, files_of, put_together

from domain.errors import CheckFailedError, InputError
from domain.ledger.checkpoints import Checkpoint, parse_checkpoint
from domain.ledger.cosignatures import cosigned_text
from domain.ledger.leaves import DossierLeaf, parse_leaf
from domain.ledger.signed_notes import (
    COSIGNATURE,
    NoteSignature,
    SignedNote,
    VerifierKey,
    parse_note,
)
from lineproof.dossier import paths
from lineproof.dossier.documents import as_json
from lineproof.openings.challenge_file import Challenge, parse_challenge, read_challenge
from lineproof.verification.challenge_part import DaysAsked, challenge_of
from store.ledger.keys import read_ledger_key
from store.node.opening import open_stores

PRIVATE = Ed25519PrivateKey.from_private_bytes(b"w" * 32)
WITNESS = VerifierKey("witness.example", COSIGNATURE, PRIVATE.public_key().public_bytes_raw())


def test_the_draw_follows_from_dossier_and_checkpoint(factory: Factory) -> None:
    made, says = challenge_of(factory.dossier, factory.checkpoint, TWO)
    assert list(made.lines[LINE].days) == DAYS
    assert len(set(made.lines[LINE].drawn)) == 2
    assert "not shown yet" in says
    again, _ = challenge_of(factory.dossier, factory.checkpoint, DaysAsked(share=0.2))
    assert again == made
    words = [
        challenge_of(factory.dossier, factory.checkpoint, TWO, f"word {it}") for it in range(9)
    ]
    drawn = {tuple(it.lines[LINE].drawn) for it, _ in words}
    assert len(drawn) > 1, "each word draws its own days, a few the same by chance"
    assert parse_challenge(made.to_bytes(), "x") == made
    more, _ = challenge_of(factory.dossier, factory.checkpoint, DaysAsked(days=99))
    assert sorted(more.lines[LINE].drawn) == DAYS
    assert more.lines[LINE].drawn[:2] == made.lines[LINE].drawn


def test_a_proof_of_the_dossiers_leaf_shows_that_the_checkpoint_goes_on_from_it(
    factory: Factory, tmp_path: Path
) -> None:
    proofs = {}
    with open_stores(factory.data) as stores:
        for index, leaf in stores.ledger.all_leaves():
            proof = replace(stores.ledger.proof(index), extra=leaf)
            proofs[isinstance(parse_leaf(leaf), DossierLeaf)] = str(proof)
    (tmp_path / "proof").write_text(proofs[True], encoding="utf-8")
    made, says = challenge_of(factory.dossier, tmp_path / "proof", TWO)
    assert says == ""
    assert made.note.text == parse_note(factory.checkpoint.read_text()).text
    (tmp_path / "proof").write_text(proofs[False], encoding="utf-8")
    with pytest.raises(CheckFailedError, match="another leaf than the dossier's own"):
        challenge_of(factory.dossier, tmp_path / "proof", TWO)


def signed(factory: Factory, change: Callable[[Checkpoint], Checkpoint]) -> SignedNote:
    """What the ledger's owner can make: a checkpoint of their choice, signed by its key."""
    note = parse_note(factory.checkpoint.read_text(encoding="utf-8"))
    text = change(parse_checkpoint(note.text)).text
    key = read_ledger_key(factory.data / "ledger" / "key.pem")
    (line,) = note.signatures
    return SignedNote(text, (replace(line, signature=key.sign(text.encode())),))


def test_an_older_checkpoint_is_refused(factory: Factory, tmp_path: Path) -> None:
    own = files_of(factory.dossier)[paths.CHECKPOINT]
    (tmp_path / "own").write_bytes(own)
    with pytest.raises(CheckFailedError, match="not later than the data: it has"):
        challenge_of(factory.dossier, tmp_path / "own", TWO)


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (lambda it: str(it).replace("lineproof/example", "lineproof/other"), "of another ledger"),
        (lambda it: str(it).replace(str(it)[-12:-5], "AAAAAAA"), "is not its key's"),
        (lambda _it: "time,machine\n", "no signed note"),
    ],
)
def test_what_the_ledger_did_not_sign_is_refused(
    factory: Factory, tmp_path: Path, change: Callable[[SignedNote], str], says: str
) -> None:
    note = parse_note(factory.checkpoint.read_text(encoding="utf-8"))
    (tmp_path / "c").write_text(change(note), encoding="utf-8")
    with pytest.raises(CheckFailedError, match=says):
        challenge_of(factory.dossier, tmp_path / "c", TWO)


def cosigned(note: SignedNote, time: int) -> str:
    signature = PRIVATE.sign(cosigned_text(time, note.text).encode())
    line = NoteSignature(WITNESS.name, WITNESS.id, time.to_bytes(8, "big") + signature)
    return str(replace(note, signatures=(*note.signatures, line)))


def test_witnesses_that_the_policy_asks_for_must_have_seen_it_after_the_data(
    factory: Factory, tmp_path: Path
) -> None:
    """The dossier's own checkpoint was cosigned, too, or it would not be believed."""
    note = parse_note(factory.checkpoint.read_text(encoding="utf-8"))
    files = files_of(factory.dossier)
    after, policy = int((AS_OF + timedelta(days=1)).timestamp()), tmp_path / "policy"
    log = files[paths.POLICY].decode().partition("\n")[0]
    policy.write_text(f"{log}\nwitness w {WITNESS}\nquorum w\n", encoding="utf-8")
    dossier = _cosigned_dossier(files, after, tmp_path)
    later = tmp_path / "later"
    for text, says in (
        (str(note), "0 of the witnesses that the policy names cosigned it"),
        (cosigned(note, after - 200_000), "before the end of the data"),
    ):
        later.write_text(text, encoding="utf-8")
        with pytest.raises(CheckFailedError, match=says):
            challenge_of(dossier, later, TWO, policy=policy)
    later.write_text(cosigned(note, after), encoding="utf-8")
    made, _ = challenge_of(dossier, later, TWO, policy=policy)
    plain, _ = challenge_of(factory.dossier, factory.checkpoint, TWO)
    assert made.lines == plain.lines, "signatures below the checkpoint do not change the draw"


def _cosigned_dossier(files: dict[str, bytes], time: int, folder: Path) -> Path:
    own = parse_note(files[paths.CHECKPOINT].decode())
    cosigned_files = {**files, paths.CHECKPOINT: cosigned(own, time).encode()}
    return put_together(cosigned_files, folder / "cosigned.zip")


def test_no_day_is_no_challenge(factory: Factory) -> None:
    with pytest.raises(InputError, match="no day is drawn"):
        challenge_of(factory.dossier, factory.checkpoint, DaysAsked(share=0.0))


def test_a_forged_dossier_is_not_challenged(factory: Factory, tmp_path: Path) -> None:
    files = edited(files_of(factory.dossier), paths.facts_path(LINE), "cup", "cap")
    forged = put_together(files, tmp_path / "f.zip")
    with pytest.raises(CheckFailedError, match="no leaf of the ledger vouches for these files"):
        challenge_of(forged, factory.checkpoint, TWO)


def test_a_dossier_of_which_nothing_can_be_opened(factory: Factory, tmp_path: Path) -> None:
    files = files_of(factory.dossier)
    about = orjson.loads(files[paths.ABOUT])
    files = {**files, paths.ABOUT: as_json({**about, "confidential": []})}
    with pytest.raises(InputError, match="has all its batches"):
        challenge_of(put_together(files, tmp_path / "d.zip"), factory.checkpoint, TWO)


def written(challenge: Challenge, path: Path) -> Path:
    path.write_bytes(challenge.to_bytes())
    return path


def test_a_factory_opens_no_days_of_somebodys_choice(factory: Factory, tmp_path: Path) -> None:
    """Each of these was changed by hand, or drawn from what is no checkpoint of the ledger."""
    made = read_challenge(factory.challenge(tmp_path / "c.json"))
    drawn = made.lines[LINE]
    chosen = next(day for day in DAYS if day not in drawn.drawn)
    fewer = tuple(day for day in DAYS if day != chosen)
    forked = signed(factory, lambda it: replace(it, root=bytes(32)))
    ahead = signed(factory, lambda it: replace(it, size=it.size + 1))
    own = parse_note(files_of(factory.dossier)[paths.CHECKPOINT].decode())
    of = made.dossier
    cases = {
        "not those that are drawn": replace(
            made, lines={LINE: replace(drawn, drawn=(chosen, *drawn.drawn[1:]))}
        ),
        "is a production day": replace(made, lines={LINE: replace(drawn, days=fewer)}),
        "does not name the lines": replace(made, lines={}),
        "not how this ledger was": replace(made, note=forked),
        "is not how this": replace(made, note=ahead),
        "not later than the dossier's": replace(made, note=own),
        "none of this ledger": replace(made, note=replace(forked, text=made.note.text)),
        "made no such dossier": replace(made, dossier=replace(of, evidence="ab" * 32)),
        "to a dossier of project X": replace(made, dossier=replace(of, project="X")),
    }
    for says, forged in cases.items():
        with pytest.raises(CheckFailedError, match=says):
            factory.opened(written(forged, tmp_path / "f.json"), tmp_path / "o.zip")
    assert not list(tmp_path.glob("*o.zip*")), "nothing is handed over, nothing is left"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("format", "lineproof-challenge/2"),
        ("evidence", "AB" * 32),
        ("as_of", "now"),
        ("leaves", -1),
        ("leaves", True),
        ("batches", {"hall-1": "x"}),
        ("batches", []),
        ("checkpoint", "x"),
        ("word", "two\nlines"),
        ("word", None),
        ("lines", {"press-1": {"days": ["2026-03-03", "2026-03-02"], "drawn": []}}),
        ("lines", {"press-1": {"days": ["2026-02-30"], "drawn": []}}),
        ("lines", {"press-1": {"days": [], "drawn": ["2026-03-02"]}}),
        ("lines", {"press-1": {"days": ["2026-03-02"], "drawn": ["2026-03-02"] * 2}}),
        ("lines", {"press-1": []}),
        ("more", 1),
    ],
)
def test_what_is_no_challenge_is_said(
    factory: Factory, tmp_path: Path, name: str, value: object
) -> None:
    said = orjson.loads(factory.challenge(tmp_path / "c.json").read_bytes())
    assert parse_challenge(as_json(said), "c.json")
    data = as_json({**said, name: value})
    with pytest.raises(InputError, match="this is no challenge"):
        parse_challenge(data, "c.json")
    for rubbish in (b"", b"[]", b"\xff", b"1", b"{" * 100_000):
        with pytest.raises(InputError, match="this is no challenge"):
            parse_challenge(rubbish, "c.json")
