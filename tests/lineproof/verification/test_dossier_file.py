"""A zip from outside is looked at before anything of it is unpacked."""

from __future__ import annotations

import struct
import warnings
import zipfile
from pathlib import Path

import pytest

from domain.errors import InputError
from lineproof.dossier import paths
from lineproof.verification.dossier_file import DossierFile
from lineproof.verification.verify import verify_dossier

NEEDED = {paths.MANIFEST: b"", paths.ABOUT: b"{}"}


def zip_of(path: Path, files: dict[str, bytes], kind: int = zipfile.ZIP_DEFLATED) -> Path:
    with zipfile.ZipFile(path, "w", kind) as made:
        for name, data in files.items():
            made.writestr(name, data)
    return path


@pytest.mark.parametrize(
    "name",
    [
        "../x", "/etc/passwd", "facts/../../x.csv", "facts/..csv/x", "facts/a/b.csv", "x.exe",
        "facts\\x.csv", "report.fr.pdf", "terms/abc.json", "verdicts.json ", "attachments/x.pdf",
        "attachments/" + "a" * 64 + "/..", "VERDICTS.json",
    ],
)  # fmt: skip
def test_a_path_that_no_dossier_has_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(InputError, match="no dossier"):
        DossierFile(zip_of(tmp_path / "x.zip", {**NEEDED, name: b"x"}))


@pytest.mark.parametrize("others", [{}, {"facts/press.parquet": b"of a later dossier"}])
def test_a_dossier_of_a_later_version_is_said_to_be_so(
    tmp_path: Path, others: dict[str, bytes]
) -> None:
    about = {paths.ABOUT: b'{"format": "lineproof-dossier/2"}'}
    with pytest.raises(InputError, match=r"by a later version of Lineproof \(format 2; .* knows 1"):
        verify_dossier(zip_of(tmp_path / "x.zip", {**NEEDED, **about, **others}))


def test_two_files_of_one_name_are_refused(tmp_path: Path) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        with zipfile.ZipFile(tmp_path / "x.zip", "w") as made:
            for name in (*NEEDED, paths.ABOUT):
                made.writestr(name, b"{}")
    with pytest.raises(InputError, match=r"two files 'project\.json'"):
        DossierFile(tmp_path / "x.zip")


def test_a_bomb_is_refused_before_it_is_unpacked(tmp_path: Path) -> None:
    bomb = zip_of(tmp_path / "x.zip", {**NEEDED, paths.VERDICTS: b"\0" * (200 << 20)})
    assert bomb.stat().st_size < 1 << 20
    # Of one so large the ratio alone says nothing yet; what it would become does.
    data = bytearray(bomb.read_bytes())
    at = data.rindex(b"verdicts.json") - 46
    data[at + 24 : at + 28] = struct.pack("<I", 4_000_000_000)
    bomb.write_bytes(bytes(data))
    with pytest.raises(InputError, match="would become 4,000,000,000 bytes"):
        DossierFile(bomb)


def test_other_kinds_of_packing_are_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="packed in another way"):
        DossierFile(zip_of(tmp_path / "x.zip", NEEDED, zipfile.ZIP_LZMA))


@pytest.mark.parametrize("data", [b"", b"PK", b"rubbish" * 100, b"PK\x05\x06" + b"\0" * 18])
def test_what_is_no_zip_of_a_dossier_says_so(tmp_path: Path, data: bytes) -> None:
    (tmp_path / "x.zip").write_bytes(data)
    with pytest.raises(InputError, match="no dossier"):
        DossierFile(tmp_path / "x.zip")


def test_a_folder_or_nothing_says_so(tmp_path: Path) -> None:
    for path in (tmp_path, tmp_path / "none.zip"):
        with pytest.raises(InputError, match="no such file"):
            DossierFile(path)


def test_a_damaged_file_in_it_is_named(tmp_path: Path) -> None:
    path = zip_of(tmp_path / "x.zip", {**NEEDED, paths.VERDICTS: b"verdict" * 50})
    data = bytearray(path.read_bytes())
    at = data.index(b"verdicts.json") + len("verdicts.json")
    for offset in range(8):
        data[at + offset] ^= 0x55
    path.write_bytes(bytes(data))
    with DossierFile(path) as dossier, pytest.raises(InputError, match=r"verdicts\.json"):
        dossier.read(paths.VERDICTS)
