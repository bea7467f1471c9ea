"""The index in a Milvus server: the implementation of `assistant.index.store.Store` for `store = "milvus"`.

Milvus has no transactions over several rows; `milvus_writer` says how a change is seen whole or not at all. One process
writes at a time. What a killed one left behind is never seen, and the next one deletes it.
"""

import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import cached_property
from typing import Any

from assistant.answer import Passage, Vectors
from assistant.config import Settings
from assistant.errors import IndexUnusable
from assistant.index import manifest
from assistant.index.database import key_of
from assistant.index.milvus_client import Milvus, is_absent
from assistant.index.milvus_head import HEAD, Head
from assistant.index.milvus_lease import leased
from assistant.index.milvus_schema import SCHEMA, head_schema, heads
from assistant.index.milvus_snapshot import MilvusSnapshot
from assistant.index.milvus_writer import MilvusWriter, undo
from assistant.index.passages import embedded_text
from assistant.index.store import Change, Filed, IndexedNote


class MilvusStore:
    """The index in the server that the settings name; thread-safe."""

    def __init__(self, settings: Settings) -> None:
        """Connect to nothing yet."""
        self._settings, self._lock = settings, threading.Lock()
        self._name, self._heads = settings.store_name, heads(settings.store_name)
        self._latest: MilvusSnapshot | None = None

    @cached_property
    def _server(self) -> Milvus:
        return Milvus(self._settings)

    @property
    def place(self) -> str:
        """The server's address, and the name of the index in it."""
        return f"{self._settings.store_address} ({self._name})"

    def exists(self) -> bool:
        """Tell whether there is an index."""
        return self._head() is not None

    def made(self) -> dict[str, Any]:
        """Return the fingerprint of the index as it was a moment ago; empty if there is none."""
        head = self._head(fresh=False)
        return dict(head.fingerprint) if head else {}

    def snapshot(self) -> MilvusSnapshot:
        """Return the current state; raise IndexUnusable if it is missing, or does not fit the settings."""
        with self._lock:
            head = self._head()
            if head is None:
                raise IndexUnusable(f"no index at {self.place}; make one with: assistant index [FOLDER]")
            if self._latest is None or self._latest.version != head.version:
                manifest.check(head.fingerprint, self._settings, self.place)
                self._latest = MilvusSnapshot(self._server, self._name, head, self._latest)
            return self._latest

    @contextmanager
    def writing(self) -> Iterator[MilvusWriter]:
        """Give the only writer; raise IndexUnusable if another process has it."""
        self._head()  # that of another schema is left alone
        if self._heads not in self._server.collections():
            self._server.create(self._heads, *head_schema())
        with leased(
            self._server, self._heads, self.place, lambda: undo(self._server, self._name, self._head() or Head())
        ) as lease:
            yield MilvusWriter(self._server, self._name, self._head() or Head(), lease)

    def replace(self, note: IndexedNote, passages: Sequence[Passage], vectors: Vectors) -> None:
        """Replace a note's passages and their vectors, shape (passages, dimension)."""
        made = manifest.fingerprint(manifest.made_with(self._settings, self))
        keys = [key_of(made["weights"], embedded_text(passage)) for passage in passages]
        with self.writing() as writer:
            if there := writer.made():
                manifest.check(there, self._settings, self.place)
            writer.put_vectors(keys, vectors)
            writer.change(Change([note.source], [Filed(note, passages, keys)], fingerprint=made))
            writer.tidy()

    def remove(self, source: str) -> None:
        """Delete a note."""
        with self.writing() as writer:
            if made := writer.made():
                writer.change(Change([source], fingerprint=made))
                writer.tidy()

    def _head(self, *, fresh: bool = True) -> Head | None:
        try:
            rows = self._server.read(self._heads, f'pk == "{HEAD}"', ["content"], fresh=fresh)
        except IndexUnusable as error:
            if is_absent(error):
                return None
            raise
        head = Head.of(rows[0]["content"]) if rows else None
        if head and head.schema != SCHEMA:
            raise IndexUnusable(
                f"the index at {self.place} has schema {head.schema}, this version of the program has {SCHEMA}; use "
                "that version, or another store_name"
            )
        return head
