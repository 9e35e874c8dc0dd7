"""The page about history files: its example is taken in, and it names every signal."""

from __future__ import annotations

import re
from pathlib import Path

from typer.testing import CliRunner

from domain.signals import SIGNALS
from lineproof.cli.main import app

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs" / "import.md").read_text(encoding="utf-8")


def test_the_example_is_taken_in_whole(tmp_path: Path) -> None:
    (example,) = re.findall(r"^```csv\n(.*?)^```", PAGE, flags=re.MULTILINE | re.DOTALL)
    history = tmp_path / "history.csv"
    history.write_text(example, encoding="utf-8")
    node, plant = str(tmp_path / "node"), ROOT / "docs" / "examples" / "plant.yaml"
    for words in (
        ["apply", "-f", str(plant), "--data", node],
        ["import", "--data", node, "--line", "press-1", str(history)],
    ):
        done = CliRunner().invoke(app, words)
        assert done.exit_code == 0, done.output
    assert f"{len(example.splitlines()) - 1} rows" in done.output


def test_every_signal_is_named() -> None:
    assert [name for name in SIGNALS if f"`{name}`" not in PAGE] == []
