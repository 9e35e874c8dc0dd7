"""Which certificate of a server is believed: the one that was named, listed or met first."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from certificates import make_certificate
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from report_certificates import office, root

from domain.errors import StorageError
from domain.source_faults import Cause
from edge.sources.base import MisconfiguredError
from edge.sources.opcua.server_trust import check_server, keep_server
from edge.sources.opcua.settings import opcua_settings
from edge.sources.runner import LinkError

SETTINGS = opcua_settings({"url": "opc.tcp://10.0.0.5:4840", "security": "Basic256Sha256"}, "m")


def shown(folder: Path, name: str) -> x509.Certificate:
    made = make_certificate(folder, name)
    return x509.load_pem_x509_certificate(made.certificate.read_bytes())


def test_the_first_one_is_kept_and_another_refused(tmp_path: Path) -> None:
    first, other = shown(tmp_path, "first"), shown(tmp_path, "other")
    kept = tmp_path / "servers" / "a.der"
    check_server(SETTINGS, first, kept)
    keep_server(SETTINGS, first, kept)
    keep_server(SETTINGS, other, kept)
    check_server(SETTINGS, first, kept)
    with pytest.raises(LinkError, match=r"another .* agent first met it") as error:
        check_server(SETTINGS, other, kept)
    assert error.value.status == Cause.UNTRUSTED
    assert f"remove {kept}" in str(error.value)
    kept.unlink()
    check_server(SETTINGS, other, kept)


def test_a_named_one_is_the_only_one(tmp_path: Path) -> None:
    first, other = shown(tmp_path, "first"), shown(tmp_path, "other")
    settings = replace(SETTINGS, server_certificate=tmp_path / "first.pem")
    kept = tmp_path / "a.der"
    check_server(settings, first, kept)
    keep_server(settings, first, kept)
    assert not kept.exists()
    with pytest.raises(LinkError, match=r"than the one in .*first\.pem"):
        check_server(settings, other, kept)


def test_listed_ones_and_those_that_they_issued(tmp_path: Path) -> None:
    """In PEM or DER, whatever the files are called; none that only says who issued it."""
    listed, other = shown(tmp_path, "listed"), shown(tmp_path, "other")
    folder = tmp_path / "trusted"
    folder.mkdir()
    settings = replace(SETTINGS, trusted_servers=folder)
    kept = tmp_path / "a.der"
    with pytest.raises(LinkError, match="none of them issued it"):
        check_server(settings, listed, kept)
    (folder / "press.crt").write_bytes(listed.public_bytes(Encoding.DER))
    (folder / "authority").write_bytes(root().certificate.public_bytes(Encoding.PEM))
    for it in (listed, office().certificate):
        check_server(settings, it, kept)
    with pytest.raises(LinkError, match="none of them issued it"):
        check_server(settings, other, kept)
    (folder / "readme.txt").write_text("these are trusted")
    with pytest.raises(MisconfiguredError, match="this is no certificate"):
        check_server(settings, listed, kept)


def test_where_nothing_can_be_kept_it_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(StorageError, match="a data folder that it may write to"):
        keep_server(SETTINGS, shown(tmp_path, "x"), tmp_path / "file" / "a.der")
