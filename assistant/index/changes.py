"""Writes changes into the database: notes, passages, vectors, the lexicon. The caller opens the transaction.

In: a connection for writing. Out: changed tables.
"""

import json
import secrets
import time
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from sqlite3 import Connection
from typing import Any

from assistant.answer import Passage, Vectors
from assistant.index import database, words
from assistant.index.store import IndexedNote, UnreadNote

_PASSAGE = (
    "note, id, language, vector, digest, first, last, titled, title, heading, columns, url, hidden, sentences, "
    "locator, terms, text"
)


def add(
    connection: Connection, note: IndexedNote, passages: Sequence[Passage], keys: Sequence[bytes], stamp: str = ""
) -> None:
    """Insert a note with its passages; `keys` are the keys of the passages' vectors."""
    columns = {**note_columns(note, stamp), "passages": len(passages)}
    names = ", ".join(columns)
    marks = ", ".join("?" * len(columns))
    added = connection.execute(f"INSERT INTO notes ({names}) VALUES ({marks})", tuple(columns.values()))
    rows = [
        {**database.row_of(passage), "note": added.lastrowid, "vector": key}
        for passage, key in zip(passages, keys, strict=True)
    ]
    marks = ", ".join(f":{name.strip()}" for name in _PASSAGE.split(","))
    connection.executemany(f"INSERT INTO passages ({_PASSAGE}) VALUES ({marks})", rows)
    count_words(connection, passages, 1)


def drop(connection: Connection, source: str) -> None:
    """Delete a note and its passages."""
    passages = [database.passage_of(row) for row in _passages_of(connection, source)]
    note = "(SELECT id FROM notes WHERE source = ?)"
    connection.execute(f"INSERT INTO removed SELECT row FROM passages WHERE note = {note}", (source,))
    connection.execute(f"DELETE FROM passages WHERE note = {note}", (source,))
    connection.execute("DELETE FROM notes WHERE source = ?", (source,))
    count_words(connection, passages, -1)


def _passages_of(connection: Connection, source: str) -> list[Any]:
    return connection.execute(
        f"SELECT {database.PASSAGE} FROM notes n JOIN passages p ON p.note = n.id WHERE n.source = ? ORDER BY p.first",
        (source,),
    ).fetchall()


def passages_of(connection: Connection, source: str) -> list[Passage]:
    """Return a note's passages in the note's order."""
    return [database.passage_of(row) for row in _passages_of(connection, source)]


def count_words(connection: Connection, passages: Iterable[Passage], times: int) -> None:
    """Add the passages' pairs to the lexicon's counts (`times` = 1), or subtract them (-1)."""
    counted: Counter[tuple[str, str]] = Counter()
    for passage in passages:
        counted.update(words.entries(passage))
    connection.executemany(
        "INSERT INTO lexicon VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET count = count + excluded.count",
        [(*pair, times * number) for pair, number in counted.items()],
    )
    if times < 0:
        connection.executemany("DELETE FROM lexicon WHERE key = ? AND term = ? AND count <= 0", list(counted))


def touch(connection: Connection, note: IndexedNote, stamp: str) -> None:
    """Update a note's row, such as the size and time of its file; its passages stay."""
    columns = note_columns(note, stamp)
    connection.execute(
        f"UPDATE notes SET {', '.join(f'{name} = :{name}' for name in columns)} WHERE source = :source", columns
    )


def note_columns(note: IndexedNote, stamp: str) -> dict[str, Any]:
    """Return the columns of a note."""
    return {
        **{name: getattr(note, name) for name in ("source", "root", "hash", "title", "language", "passages")},
        **{name: json.dumps(getattr(note, name), ensure_ascii=False) for name in ("copies", "tags", "aliases")},
        "size": note.size,
        "modified": note.modified,
        "day": note.day,
        "entry": note.entry,
        "stamp": stamp,
    }


def put_unread(connection: Connection, unread: Sequence[UnreadNote]) -> None:
    """Replace the list of files that are not in the index."""
    connection.execute("DELETE FROM unread")
    rows = [(item.root, item.source, item.reason, item.failed) for item in unread]
    connection.executemany("INSERT INTO unread VALUES (?, ?, ?, ?)", rows)


def put_vectors(connection: Connection, keys: Sequence[bytes], vectors: Vectors) -> None:
    """Store vectors, shape (keys, dimension), under their keys."""
    rows = [database.vector_row(key, vector) for key, vector in zip(keys, vectors, strict=True)]
    connection.executemany("INSERT OR REPLACE INTO vectors VALUES (?, ?, ?)", rows)


def unused(connection: Connection) -> bool:
    """Tell whether there are vectors that no passage uses."""
    [(stored,)] = connection.execute("SELECT count(*) FROM vectors")
    [(needed,)] = connection.execute("SELECT count(DISTINCT vector) FROM passages")
    return bool(stored > needed)


def sweep(connection: Connection) -> None:
    """Delete the vectors that no passage uses."""
    connection.execute("DELETE FROM vectors WHERE NOT EXISTS (SELECT 1 FROM passages p WHERE p.vector = key)")


def seal(connection: Connection, fingerprint: Mapping[str, Any]) -> None:
    """Record what made the index, and give it a new version, so that readers notice the change."""
    database.put_meta(
        connection,
        fingerprint=fingerprint,
        updated=time.strftime("%Y-%m-%dT%H:%M:%S%z"),
        version=secrets.token_hex(8),
    )
