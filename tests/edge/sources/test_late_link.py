"""A file that a connection names is not there: its machine waits for it, the agent goes on."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from pathlib import Path

import pytest
from peers import PATIENCE_S
from recording_sink import RecordingSink

from device_profiles.model.addresses import MqttAddress
from domain.errors import InputError
from domain.source_faults import Cause, FaultCode
from edge.config import MachineConfig
from edge.sources.base import Source
from edge.sources.factory import make_source

MQTT = MqttAddress("status", "/x")


def source_of(folder: Path, *, lasts: bool = True) -> Source:
    connection = {
        "url": "mqtts://127.0.0.1:9",  # nobody is there
        "topic": "press",
        "user": "agent",
        "password_file": str(folder / "password"),
        "authority": str(folder / "authority.pem"),
    }
    machine = MachineConfig(line="l", machine="m", profile="p", connection=connection)
    return make_source(
        machine, [MQTT], lambda: datetime.now(UTC), agent="a", folder=folder, lasts=lasts
    )


async def error_of(source: Source, part: str) -> str:
    while part not in source.status.error:
        await asyncio.sleep(0.01)
    return source.status.error


def test_each_file_is_waited_for_and_named(tmp_path: Path) -> None:
    async def run() -> None:
        source = source_of(tmp_path)
        task = asyncio.create_task(source.run(RecordingSink()))
        async with asyncio.timeout(PATIENCE_S):
            said = await error_of(source, "password")
            assert said.startswith("line 'l', machine 'm', connection, password_file: the file '")
            assert source.status.fault is FaultCode.MISCONFIGURED
            assert source.status.error_status == Cause.FILE_MISSING
            (tmp_path / "password").write_text("")  # somebody is about to write it
            await error_of(source, "holds no password")
            (tmp_path / "password").write_text("secret\n")
            await error_of(source, "authority.pem' does not exist")
            (tmp_path / "authority.pem").write_text("rubbish")
            while source.status.error_status == Cause.FILE_MISSING:  # then it tries to connect
                await asyncio.sleep(0.01)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)

    asyncio.run(run())


def test_who_comes_once_does_not_wait(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="does not exist"):
        source_of(tmp_path, lasts=False)


def test_a_setting_that_can_never_be_right_is_refused_at_once(tmp_path: Path) -> None:
    machine = MachineConfig(
        line="l", machine="m", profile="p", connection={"url": "mqtt://127.0.0.1", "topc": "press"}
    )
    with pytest.raises(InputError, match="unknown setting 'topc'"):
        make_source(machine, [MQTT], lambda: datetime.now(UTC), agent="a", folder=tmp_path)
