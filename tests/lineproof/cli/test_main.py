"""A command loads what it needs and nothing else; help loads nothing that takes long."""

from __future__ import annotations

import io
import subprocess
import sys
from pathlib import Path

import polars as pl
import pytest
from bad_batches import panicking_stream
from command_line import lineproof
from peers import ROOT

from lineproof.cli import main

EXAMPLES = ROOT / "docs" / "examples"
# Servers, machines' protocols and statistics: only what serves, reads or charts needs them.
SERVERS = {"fastapi", "starlette", "uvicorn", "asyncua", "amqtt", "paho", "scipy"}
STORES = {"alembic", "duckdb", "influxdb_client", "numpy", "polars", "pydantic", "sqlalchemy"}
TOOLS = {"babel", "holidays", "httpx", "jinja2", "rich", "structlog", "yaml"}


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder with the example's plant and history."""
    folder = tmp_path_factory.mktemp("node") / "data"
    lineproof("apply", "-f", EXAMPLES / "plant.yaml", "--data", folder)
    lineproof("import", "--line", "press-1", EXAMPLES / "history.csv", "--data", folder)
    return folder


def loaded(*arguments: str | Path) -> set[str]:
    """The modules that a process of `lineproof` with these arguments imports, as Python says."""
    done = subprocess.run(
        [sys.executable, "-X", "importtime", "-m", "lineproof", *map(str, arguments)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    assert done.stdout
    lines = [line for line in done.stderr.splitlines() if line.startswith("import time:")]
    return {line.rpartition("|")[2].strip() for line in lines}


@pytest.mark.parametrize("option", ["--help", "-h", "--version"])
def test_help_loads_neither_frames_nor_stores_nor_servers(option: str) -> None:
    modules = loaded(option)
    assert "lineproof.cli.main" in modules
    assert not modules & (SERVERS | STORES | TOOLS)


@pytest.mark.parametrize("command", [("list",), ("check", "packml/opcua")])
def test_profiles_need_no_stores(command: tuple[str, ...]) -> None:
    modules = loaded("profile", *command)
    assert "device_profiles.proving.check" in modules
    assert not modules & (SERVERS | STORES - {"pydantic"})


def test_applying_files_needs_no_servers(tmp_path: Path) -> None:
    modules = loaded("apply", "-f", EXAMPLES / "plant.yaml", "--data", tmp_path / "data")
    assert "lineproof.upkeep.apply" in modules
    assert not modules & SERVERS


def test_importing_text_loads_nothing_that_reads_workbooks(data: Path) -> None:
    modules = loaded("import", "--line", "press-1", EXAMPLES / "history.csv", "--data", data)
    assert "lineproof.history_import.importer" in modules
    assert not modules & (SERVERS | {"fastexcel"})


@pytest.mark.parametrize("options", [(), ("--by", "day", "--json")])
def test_kpis_need_no_servers_and_without_measurements_no_scipy(
    data: Path, options: tuple[str, ...]
) -> None:
    window = ("--start", "2026-03-02", "--end", "2026-03-03")
    modules = loaded("kpi", "--line", "press-1", *window, "--data", data, *options)
    assert "api.queries.kpis" in modules
    assert not modules & (SERVERS | {"httpx"})


def test_a_panic_of_a_library_is_one_sentence_like_any_other_error(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(main, "app", _panicking)
    monkeypatch.setattr(main, "leave_on_signals", lambda: None)  # of the tests' own process
    with pytest.raises(SystemExit) as left:
        main.main()
    assert left.value.code == main.EXIT_INTERNAL
    (sentence,) = [
        it for it in capsys.readouterr().err.splitlines() if "error of the program" in it
    ]
    assert "PanicException" in sentence
    kept = Path(sentence.split("its trace is in ")[1].split(". Please")[0])
    assert "PanicException" in kept.read_text()
    kept.unlink()


class _Panicking:
    info = main.app.info

    def __call__(self, **_: object) -> None:
        pl.read_ipc_stream(io.BytesIO(panicking_stream()))


_panicking = _Panicking()
