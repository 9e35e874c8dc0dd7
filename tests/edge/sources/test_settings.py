"""What the settings of every kind of connection have in common."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import urlsplit

import pytest

from domain.errors import InputError
from edge.sources.settings import Identity, check_keys, check_nobody_named, identity_of


def test_each_part_of_an_identity_may_be_left_out(tmp_path: Path) -> None:
    file = tmp_path / "agent.pem"
    file.touch()
    assert identity_of({"user": "", "url": "x"}, "here") == Identity(None, None, None, None)
    given = {"user": "a", "password": "b", "certificate": str(file)}
    assert identity_of(given, "here") == Identity("a", "b", file, None)


def test_a_password_can_stand_in_a_file_of_its_own(tmp_path: Path) -> None:
    file = tmp_path / "filler.password"
    for written, read in (("correct horse\n", "correct horse"), ("密碼\r\n", "密碼")):
        file.write_bytes(written.encode())
        assert identity_of({"password_file": str(file)}, "here").password == read
    for rubbish in (b"", b"\n", b"a\nb\n", b"\xff\xfe", b"x" * 1_001, b"x\n" * 1_000_000):
        file.write_bytes(rubbish)
        with pytest.raises(InputError, match="holds no password") as error:
            identity_of({"password_file": str(file)}, "here")
        assert "on one line" in str(error.value)
    with pytest.raises(InputError, match="a password is given, and a file of one"):
        identity_of({"password": "x", "password_file": str(file)}, "here")
    with pytest.raises(InputError, match="does not exist"):
        identity_of({"password_file": str(tmp_path)}, "here")


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"^here, key: the file '.*/agent\.key' does not exist"):
        identity_of({"key": str(tmp_path / "agent.key")}, "here")


@pytest.mark.parametrize("url", ["x://ann@host", "x://ann:secret@host", "x://:secret@host"])
def test_a_url_with_credentials_would_be_shown_to_everybody(url: str) -> None:
    check_nobody_named(urlsplit("x://host:1"), "here")
    with pytest.raises(InputError, match="user name or password") as error:
        check_nobody_named(urlsplit(url), "here")
    assert "secret" not in str(error.value)


def test_a_key_that_is_none_is_named_with_those_that_are() -> None:
    check_keys({"url": "x"}, ("url", "topic"), "here")
    with pytest.raises(InputError, match=r"^here: unknown setting 'topics'. Use url, topic"):
        check_keys({"topics": "x"}, ("url", "topic"), "here")
