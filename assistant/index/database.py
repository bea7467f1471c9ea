"""The SQLite file of an index: its tables, opening it, converting rows, and reporting damage.

In: the folder of an index. Out: connections, and values made from rows and back. The write-ahead log (WAL) lets readers
go on while an update is written; an update is one transaction.
"""

import hashlib
import json
import sqlite3
import zlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import numpy as np

from assistant.answer import Passage, Vectors
from assistant.errors import IndexUnusable
from assistant.index.store import IndexedNote
from assistant.text.blocks import Place, Span
from assistant.text.language import Language

FILE = "index.sqlite"
WHOLE = "whole"
"""A file that records the sizes and times of the index's files when they were last known to be undamaged."""
_SCHEMA = """
CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE notes (
    id INTEGER PRIMARY KEY AUTOINCREMENT, source TEXT NOT NULL UNIQUE, root TEXT NOT NULL, hash TEXT NOT NULL,
    title TEXT NOT NULL, language TEXT NOT NULL, passages INTEGER NOT NULL, copies TEXT NOT NULL, tags TEXT NOT NULL,
    size INTEGER NOT NULL, modified INTEGER NOT NULL, stamp TEXT NOT NULL, day TEXT NOT NULL DEFAULT '',
    aliases TEXT NOT NULL DEFAULT '[]', entry TEXT NOT NULL DEFAULT ''
);
CREATE TABLE unread (root TEXT NOT NULL, source TEXT NOT NULL, reason TEXT NOT NULL, failed INTEGER NOT NULL);
CREATE TABLE passages (
    row INTEGER PRIMARY KEY AUTOINCREMENT, note INTEGER NOT NULL, id TEXT NOT NULL UNIQUE, language TEXT NOT NULL,
    vector BLOB NOT NULL, digest BLOB NOT NULL, first INTEGER NOT NULL, last INTEGER NOT NULL, titled INTEGER NOT NULL,
    title TEXT NOT NULL, heading TEXT NOT NULL, columns TEXT NOT NULL, url TEXT NOT NULL,
    hidden BLOB NOT NULL, sentences BLOB NOT NULL, locator TEXT NOT NULL, terms TEXT NOT NULL, text TEXT NOT NULL
);
CREATE INDEX passages_note ON passages (note, first);
CREATE INDEX passages_vector ON passages (vector);
CREATE TABLE vectors (key BLOB PRIMARY KEY, digest INTEGER NOT NULL, vector BLOB NOT NULL);
CREATE TABLE lexicon (key TEXT NOT NULL, term TEXT NOT NULL, count INTEGER NOT NULL, PRIMARY KEY (key, term))
    WITHOUT ROWID;
CREATE TABLE removed (row INTEGER PRIMARY KEY);
"""
"""`vectors` also keeps those of an unfinished run. `removed` lists deleted passages that the base still contains. A
`stamp` is a note file's size and times, which tell cheaply whether it changed since it was read."""
_LATER = {"day": "", "aliases": "[]", "entry": ""}
"""Columns that the notes of earlier indexes lack, and what they hold there until the next update."""
PASSAGE = (
    "p.id, n.source, p.title, p.heading, p.url, p.language, p.text, p.first, p.last, p.hidden, p.sentences, p.terms, "
    "p.titled, p.columns, p.locator, p.digest, n.aliases"
)
NOTE = "root, source, hash, title, language, passages, copies, tags, size, modified, day, aliases, entry"


def connect(folder: Path) -> sqlite3.Connection:
    """Open an index for reading, in one read transaction; raise FileNotFoundError if there is none."""
    file = folder / FILE
    if not file.is_file():
        raise FileNotFoundError(f"no {FILE}")
    try:
        return _reading(f"{file.absolute().as_uri()}?mode=ro")
    except sqlite3.OperationalError:
        # In a read-only folder SQLite cannot create the side files of its write-ahead log.
        return _reading(f"{file.absolute().as_uri()}?mode=ro&immutable=1")


def _reading(address: str) -> sqlite3.Connection:
    connection = sqlite3.connect(address, uri=True, isolation_level=None, check_same_thread=False, timeout=30)
    try:
        connection.execute("BEGIN")
        connection.execute("SELECT count(*) FROM meta").fetchone()
    except BaseException:
        connection.close()
        raise
    return connection


