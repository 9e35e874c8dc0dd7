"""The process that makes files, asked for real."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import makers
import pytest
from makers import doubled, fails, grows, pid, refuses, takes_memory, waits
from peers import PATIENCE_S

from api.exports.maker_process import MakerProcess
from api.exports.making import KEPT_MEMORY_MAX
from api.queries.prices import TooDearError
from domain.errors import InputError
from store.work import NoLongerWantedError, Work, working

LARGE = 300 << 20


@pytest.fixture(scope="module", autouse=True)
def _makers_are_found() -> Iterator[None]:
    """By the process, too."""
    with pytest.MonkeyPatch.context() as environment:
        here = str(Path(makers.__file__).parent)
        environment.setenv("PYTHONPATH", here, prepend=os.pathsep)
        yield


@pytest.fixture(scope="module")
def process() -> Iterator[MakerProcess]:
    found = MakerProcess(memory_max=LARGE)
    yield found
    found.end()


def test_it_is_begun_at_the_first_question_and_kept(process: MakerProcess) -> None:
    process.end()
    assert process.pid is None
    first = int(process.make(pid))
    assert first not in (os.getpid(), None)
    assert int(process.make(pid)) == first == process.pid
    assert process.make(doubled, b"x" * (5 << 20)) == b"x" * (10 << 20)
    assert os.getpriority(os.PRIO_PROCESS, first) > os.getpriority(os.PRIO_PROCESS, 0)


def test_what_it_refuses_is_said_and_it_goes_on(process: MakerProcess) -> None:
    with pytest.raises(InputError, match=r"here: that font is missing\. Install it\."):
        process.make(refuses)
    with pytest.raises(RuntimeError, match="ValueError: no such thing"):
        process.make(fails)
    assert process.make(pid)


def test_one_that_was_killed_is_begun_again(process: MakerProcess) -> None:
    before = int(process.make(pid))
    os.kill(before, signal.SIGKILL)
    assert int(process.make(pid)) != before


def test_no_file_takes_all_memory(process: MakerProcess) -> None:
    with pytest.raises(TooDearError, match="more memory than there is for it"):
        process.make(takes_memory, 2 * LARGE)
    assert process.make(pid)


def test_when_nobody_waits_it_is_killed_and_who_waits_for_it_goes_on(
    process: MakerProcess, tmp_path: Path
) -> None:
    begun, work, ended = tmp_path / "begun", Work(), []

    def ask() -> None:
        with working(work), pytest.raises(NoLongerWantedError):
            process.make(waits, begun)
        ended.append(True)

    asking = threading.Thread(target=ask)
    asking.start()
    until = time.monotonic() + PATIENCE_S
    while not begun.exists() or not begun.read_bytes():
        assert time.monotonic() < until
        time.sleep(0.01)
    stuck = int(begun.read_bytes())
    after = threading.Thread(target=lambda: ended.append(process.make(pid)))
    after.start()
    work.end()
    asking.join(PATIENCE_S)
    after.join(PATIENCE_S)
    assert len(ended) == 2
    with pytest.raises(ProcessLookupError):
        os.kill(stuck, 0)


def test_it_ends_when_nobody_asks_for_a_while_and_after_much_memory() -> None:
    for lasting_s, asked in ((0.01, 0), (PATIENCE_S, KEPT_MEMORY_MAX)):
        short = MakerProcess(idle_s=lasting_s)
        short.make(grows, asked)
        until = time.monotonic() + PATIENCE_S / 2
        while short.pid is not None:
            assert time.monotonic() < until
            time.sleep(0.01)
        short.end()
