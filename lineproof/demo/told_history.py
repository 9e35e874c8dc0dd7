"""A new demo's history of four lines, made and imported in a process of their own.

Making and importing it takes a hundred MB more than the demo ever needs again, and a process gives
back all that it had only when it ends. The child opens the data folder's stores alone, as
`lineproof import` does, and is through before the demo opens them. Meanwhile the demo gets its
machines and its pages ready.

    python -m lineproof.demo.told_history FOLDER PLANT GRANT...

writes what came of it on standard output, pickled: up to when the history was told (µs), or the
error that a person is to read. This module loads little, so that the child is started at once.
"""

from __future__ import annotations

import contextlib
import os
import pickle
import signal
import subprocess
import sys
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from domain.errors import LineproofError
from lineproof.demo.story import Story, read_story


class TellingHistory:
    """The child at work."""

    def __init__(self, child: subprocess.Popen[bytes]) -> None:
        self._child = child

    def until_us(self) -> int:
        """Wait until the story is told; up to when (µs). For any thread, once.

        Raises what applying and importing raise, RuntimeError when the child ended without a word.
        """
        said, _ = self._child.communicate()
        if not said:
            raise RuntimeError("the process that makes the demo's history ended")
        outcome: int | LineproofError = pickle.loads(said)
        if isinstance(outcome, LineproofError):
            raise outcome
        return outcome


@contextlib.contextmanager
def telling_history(folder: Path, files: Sequence[Path]) -> Iterator[TellingHistory]:
    """Begin to apply the files and to tell the folder's story up to now. The child ends with the
    block, through or not."""
    # It runs the same program text as this process, wherever that was found.
    paths = os.pathsep.join(path for path in sys.path if path)
    command = [sys.executable, "-P", "-m", __name__, str(folder), *map(str, files)]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, env={**os.environ, "PYTHONPATH": paths}
    ) as child:
        try:
            yield TellingHistory(child)
        finally:
            child.terminate()


def _tell(folder: Path, story: Story, files: Sequence[Path]) -> int:
    """One line's history is written while another's is imported."""
    from api.queries.lines import Queries
    from lineproof import output
    from lineproof.access.records import LocalRecords
    from lineproof.clock import utc_now
    from lineproof.demo.history import write_history
    from lineproof.demo.model.lines import NOODLE_1
    from lineproof.demo.officers import tell_milestones
    from lineproof.demo.operators import tell_reasons
    from lineproof.history_import.importer import import_files
    from lineproof.upkeep.apply import apply_files
    from store.node.opening import open_stores

    until_us = round(utc_now().timestamp() * 1e6)
    lines = list(story.lines.values())[::-1]  # the short ones first
    with ThreadPoolExecutor(1) as writer, open_stores(folder / "node") as stores:
        written = {it.id: writer.submit(write_history, folder, it, until_us) for it in lines}
        apply_files(stores.registry, files, utc_now())
        with output.progress_bar() as bar:
            for line, history in written.items():
                steps = output.Steps(bar)
                import_files(stores, None, line, history.result(), now=utc_now(), progress=steps)
        queries = Queries(stores.telemetry, stores.registry, utc_now)
        records = LocalRecords(queries, stores.registry.record, stores.registry.audit)
        first = story.lines[NOODLE_1]
        tell_reasons(records, first.model, until_us)
        tell_milestones(queries, stores.registry, first, story.days, until_us)
    return until_us


def run_child(folder: Path, files: Sequence[Path]) -> None:
    """The child: the process that started it decides when it ends by Ctrl-C."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    outcome: int | LineproofError
    try:
        outcome = _tell(folder, read_story(folder), files)
    except LineproofError as error:
        outcome = error
    sys.stdout.buffer.write(pickle.dumps(outcome))


if __name__ == "__main__":
    first, *others = map(Path, sys.argv[1:])
    run_child(first, others)
