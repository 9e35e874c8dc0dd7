"""Which rule holds on a day: at, before and after each change."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from domain.schemes.rule_files import schemes
from domain.schemes.rules import Scheme, scheme_named

DAY = timedelta(days=1)


@pytest.mark.parametrize("scheme", schemes(), ids=lambda it: it.name)
def test_a_rule_holds_from_its_first_day_to_the_day_before_the_next_one(scheme: Scheme) -> None:
    assert scheme.on(scheme.rules[0].since - DAY) is None
    for rule in scheme.rules:
        assert scheme.on(rule.since) is rule
        assert scheme.on(rule.since - DAY) is not rule


def test_between_a_day_that_is_known_and_the_next_rule_nobody_says_what_held() -> None:
    training = scheme_named(schemes(), "NITTP")
    assert training is not None
    old, new = training.rules
    assert old.known_until is not None
    assert training.on(old.known_until) is old
    assert training.on(old.known_until + DAY) is None
    assert training.on(new.since - DAY) is None


def test_a_scheme_ends_after_its_last_day() -> None:
    pilot = scheme_named(schemes(), "MPUPS")
    assert pilot is not None
    assert pilot.on(date(2027, 11, 17)) is pilot.rules[-1]
    assert pilot.on(date(2027, 11, 18)) is None


def test_a_scheme_is_found_by_a_former_name() -> None:
    assert scheme_named(schemes(), "RFS") is scheme_named(schemes(), "NIFS")
    assert scheme_named(schemes(), "SBIR") is None
