"""A new user's wrong input to each command: one sentence with what to do, and nothing changed.

What the journeys try too (tests/journeys/test_errors.py) is not repeated here.
"""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from command_line import lineproof, refused
from peers import ROOT

LINE = ("--line", "press-1")
DAY = ("--start", "2026-03-02", "--end", "2026-03-03")
BACKWARD = ("--start", "2026-03-03", "--end", "2026-03-02")
NO_FOLDER = ("there is no data folder", "'lineproof apply'")
NO_TIME = ("'noon' is not a time", "ISO 8601")
TO_COME = ("has not come yet", "Give a time that has passed")
# As the plant's clocks show it, not in UTC.
NO_WINDOW = ("2026-03-02T00:00:00+08:00, not after its start 2026-03-03T00:00:00+08:00",)
REASON = ("--author", "Ann", "--kind", "reason", "--reason", "jam")


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the examples, applied in `data`, and files that are not what they seem."""
    folder = tmp_path_factory.mktemp("home")
    for file in ("plant.yaml", "grant.yaml", "history.csv"):
        shutil.copy(ROOT / "docs" / "examples" / file, folder)
    files = ("-f", folder / "plant.yaml", "-f", folder / "grant.yaml")
    lineproof("apply", *files, "--data", folder / "data")
    (folder / "letters").mkdir()
    (folder / "empty.csv").touch()
    (folder / "empty.yaml").touch()
    (folder / "folder.csv").mkdir()
    (folder / "noise.csv").write_bytes(b"\xff\x00\xfe" * 99)
    return folder


@pytest.mark.parametrize(
    "command",
    [
        ("kpi", *LINE, *DAY),
        ("stops", *LINE, *DAY),
        ("spc", *LINE, *DAY, "--measurement", "m"),
        ("milestones", "--project", "X"),
        ("correct", *LINE, *REASON, *DAY),
        ("corrections", *LINE),
        ("freeze", *LINE, *DAY, "--author", "Ann"),
        ("frozen", *LINE),
        ("import", *LINE, "plant.yaml"),
        ("document", "add", "--project", "X", "--milestone", "M1", ROOT / "README.md"),
        ("doctor",),
        ("rebuild",),
    ],
)
def test_a_data_folder_that_is_not_there_is_not_made(
    tmp_path: Path, command: tuple[str | Path, ...]
) -> None:
    says(refused(*command, "--data", tmp_path / "typo"), str(tmp_path / "typo"), *NO_FOLDER)
    assert not (tmp_path / "typo").exists()


@pytest.mark.parametrize("command", [("apply", "-f"), ("up", "--plant")])
def test_a_plant_that_cannot_be_used_leaves_no_data_folder(
    home: Path, tmp_path: Path, command: tuple[str, ...]
) -> None:
    said = refused(*command, home / "empty.yaml", "--data", tmp_path / "new")
    says(said, "empty.yaml", "Nothing was changed.")
    assert not (tmp_path / "new").exists()


@pytest.mark.parametrize("command", [("kpi", *LINE, *DAY), ("rebuild",), ("doctor",)])
def test_a_folder_of_other_things_stays_as_it_is(home: Path, command: tuple[str, ...]) -> None:
    says(refused(*command, "--data", home / "letters"), "letters", "holds no node's data")
    assert not list((home / "letters").iterdir())


def test_a_file_is_no_data_folder(home: Path) -> None:
    says(refused("doctor", "--data", home / "plant.yaml"), "plant.yaml", "a file", "folder's path")


@pytest.mark.parametrize(
    ("command", "said"),
    [
        (("stops", "--line", "pres-1", *DAY), ("'pres-1'", "Did you mean 'press-1'?")),
        (("stops", *LINE, *BACKWARD), NO_WINDOW),
        (("stops", *LINE, "--start", "noon", "--end", "2026-03-03"), NO_TIME),
        (("stops", *LINE, *DAY, "--method", "best"), ("'best'", "iso22400")),
        (("stops", *LINE, *DAY, "--lang", "de"), ("'de'", "zh-Hant")),
        (("kpi", *LINE, *BACKWARD), NO_WINDOW),
        (("kpi", *LINE, "--start", "0001-01-01", "--end", "9999-12-31"), ("'0001-01-01'", "year")),
        (("kpi", *LINE, *DAY, "--as-known-at", "noon"), NO_TIME),
        (("kpi", *LINE, "--start", "2999-01-01", "--end", "2999-01-02"), TO_COME),
        (("stops", *LINE, "--start", "2999-01-01", "--end", "2999-01-02"), TO_COME),
        (("spc", "--line", "pres-1", *DAY, "--measurement", "m"), ("Did you mean 'press-1'?",)),
        (("spc", *LINE, *DAY, "--measurement", "m"), ("no measurement 'm'",)),
        (("milestones", "--project", "NIFS-2026-001", "--as-of", "noon"), NO_TIME),
        (("milestones", "--project", "NIFS-2026-001", "--as-of", "2999-12-31"), TO_COME),
        (("correct", *LINE, *REASON, *BACKWARD), ("not after its start",)),
        (("correct", *LINE, *REASON, "--start", "noon"), NO_TIME),
        (("correct", *LINE, *REASON, *DAY), ("there is no reason 'jam'",)),
        (("correct", "--author", "Ann", "--withdraw", "x"), ("there is no correction 'x'",)),
        (("corrections", "--line", "pres-1"), ("Did you mean 'press-1'?",)),
        (("corrections", *LINE, "--as-known-at", "noon"), NO_TIME),
        (("freeze", *LINE, *BACKWARD, "--author", "Ann"), ("not after its start",)),
        (("freeze", *LINE, *DAY, "--author", " "), ("author", "nobody")),
        (("import", *LINE, "empty.csv"), ("empty.csv", "empty", "columns time")),
        (("import", *LINE, "folder.csv"), ("folder.csv",)),
        (("import", *LINE, "noise.csv"), ("noise.csv",)),
        (("import", *LINE, "plant.yaml"), ("plant.yaml", ".csv or .parquet")),
        (("import", *LINE, "history.csv", "--encoding", "x"), ("--encoding: 'x'", "gb18030")),
        (("import", *LINE, "history.csv", "--map", "empty.csv"), ("empty.csv",)),
        (("import", *LINE, "history.csv", "--map", "none.yaml"), ("none.yaml", "no such file")),
        (("import", *LINE, "missing.csv"), ("missing.csv", "no such file")),
        (("import", *LINE, "history.csv", "--until", "noon"), NO_TIME),
        (("import", *LINE, "history.csv", "--until", "2999-01-01"), TO_COME),
        (("import", *LINE, "history.csv", "--until", "2026-01-01"), ("2026-01-01T00:00:00+08:00",)),
        (("apply", "-f", "folder.csv"), ("folder.csv", "Is a directory")),
        (("apply", "-f", "empty.yaml"), ("empty.yaml", "neither a plant file nor a grant file")),
    ],
)
def test_wrong_input_is_one_sentence(
    home: Path, command: tuple[str, ...], said: tuple[str, ...]
) -> None:
    files = [word for word in command if word.endswith((".csv", ".yaml"))]
    given = [home / word if word in files else word for word in command]
    says(refused(*given, "--data", home / "data"), *said)


@pytest.mark.parametrize(
    ("command", "name", "said"),
    [
        ("show", "no/such", "Or give the path of a profile's file"),
        ("check", "missing.yaml", "Give the path of a profile's file"),
        ("check", "empty.yaml", "must be keys with values, not nothing"),
        ("show", "letters", "there is no profile.yaml"),
        ("show", "", "there is no profile.yaml"),
    ],
)
def test_a_profile_that_is_none(home: Path, command: str, name: str, said: str) -> None:
    given = home / name if name in ("empty.yaml", "letters") else name
    says(refused("profile", command, given), said)


@pytest.mark.parametrize("url", ["127.0.0.1:8080", "nonsense", "", "http://[::1", "file:///etc"])
def test_an_address_that_is_none(url: str) -> None:
    sentence = refused("kpi", *LINE, *DAY, "--url", url)
    says(sentence, f"--url: '{url}' is not the address of a node", "http://")


@pytest.mark.parametrize("token", ["secret…", "secret\nsecret", "secret words"])
def test_a_token_that_cannot_be_one_is_not_shown(token: str) -> None:
    sentence = refused("kpi", *LINE, *DAY, "--url", "http://127.0.0.1:1", "--token", token)
    says(sentence, "the token has characters that no token has", "Copy it again")
    assert "secret" not in sentence


def says(sentence: str, *parts: str) -> None:
    for part in parts:
        assert part in sentence
