"""Sets of profiles in the spool's file, and the short names by which its chunks know them."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Mapping
from pathlib import Path

from edge.spool.spool_file import transaction


class ProfileSets:
    """Of the spool's file `db` at `path`. A set maps "line/machine" to a profile's digest."""

    def __init__(self, db: sqlite3.Connection, path: Path) -> None:
        self._db = db
        self._path = path
        self._names: dict[str, str] = {}  # by the text of the set

    def name_of(self, profiles: Mapping[str, str]) -> str:
        """What chunks call that set. Raises StorageError."""
        text = json.dumps(dict(profiles), sort_keys=True)
        if text not in self._names:
            with transaction(self._db, self._path):
                self._db.execute(
                    "INSERT OR IGNORE INTO profile_sets (profiles) VALUES (?)", (text,)
                )
            ((number,),) = self._db.execute(
                "SELECT id FROM profile_sets WHERE profiles = ?", (text,)
            ).fetchall()
            self._names[text] = str(number)
        return self._names[text]

    def named(self, name: str) -> dict[str, str]:
        """The set of that name; in a spool of a former format the name is the set itself."""
        if name.isdecimal():
            ((name,),) = self._db.execute(
                "SELECT profiles FROM profile_sets WHERE id = ?", (int(name),)
            ).fetchall()
        profiles: dict[str, str] = json.loads(name)
        return profiles
