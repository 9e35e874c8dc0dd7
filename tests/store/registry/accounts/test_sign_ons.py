"""Who is signed on at a shared tablet, and how that ends."""

from __future__ import annotations

from datetime import timedelta

import pytest
from registered import NOW

from domain.access import Assignment
from domain.errors import InputError, NotAllowedError
from store.registry.accounts.identities import Identity
from store.registry.accounts.sessions import DEVICE_IDLE_MAX, IDLE_MAX, SESSION_MAX
from store.registry.accounts.sign_ons import SIGN_ON_IDLE_MAX, SignOns
from store.registry.registry import Registry

END = NOW + timedelta(hours=8)
SECOND = timedelta(seconds=1)
PASSWORD = "plover plinth plenty"


@pytest.fixture
def session(registry: Registry) -> str:
    """The secret of a tablet's."""
    registry.accounts.add("boss", "", [Assignment.parse("administrator")], NOW)
    for name in ("chan", "wong"):
        registry.accounts.add(name, "", [Assignment.parse("operator")], NOW)
    registry.accounts.add("tablet", "", [Assignment.parse("operator")], NOW, is_device=True)
    return registry.sessions.begin("tablet", NOW)


@pytest.fixture
def sign_ons(registry: Registry, session: str) -> SignOns:
    return registry.sign_ons


def who(sign_ons: SignOns, session: str, *, after: timedelta = SECOND) -> str | None:
    found = sign_ons.person(session, NOW + after, is_use=False)
    return None if found is None else found.name


def test_one_person_is_signed_on_at_a_time(sign_ons: SignOns, session: str) -> None:
    assert who(sign_ons, session) is None
    sign_ons.begin(session, "chan", NOW, END)
    assert who(sign_ons, session) == "chan"
    sign_ons.begin(session, "wong", NOW, END)
    assert who(sign_ons, session) == "wong"
    assert who(sign_ons, "another tablet") is None
    sign_ons.end(session)
    assert who(sign_ons, session) is None


def test_it_ends_when_the_tablet_was_not_used(sign_ons: SignOns, session: str) -> None:
    sign_ons.begin(session, "chan", NOW, END)
    for minutes in (10, 20, 30):  # each a use, from which it goes on
        assert sign_ons.person(session, NOW + timedelta(minutes=minutes)) is not None
    idle = timedelta(minutes=30) + SIGN_ON_IDLE_MAX
    assert who(sign_ons, session, after=idle) == "chan"
    # Only a page that is open looked, which is no use.
    assert who(sign_ons, session, after=idle + SECOND) is None


def test_it_ends_with_the_shift_however_much_it_is_used(sign_ons: SignOns, session: str) -> None:
    sign_ons.begin(session, "chan", NOW, NOW + timedelta(minutes=10))
    assert sign_ons.person(session, NOW + timedelta(minutes=9)) is not None
    assert who(sign_ons, session, after=timedelta(minutes=10)) is None


def test_who_is_disabled_or_gets_other_secrets_is_off_at_once(
    sign_ons: SignOns, session: str, registry: Registry
) -> None:
    for change in (
        lambda: registry.pins_and_badges.set_pin("chan", "4711"),
        lambda: registry.pins_and_badges.set_badge("chan", None),
        lambda: registry.accounts.set_password("chan", PASSWORD),
        lambda: registry.accounts.disable("chan", NOW),
    ):
        sign_ons.begin(session, "chan", NOW, END)
        change()
        assert who(sign_ons, session) is None
    registry.accounts.enable("chan")
    assert who(sign_ons, session) is None, "what ended does not come back"


def test_a_tablet_stays_signed_in_as_long_as_it_is_used_and_people_do_not(
    registry: Registry, session: str
) -> None:
    sessions, at = registry.sessions, NOW
    person = sessions.begin("chan", NOW)
    for _ in range(4):
        at += DEVICE_IDLE_MAX
        sessions.begin("wong", at)  # which removes sessions that are over
        assert sessions.account(session, at) is not None
    assert sessions.account(session, at + DEVICE_IDLE_MAX + SECOND) is None
    assert DEVICE_IDLE_MAX > SESSION_MAX > IDLE_MAX
    assert sessions.account(person, at) is None


def test_a_tablet_signs_in_by_a_link_and_then_nowhere_else(
    registry: Registry, session: str
) -> None:
    codes, sessions = registry.sign_in_codes, registry.sessions
    code = codes.for_account("tablet", NOW)
    assert sessions.account(session, NOW) is not None
    assert codes.use_at_device(code, NOW).name == "tablet"
    assert sessions.account(session, NOW) is None
    with pytest.raises(InputError, match="does not work"):
        codes.use_at_device(code, NOW)
    with pytest.raises(InputError, match="nothing a shared tablet"):
        codes.use_at_device(codes.for_account("chan", NOW), NOW)
    late = codes.for_account("tablet", NOW)
    registry.accounts.disable("tablet", NOW)
    with pytest.raises(InputError, match="does not work"):
        codes.use_at_device(late, NOW)


def test_a_tablet_has_no_password_and_no_role_but_of_work_at_a_line(
    registry: Registry, session: str
) -> None:
    accounts = registry.accounts
    with pytest.raises(InputError, match="a shared tablet, which has no password"):
        accounts.set_password("tablet", PASSWORD)
    for role in ("administrator", "officer@scheme:NIFS", "auditor", "integrator"):
        with pytest.raises(InputError, match="a shared tablet is for work at a line"):
            accounts.set_assignments("tablet", [Assignment.parse(role)])
        with pytest.raises(InputError, match="a shared tablet is for work at a line"):
            accounts.add("second", "", [Assignment.parse(role)], NOW, is_device=True)
    accounts.set_assignments("tablet", [Assignment.parse("supervisor@line:filler-1")])
    stranger = Identity("https://id.example", "1", "tablet", "", ())
    with pytest.raises(NotAllowedError, match="not this person's"):
        registry.identities.sign_in(stranger, NOW)
