"""Days of reminders are those of the scheme's rule; where none is known, the defaults."""

from __future__ import annotations

from datetime import date

import pytest

from domain.grants import Project
from domain.reminders import ReminderDays
from domain.schemes.funding import rule_for
from domain.schemes.reminder_days import reminder_days


def project(scheme: str, approved_on: date) -> Project:
    return Project("P", scheme, "p", ("l",), 1.0, approved_on, approved_on, approved_on, ())


@pytest.mark.parametrize("scheme", ["NIFS", "NIAS", "MPUPS", "NITTP", "RTH"])
def test_every_scheme_names_days_and_says_whose_they_are(scheme: str) -> None:
    day = date(2026, 3, 2)
    rule = rule_for(scheme, day)
    assert rule is not None
    for figure in (rule.office.remind_before_days, rule.office.remind_waiting_after_days):
        assert "our own default" in figure.source.title.lower()
    assert reminder_days(project(scheme, day)) == ReminderDays(14, 7, 14)


def test_where_no_rule_is_known_there_are_defaults() -> None:
    day = date(1999, 1, 1)
    assert rule_for("NIFS", day) is None
    assert reminder_days(project("NIFS", day)) == ReminderDays()
