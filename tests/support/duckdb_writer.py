"""A process that appends batches to a DuckDB store for ever, to be killed by a test.

Usage: duckdb_writer.py FILE FIRST. Prints each batch's number once its append has returned.
"""

from __future__ import annotations

import sys
from pathlib import Path

from telemetry import at, batch, samples, spans

from store.telemetry.duckdb.store import DuckDBStore
from store.telemetry.protocol import BatchContent, BatchRecord

ROWS = 200


def content(number: int) -> tuple[BatchRecord, BatchContent]:
    rows = [{"time": at(number, us=i), "value": float(number)} for i in range(ROWS)]
    return batch(number, samples(*rows), spans((at(number), at(number + 1))))


def main() -> None:
    store = DuckDBStore(Path(sys.argv[1]))
    print("open", flush=True)
    number = int(sys.argv[2])
    while True:
        store.append([content(number)])
        print(number, flush=True)
        number += 1


if __name__ == "__main__":
    main()
