"""What a log sends to a witness, and how the answer is read: as C2SP tlog-witness says."""

from __future__ import annotations

import pytest

from domain.ledger.signed_notes import parse_note
from domain.ledger.witnessing import add_checkpoint_body, answered_note, parse_size

# The example of the specification.
ORIGIN = "example.com/behind-the-sofa"
CHECKPOINT = f"""{ORIGIN}
20852163
CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=

— {ORIGIN} Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5/Zhcyv2q1gGzGku9nTo+zyWE+xeMcTOA\
YQ8=
"""
HASH = "PlRNCrwHpqhGrupue0L7gxbjbMiKA9temvuZZDDpkaw="
LINE = (
    "— witness.example/w1 CMp+6LWBU0anHGH5aNDTJkH/gj79sG+T6+iP2ThYN5krrDJbR1HDnucjL39QsZTSvVjyQLrdk"
    "3DXDqI5G2HgLatVs0pWh6Up69HVOw==\n"
)


def test_the_body_is_that_of_the_specification() -> None:
    note = parse_note(CHECKPOINT)
    proof = [bytes.fromhex("3e544d0abc07a6a846aeea6e7b42fb8316e36cc88a03db5e9afb996430e991ac")]
    assert add_checkpoint_body(20852014, proof, note) == f"old 20852014\n{HASH}\n\n{CHECKPOINT}"
    assert add_checkpoint_body(0, [], note) == f"old 0\n\n{CHECKPOINT}"


@pytest.mark.parametrize(
    ("body", "size"),
    [
        ("20852014\n", 20852014), ("0\n", 0), ("", None), ("12", None), ("012\n", None),
        ("12\n\n", None), ("-1\n", None), ("1e3\n", None), ("٣\n", None), ("9" * 40 + "\n", None),
        (" 12\n", None), ("twelve\n", None),
    ],
)  # fmt: skip
def test_a_size_is_digits_and_a_newline(body: str, size: int | None) -> None:
    assert parse_size(body) == size


def test_lines_of_an_answer_stand_below_the_text() -> None:
    note = parse_note(CHECKPOINT)
    answered = answered_note(note, LINE * 2)
    assert answered is not None
    assert answered.text == note.text
    assert [it.name for it in answered.signatures] == ["witness.example/w1"] * 2


@pytest.mark.parametrize(
    "body", ["", "\n", "ok\n", "<html></html>", LINE[:-1], f"evil\n\n{LINE}", f"{LINE}\n{LINE}",
             "\x00", LINE * 200]
)  # fmt: skip
def test_what_are_no_lines_is_no_answer(body: str) -> None:
    assert answered_note(parse_note(CHECKPOINT), body) is None
