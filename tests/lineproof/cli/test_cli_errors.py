"""Each mistake gives one clear sentence, exit status 2, and says what was changed: nothing."""

from __future__ import annotations

import shutil
import socket
from pathlib import Path

import pytest
from command_line import answer, node, refused, run
from peers import ROOT, free_port

EXAMPLES = ROOT / "docs" / "examples"


@pytest.fixture
def files(tmp_path: Path) -> Path:
    """A copy of the example files, to be spoilt."""
    return Path(shutil.copytree(EXAMPLES, tmp_path / "files"))


@pytest.fixture
def applied(files: Path, tmp_path: Path) -> Path:
    """A data folder with the examples applied."""
    data = tmp_path / "node"
    answer("apply", "-f", files / "plant.yaml", "-f", files / "grant.yaml", "--data", data)
    return data


def _spoil(file: Path, old: str, new: str) -> int:
    """Replace the first occurrence; the number of its line."""
    text = file.read_text(encoding="utf-8")
    assert old in text
    file.write_text(text.replace(old, new, 1), encoding="utf-8")
    return text[: text.index(old)].count("\n") + 1


def test_a_misspelt_key_names_file_line_and_field(files: Path, tmp_path: Path) -> None:
    line = _spoil(files / "plant.yaml", "ideal_cycle_time_s", "ideal_cycle_time")
    sentence = refused("apply", "-f", files / "plant.yaml", "--data", tmp_path / "node")
    assert f"plant.yaml, line {line}" in sentence
    assert "Did you mean 'ideal_cycle_time_s'?" in sentence
    assert "Nothing was changed." in sentence


def test_an_error_in_the_second_file_leaves_the_first_one_out(files: Path, tmp_path: Path) -> None:
    data = tmp_path / "node"
    _spoil(files / "grant.yaml", "due:", "do:")
    plant, grant = files / "plant.yaml", files / "grant.yaml"
    refused("apply", "-f", plant, "-f", grant, "--data", data)
    changes = answer("apply", "-f", plant, "--data", data)["changes"]
    assert any("new" in change for change in changes)


def test_a_grant_for_a_line_that_does_not_exist(files: Path, tmp_path: Path) -> None:
    _spoil(files / "grant.yaml", "lines: [press-1]", "lines: [press-2]")
    sentence = refused(
        "apply", "-f", files / "grant.yaml", "-f", files / "plant.yaml", "--data", tmp_path / "n"
    )
    assert "has no line 'press-2'" in sentence
    assert "Did you mean 'press-1'?" in sentence
    assert "Nothing was changed." in sentence
    assert "grant.yaml, line" in sentence


def test_a_profile_that_does_not_exist(files: Path, tmp_path: Path) -> None:
    _spoil(files / "plant.yaml", "profile: import", "profile: packml/opcu")
    sentence = refused("apply", "-f", files / "plant.yaml", "--data", tmp_path / "node")
    assert "plant.yaml, line" in sentence
    assert "Did you mean 'packml/opcua'?" in sentence


def test_a_profile_with_an_unknown_signal(tmp_path: Path) -> None:
    source = ROOT / "device_profiles" / "shelly" / "pro3em-mqtt" / "profile.yaml"
    own = tmp_path / "profile.yaml"
    shutil.copy(source, own)
    line = _spoil(own, "  power: {input: power", "  powr: {input: power")
    sentence = refused("profile", "check", own)
    assert f"profile.yaml, line {line}" in sentence
    assert "powr" in sentence


def test_a_file_with_a_bad_row_is_not_imported(files: Path, applied: Path) -> None:
    history = files / "history.csv"
    rows = history.read_text().splitlines()
    rows[3] = rows[3].replace(rows[3].split(",")[0], "yesterday")
    history.write_text("\n".join(rows) + "\n")
    sentence = refused("import", "--data", applied, "--line", "press-1", history)
    assert "history.csv" in sentence
    assert "yesterday" in sentence
    assert "4" in sentence
    assert "Nothing was changed." in sentence


def test_a_line_that_does_not_exist(applied: Path) -> None:
    window = ("--start", "2026-03-02", "--end", "2026-03-03")
    sentence = refused("kpi", "--data", applied, "--line", "pres-1", *window)
    assert "Did you mean 'press-1'?" in sentence


def test_a_time_that_is_none_names_the_option(applied: Path) -> None:
    sentence = refused(
        "kpi", "--data", applied, "--line", "press-1", "--start", "noon", "--end", "2026-03-03"
    )
    assert "start" in sentence
    assert "'noon'" in sentence


def test_a_data_folder_that_is_not_there(tmp_path: Path) -> None:
    sentence = refused("milestones", "--data", tmp_path / "nowhere", "--project", "X")
    assert str(tmp_path / "nowhere") in sentence
    assert not (tmp_path / "nowhere").exists()


def test_neither_data_nor_url(tmp_path: Path) -> None:
    sentence = refused("milestones", "--project", "X")
    assert "--data" in sentence
    assert "--url" in sentence


def test_a_node_that_does_not_answer() -> None:
    sentence = refused("milestones", "--project", "X", "--url", f"http://127.0.0.1:{free_port()}")
    assert "does not answer" in sentence


def test_a_file_of_neither_kind(tmp_path: Path) -> None:
    other = tmp_path / "other.yaml"
    other.write_text("name: x\n")
    assert "neither" in refused("apply", "-f", other, "--data", tmp_path / "node")


@pytest.mark.parametrize("command", ["demo", "up"])
def test_a_busy_port_is_told_before_anything_is_done(
    command: str, files: Path, tmp_path: Path
) -> None:
    data = tmp_path / "node"
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        options = ["--port", str(port), "--data", str(data)]
        if command == "demo":
            options.append("--no-browser")
        else:
            options += ["--plant", str(files / "plant.yaml")]
        sentence = refused(command, *options)
    assert f"port {port}" in sentence
    assert "--port" in sentence
    assert not data.exists()


def test_a_data_folder_that_another_node_owns(files: Path, applied: Path) -> None:
    """While a node runs the folder is its own; the sentence says how to ask the node."""
    with node(applied, files / "plant.yaml"):
        for arguments in (
            ("apply", "-f", files / "plant.yaml", "--data", applied),
            ("doctor", "--data", applied),
            ("up", "--plant", files / "plant.yaml", "--data", applied, "--port", str(free_port())),
        ):
            sentence = refused(*arguments)
            assert str(applied) in sentence
            assert "in use by process" in sentence
            assert "--url" in sentence


def test_a_folder_that_cannot_be_written(files: Path, tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_text("in the way")
    sentence = refused("apply", "-f", files / "plant.yaml", "--data", file)
    assert str(file) in sentence


def test_wrong_usage_is_two(tmp_path: Path) -> None:
    outcome = run("kpi", "--data", tmp_path, "--nonsense")
    assert outcome.status == 2
    assert "--nonsense" in outcome.errors


def test_an_unforeseen_error_is_a_sentence_with_the_place_of_its_trace(applied: Path) -> None:
    """The registry's file is no database: nobody foresaw that, or it has a sentence of its own."""
    (applied / "registry.sqlite").write_bytes(b"not a database, and long enough to be read" * 99)
    outcome = run("milestones", "--data", applied, "--project", "X")
    assert outcome.status in (2, 70)
    assert "Traceback" not in outcome.errors
    assert len(outcome.errors.strip().splitlines()) == 1
