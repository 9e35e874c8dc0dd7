"""Encodings: seen where they are certain, else told with what the line would read as."""

from __future__ import annotations

import codecs
from pathlib import Path

import pytest

from domain.errors import InputError
from lineproof.history_import.formats import text_files
from lineproof.history_import.formats.text_files import (
    blocks,
    encoding_of,
    known_encoding,
    told_apart,
)

TEXT = "time,value\r\n2026-03-02,停機\rx,y\n"
LINES = "time,value\n2026-03-02,停機\nx,y\n"


@pytest.mark.parametrize("size", [1, 3, 7, None])
@pytest.mark.parametrize(
    ("encoding", "mark"),
    [
        ("utf-8", b""),
        ("utf-8", codecs.BOM_UTF8),
        ("utf-16-le", codecs.BOM_UTF16_LE),
        ("utf-16-be", codecs.BOM_UTF16_BE),
        ("utf-32-le", codecs.BOM_UTF32_LE),
    ],
)
def test_what_is_certain_is_read_by_itself(
    tmp_path: Path, encoding: str, mark: bytes, size: int | None
) -> None:
    path = written(tmp_path, mark + TEXT.encode(encoding))
    assert read(path, encoding_of(path), size) == LINES


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
def test_utf_16_without_a_mark_is_seen_by_its_zero_bytes(tmp_path: Path, encoding: str) -> None:
    path = written(tmp_path, ("time,machine,signal,value\n" * 3 + "停").encode(encoding))
    assert encoding_of(path) == encoding


@pytest.mark.parametrize("encoding", ["gb18030", "big5", "big5hkscs", "cp1252"])
def test_others_are_not_guessed_but_taken_when_named(tmp_path: Path, encoding: str) -> None:
    word = "Störung" if encoding == "cp1252" else "停機"
    text = f"time,value\n1,x\n2,{word}\n"
    path = written(tmp_path, text.encode(encoding))
    with pytest.raises(InputError) as caught:
        read(path, encoding_of(path))
    said = str(caught.value)
    assert f"{path}, line 3: the text is not UTF-8" in said
    assert f"reads '…2,{word}'" in said
    assert "--encoding" in said
    assert read(path, encoding_of(path, encoding)) == text


def test_a_named_encoding_that_does_not_fit_is_told(tmp_path: Path) -> None:
    path = written(tmp_path, b"a\nb\xff\xff\n")
    with pytest.raises(InputError, match="line 2: the text is not gb18030"):
        read(path, encoding_of(path, "gb18030"))
    with pytest.raises(InputError, match="'klingon' is no encoding of text"):
        known_encoding("klingon")
    with pytest.raises(InputError, match="'base64' is no encoding of text"):
        known_encoding("base64")


def test_zero_bytes_are_no_text(tmp_path: Path) -> None:
    path = written(tmp_path, b"a\nb\0c\n")
    with pytest.raises(InputError, match="line 2: there are zero bytes"):
        read(path, encoding_of(path))


def test_blocks_know_their_lines(tmp_path: Path) -> None:
    path = written(tmp_path, b"a\nb\nc")
    assert [(it.text, it.line) for it in blocks(path, "utf-8", 3)] == [
        ("a\n", 1),
        ("b\n", 2),
        ("c", 3),
    ]


def written(folder: Path, data: bytes) -> Path:
    path = folder / "history.csv"
    path.write_bytes(data)
    return path


def read(path: Path, encoding: str, size: int | None = None) -> str:
    return "".join(block.text for block in blocks(path, encoding, size))


def test_a_line_without_end_is_told_before_it_fills_the_memory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(text_files, "LINE_MAX", 1_000)
    path = tmp_path / "a.csv"
    path.write_text("time,value\n" + "x" * 1_000_000)
    found = blocks(path, "utf-8", size=500)
    assert next(found).text == "time,value\n"
    with pytest.raises(InputError, match=r"a\.csv, line 2: this line has more than 1,000 char"):
        list(found)


def test_columns_are_told_apart_by_their_place() -> None:
    assert told_apart(["a", "", "a", "b", ""]) == (
        "a",
        "(column 2)",
        "a (column 3)",
        "b",
        "(column 5)",
    )
    assert told_apart(["b", "b (column 3)", "b"])[2] == "b (column 3) (column 3)"
    assert len(told_apart(["x"] * 16_384)) == 16_384