def writable(folder: Path) -> sqlite3.Connection:
    """Open an index for writing; create it if there is none."""
    connection = sqlite3.connect(folder / FILE, isolation_level=None, timeout=30)
    try:
        if not (folder / FILE).stat().st_size:  # it counts for a file that is made now, and is written to any
            connection.execute("PRAGMA auto_vacuum = INCREMENTAL")
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = NORMAL")
        if not connection.execute("SELECT count(*) FROM sqlite_schema WHERE name = 'meta'").fetchone()[0]:
            connection.executescript(f"BEGIN; {_SCHEMA} COMMIT;")
        for name, empty in _LATER.items():
            if name not in [column for _, column, *_ in connection.execute("PRAGMA table_info(notes)")]:
                connection.execute(f"ALTER TABLE notes ADD COLUMN {name} TEXT NOT NULL DEFAULT '{empty}'")
    except BaseException:
        connection.close()
        raise
    return connection


@contextmanager
def transaction(connection: sqlite3.Connection) -> Iterator[None]:
    """Run the block as one transaction: all of it is written, or nothing."""
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield
    except BaseException:
        if connection.in_transaction:  # SQLite ends it by itself where the disk is full
            connection.execute("ROLLBACK")
        raise
    connection.execute("COMMIT")


@contextmanager
def changing(connection: sqlite3.Connection, folder: Path) -> Iterator[None]:
    """Run the block as one transaction; raise IndexUnusable, in one line, if the index cannot be written."""
    with room_needed(folder), transaction(connection):
        yield


def meta(connection: sqlite3.Connection, key: str) -> Any:
    """Return the value under a key; None if there is none."""
    row = connection.execute("SELECT value FROM meta WHERE key = ?", (key,)).fetchone()
    return None if row is None else json.loads(row[0])


def put_meta(connection: sqlite3.Connection, **values: Any) -> None:
    """Store values under their keys."""
    rows = [(key, json.dumps(value, ensure_ascii=False)) for key, value in values.items()]
    connection.executemany("INSERT OR REPLACE INTO meta VALUES (?, ?)", rows)


def passage_of(row: Sequence[Any]) -> Passage:
    """Turn a row of the columns `PASSAGE` into a passage; raise ValueError if it is damaged."""
    check(row)
    id, source, title, heading, url, language, text, first, last, hidden, sentences, terms, titled, columns, *rest = row
    return Passage(
        id=id,
        source=source,
        title=title,
        heading=heading,
        url=url,
        language=Language(language),
        text=text,
        start=first,
        end=last,
        hidden=_spans(hidden),
        sentences=_spans(sentences),
        terms=tuple(terms.split("\n")) if terms else (),
        titled=bool(titled),
        columns=columns,
        places=tuple(Place(*place) for place in json.loads(rest[0]) or ()),  # null in earlier indexes
        aliases=tuple(json.loads(rest[-1])),
    )


def check(row: Sequence[Any]) -> None:
    """Raise ValueError if a row of the columns `PASSAGE` does not match its digest."""
    if _digest(row[:-2]) != row[-2]:
        raise ValueError(f"a passage of {row[1]} is not what was written")


def row_of(passage: Passage) -> dict[str, Any]:
    """Turn a passage into columns, without those of its note and its vector."""
    columns = {
        "id": passage.id,
        "source": passage.source,
        "title": passage.title,
        "heading": passage.heading,
        "url": passage.url,
        "language": passage.language.value,
        "text": passage.text,
        "first": passage.start,
        "last": passage.end,
        "hidden": _packed(passage.hidden),
        "sentences": _packed(passage.sentences),
        "terms": "\n".join(passage.terms),
        "titled": int(passage.titled),
        "columns": passage.columns,
        "locator": json.dumps(passage.places, ensure_ascii=False, sort_keys=True),
    }
    return {**columns, "digest": _digest(list(columns.values()))}


