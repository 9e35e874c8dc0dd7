"""PINs and badges: whose they are, and which are none."""

from __future__ import annotations

import pytest
from registered import NOW

from domain.access import Assignment
from domain.errors import BusyError, InputError, NotFoundError
from store.registry.accounts.accounts import Account
from store.registry.accounts.pins_and_badges import PinsAndBadges
from store.registry.audit import AuditFilter
from store.registry.registry import Registry
from store.registry.tables import badges, pins


@pytest.fixture
def means(registry: Registry) -> PinsAndBadges:
    everything = [Assignment.parse("administrator")]
    registry.accounts.add("boss", "Boss", everything, NOW)
    for name, full_name in (("wong", "Wong Ka Yan"), ("chan", "Chan Siu Ming")):
        registry.accounts.add(name, full_name, [Assignment.parse("operator")], NOW)
    registry.accounts.add("tablet", "", [Assignment.parse("operator")], NOW, is_device=True)
    return registry.pins_and_badges


def name(account: Account | None) -> str | None:
    return None if account is None else account.name


def test_a_pin_is_its_person_s_alone_even_where_two_chose_the_same(means: PinsAndBadges) -> None:
    means.set_pin("chan", "4711")
    means.set_pin("wong", "4711")
    assert name(means.with_pin("chan", "4711")) == "chan"
    assert name(means.with_pin("wong", "4711")) == "wong"
    for who, pin in (("chan", "4712"), ("chan", ""), ("boss", "4711"), ("nobody", "4711")):
        assert means.with_pin(who, pin) is None
    means.set_pin("chan", "62831")
    assert means.with_pin("chan", "4711") is None
    means.set_pin("chan", None)
    assert means.with_pin("chan", "62831") is None


def test_a_badge_names_its_person(means: PinsAndBadges) -> None:
    means.set_badge("chan", "0004711")
    means.set_badge("wong", "0004712")
    assert name(means.with_badge("0004711")) == "chan"
    assert name(means.with_badge("0004712")) == "wong"
    for number in ("4711", "0004713", "", "x", "٠٠٠٤٧١١", "1" * 1000):
        assert means.with_badge(number) is None
    with pytest.raises(BusyError, match="this badge is that of 'chan'"):
        means.set_badge("wong", "0004711")
    assert name(means.with_badge("0004712")) == "wong", "what was refused changes nothing"
    means.set_badge("chan", "0004711")
    means.set_badge("chan", None)
    assert means.with_badge("0004711") is None
    means.set_badge("wong", "0004711")


@pytest.mark.parametrize(
    "pin", ["", "123", "123456789", "12a4", "12 34", "٤٧١١", "-4711", "4711\n"]
)
def test_what_is_no_pin_is_told(means: PinsAndBadges, pin: str) -> None:
    with pytest.raises(InputError, match="a PIN has 4 to 8 digits"):
        means.set_pin("chan", pin)


@pytest.mark.parametrize("pin", ["0000", "99999999", "1234", "3456", "01234567", "4321", "7890"])
def test_what_everybody_tries_first_is_no_pin(means: PinsAndBadges, pin: str) -> None:
    with pytest.raises(InputError, match="easy to guess"):
        means.set_pin("chan", pin)


@pytest.mark.parametrize("number", ["", "123", "A123", "1" * 33, "١٢٣٤"])
def test_what_is_no_badge_is_told(means: PinsAndBadges, number: str) -> None:
    with pytest.raises(InputError, match="4 to 32 digits"):
        means.set_badge("chan", number)


def test_who_is_disabled_has_neither(means: PinsAndBadges, registry: Registry) -> None:
    means.set_pin("chan", "4711")
    means.set_badge("chan", "0004711")
    means.set_badge("wong", "0004712")
    assert [it.name for it in means.people()] == ["chan", "wong"]
    registry.accounts.disable("chan", NOW)
    assert means.with_pin("chan", "4711") is None
    assert means.with_badge("0004711") is None
    assert [it.name for it in means.people()] == ["wong"]
    registry.accounts.enable("chan")
    assert name(means.with_pin("chan", "4711")) == "chan"


def test_a_tablet_and_nobody_have_none(means: PinsAndBadges) -> None:
    for give in (lambda who: means.set_pin(who, "4711"), lambda who: means.set_badge(who, "4711")):
        with pytest.raises(InputError, match="'tablet' is a shared tablet"):
            give("tablet")
        with pytest.raises(NotFoundError, match="there is no account 'nobody'"):
            give("nobody")


def test_only_hashes_are_kept_and_neither_is_told_to_the_audit(
    means: PinsAndBadges, registry: Registry
) -> None:
    means.set_pin("chan", "471108")
    means.set_badge("chan", "888471108")
    with registry._database.reading() as connection:
        kept = [str(row) for table in (pins, badges) for row in connection.execute(table.select())]
    assert len(kept) == 2
    assert "argon2id" in kept[0]
    told = [str(it) for it in registry.audit.page(AuditFilter())]
    assert not [it for it in kept + told if "471108" in it]
