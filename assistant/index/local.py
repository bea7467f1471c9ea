"""The index on disk: a SQLite file that holds everything, and files that are made of it so that searches are fast.

    index.sqlite   passages with text and terms, vectors, notes, thresholds, vectors of a run that has not finished

One update is one transaction: a run that is killed leaves the index as it was. A reader keeps the state that it took.
"""

import shutil
import sqlite3
import tempfile
import threading
import weakref
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path

from assistant.answer import Passage, Vectors
from assistant.config import Settings
from assistant.errors import IndexUnusable
from assistant.index import changes, database, earlier, manifest
from assistant.index.database import damage_told, key_of, transaction, unwritable
from assistant.index.ingest import embedded_text
from assistant.index.snapshot import LocalSnapshot
from assistant.index.store import IndexedNote
from assistant.models import fitted
from assistant.models.embedding import weights_of


class LocalStore:
    """The index in `settings.index`; thread-safe."""

    def __init__(self, settings: Settings) -> None:
        """Open nothing yet."""
        self._settings, self._lock = settings, threading.Lock()
        self._latest: LocalSnapshot | None = None

    @classmethod
    def holding(cls, passages: Sequence[Passage], vectors: Vectors, settings: Settings | None = None) -> "LocalStore":
        """Return a store of passages with their vectors, shape (passages, dimension); each source becomes a note.

        Without settings it lives in a folder of its own, which goes with it.
        """
        folder = None if settings else tempfile.mkdtemp(prefix="notes-index-")
        store = cls(settings or Settings(index=Path(str(folder)), embedding="given"))
        if folder:
            weakref.finalize(store, shutil.rmtree, folder, ignore_errors=True)
        store.fill(passages, vectors)
        return store

    def snapshot(self) -> LocalSnapshot:
        """Return the state of now; raise IndexUnusable if there is no index, or it is damaged or made otherwise."""
        with self._lock:
            folder = self._settings.index
            try:
                with damage_told(folder):
                    connection = _connected(folder)
                    version = database.meta(connection, "version")
            except IndexUnusable:
                self._latest = None
                raise
            if version is None:
                connection.close()
                raise _absent(folder)
            if self._latest and self._latest.version == version:
                connection.close()
                return self._latest
            with damage_told(folder):
                made = database.meta(connection, "fingerprint")
                manifest.check(made, self._settings)
                self._latest = LocalSnapshot(folder, connection, self._settings.threads)
            return self._latest

    def replace(self, note: IndexedNote, passages: Sequence[Passage], vectors: Vectors) -> None:
        """Put a note's passages with their vectors, shape (passages, dimension), in the place of those it had."""
        with writing(self._settings) as connection, transaction(connection):
            changes.drop(connection, note.source)
            self._add(connection, note, passages, vectors)
            changes.sweep(connection)
            self._seal(connection)

    def remove(self, source: str) -> None:
        """Let a note go."""
        with writing(self._settings) as connection, transaction(connection):
            changes.drop(connection, source)
            changes.sweep(connection)
            self._seal(connection)

    def fill(self, passages: Sequence[Passage], vectors: Vectors) -> None:
        """Hold these passages and no others; each source becomes a note."""
        by_source: dict[str, list[int]] = {}
        for place, passage in enumerate(passages):
            by_source.setdefault(passage.source, []).append(place)
        with writing(self._settings) as connection, transaction(connection):
            for table in ("notes", "passages", "vectors", "lexicon", "unread"):
                connection.execute(f"DELETE FROM {table}")
            for source, places in by_source.items():
                first = passages[places[0]]
                note = IndexedNote("", source, "", first.title, first.language.value, len(places))
                self._add(connection, note, [passages[place] for place in places], vectors[places])
            self._seal(connection)

    def _add(
        self, connection: sqlite3.Connection, note: IndexedNote, passages: Sequence[Passage], vectors: Vectors
    ) -> None:
        weights = weights_of(manifest.made_with(self._settings))
        keys = [key_of(weights, embedded_text(passage)) for passage in passages]
        changes.put_vectors(connection, keys, vectors)
        changes.add(connection, note, passages, keys)

    def _seal(self, connection: sqlite3.Connection) -> None:
        settings = manifest.made_with(self._settings)
        changes.seal(connection, manifest.fingerprint(settings), fitted.current(settings.embedding))


def _connected(folder: Path) -> sqlite3.Connection:
    try:
        return database.connect(folder)
    except FileNotFoundError:
        if earlier.is_there(folder):
            raise IndexUnusable(
                f"the index at {folder} was made by an earlier version; renew it with: assistant index [FOLDER]"
            ) from None
        raise _absent(folder) from None


def _absent(folder: Path) -> IndexUnusable:
    return IndexUnusable(f"no index at {folder}; make one with: assistant index [FOLDER]")


@contextmanager
def writing(settings: Settings) -> Iterator[sqlite3.Connection]:
    """Give the one connection that may write; raise IndexUnusable if there is another, or no room."""
    from filelock import FileLock, Timeout

    folder = settings.index
    lock = FileLock(folder / ".lock", timeout=0)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        lock.acquire()
    except Timeout:
        raise IndexUnusable(
            f"another process is indexing into {folder}; wait for it, or name another folder with --index"
        ) from None
    except OSError as error:
        raise unwritable(folder, error) from error
    try:
        with room_needed(folder):
            opened = database.writable(folder)
        with closing(opened) as connection:
            yield connection
    finally:
        lock.release()


@contextmanager
def room_needed(folder: Path) -> Iterator[None]:
    """Say in one line what keeps an index from being written."""
    try:
        yield
    except (OSError, sqlite3.OperationalError) as error:
        raise unwritable(folder, error) from error
