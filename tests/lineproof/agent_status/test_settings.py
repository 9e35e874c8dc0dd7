"""Whom the page is shown: this machine in the open, others only with a password, a name and TLS."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from certificates import make_certificate

from domain.errors import InputError
from edge.config import StatusPage
from lineproof.agent_status.settings import status_password, status_serving
from lineproof.clock import utc_now


def page(**given: Any) -> StatusPage:
    return StatusPage.model_validate({"port": 9090, **given})


def test_on_this_machine_alone_it_needs_nothing(tmp_path: Path) -> None:
    for listen in ("127.0.0.1", "::1", "localhost"):
        assert status_password(page(listen=listen)) is None
        assert status_serving(page(listen=listen), tmp_path, utc_now).files is None
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("listen", ["0.0.0.0", "::", "192.0.2.10"])
def test_beyond_it_the_sentence_says_how(listen: str, tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"password_file: FILE.*ssh -L 9090:127\.0\.0\.1:9090"):
        status_password(page(listen=listen, hosts=["agent.factory"]))
    with pytest.raises(InputError, match=r"hosts: \[agent\.factory, 192\.0\.2\.10\]"):
        status_serving(page(listen=listen), tmp_path, utc_now)


def test_beyond_it_there_is_tls_by_a_certificate_of_its_own(tmp_path: Path) -> None:
    serving = status_serving(page(listen="0.0.0.0", hosts=["agent.factory"]), tmp_path, utc_now)
    assert serving.scheme == "https"
    assert serving.files is not None
    assert serving.files.certificate.is_relative_to(tmp_path)


def test_or_by_one_that_is_given(tmp_path: Path) -> None:
    made = make_certificate(tmp_path, "agent")
    given = page(
        listen="0.0.0.0", hosts=["agent.factory"], certificate=made.certificate, key=made.key
    )
    files = status_serving(given, tmp_path, utc_now).files
    assert files is not None
    assert (files.certificate, files.key) == (made.certificate, made.key)


def test_a_password_is_read_from_its_file(tmp_path: Path) -> None:
    file = tmp_path / "password"
    file.write_text("sixteen letters!\n")
    assert status_password(page(listen="0.0.0.0", password_file=file)) == "sixteen letters!"


@pytest.mark.parametrize(
    "text", ["", "short", "fifteen letters", "two\nlines of a password", "x" * 300]
)
def test_a_file_that_holds_none_is_refused(tmp_path: Path, text: str) -> None:
    file = tmp_path / "password"
    file.write_text(text)
    with pytest.raises(InputError, match="holds no password of 16 to 200 characters"):
        status_password(page(password_file=file))


def test_a_file_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="cannot be read"):
        status_password(page(password_file=tmp_path / "none"))
