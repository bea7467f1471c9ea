"""The index on disk: one SQLite file that holds everything, and derived files that make searches fast.

    index.sqlite   notes, passages with text and terms, vectors (also of an unfinished run), thresholds
    base-…/        arrays and a FAISS file, derived from it (`assistant.index.base`)

One update is one transaction: a run that is killed leaves the index as it was. A reader keeps the state that it opened.
"""

import shutil
import sqlite3
import tempfile
import threading
import weakref
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager, suppress
from pathlib import Path
from typing import Any

from assistant.answer import Passage, Vectors
from assistant.config import Settings
from assistant.errors import IndexUnusable
from assistant.index import base, changes, database, earlier, manifest, mend
from assistant.index.database import changing, damage_told, key_of, room_needed, transaction, unwritable
from assistant.index.local_writer import LocalWriter
from assistant.index.passages import embedded_text
from assistant.index.snapshot import LocalSnapshot
from assistant.index.store import IndexedNote
from assistant.models.embedding import weights_of


class LocalStore:
    """The index in `settings.index`; thread-safe."""

    def __init__(self, settings: Settings) -> None:
        """Open nothing yet."""
        self._settings, self._lock = settings, threading.Lock()
        self._latest: LocalSnapshot | None = None

    @classmethod
    def holding(cls, passages: Sequence[Passage], vectors: Vectors, settings: Settings | None = None) -> "LocalStore":
        """Return a store filled with passages and their vectors, shape (passages, dimension); each source is a note.

        Without settings it lives in a temporary folder, which is removed with the store.
        """
        folder = None if settings else tempfile.mkdtemp(prefix="notes-index-")
        store = cls(settings or Settings(index=Path(str(folder)), embedding="given"))
        if folder:
            weakref.finalize(store, shutil.rmtree, folder, ignore_errors=True)
        places: dict[str, list[int]] = {}
        for place, passage in enumerate(passages):
            places.setdefault(passage.source, []).append(place)
        store.fill(
            (
                IndexedNote("", source, "", first.title, first.language.value, len(some), aliases=first.aliases),
                [passages[at] for at in some],
                vectors[some],
            )
            for source, some in places.items()
            for first in [passages[some[0]]]
        )
        return store

    def snapshot(self) -> LocalSnapshot:
        """Return the current state; raise IndexUnusable if it is missing, damaged or does not fit the settings."""
        with self._lock:
            try:
                self._latest = self._taken()
            except IndexUnusable as error:
                self._latest = None
                if not isinstance(error.__cause__, FileNotFoundError):
                    raise
                self._latest = self._taken()  # another process may just have replaced the base's files
            return self._latest

    def _taken(self) -> LocalSnapshot:
        folder, before = self._settings.index, self._latest
        with ExitStack() as failing:  # a connection that stays open keeps Windows from replacing a damaged file
            with damage_told(folder):
                connection = failing.enter_context(closing(_connected(folder)))
                version, fingerprint = database.meta(connection, "version"), database.meta(connection, "fingerprint")
            if version is None:
                raise _absent(folder)
            if before and before.version == version:
                return before
            manifest.check(fingerprint, self._settings)
            snapshot = LocalSnapshot(folder, connection, before)
            failing.pop_all()
            return snapshot

    @property
    def place(self) -> str:
        """The folder of the index."""
        return str(self._settings.index)

    def exists(self) -> bool:
        """Tell whether there is a database, whole or not."""
        return (self._settings.index / database.FILE).exists()

    def made(self) -> dict[str, Any]:
        """Return the fingerprint of the index, or of one of the first format; empty if it cannot be read."""
        folder = self._settings.index
        try:
            with damage_told(folder), closing(database.connect(folder)) as connection:
                return dict(database.meta(connection, "fingerprint") or {})
        except IndexUnusable:
            return earlier.fingerprint(folder)

    @contextmanager
    def writing(self) -> Iterator[LocalWriter]:
        """Give the only writer; raise IndexUnusable if another process has it, or the disk is full."""
        settings = manifest.made_with(self._settings, self)
        with _writing(settings) as connection:
            yield LocalWriter(connection, settings)

    def replace(self, note: IndexedNote, passages: Sequence[Passage], vectors: Vectors) -> None:
        """Replace a note's passages and their vectors, shape (passages, dimension)."""
        with _writing(self._settings) as connection:
            with changing(connection, self._settings.index):
                changes.drop(connection, note.source)
                self._add(connection, note, passages, vectors)
                self._seal(connection)
            base.renew(connection, self._settings.index, self._settings.threads)

    def remove(self, source: str) -> None:
        """Delete a note."""
        with _writing(self._settings) as connection:
            with changing(connection, self._settings.index):
                changes.drop(connection, source)
                self._seal(connection)
            base.renew(connection, self._settings.index, self._settings.threads)

    def fill(self, notes: Iterable[tuple[IndexedNote, Sequence[Passage], Vectors]]) -> None:
        """Replace all notes by these, each with its passages and their vectors."""
        with _writing(self._settings) as connection:
            with changing(connection, self._settings.index):
                for table in ("notes", "passages", "vectors", "lexicon", "unread"):
                    connection.execute(f"DELETE FROM {table}")
                for note, passages, vectors in notes:
                    self._add(connection, note, passages, vectors)
                self._seal(connection)
            base.renew(connection, self._settings.index, self._settings.threads, anyway=True)

    def _add(
        self, connection: sqlite3.Connection, note: IndexedNote, passages: Sequence[Passage], vectors: Vectors
    ) -> None:
        weights = weights_of(manifest.made_with(self._settings, self))
        keys = [key_of(weights, embedded_text(passage)) for passage in passages]
        changes.put_vectors(connection, keys, vectors)
        changes.add(connection, note, passages, keys)

    def _seal(self, connection: sqlite3.Connection) -> None:
        changes.seal(connection, manifest.fingerprint(manifest.made_with(self._settings, self)))


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
    return IndexUnusable(
        f"no index at {folder}; make one with: assistant index [FOLDER], "
        "or work in a folder that was opened with: assistant FOLDER"
    )


@contextmanager
def _writing(settings: Settings) -> Iterator[sqlite3.Connection]:
    """Give the only connection that may write; raise IndexUnusable if another process has it, or the disk is full.

    A damaged index is made again; vectors that are undamaged are kept.
    """
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
            opened = mend.opened(folder)
        with closing(opened) as connection:
            try:
                yield connection
            except IndexUnusable:
                _tidied(connection, folder)
                raise
        with suppress(OSError):  # without the record, the next update checks the whole index
            mend.say_whole(folder)
    finally:
        lock.release()


def _tidied(connection: sqlite3.Connection, folder: Path) -> None:
    """Delete what a run wrote before it failed on a full disk, so that it does not keep the disk full."""
    try:
        with transaction(connection):
            changes.sweep(connection)
        database.shrink(connection)
    except sqlite3.Error:  # even deleting needs some room; where no run has ever ended, there is nothing to keep
        with suppress(sqlite3.Error, OSError):
            if database.meta(connection, "version") is None:
                connection.close()
                mend.clear(folder)
