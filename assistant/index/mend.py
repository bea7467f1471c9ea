"""Finds and mends damage before an update writes.

In: the folder of an index. Out: a connection to an undamaged index. A damaged one is replaced by an empty one that
keeps the undamaged vectors, so that nothing is embedded twice, and the names of its files, so that none is forgotten.
"""

import contextlib
import json
import logging
import sqlite3
from collections.abc import Iterator
from itertools import count
from pathlib import Path
from typing import Any

from assistant.index import base, database
from assistant.index.changes import put_unread
from assistant.index.database import FILE, WHOLE, is_damage, transaction
from assistant.index.store import UnreadNote

logger = logging.getLogger(__name__)
_SIDE = ("", "-wal", "-shm")


def opened(folder: Path) -> sqlite3.Connection:
    """Open an undamaged index for writing: as it is, or made again."""
    _clear_places(folder)
    try:
        connection = database.writable(folder)
    except sqlite3.Error as error:
        if not is_damage(error):
            raise
        return _anew(folder)
    try:
        if known_whole(folder):
            return connection
        _check(connection)
    except (sqlite3.Error, ValueError, TypeError, KeyError) as error:
        connection.close()
        if isinstance(error, sqlite3.Error) and not is_damage(error):
            raise
        return _anew(folder)
    recorded = database.meta(connection, "base")
    with contextlib.suppress(OSError):
        if recorded is None or base.whole(folder, recorded):
            return connection
    with transaction(connection):
        database.put_meta(connection, base=None)
    return connection


def known_whole(folder: Path) -> bool:
    """Tell whether the files have the sizes and times that the last update recorded."""
    try:
        return (folder / WHOLE).read_text(encoding="utf-8") == _look(folder)
    except (OSError, ValueError):
        return False


def say_whole(folder: Path) -> None:
    """Record the sizes and times of the files after an update."""
    if not known_whole(folder):
        (folder / WHOLE).write_text(_look(folder), encoding="utf-8")


def _look(folder: Path) -> str:
    files = [folder / FILE, *sorted(folder.glob("base-*/*"))]
    stats = [(file.relative_to(folder).as_posix(), file.stat()) for file in files]
    return "".join(f"{name} {stat.st_size} {stat.st_mtime_ns} {stat.st_ctime_ns}\n" for name, stat in stats)


def _check(connection: sqlite3.Connection) -> None:
    """Read and verify every row; raise ValueError or sqlite3.Error if one is damaged."""
    for (verdict,) in connection.execute("PRAGMA quick_check(1)"):
        if verdict != "ok":
            raise ValueError(verdict)
    for row in connection.execute(f"SELECT {database.PASSAGE} FROM passages p LEFT JOIN notes n ON n.id = p.note"):
        database.check(row)
    for digest, vector in connection.execute("SELECT digest, vector FROM vectors"):
        database.vector_of(digest, vector)
    for row in connection.execute(f"SELECT {database.NOTE} FROM notes"):
        database.note_of(row)
    for (value,) in connection.execute("SELECT value FROM meta"):
        json.loads(value)


def _clear_places(folder: Path) -> None:
    """Move aside what stands in the place of the database's files and is no file, such as a folder; nothing is lost."""
    for side in _SIDE:
        place = folder / f"{FILE}{side}"
        if place.exists() and not place.is_file():
            aside = next(free for n in count(1) if not (free := place.with_name(f"{place.name}.aside-{n}")).exists())
            place.rename(aside)
            logger.error("%s was no file; it is now %s", place, aside.name)


def _anew(folder: Path) -> sqlite3.Connection:
    """Replace the damaged index by a new one with the vectors and file names that could be saved."""
    vectors = list(_readable(folder, "SELECT key, digest, vector FROM vectors"))
    files = [row for table in ("notes", "unread") for row in _readable(folder, f"SELECT root, source FROM {table}")]
    clear(folder)
    connection = database.writable(folder)
    with transaction(connection):
        for key, digest, vector in vectors:
            with contextlib.suppress(ValueError, TypeError):
                database.vector_of(digest, vector)
                connection.execute("INSERT OR IGNORE INTO vectors VALUES (?, ?, ?)", (key, digest, vector))
        put_unread(connection, [UnreadNote(str(root), str(source), "", False) for root, source in files])
    return connection


def clear(folder: Path) -> None:
    """Delete the files of an index that no connection has open."""
    for side in _SIDE:
        (folder / f"{database.FILE}{side}").unlink(missing_ok=True)
    base.clear(folder)


def _readable(folder: Path, query: str) -> Iterator[tuple[Any, ...]]:
    """Yield the rows that can be read before the damage."""
    with contextlib.suppress(sqlite3.Error, OSError, UnicodeError):
        with contextlib.closing(database.connect(folder)) as connection:
            yield from connection.execute(query)
