"""Passwords: slow hashes, and what is too easy to guess."""

from __future__ import annotations

import pytest
from argon2 import PasswordHasher, extract_parameters
from argon2.exceptions import VerifyMismatchError
from quick_hashing import at_full_cost

from domain.errors import InputError
from store.registry.accounts import secrets
from store.registry.accounts.secrets import (
    PASSWORD_MAX,
    is_password,
    new_secret,
    password_hash,
    secret_hash,
)


def test_a_password_is_kept_as_argon2id_with_a_salt_of_its_own() -> None:
    with at_full_cost():
        first, second = (password_hash("plover plinth plenty", "chan") for _ in range(2))
    assert first.startswith("$argon2id$v=19$m=19456,t=2,p=1$")
    assert first != second
    assert is_password("plover plinth plenty", first)
    assert not is_password("plover plinth plent", first)
    assert not is_password("plover plinth plenty", None)
    assert not is_password("plover plinth plenty", "no hash")


def test_the_password_of_an_unknown_name_takes_as_long_to_compare() -> None:
    """Its hash is one that argon2 computes in full, at the same cost."""
    of_nobody = secrets._NOBODYS
    with at_full_cost():
        real = password_hash("plover plinth plenty", "chan")
        assert extract_parameters(of_nobody) == extract_parameters(real)
    with pytest.raises(VerifyMismatchError):  # computed, and found to be another
        PasswordHasher().verify(of_nobody, "plover plinth plenty")


@pytest.mark.parametrize(
    ("password", "words"),
    [
        ("", "12 to 200 characters; this one has 0"),
        ("eleven char", "this one has 11"),
        ("x" * (PASSWORD_MAX + 1), "this one has 201"),
        ("my name is CHAN!", "easy to guess"),
        ("aaaaaaaaaaaaaaaa", "easy to guess"),
    ],
)
def test_a_password_that_is_easy_to_guess_is_refused(password: str, words: str) -> None:
    with pytest.raises(InputError, match=words):
        password_hash(password, "chan")


def test_a_secret_is_long_and_never_the_same() -> None:
    assert len({new_secret() for _ in range(100)}) == 100
    assert len(new_secret()) == 43
    assert secret_hash("a") != secret_hash("b")


def test_a_short_name_may_be_part_of_a_password() -> None:
    assert is_password("evening walks along", password_hash("evening walks along", "ng"))
