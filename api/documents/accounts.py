"""Accounts and tokens as documents; of their secrets nothing is in them."""

from __future__ import annotations

from typing import Any

from store.registry.accounts.accounts import Account
from store.registry.accounts.pins_and_badges import SignOnMeans
from store.registry.accounts.tokens import Token


def account_json(account: Account, means: SignOnMeans) -> dict[str, Any]:
    return {
        "name": account.name,
        "full_name": account.full_name,
        "roles": [str(it) for it in account.assignments],
        "created_at": account.created_at.isoformat(),
        "disabled_at": account.disabled_at and account.disabled_at.isoformat(),
        "has_password": account.has_password,
        "has_pin": account.name in means.pins,
        "has_badge": account.name in means.badges,
        "device": account.is_device,
    }


def token_json(token: Token) -> dict[str, Any]:
    return {
        "label": token.label,
        "roles": [str(it) for it in token.assignments],
        "created_by": token.created_by,
        "created_at": token.created_at.isoformat(),
        "ends_at": token.ends_at.isoformat(),
        "revoked_at": token.revoked_at and token.revoked_at.isoformat(),
    }
