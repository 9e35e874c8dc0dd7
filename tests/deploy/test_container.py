"""Container and compose file, as far as they can be looked at without an engine."""

from __future__ import annotations

import re
import shutil
import subprocess

import pytest
import yaml
from command_line import run
from peers import ROOT

HERE = ROOT / "deploy" / "container"


def test_what_it_runs_is_a_command_with_these_options() -> None:
    text = (HERE / "Containerfile").read_text()
    (told,) = re.findall(r"^CMD (\[.*\])$", text, re.MULTILINE)
    command, *rest = yaml.safe_load(told)
    options = run(command, "--help").output
    assert [it for it in rest if it.startswith("--") and it not in options] == []
    assert re.search(r"^USER lineproof$", text, re.MULTILINE), "it runs as root"


def test_compose_names_what_is_there_and_gives_no_rights() -> None:
    document = yaml.safe_load((HERE / "compose.yaml").read_text())
    services = document["services"]
    assert (HERE / services["node"]["build"]["context"]).resolve() == ROOT
    assert (ROOT / services["node"]["build"]["dockerfile"]).is_file()
    for service in services.values():
        assert service["cap_drop"] == ["ALL"]
        assert service["read_only"] is True
        for volume in service["volumes"]:
            source = volume.partition(":")[0]
            assert source.startswith("./") or source in document["volumes"]


def test_an_engine_builds_it() -> None:
    engine = next(filter(None, map(shutil.which, ("podman", "docker"))), None)
    if engine is None or subprocess.run([engine, "info"], capture_output=True).returncode:
        pytest.skip("no container engine runs on this machine, and none can be installed here")
    build = [engine, "build", "-f", HERE / "Containerfile", ROOT]
    assert subprocess.run(build, check=False).returncode == 0