def _digest(values: Sequence[Any]) -> bytes:
    """Return the digest of a row: all columns of `PASSAGE` before the digest; what follows it is the note's."""
    joined = "\0".join([value.hex() if isinstance(value, bytes) else str(value) for value in values])
    return hashlib.sha256(joined.encode("utf-8", "surrogatepass")).digest()[:16]


def note_of(row: Sequence[Any]) -> IndexedNote:
    """Turn a row of the columns `NOTE` into a note."""
    root, source, hash, title, language, passages, copies, tags, size, modified, day, aliases, entry, *_ = row
    others, labels, names = (tuple(json.loads(some)) for some in (copies, tags, aliases))
    return IndexedNote(root, source, hash, title, language, passages, others, labels, names, size, modified, day, entry)


def key_of(weights: str, text: str) -> bytes:
    """Return the key under which the vector of a text is stored: a digest of the model's weights and the text."""
    return hashlib.sha256(f"{weights}\0{text}".encode("utf-8", "surrogatepass")).digest()


def vector_of(digest: int, blob: bytes) -> Vectors:
    """Turn a stored vector into an array, shape (dimension,); raise ValueError if it is damaged."""
    if zlib.crc32(blob) != digest:
        raise ValueError("a vector is not what was written")
    return np.frombuffer(blob, "<f4")


def vector_row(key: bytes, vector: Vectors) -> tuple[bytes, int, bytes]:
    """Return the columns of a vector."""
    blob = np.ascontiguousarray(vector, "<f4").tobytes()
    return key, zlib.crc32(blob), blob


def _spans(blob: bytes) -> tuple[Span, ...]:
    ends = iter(np.frombuffer(blob, "<u4").tolist())
    return tuple(zip(ends, ends, strict=True))


def _packed(spans: Sequence[Span]) -> bytes:
    return np.array(spans, "<u4").tobytes()


@contextmanager
def damage_told(folder: Path) -> Iterator[None]:
    """Turn whatever a damaged index raises into IndexUnusable, which names the command that mends it.

    The next update then checks the whole index, since `damaged` removes the record that it is undamaged.
    """
    try:
        yield
    except sqlite3.Error as error:
        if not is_damage(error):
            raise IndexUnusable(f"cannot read the index at {folder}: {error}; see who may read its files") from error
        raise damaged(folder, error) from error
    except (OSError, ValueError, LookupError, TypeError, AttributeError, RuntimeError, EOFError) as error:
        raise damaged(folder, error) from error


def damaged(folder: Path, error: Exception) -> IndexUnusable:
    """Return the error for a damaged index, and remove the record that it is undamaged."""
    with suppress(OSError):
        (folder / WHOLE).unlink()
    reason = (str(error).splitlines() or [type(error).__name__])[0]
    return IndexUnusable(f"the index at {folder} is damaged ({reason}); make it anew with: assistant index [FOLDER]")


def unwritable(folder: Path, error: Exception) -> IndexUnusable:
    """Return the error for an index folder that cannot be written."""
    reason = (getattr(error, "strerror", None) or str(error) or type(error).__name__).splitlines()[0]
    closed = isinstance(error, PermissionError)
    mend = "see who may write its files, or has them open" if closed else "make room there"
    return IndexUnusable(f"cannot write the index at {folder}: {reason}; {mend}, or name another folder with --index")


def shrink(connection: sqlite3.Connection) -> None:
    """Give empty pages back to the disk; pages that a reader still uses follow after it has closed."""
    [(free,)] = connection.execute("PRAGMA freelist_count")
    if free:
        connection.executescript("PRAGMA incremental_vacuum")  # `execute` would stop after the first page
    connection.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchall()


@contextmanager
def room_needed(folder: Path) -> Iterator[None]:
    """Turn whatever keeps an index from being written into IndexUnusable, in one line."""
    try:
        yield
    except sqlite3.Error as error:
        raise (damaged if is_damage(error) else unwritable)(folder, error) from error
    except OSError as error:
        raise unwritable(folder, error) from error


def is_damage(error: sqlite3.Error) -> bool:
    """Tell whether an error means a damaged file, rather than one that cannot be read or written now."""
    code = getattr(error, "sqlite_errorcode", sqlite3.SQLITE_ERROR) & 0xFF
    return code in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_ERROR, sqlite3.SQLITE_FORMAT)
