"""A connection to an SQLite file, which leaves no lock behind."""

import sqlite3
import time
from typing import Any
from weakref import WeakSet

SETUP = ("PRAGMA synchronous=NORMAL", "PRAGMA foreign_keys=ON")
WRITE_AHEAD = "PRAGMA journal_mode=WAL"
WRITE_AHEAD_PAUSES = (0.01, 0.02, 0.05, 0.1, 0.2, 0.5)
"""Seconds; once in the life of a file, when several processes start together on a new one."""


class SqliteConnection(sqlite3.Connection):
    """Sets itself up when it is made, in the driver's thread: no task that is cancelled breaks that off halfway.

    A statement whose reader was cancelled stays half done. SQLite does not end a closed connection that has one, and
    its locks stay until the garbage collector comes by; so closing it ends its statements, too.
    """

    def __init__(self, *arguments: Any, **options: Any) -> None:  # noqa: ANN401  # those of sqlite3.connect
        super().__init__(*arguments, **options)
        self._cursors: WeakSet[sqlite3.Cursor] = WeakSet()
        try:
            _write_ahead(self)
            for statement in SETUP:
                self.execute(statement).close()
        except BaseException:
            self.close()
            raise

    def cursor(self, *arguments: Any, **options: Any) -> Any:  # noqa: ANN401  # the driver's own types
        """Return a cursor, which ends with the connection."""
        cursor = super().cursor(*arguments, **options)
        self._cursors.add(cursor)
        return cursor

    def close(self) -> None:
        """End what is half done, and give everything back."""
        for cursor in tuple(self._cursors):
            cursor.close()
        super().close()


def _write_ahead(connection: sqlite3.Connection) -> None:
    """Let readers and a writer work at the same time; waits for others that switch, which SQLite itself does not."""
    for pause in WRITE_AHEAD_PAUSES:
        try:
            connection.execute(WRITE_AHEAD).close()
        except sqlite3.OperationalError as error:
            if "locked" not in str(error):
                raise
            time.sleep(pause)
        else:
            return
    connection.execute(WRITE_AHEAD).close()
