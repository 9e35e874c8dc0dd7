"""Secrets: how they are made, hashed and compared.

Passwords are chosen by people, so they are hashed slowly (argon2id, RFC 9106; parameters of the
OWASP Password Storage Cheat Sheet: 19 MiB, two passes, one lane). Sessions, tokens and codes are
256 random bits, which nobody guesses, so that SHA-256 is enough to keep them and to find them by.
"""

from __future__ import annotations

import hashlib
import secrets

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from domain.errors import InputError

PASSWORD_MIN = 12
_NAME_TELLS = 4  # a shorter name is part of many words
PASSWORD_MAX = 200  # argon2 takes any length; nobody is to send megabytes
_HASHER = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)
# What an unknown name's password is compared with, so that it takes as long as a known one's.
_NOBODYS = _HASHER.hash(secrets.token_hex())


def password_hash(password: str, account: str) -> str:
    """Raises InputError for a password that is too short, too long, or the account's name."""
    if not PASSWORD_MIN <= len(password) <= PASSWORD_MAX:
        raise InputError(
            f"a password has {PASSWORD_MIN} to {PASSWORD_MAX} characters; this one has "
            f"{len(password)}",
            todo="Several words that only you would put together are easy to keep in mind.",
        )
    has_name = len(account) >= _NAME_TELLS and account in password.lower()
    if has_name or len(set(password)) < PASSWORD_MIN // 2:
        raise InputError(
            "this password is easy to guess",
            todo="Choose one that does not have the account's name in it, and not one "
            "character again and again.",
        )
    return _HASHER.hash(password)


def is_password(password: str, hashed: str | None) -> bool:
    """Takes about as long whether there is a hash or not."""
    try:
        return _HASHER.verify(hashed or _NOBODYS, password[: PASSWORD_MAX + 1]) and bool(hashed)
    except (VerificationError, InvalidHashError):
        return False


def new_secret() -> str:
    """256 random bits as text."""
    return secrets.token_urlsafe(32)


def secret_hash(secret: str) -> str:
    """What is kept of it: SHA-256 in hex."""
    return hashlib.sha256(secret.encode()).hexdigest()
