"""The same content gives the same zip, and any program can open it."""

from __future__ import annotations

import hashlib
import subprocess
import time
import zipfile
from pathlib import Path

from lineproof.dossier.zip_file import DossierZip


def make(path: Path) -> dict[str, str]:
    with DossierZip(path) as dossier:
        dossier.add("a.json", b"{}" * 1000)
        dossier.add_stream("batches/x/1.batches", (b"ab", b"", b"cd"))
        dossier.add("attachments/1/報告.pdf", b"%PDF" * 1000)
    return dossier.digests


def test_the_same_content_gives_the_same_bytes(tmp_path: Path) -> None:
    digests = make(tmp_path / "one.zip")
    time.sleep(2.1)  # more than the two seconds that a zip's times can tell apart
    assert make(tmp_path / "two.zip") == digests
    assert (tmp_path / "one.zip").read_bytes() == (tmp_path / "two.zip").read_bytes()


def test_each_file_comes_back_with_its_digest(tmp_path: Path) -> None:
    digests = make(tmp_path / "one.zip")
    with zipfile.ZipFile(tmp_path / "one.zip") as opened:
        assert opened.testzip() is None
        for name, digest in digests.items():
            assert hashlib.sha256(opened.read(name)).hexdigest() == digest
        packed = {it.filename: it.compress_type for it in opened.infolist()}
    assert packed["a.json"] == zipfile.ZIP_DEFLATED
    assert packed["batches/x/1.batches"] == packed["attachments/1/報告.pdf"] == zipfile.ZIP_STORED


def test_another_program_opens_it(tmp_path: Path) -> None:
    make(tmp_path / "one.zip")
    done = subprocess.run(
        ["python3", "-m", "zipfile", "-t", str(tmp_path / "one.zip")],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert "Done testing" in done.stdout
