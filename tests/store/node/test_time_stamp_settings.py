"""The file that names time stamp authorities; what cannot be meant so is said with its line."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from stamping import stamping_authority

from domain.errors import InputError
from store.node.time_stamp_settings import read_authorities, read_certificates

ONE = "authorities:\n  - {name: hkpost, address: 'http://tsa.example/tsr', roots: r.pem}\n"


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    return stamping_authority(tmp_path_factory.mktemp("tsa") / "a").root.read_bytes()


@pytest.fixture
def path(tmp_path: Path, root: bytes) -> Path:
    (tmp_path / "r.pem").write_bytes(root)
    return tmp_path / "timestamps.yaml"


def test_without_a_file_there_is_none(path: Path) -> None:
    assert read_authorities(path) == []


@pytest.mark.parametrize(("every", "hours"), [("", 24), ("every: day\n", 24), ("every: hour\n", 1)])
def test_an_authority_is_asked_each_hour_or_day(path: Path, every: str, hours: int) -> None:
    path.write_text(every + ONE)
    (found,) = read_authorities(path)
    assert (found.name, found.address) == ("hkpost", "http://tsa.example/tsr")
    assert found.every == timedelta(hours=hours)
    assert [it.subject.rfc4514_string() for it in found.roots] == ["CN=Root of Test TSA"]


def test_a_file_may_have_several_roots(path: Path, root: bytes) -> None:
    path.with_name("r.pem").write_bytes(root + root)
    assert len(read_certificates(path.with_name("r.pem"))) == 2


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("every: week\n", "'every'"),
        ("- a\n", "must be"),
        (ONE.replace("http:", "ftp:"), "is no address"),
        (ONE.replace("hkpost", "../x"), "name"),
        (ONE.replace("roots", "root"), "Did you mean 'roots'"),
        (ONE + ONE.partition("\n")[2], "two authorities 'hkpost'"),
        (ONE.replace("r.pem", "none.pem"), "there is no such file"),
        (ONE.replace("r.pem", "timestamps.yaml"), "no file of certificates"),
        ("\udcff", "no text in UTF-8"),
    ],
)
def test_what_cannot_be_meant_so_is_said(path: Path, text: str, says: str) -> None:
    path.write_bytes(text.encode("utf-8", "surrogateescape"))
    with pytest.raises(InputError, match=says) as refused:
        read_authorities(path)
    assert str(path.parent) in refused.value.where
