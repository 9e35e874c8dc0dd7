"""A draw follows from what is public, favours nobody, and is made once."""

from __future__ import annotations

import hashlib
import subprocess
from collections import Counter
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from domain.audit_samples import (
    AuditSample,
    Precision,
    SampleItem,
    SampleResult,
    amount_named,
    check_known_on,
    check_period,
    check_public_value,
    check_result,
    check_seed,
    draw,
    last_results,
    population_digest,
    sample_size,
    seed_of,
)
from domain.errors import InputError, NotAllowedError
from domain.milestone_states import ConflictOfInterest, Step, StepTaken

AT = datetime(2026, 5, 4, tzinfo=UTC)
TODAY = date(2026, 5, 4)
ITEMS = tuple(SampleItem(f"P-{it}", "M1") for it in range(8))
SAMPLE = AuditSample(
    3, "NIFS", date(2025, 4, 1), date(2026, 3, 31), ITEMS, Precision(), 3, "an index", TODAY,
    "chan", AT, "24871.56",
)  # fmt: skip


def test_anybody_makes_the_draw_again_with_sha256sum() -> None:
    def sha256(text: str) -> str:
        done = subprocess.run(["sha256sum"], input=text.encode(), capture_output=True, check=True)
        return done.stdout.decode().split()[0]

    digest = sha256("".join(f'["P-{it}","M1"]\n' for it in range(8)))
    assert population_digest(reversed(ITEMS)) == digest
    seed = sha256(f"lineproof-sample/1\n{digest}\nan index\n24871.56\n")
    assert seed_of(digest, "an index", "24871.56") == seed
    ranks = {it: sha256(f'{seed} ["P-{it}","M1"]') for it in range(8)}
    wanted = sorted(ranks, key=lambda it: ranks[it])[:3]
    assert [it.project for it in SAMPLE.drawn] == [f"P-{it}" for it in wanted]


def test_names_in_any_script_and_with_quotes_are_told_apart() -> None:
    odd = [SampleItem('a","b', "c"), SampleItem("a", 'b","c'), SampleItem("項目", "里程碑")]
    assert len({it.text for it in odd}) == 3
    assert all(it.text.isascii() for it in odd)


def test_every_pair_is_as_probable_as_any_other() -> None:
    tries = 14_000
    found = Counter(
        frozenset(it.project for it in draw(ITEMS, 2, hashlib.sha256(b"%d" % n).hexdigest()))
        for n in range(tries)
    )
    expected = tries / 28
    assert len(found) == 28
    chi_square = sum((it - expected) ** 2 / expected for it in found.values())
    assert chi_square < 55.5  # 99.9 % of 27 degrees of freedom


def test_the_order_of_the_population_changes_nothing() -> None:
    assert replace(SAMPLE, population=ITEMS[::-1]).drawn == SAMPLE.drawn


def test_nothing_is_drawn_before_the_seed_is_known() -> None:
    assert replace(SAMPLE, seed_value=None).drawn == ()
    assert replace(SAMPLE, seed_value="24871.57").drawn != SAMPLE.drawn


@pytest.mark.parametrize(
    ("population", "precision", "size"),
    [
        (10_000_000, Precision(0.5, 0.05), 385),
        (10**9, Precision(0.5, 0.03), 1_068),
        (1_000, Precision(0.5, 0.05), 278),
        (40, Precision(0.05, 0.05), 27),
        (40, Precision(0.05, 0.05, 0.99), 31),
        (1, Precision(0.5, 0.001), 1),
        (3, Precision(0.001, 0.5, 0.5), 1),
        (20, Precision(0.5, 0.001, 0.999), 20),
    ],
)
def test_the_size_is_cochrans(population: int, precision: Precision, size: int) -> None:
    assert sample_size(population, precision) == size


@pytest.mark.parametrize(
    "wrong",
    [Precision(rate=0.0), Precision(rate=0.6), Precision(margin=float("nan")),
     Precision(confidence=1.0)],
)  # fmt: skip
def test_a_precision_that_nobody_can_have(wrong: Precision) -> None:
    with pytest.raises(InputError, match="of a sample"):
        wrong.check()


