"""Opens the database of conversations: a SQLite file, or PostgreSQL at an address, which several servers share.

In: a file, or an address. Out: a connection that takes SQLite's SQL with `?`, as far as both know it. Of conversations
nothing is known here but the name of their table.
"""

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from assistant.errors import SettingsError

if TYPE_CHECKING:
    import psycopg

Value = str | int | float | None
_PATIENCE = 10
"""Seconds in which a server must answer."""
_WAITS = 30
"""Seconds for which another writer of the file is waited for."""


class Unkept(OSError):
    """The conversations cannot be read or written; its text says why, in one line."""


class Database:
    """Conversations in one place; `table` makes what they are kept in, of the given `shape`."""

    def __init__(self, place: Path | str, table: str, shape: int) -> None:
        """Open nothing yet; raise SettingsError if PostgreSQL is asked for and its client is not installed."""
        self._place, self._table, self._shape = place, table, shape
        self._shaped = False
        if isinstance(place, str):
            _psycopg()

    @contextmanager
    def open(self) -> Iterator["Connection"]:
        """Give a connection, each of whose statements counts at once, but for those of a `change`."""
        if isinstance(self._place, Path):
            with self._file(self._place) as connection:
                yield connection
        else:
            with self._server(self._place) as connection:
                yield connection

    @contextmanager
    def _file(self, file: Path) -> Iterator["Connection"]:
        try:
            file.parent.mkdir(parents=True, exist_ok=True)
            with closing(sqlite3.connect(file, isolation_level=None, timeout=_WAITS)) as kept:
                version = kept.execute("PRAGMA user_version").fetchone()[0]
                if version not in (0, self._shape):
                    raise sqlite3.DatabaseError("another version of this program made it")
                if not version:
                    kept.execute("PRAGMA journal_mode = WAL")
                    kept.executescript(f"BEGIN IMMEDIATE; {self._table}; PRAGMA user_version = {self._shape}; COMMIT")
                yield Connection(kept)
        except (sqlite3.Error, OSError) as error:
            raise Unkept(
                f"expected the conversations in {file}, found: {error}; move that file away if it is damaged"
            ) from error

    @contextmanager
    def _server(self, address: str) -> Iterator["Connection"]:
        psycopg = _psycopg()
        try:
            with psycopg.connect(address, autocommit=True, connect_timeout=_PATIENCE) as kept:
                if not self._shaped:
                    _shape_on_server(kept, self._table, self._shape)
                    self._shaped = True
                yield Connection(kept)
        except psycopg.Error as error:
            reason = " ".join(str(error).split()) or type(error).__name__
            raise Unkept(f"expected the conversations in PostgreSQL, found: {reason}; see serve_database") from error


class Connection:
    """A connection to either."""

    def __init__(self, kept: "sqlite3.Connection | psycopg.Connection[Any]") -> None:
        """Take an open connection."""
        self._kept = kept

    def execute(self, statement: str, values: Sequence[Value] = ()) -> list[tuple[Any, ...]]:
        """Run a statement, with `?` for each value; return its rows."""
        if isinstance(self._kept, sqlite3.Connection):
            return self._kept.execute(statement, values).fetchall()
        # PostgreSQL has no NUL in texts.
        clean = [value.replace("\0", "") if isinstance(value, str) else value for value in values]
        found = self._kept.execute(statement.replace("%", "%%").replace("?", "%s").encode(), clean)
        return found.fetchall() if found.description else []

    @contextmanager
    def change(self, name: str) -> Iterator[None]:
        """Run the block as one transaction, while no other one changes what is called so."""
        if isinstance(self._kept, sqlite3.Connection):
            self._kept.execute("BEGIN IMMEDIATE")
            try:
                yield
            except BaseException:
                self._kept.execute("ROLLBACK")
                raise
            self._kept.execute("COMMIT")
        else:
            with self._kept.transaction():
                self._kept.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [name])
                yield


def _shape_on_server(kept: "psycopg.Connection[Any]", table: str, shape: int) -> None:
    """Make the table in a new database; raise an error of psycopg's if another version of this program made it."""
    with kept.transaction():
        kept.execute("SELECT pg_advisory_xact_lock(7070)")  # several servers may begin at once
        kept.execute("CREATE TABLE IF NOT EXISTS conversation_shape (version INTEGER)")
        row = kept.execute("SELECT version FROM conversation_shape").fetchone()
        if row is not None and row[0] != shape:
            raise _psycopg().DatabaseError("tables of another version of this program")
        if row is None:
            kept.execute(table.encode())
            kept.execute("INSERT INTO conversation_shape VALUES (%s)", [shape])


def _psycopg() -> Any:
    try:
        import psycopg
    except ImportError as error:
        raise SettingsError(
            "serve_database needs PostgreSQL's client, which is not installed; install it with: "
            "pip install 'notes-assistant[postgres]'"
        ) from error
    return psycopg
