"""What a session that lasts is subscribed to, kept over changes of the profile."""

from __future__ import annotations

from pathlib import Path

import pytest

from edge.sources.mqtt.kept_subscriptions import KeptSubscriptions


def test_what_was_written_is_read(tmp_path: Path) -> None:
    file = tmp_path / "mqtt" / "a.json"
    assert KeptSubscriptions(file).read() == set()
    KeptSubscriptions(file).write(["b/#", "a/b", "a/b"])
    assert KeptSubscriptions(file).read() == {"a/b", "b/#"}
    written = file.stat().st_mtime_ns
    KeptSubscriptions(file).write(["a/b", "b/#"])
    assert file.stat().st_mtime_ns == written


@pytest.mark.parametrize("text", ["", "{", "{}", "[1, null]", "[" * 9_999, "5", "\ud800"])
def test_a_file_that_says_nothing_costs_nothing(tmp_path: Path, text: str) -> None:
    file = tmp_path / "a.json"
    file.write_bytes(text.encode("utf-8", "surrogatepass"))
    assert KeptSubscriptions(file).read() == set()


def test_a_folder_that_cannot_be_written_costs_no_connection(tmp_path: Path) -> None:
    (tmp_path / "mqtt").write_text("a file")
    KeptSubscriptions(tmp_path / "mqtt" / "a.json").write(["a"])


def test_of_a_session_that_does_not_last_nothing_is_kept() -> None:
    kept = KeptSubscriptions(None)
    kept.write(["a"])
    assert kept.read() == set()
