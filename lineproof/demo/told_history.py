"""A new demo's ninety days, made and imported in a process of their own.

Making and importing them takes a hundred MB more than the demo ever needs again, and a process
gives back all that it had only when it ends. The child opens the data folder's stores alone, as
`lineproof import` does, and is through before the demo opens them.

    python -m lineproof.demo.told_history FOLDER PLANT GRANT

writes what came of it on standard output, pickled: up to when the history was told (µs), or the
error that a person is to read.
"""

from __future__ import annotations

import os
import pickle
import signal
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from domain.errors import LineproofError
from lineproof import output
from lineproof.access.milestone_steps import milestone_records
from lineproof.access.records import line_records
from lineproof.clock import utc_now
from lineproof.demo.history import write_history
from lineproof.demo.operators import tell_reasons, tell_submission
from lineproof.demo.story import Story, read_story
from lineproof.demo.texts import LINE
from lineproof.history_import.importer import import_files
from lineproof.upkeep.apply import apply_files
from store.node.opening import open_stores


def tell_history(folder: Path, files: Sequence[Path]) -> int:
    """Apply the files and tell the folder's story up to now; up to when (µs).

    Raises what applying and importing raise, RuntimeError when the child ended without a word.
    """
    # It runs the same program text as this process, wherever that was found.
    paths = os.pathsep.join(path for path in sys.path if path)
    command = [sys.executable, "-P", "-m", __name__, str(folder), *map(str, files)]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, env={**os.environ, "PYTHONPATH": paths}
    ) as child:
        try:
            said, _ = child.communicate()
        finally:
            child.terminate()  # it may still be at it when this process is told to stop
    if not said:
        raise RuntimeError("the process that makes the demo's history ended")
    outcome: int | LineproofError = pickle.loads(said)
    if isinstance(outcome, LineproofError):
        raise outcome
    return outcome


def _tell(folder: Path, story: Story, files: Sequence[Path]) -> int:
    until_us = round(utc_now().timestamp() * 1e6)
    data = folder / "node"
    with open_stores(data) as stores, output.progress_bar() as bar:
        apply_files(stores.registry, files, utc_now())
        writing = bar.add_task("writing ninety days of history", total=None)
        history = write_history(folder, story.model, story.days, until_us)
        bar.remove_task(writing)
        import_files(stores, None, LINE, history, now=utc_now(), progress=output.Steps(bar))
    with line_records(data, None, None) as records:
        tell_reasons(records, story.model, until_us)
    with milestone_records(data, None, None) as milestones:
        tell_submission(milestones)
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
