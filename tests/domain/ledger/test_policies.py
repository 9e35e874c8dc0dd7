"""Policies are read as the specification says, and what is not so is said with its line."""

from __future__ import annotations

import pytest

from domain.errors import InputError
from domain.ledger.policies import parse_policy
from domain.ledger.signed_notes import COSIGNATURE, ED25519, VerifierKey

LOG = VerifierKey("example.com/a", ED25519, bytes(32))
W = [VerifierKey(f"w{number}.example", COSIGNATURE, bytes([number] * 32)) for number in range(1, 7)]
X1, X2, X3, Y1, Y2, Y3 = W
# As the example of C2SP tlog-policy, with keys.
EXAMPLE = f"""# whom the council trusts
log {LOG} https://example.com/a

witness X1 {X1}
witness X2 {X2}
  witness X3 {X3}\t
group X-witnesses 2 X1 X2 X3

witness Y1 {Y1}
witness Y2 {Y2} https://y2.example
witness Y3 {Y3}
group Y-witnesses any Y1 Y2 Y3

group X-and-Y all X-witnesses Y-witnesses
quorum X-and-Y
"""


@pytest.mark.parametrize(
    ("seen_by", "is_enough"),
    [
        ([X1, X3, Y2], True),
        (W, True),
        ([X1, Y1, Y2, Y3], False),
        ([X1, X2, X3], False),
        ([], False),
        ([X1, X1, Y1], False),
        ([LOG, X1, Y1], False),
    ],
)
def test_a_quorum_is_counted_through_its_groups(
    seen_by: list[VerifierKey], is_enough: bool
) -> None:
    assert parse_policy(EXAMPLE).is_quorum(seen_by) is is_enough


def test_a_policy_is_written_as_it_is_read() -> None:
    policy = parse_policy(EXAMPLE)
    assert policy.logs == (LOG,)
    assert parse_policy(str(policy)) == policy


def test_a_single_witness_can_be_the_quorum_or_none() -> None:
    one = parse_policy(f"witness X1 {X1}\nquorum X1\n")
    assert one.is_quorum([X1])
    assert not one.is_quorum([X2])
    assert parse_policy(f"log {LOG}\nquorum none").is_quorum([])


@pytest.mark.parametrize(
    ("text", "line", "says"),
    [
        ("", 1, "no line 'quorum"),
        (f"log {LOG}\n", 2, "no line 'quorum"),
        ("quorum none\nquorum none\n", 2, "one quorum"),
        ("quorum none none\n", 1, "one quorum"),
        ("quorum X\n", 1, "who 'X' is"),
        ("log\nquorum none\n", 1, "not how a line is written"),
        ("trust everybody\nquorum none\n", 1, "not how a line is written"),
        ("LOG x\nquorum none\n", 1, "not how a line is written"),
        (f"log {str(LOG)[:-1]}\nquorum none\n", 1, "no verifier key"),
        (f"log {LOG} a b\nquorum none\n", 1, "one address"),
        (f"log {LOG}\nlog {LOG}\nquorum none\n", 2, "twice"),
        (f"log {LOG}\nlog {VerifierKey('b', 1, LOG.key)}\nquorum none", 2, "twice"),
        (f"witness X {X1}\nwitness X {X2}\nquorum X\n", 2, "is taken"),
        (f"witness none {X1}\nquorum none\n", 1, "is taken"),
        (f"witness X {X1}\nwitness Y {X1}\nquorum X\n", 2, "twice"),
        (f"witness X {X1}\ngroup G 0 X\nquorum G\n", 2, "cannot be asked"),
        (f"witness X {X1}\ngroup G 2 X\nquorum G\n", 2, "cannot be asked"),
        (f"witness X {X1}\ngroup G 01 X\nquorum G\n", 2, "cannot be asked"),
        (f"witness X {X1}\ngroup G any X X\nquorum G\n", 2, "a member twice"),
        (f"witness X {X1}\ngroup G any X\ngroup H any X\nquorum G\n", 3, "a member twice"),
        ("group G any G\nquorum G\n", 1, "who 'G' is"),
        (f"witness X {X1}\ngroup G any none\nquorum G\n", 2, "who 'none' is"),
        ("group G any\nquorum G\n", 1, "not how a line is written"),
        (f"quorum X\nwitness X {X1}\n", 1, "who 'X' is"),
        ("quorum none\r\n", 1, "control character"),
        ("#\n" * 2000, 1000, "more than"),
    ],
)
def test_what_cannot_be_meant_so_is_said_with_its_line(text: str, line: int, says: str) -> None:
    with pytest.raises(InputError, match=says) as refused:
        parse_policy(text)
    assert refused.value.where == f"line {line}"
    assert refused.value.todo
