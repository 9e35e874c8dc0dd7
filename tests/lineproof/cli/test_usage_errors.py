"""Wrong usage is one sentence: what, where, what to do; with the name that was probably meant."""

from __future__ import annotations

import pytest
from command_line import lineproof, refused, run

WINDOW = ("--start", "2026-03-02", "--end", "2026-03-03")


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (
            ("kpi", "--staart", "2026-03-02"),
            "lineproof: --staart: no such option of 'lineproof kpi'. Did you mean '--start'?",
        ),
        (
            ("profile", "list", "--jsn"),
            "lineproof: --jsn: no such option of 'lineproof profile list'. Did you mean '--json'?",
        ),
        (
            ("doctor", "--wholly-other"),
            "lineproof: --wholly-other: no such option of 'lineproof doctor'. "
            "Known are: --data, --url, --token, --config, --listen, --port, --json, --help, -h.",
        ),
        (
            ("kpi", "--end", "2026-03-03"),
            "lineproof: --start: 'lineproof kpi' needs this option. "
            "Give it: ISO 8601; without offset in the plant's zone.",
        ),
        (
            ("import", "--data", "d", "--line", "l"),
            "lineproof: FILES: 'lineproof import' needs this argument. "
            "Give it: CSV, Excel (.xlsx) or Parquet: time, machine, signal, value.",
        ),
        (
            ("stops", "--line", "l", *WINDOW, "--level", "0"),
            "lineproof: --level: '0' should be greater than or equal to 1. "
            "What it is: Level of the reason tree in the Paretos: 1 for its roots.",
        ),
        (
            ("demo", "--port", "eighty"),
            "lineproof: --port: 'eighty' should be a valid integer. "
            "What it is: Port of API and pages.",
        ),
        (
            ("completion", "tcsh"),
            "lineproof: SHELL: 'tcsh' is not one of 'bash', 'zsh', 'fish'. "
            "What it is: bash, zsh or fish.",
        ),
        (
            ("kpi", "--start"),
            "lineproof: --start: needs a value. Give it behind the name: --start …",
        ),
        (
            ("doctor", "--json=yes"),
            "lineproof: --json: takes no value. Give --json alone.",
        ),
        (
            ("doctor", "--data", "d", "more"),
            "lineproof: 'lineproof doctor': got unexpected extra argument(s) (more). "
            "See 'lineproof doctor --help'.",
        ),
        (
            ("kpis", *WINDOW),
            "lineproof: 'lineproof': no such command 'kpis'. Did you mean 'kpi'?",
        ),
        (
            ("profile", "lsit"),
            "lineproof: 'lineproof profile': no such command 'lsit'. Did you mean 'list'?",
        ),
        (
            ("weather",),
            "lineproof: 'lineproof': no such command 'weather'. See 'lineproof --help'.",
        ),
    ],
)
def test_wrong_usage_is_one_sentence(arguments: tuple[str, ...], sentence: str) -> None:
    assert refused(*arguments) == sentence


@pytest.mark.parametrize("group", [(), ("profile",), ("document",)])
def test_no_command_at_all_shows_which_there_are(group: tuple[str, ...]) -> None:
    outcome = run(*group)
    assert outcome.status == 2
    assert outcome.output == ""
    assert "Commands:" in outcome.errors


def test_what_only_asks_leaves_with_0() -> None:
    assert lineproof("--version").output.strip()
    assert "--start" in lineproof("kpi", "--help").output
