"""Secrets: how they are made, hashed and compared.

Passwords are chosen by people, so they are hashed slowly (argon2id, RFC 9106; parameters of the
OWASP Password Storage Cheat Sheet: 19 MiB, two passes, one lane). Sessions, tokens and codes are
256 random bits, which nobody guesses, so that SHA-256 is enough to keep them and to find them by.
PINs and badge numbers are short: hashed slowly too, and what keeps people from guessing them is how
few tries they have. A badge's number has to be found by its hash, so its salt is given.

Hashing slowly takes a core for 30 ms. A thread of its own does it, one after the other, and after
whatever else the machine has to do: people who sign in keep no page and no batch waiting.
"""

from __future__ import annotations

import base64
import contextlib
import hashlib
import os
import re
import secrets
import threading
from concurrent.futures import ThreadPoolExecutor

from argon2 import PasswordHasher, Type
from argon2.exceptions import InvalidHashError, VerificationError
from argon2.low_level import ARGON2_VERSION, hash_secret_raw

from domain.errors import InputError
from domain.texts import N_

PASSWORD_MIN = 12
_NAME_TELLS = 4  # a shorter name is part of many words
_RUN = "01234567890"
PASSWORD_MAX = 200  # argon2 takes any length; nobody is to send megabytes
_PASSES, _MEMORY_KIB = 2, 19 * 1024
_HASHER = PasswordHasher(time_cost=_PASSES, memory_cost=_MEMORY_KIB, parallelism=1)


def _of_nobody(hasher: PasswordHasher) -> str:
    """A hash as the hasher makes them, but of nothing: chance in the place of salt and digest."""
    salt, digest = (
        base64.b64encode(secrets.token_bytes(length)).decode().rstrip("=")
        for length in (hasher.salt_len, hasher.hash_len)
    )
    cost = f"m={hasher.memory_cost},t={hasher.time_cost},p={hasher.parallelism}"
    return f"$argon2id$v={ARGON2_VERSION}${cost}${salt}${digest}"


# What an unknown name's password is compared with, so that it takes as long as a known one's.
_NOBODYS = _of_nobody(_HASHER)
_NICENESS = 19  # the lowest: a sixtieth of the share of others, where there is not enough


def _stand_back() -> None:
    """Lower the priority of this thread alone, where the system can (Linux)."""
    with contextlib.suppress(OSError):
        os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), _NICENESS)


_AFTER_OTHERS = ThreadPoolExecutor(1, "hashing", initializer=_stand_back)


def password_hash(password: str, account: str) -> str:
    """Raises InputError for a password that is too short, too long, or the account's name."""
    if not PASSWORD_MIN <= len(password) <= PASSWORD_MAX:
        raise InputError(
            N_(
                "a password has %(password_min)s to %(password_max)s characters; this "
                "one has %(count)s"
            ),
            todo=N_("Several words that only you would put together are easy to keep in mind."),
            values={
                "password_min": PASSWORD_MIN,
                "password_max": PASSWORD_MAX,
                "count": len(password),
            },
        )
    has_name = len(account) >= _NAME_TELLS and account in password.lower()
    if has_name or len(set(password)) < PASSWORD_MIN // 2:
        raise InputError(
            N_("this password is easy to guess"),
            todo=N_(
                "Choose one that does not have the account's name in it, and not one "
                "character again and again."
            ),
        )
    return _AFTER_OTHERS.submit(_HASHER.hash, password).result()


def is_password(password: str, hashed: str | None) -> bool:
    """Takes about as long whether there is a hash or not."""
    given = password[: PASSWORD_MAX + 1]
    try:
        right = _AFTER_OTHERS.submit(_HASHER.verify, hashed or _NOBODYS, given).result()
    except (VerificationError, InvalidHashError):
        return False
    return right and bool(hashed)


def pin_hash(pin: str) -> str:
    """Raises InputError for one that is no PIN, or one of those that everybody tries first."""
    if not re.fullmatch(r"[0-9]{4,8}", pin):
        raise InputError(N_("a PIN has 4 to 8 digits"), todo=N_("Choose digits alone."))
    if len(set(pin)) == 1 or pin in _RUN or pin in _RUN[::-1]:
        raise InputError(
            N_("this PIN is easy to guess"),
            todo=N_("Choose one that is neither one digit again and again nor digits in a row."),
        )
    return _AFTER_OTHERS.submit(_HASHER.hash, pin).result()


def badge_hash(number: str, salt: str) -> str:
    """The same for the same number. Raises InputError for what is no number of a badge."""
    if not re.fullmatch(r"[0-9]{4,32}", number):
        raise InputError(
            N_("a badge's number has 4 to 32 digits"), todo=N_("Hold the badge before the reader.")
        )
    given = (number.encode(), bytes.fromhex(salt), _PASSES, _MEMORY_KIB, 1, 32, Type.ID)
    return _AFTER_OTHERS.submit(hash_secret_raw, *given).result().hex()


def new_salt() -> str:
    return secrets.token_hex(16)


def new_secret() -> str:
    """256 random bits as text."""
    return secrets.token_urlsafe(32)


def secret_hash(secret: str) -> str:
    """What is kept of it: SHA-256 in hex."""
    return hashlib.sha256(secret.encode()).hexdigest()