@pytest.mark.parametrize(
    ("start", "end", "says"),
    [
        ("2026-04-02", "2026-04-01", "ends before it begins"),
        ("2026-04-01", "2026-05-04", "not over"),
        ("2026-03-31", "2026-04-30", "sample 3 is of 2025-04-01 to 2026-03-31 already"),
        ("2024-04-01", "2025-04-01", "sample 3 is of"),
    ],
)
def test_a_period_is_over_and_drawn_from_once(start: str, end: str, says: str) -> None:
    with pytest.raises(InputError, match=says):
        check_period(date.fromisoformat(start), date.fromisoformat(end), TODAY, [SAMPLE])
    check_period(date(2026, 4, 1), date(2026, 4, 30), TODAY, [SAMPLE])


def test_a_seed_is_of_a_day_to_come_and_entered_once() -> None:
    with pytest.raises(InputError, match="may be known already"):
        check_known_on(TODAY, TODAY)
    check_known_on(date(2026, 5, 5), TODAY)
    announced = replace(SAMPLE, seed_value=None, known_on=date(2026, 5, 5))
    with pytest.raises(InputError, match="nobody knows the value before 2026-05-05"):
        check_seed(announced, TODAY)
    check_seed(announced, date(2026, 5, 5))
    with pytest.raises(InputError, match="was entered already"):
        check_seed(SAMPLE, date(2026, 5, 5))


@pytest.mark.parametrize("text", ["", "  ", "a\x00b", "a\u202eb", "x" * 201])
def test_a_public_value_that_is_none(text: str) -> None:
    with pytest.raises(InputError, match="a text of 1 to 200 characters"):
        check_public_value(text, "value")


def test_spaces_around_a_public_value_mean_nothing() -> None:
    assert check_public_value("  Hang  Seng\tIndex\n", "value") == "Hang Seng Index"


def test_amounts() -> None:
    assert amount_named(" ") is None
    assert amount_named(" 12500.50 ") == Decimal("12500.50")
    for wrong in ("x", "-1", "NaN", "Infinity", "1e13", "1,000"):
        with pytest.raises(InputError, match="no amount in HKD"):
            amount_named(wrong)


def result(**more: object) -> SampleResult:
    given = SampleResult(3, 1, SAMPLE.drawn[0], False, None, "", "wong", AT)
    return replace(given, **more)  # type: ignore[arg-type]  # of the fields' own types


def step(name: Step, author: str) -> StepTaken:
    return StepTaken("P-1", "M1", name, author, AT)


def test_a_result_is_of_a_drawn_item_and_says_what_is_wrong() -> None:
    check_result(result(), SAMPLE, [], [])
    check_result(result(is_error=True, note="paid twice", amount_hkd=Decimal(5)), SAMPLE, [], [])
    left = next(it for it in ITEMS if it not in SAMPLE.drawn)
    for wrong, says in (
        (result(item=left), "was not drawn by sample 3"),
        (result(is_error=True), "an error needs a note"),
        (result(amount_hkd=Decimal(5)), "an amount is given, and no error"),
        (result(note="x" * 4_001), "4001 characters"),
    ):
        with pytest.raises(InputError, match=says):
            check_result(wrong, SAMPLE, [], [])
    with pytest.raises(InputError, match="was not drawn"):
        check_result(result(), replace(SAMPLE, seed_value=None), [], [])


def test_who_decided_does_not_check_it() -> None:
    for name in (Step.TAKE, Step.RECOMMEND, Step.ACCEPT):
        with pytest.raises(NotAllowedError, match="took part in deciding"):
            check_result(result(), SAMPLE, [step(name, "Wong")], [])
    check_result(result(), SAMPLE, [step(Step.ACCEPT, "chan"), step(Step.SUBMIT, "wong")], [])
    interest = ConflictOfInterest("P-1", "wong", AT, "kin")
    with pytest.raises(NotAllowedError, match="conflict of interest"):
        check_result(result(), SAMPLE, [], [interest])


def test_the_last_result_of_an_item_counts() -> None:
    first, second = result(is_error=True, note="x"), result(number=2)
    assert last_results([second, first]) == {SAMPLE.drawn[0]: second}
