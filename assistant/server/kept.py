"""Opens databases: of conversations, a SQLite file or PostgreSQL at an address; of log-ins, PostgreSQL.

In: a file, or an address, which several servers may share. Out: a connection for a while, which takes SQLite's SQL with
`?`, as far as both know it; or a line to PostgreSQL that stays open. What is kept in the tables is not known here.
"""

import logging
import sqlite3
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from assistant.errors import SettingsError

if TYPE_CHECKING:
    import psycopg

logger = logging.getLogger(__name__)
Value = str | int | float | None
_PATIENCE = 10
"""Seconds in which a server must answer."""
_SOON = 5
"""Seconds for which a request waits for an answer over a line that stays open."""
_PAUSE = 1.0
"""Seconds for which a database that did not answer is not asked again."""
_WAITS = 30
"""Seconds for which another writer of the file is waited for."""


class Unkept(OSError):
    """What a database holds cannot be read or written; its text says why, in one line."""


@dataclass(frozen=True)
class Tables:
    """The tables that hold `what`, and the SQL that makes them; PostgreSQL notes their version in the table `noted`."""

    what: str
    noted: str
    version: int
    sql: str


class Database:
    """Conversations in one place, whose tables are made when it is opened first."""

    def __init__(self, place: Path | str, tables: Tables) -> None:
        """Open nothing yet; raise SettingsError if PostgreSQL is asked for and its client is not installed."""
        self._place, self._tables = place, tables
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
                version, made = kept.execute("PRAGMA user_version").fetchone()[0], self._tables
                if version not in (0, made.version):
                    raise sqlite3.DatabaseError("another version of this program made it")
                if not version:
                    kept.execute("PRAGMA journal_mode = WAL")
                    kept.executescript(f"BEGIN IMMEDIATE; {made.sql}; PRAGMA user_version = {made.version}; COMMIT")
                yield Connection(kept)
        except (sqlite3.Error, OSError) as error:
            raise Unkept(
                f"expected the {self._tables.what} in {file}, found: {error}; move that file away if it is damaged"
            ) from error

    @contextmanager
    def _server(self, address: str) -> Iterator["Connection"]:
        psycopg = _psycopg()
        try:
            with psycopg.connect(address, autocommit=True, connect_timeout=_PATIENCE) as kept:
                if not self._shaped:
                    _make_on_server(kept, self._tables)
                    self._shaped = True
                yield Connection(kept)
        except psycopg.Error as error:
            raise Unkept(_told(self._tables, error)) from error


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


class Line:
    """One connection to PostgreSQL that stays open, for many short questions; thread-safe.

    To open one takes thirty times as long as to ask. One that has broken is opened anew. If that fails, whoever asks
    within `_PAUSE` is told at once, so that requests do not all wait for a database that is away.
    """

    def __init__(self, address: str, tables: Tables) -> None:
        """Open nothing yet; raise SettingsError if PostgreSQL's client is not installed."""
        self._address, self._tables, self._errors = address, tables, _psycopg().Error
        self._lock = threading.Lock()
        self._kept: psycopg.Connection[Any] | None = None
        self._trouble, self._again = "", 0.0

    def ask(self, statement: str, **values: Value) -> list[tuple[Any, ...]]:
        """Run a statement, with `%(name)s` for each value; return its rows.

        Raises:
            Unkept: the database does not answer, or refuses; the log says so once, and once that it answers again.

        """
        self._refuse_for_a_while()
        if not self._lock.acquire(timeout=_SOON):
            raise self._away(f"no answer within {_SOON} seconds")
        try:
            self._refuse_for_a_while()
            rows = self._asked(statement.encode(), values)
            if self._trouble:
                self._trouble = ""
                logger.warning("the %s in PostgreSQL are there again", self._tables.what)
            return rows
        except self._errors as error:
            raise self._away(error) from error
        finally:
            self._lock.release()

    def close(self) -> None:
        """Close the connection, unless a question hangs; the next one opens another."""
        if self._lock.acquire(timeout=_PAUSE):
            self._hang_up()
            self._lock.release()

    def _refuse_for_a_while(self) -> None:
        if time.monotonic() < self._again:
            raise Unkept(self._trouble)

    def _away(self, reason: object) -> Unkept:
        told = _told(self._tables, reason)
        if not self._trouble:
            logger.error("%s", told)
        self._trouble, self._again = told, time.monotonic() + _PAUSE
        return Unkept(told)

    def _asked(self, statement: bytes, values: Mapping[str, Value]) -> list[tuple[Any, ...]]:
        if self._kept is not None:
            try:
                return _rows(self._kept, statement, values)
            except self._errors:  # it may have been cut off since the last time
                self._hang_up()
        try:
            self._kept = self._opened()
            _make_on_server(self._kept, self._tables)
            return _rows(self._kept, statement, values)
        except self._errors:
            self._hang_up()
            raise

    def _opened(self) -> "psycopg.Connection[Any]":
        # The system ends a connection whose other end is silent. Poolers between do not know prepared statements.
        how = {"autocommit": True, "connect_timeout": _SOON, "prepare_threshold": None}
        how |= {"keepalives_idle": _SOON, "keepalives_interval": 1, "tcp_user_timeout": 1000 * _SOON}
        opened: psycopg.Connection[Any] = _psycopg().connect(self._address, **how)
        return opened

    def _hang_up(self) -> None:
        if self._kept is not None:
            self._kept.close()
            self._kept = None


def _rows(kept: "psycopg.Connection[Any]", statement: bytes, values: Mapping[str, Value]) -> list[tuple[Any, ...]]:
    found = kept.execute(statement, values)
    return found.fetchall() if found.description else []


def _told(tables: Tables, reason: object) -> str:
    said = " ".join(str(reason).split()) or type(reason).__name__
    return f"expected the {tables.what} in PostgreSQL, found: {said}; see serve_database"


def _make_on_server(kept: "psycopg.Connection[Any]", tables: Tables) -> None:
    """Make tables that are not there, and note their version; raise psycopg's error if another version made them."""
    with kept.transaction():
        kept.execute("SELECT pg_advisory_xact_lock(7070)")  # several servers may begin at once
        kept.execute(f"CREATE TABLE IF NOT EXISTS {tables.noted} (version INTEGER)".encode())
        row = kept.execute(f"SELECT version FROM {tables.noted}".encode()).fetchone()
        if row is not None and row[0] != tables.version:
            raise _psycopg().DatabaseError("tables of another version of this program")
        if row is None:
            kept.execute(tables.sql.encode())
            kept.execute(f"INSERT INTO {tables.noted} VALUES (%s)".encode(), [tables.version])


def _psycopg() -> Any:
    try:
        import psycopg
    except ImportError as error:
        raise SettingsError(
            "serve_database needs PostgreSQL's client, which is not installed; install it with: "
            "pip install 'notes-assistant[postgres]'"
        ) from error
    return psycopg
