"""What administrators do with accounts and tokens: the same by HTTP, command line and page.

Rules: the first account is an administrator of everything, because from then on nobody could make
one; an account without a password gets a link that sets one; links and tokens are told once.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from api.documents.accounts import account_json, token_json
from api.queries.times import instant_of
from domain.access import Action, Assignment, Caller
from domain.errors import InputError
from store.registry.accounts.secrets import password_hash
from store.registry.registry import Registry

_UTC = ZoneInfo("UTC")
Document = dict[str, Any]


@dataclass(frozen=True, slots=True)
class NewAccount:
    """`roles` as in officer@scheme:NIFS; without a password it gets a link that sets one.
    `device`: a tablet that people share; its link signs it in."""

    name: str
    roles: Sequence[str]
    full_name: str = ""
    password: str | None = None
    device: bool = False


def users_json(registry: Registry) -> list[Document]:
    """By name."""
    means = registry.pins_and_badges.means()
    return [account_json(it, means) for it in registry.accounts.all()]


def create_account(registry: Registry, new: NewAccount, now: datetime) -> Document:
    """The account, with `link` where it has no password yet. Raises InputError, BusyError."""
    name, roles = new.name.strip().lower(), assignments(new.roles)
    manages = Caller(name, roles).may(Action.MANAGE_ACCOUNTS)
    if roles and not manages and not registry.accounts.any():
        raise InputError(
            "the first account is an administrator, because nobody else could add more",
            todo="Add one with the role administrator first.",
        )
    if new.device and new.password is not None:
        raise InputError(
            f"'{name}' would be a shared tablet, which has no password",
            todo="Leave the password out: it signs in by a link.",
        )
    if new.password is not None:
        password_hash(new.password, name)  # before anything is made: it may be no good
    registry.accounts.add(name, new.full_name, roles, now, is_device=new.device)
    if new.password is None:
        return _with_link(registry, name, now)
    registry.accounts.set_password(name, new.password)
    return _account(registry, name)


def reset_account(
    registry: Registry, name: str, now: datetime, password: str | None = None
) -> Document:
    """Another password, or a link that sets one; the one before works until then."""
    if password is None:
        return _with_link(registry, name, now)
    registry.accounts.set_password(name, password)
    return _account(registry, name)


def disable_account(registry: Registry, name: str, now: datetime) -> Document:
    registry.accounts.disable(name, now)
    return _account(registry, name)


def enable_account(registry: Registry, name: str) -> Document:
    registry.accounts.enable(name)
    return _account(registry, name)


def assign_roles(registry: Registry, name: str, roles: Sequence[str]) -> Document:
    """These, instead of those that it had."""
    registry.accounts.set_assignments(name, assignments(roles))
    return _account(registry, name)


def give_pin(registry: Registry, name: str, pin: str | None) -> Document:
    """By which it signs on at shared tablets; None: it has none any more."""
    registry.pins_and_badges.set_pin(name, pin)
    return _account(registry, name)


def give_badge(registry: Registry, name: str, number: str | None) -> Document:
    """The same, as a reader tells the badge's number."""
    registry.pins_and_badges.set_badge(name, number)
    return _account(registry, name)


def tokens_json(registry: Registry) -> list[Document]:
    """By label."""
    return [token_json(it) for it in registry.tokens.all()]


def create_token(
    registry: Registry, label: str, roles: Sequence[str], ends: str, now: datetime, by: str
) -> Document:
    """The token, with its `secret`. `ends`: ISO 8601, without offset in UTC; a day: its start."""
    if not registry.accounts.any():
        raise InputError(
            "this node has no account yet, so that everybody may do everything without a token",
            todo="Add an administrator first ('lineproof user add').",
        )
    ends_at = instant_of(ends, _UTC, "ends")
    secret = registry.tokens.add(label, assignments(roles), ends_at, now, by=by)
    return _token(registry, label) | {"secret": secret}


def withdraw_token(registry: Registry, label: str, now: datetime) -> Document:
    registry.tokens.revoke(label, now)
    return _token(registry, label)


def assignments(texts: Sequence[str]) -> tuple[Assignment, ...]:
    """Raises InputError with what a role is."""
    return tuple(Assignment.parse(it.strip()) for it in texts)


def _with_link(registry: Registry, name: str, now: datetime) -> Document:
    code = registry.sign_in_codes.for_account(name, now)
    return _account(registry, name) | {"link": f"/sign-in?code={code}"}


def _account(registry: Registry, name: str) -> Document:
    return account_json(registry.accounts.named(name), registry.pins_and_badges.means())


def _token(registry: Registry, label: str) -> Document:
    return next(token_json(it) for it in registry.tokens.all() if it.label == label)
