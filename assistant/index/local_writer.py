"""Writes to the index on disk: the implementation of `assistant.index.store.Writer` for it.

In: the only connection that may write, and changes. Out: a changed database, and the files derived from it. Each change
is one transaction.
"""

import sys
from collections.abc import Iterable, Mapping, Sequence
from sqlite3 import Connection
from typing import Any

from assistant.answer import Passage, Vectors
from assistant.config import Settings
from assistant.index import base, changes, database, earlier, manifest
from assistant.index.database import changing, meta, room_needed
from assistant.index.store import Change, Known, UnreadNote
from assistant.models.embedding import weights_of

AT_ONCE = 20_000
"""Passages, about 100 MB, that one change holds."""


class LocalWriter:
    """Writes to the index in `settings.index` by a connection that nobody else has."""

    def __init__(self, connection: Connection, settings: Settings) -> None:
        """Use the connection as long as the store's `writing` lasts."""
        self._connection, self._settings, self._folder = connection, settings, settings.index

    def at_once(self, fingerprint: Mapping[str, Any]) -> int:
        """Return how many passages one change should hold: all of them, if the index was made with another fingerprint.

        An index has one fingerprint, so that readers may never see a part of it made anew.
        """
        return AT_ONCE if self.made() in ({}, fingerprint) else sys.maxsize

    def known(self) -> Known:
        """Return what the index knows of files, the first format's included."""
        rows = self._connection.execute(f"SELECT {database.NOTE}, stamp FROM notes").fetchall()
        notes = [database.note_of(row) for row in rows]
        unread = self._connection.execute("SELECT root, source, reason, failed FROM unread ORDER BY root, source")
        others = [UnreadNote(root, source, reason, bool(failed)) for root, source, reason, failed in unread]
        others += [UnreadNote(root, source, "", False) for root, source in earlier.files(self._folder)]
        return Known({manifest.file_of(note).path: note for note in notes}, {row[1]: row[-1] for row in rows}, others)

    def made(self) -> dict[str, Any]:
        """Return the fingerprint of the index; empty for a new one."""
        return dict(meta(self._connection, "fingerprint") or {})

    def passages_of(self, source: str) -> list[Passage]:
        """Return a note's passages in the note's order."""
        return changes.passages_of(self._connection, source)

    def without(self, passages: Iterable[tuple[bytes, Passage]]) -> set[bytes]:
        """Return the keys that have no undamaged vector yet, after those of the first format were taken over."""
        passages = list(passages)
        self._take_over(passages)
        return {key for key in {key for key, _ in passages} if not self._has(key)}

    def put_vectors(self, keys: Sequence[bytes], vectors: Vectors) -> None:
        """Store vectors, which stay for the next run if this one is killed."""
        with changing(self._connection, self._folder):
            changes.put_vectors(self._connection, keys, vectors)

    def change(self, change: Change) -> None:
        """Change the index in one transaction; make the base again where it pays."""
        with changing(self._connection, self._folder):
            for source in change.gone:
                changes.drop(self._connection, source)
            for filed in change.added:
                changes.add(self._connection, *filed)
            for note, stamp in change.touched:
                changes.touch(self._connection, note, stamp)
            if change.unread is not None:
                changes.put_unread(self._connection, change.unread)
            if change.fingerprint is not None:
                changes.seal(self._connection, change.fingerprint)
        with room_needed(self._folder):
            base.renew(self._connection, self._folder, self._settings.threads)

    def count(self) -> int:
        """Return the number of passages."""
        return int(self._connection.execute("SELECT count(*) FROM passages").fetchone()[0])

    def tidy(self) -> None:
        """Delete vectors that no passage uses, and files of the first format."""
        if changes.unused(self._connection):  # left by a killed run, for texts that no longer exist
            with changing(self._connection, self._folder):
                changes.sweep(self._connection)
        with room_needed(self._folder):
            database.shrink(self._connection)
            earlier.remove(self._folder)

    def _take_over(self, passages: Sequence[tuple[bytes, Passage]]) -> None:
        """Copy the vectors of the same texts from an index of the first format."""
        if not earlier.is_there(self._folder):
            return
        old = earlier.read(self._folder, weights_of(self._settings))
        pairs = [(key, vector) for key, passage in passages if (vector := old.vector(passage)) is not None]
        with changing(self._connection, self._folder):
            for key, vector in pairs:
                changes.put_vectors(self._connection, [key], vector[None, :])

    def _has(self, key: bytes) -> bool:
        row = self._connection.execute("SELECT digest, vector FROM vectors WHERE key = ?", (key,)).fetchone()
        try:
            return row is not None and len(database.vector_of(*row)) > 0
        except ValueError:
            return False
