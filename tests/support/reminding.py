"""A process that tells reminders of a data folder, to be killed between writing and sending.

python -m reminding FOLDER SETTINGS TIME
"""

from __future__ import annotations

import sys
from datetime import datetime
from pathlib import Path

from api.queries.lines import Queries
from lineproof.reminders.keeper import ReminderKeeper
from lineproof.run.settings import load_node_settings
from store.node.opening import open_stores


def main() -> None:
    folder, settings, text = sys.argv[1:]
    at = datetime.fromisoformat(text)
    given = load_node_settings(Path(settings)).reminders
    assert given is not None
    with open_stores(Path(folder), must_exist=True) as stores:
        queries = Queries(stores.telemetry, stores.registry, lambda: at)
        print("ready", flush=True)
        ReminderKeeper(queries, stores.registry.outbox, given, lambda: at).refresh()


if __name__ == "__main__":
    main()
