"""Brings the index in line with the notes on disk: embeds new and changed notes, removes deleted ones.

In: paths, settings, and a function that loads the embedding model if it is needed. Out: an updated index, written in
one transaction, and a report about every file. One process at a time per index.
"""

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from sqlite3 import Connection
from typing import TYPE_CHECKING, Any

from assistant.answer import Passage
from assistant.config import Settings
from assistant.index import base, changes, database, earlier, manifest
from assistant.index.database import key_of, meta, room_needed
from assistant.index.ingest import Ingested, with_terms
from assistant.index.local import changing, writing
from assistant.index.passages import embedded_text
from assistant.index.store import IndexedNote, UnreadNote
from assistant.index.survey import Known, Survey, survey, times
from assistant.models.embedding import embed_texts, weights_of
from assistant.notes.files import Unread
from assistant.notes.formats.tesseract import WAITS

if TYPE_CHECKING:
    from llama_index.core.base.embeddings.base import BaseEmbedding

READING, EMBEDDING = "reading", "embedding"
_AT_ONCE = 16
"""Passages that are embedded between two writes: the most work that a killed run loses."""
Progress = Callable[[str, int, int], None]
"""Called with `READING` files or `EMBEDDING` passages, how many are done, and how many there are."""


@dataclass(frozen=True)
class Report:
    """What an update did, by the sources of notes; skipped and failed files with the reason."""

    indexed: tuple[str, ...] = ()
    unchanged: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    skipped: dict[str, str] = field(default_factory=dict)
    failed: dict[str, str] = field(default_factory=dict)
    passages: int = 0
    embedded: int = 0
    seconds: float = 0.0

    @property
    def waiting(self) -> dict[str, str]:
        """The files with scanned pages, or pictures, that another update goes on with."""
        return {source: reason for source, reason in (self.skipped | self.failed).items() if WAITS in reason}

    def then(self, later: "Report") -> "Report":
        """Return the report of this update and a later one together."""
        return replace(
            later,
            indexed=tuple(dict.fromkeys(self.indexed + later.indexed)),
            unchanged=tuple(source for source in later.unchanged if source not in self.indexed),
            removed=tuple(dict.fromkeys(self.removed + later.removed)),
            embedded=self.embedded + later.embedded,
            seconds=self.seconds + later.seconds,
        )


def update(
    paths: Sequence[Path] | None,
    settings: Settings,
    embed_model: Callable[[], "BaseEmbedding"],
    progress: Progress = lambda what, done, total: None,
    only: bool = False,
) -> Report:
    """Index the notes under `paths`; others that are indexed stay while they exist, unless these are the `only` ones.

    Without paths it is the settings' folder; or those that the index is of, if nobody chose that one.

    Raises:
        NoteError: a path does not exist. A file that cannot be read fails alone; its reason is in the report.
        IndexUnusable: another process is indexing into the same folder, or it cannot be written.

    """
    started = time.perf_counter()
    settings = manifest.made_with(settings)
    with writing(settings) as connection:
        report = _Update(connection, settings, embed_model, progress).run(paths, only)
        if changes.unused(connection):  # left by a killed run, for texts that no longer exist
            with changing(connection, settings.index):
                changes.sweep(connection)
        with room_needed(settings.index):
            base.renew(connection, settings.index, settings.threads)
            database.shrink(connection)
            earlier.remove(settings.index)
    return replace(report, seconds=time.perf_counter() - started)


class _Update:
    """One run of an update."""

    def __init__(
        self,
        connection: Connection,
        settings: Settings,
        embed_model: Callable[[], "BaseEmbedding"],
        progress: Progress,
    ) -> None:
        self._connection, self._settings = connection, settings
        self._embed_model, self._progress = embed_model, progress
        self._fingerprint = manifest.fingerprint(settings)
        self._made: dict[str, Any] = meta(connection, "fingerprint") or {}
        self._weights = weights_of(settings)
        self._known = known(connection, settings.index)

    def run(self, paths: Sequence[Path] | None, only: bool) -> Report:
        """Bring the index in line and return the report, without its seconds."""
        paths = self._usual() if paths is None else paths
        same_parser = all(self._made.get(key) == self._fingerprint[key] for key in ("format", "chunking"))
        surveyed = survey(paths, self._known, same_parser, partial(self._progress, READING), only)
        report = _report(surveyed, self._known)
        if self._made == self._fingerprint and not report.indexed and not report.removed:
            self._renew(surveyed)
            return replace(report, passages=self._count())
        embedded = self._rebuild(surveyed, report)
        return replace(report, passages=self._count(), embedded=embedded)

    def _usual(self) -> list[Path]:
        """Return the settings' folder; or those that notes came from, if it is the default and none came from it."""
        own = self._settings.notes
        roots = dict.fromkeys(Path(note.root) for note in self._known.notes.values())
        others = [root for root in roots if root.is_dir()]
        return [own] if own != Settings.notes or own.absolute() in roots or not others else others

    def _count(self) -> int:
        return int(self._connection.execute("SELECT count(*) FROM passages").fetchone()[0])

    def _renew(self, surveyed: Survey) -> None:
        """Update what the index knows of files, where no passage changed."""
        unread, touched = _unread(surveyed.unread), self._touched(surveyed)
        copies = {note.source: note.copies for note in self._known.notes.values()}
        outdated = unread != list(self._known.unread) or any(note.copies != copies[note.source] for note, _ in touched)
        if not touched and not outdated:
            return
        with changing(self._connection, self._settings.index):
            for note, stamp in touched:
                changes.touch(self._connection, note, stamp)
            if outdated:
                changes.put_unread(self._connection, unread)
                changes.seal(self._connection, self._fingerprint)

    def _touched(self, surveyed: Survey) -> list[tuple[IndexedNote, str]]:
        """Return the kept notes whose file details changed, each with its stamp."""
        before = {note.source: (note, self._known.stamps[note.source]) for note in self._known.notes.values()}
        now = [(note, surveyed.stamps[note.source] or before[note.source][1]) for note in surveyed.kept]
        return [(note, stamp) for note, stamp in now if before[note.source] != (note, stamp)]

    def _rebuild(self, surveyed: Survey, report: Report) -> int:
        """Write all changes; return the number of passages that were embedded."""
        taken: dict[str, tuple[IndexedNote, Sequence[Passage]]] = {
            taken.document.source: (_indexed(taken, surveyed), taken.passages) for taken in surveyed.taken
        }
        if self._made != self._fingerprint:
            taken |= dict(self._made_anew(surveyed))
        passages = [passage for _, some in taken.values() for passage in some]
        keys, embedded = self._embedded(passages)
        gone = {note.source for note in self._known.notes.values()} & {*report.removed, *taken}
        with changing(self._connection, self._settings.index):
            for source in gone:
                changes.drop(self._connection, source)
            for source, (note, some) in sorted(taken.items()):
                stamp = surveyed.stamps[source]
                changes.add(self._connection, note, some, [keys[passage.id] for passage in some], stamp)
            for note, stamp in self._touched(surveyed):
                if note.source not in taken:
                    changes.touch(self._connection, note, stamp)
            changes.put_unread(self._connection, _unread(surveyed.unread))
            changes.seal(self._connection, self._fingerprint)
        return embedded

    def _made_anew(self, surveyed: Survey) -> Iterator[tuple[str, tuple[IndexedNote, Sequence[Passage]]]]:
        """Yield the kept notes with newly computed search terms, where other code or another model made the index."""
        for note in surveyed.kept:
            yield note.source, (note, with_terms(changes.passages_of(self._connection, note.source)))

    def _embedded(self, passages: Sequence[Passage]) -> tuple[dict[str, bytes], int]:
        """Embed what has no vector yet; return the vectors' keys by passage id, and the number of new vectors.

        Vectors are written every `_AT_ONCE` passages, so that a killed run does not have to make them again.
        """
        texts = {passage.id: embedded_text(passage) for passage in passages}
        keys = {id: key_of(self._weights, text) for id, text in texts.items()}
        self._take_over(passages, keys)
        there = {key for key in set(keys.values()) if self._has(key)}
        lacking = {keys[id]: text for id, text in texts.items() if keys[id] not in there}
        # Shortest first, because a batch costs as much as its longest text.
        fresh = sorted(lacking.items(), key=lambda item: (len(item[1]), item[1]))
        for at in range(0, len(fresh), _AT_ONCE):
            batch = fresh[at : at + _AT_ONCE]
            vectors = embed_texts(self._embed_model(), [text for _, text in batch])
            with changing(self._connection, self._settings.index):
                changes.put_vectors(self._connection, [key for key, _ in batch], vectors)
            self._progress(EMBEDDING, at + len(batch), len(fresh))
        return keys, len(fresh)

    def _take_over(self, passages: Sequence[Passage], keys: Mapping[str, bytes]) -> None:
        """Copy the vectors of the same texts from an index of the first format."""
        if not earlier.is_there(self._settings.index):
            return
        old = earlier.read(self._settings.index, self._weights)
        pairs = [(keys[passage.id], vector) for passage in passages if (vector := old.vector(passage)) is not None]
        with changing(self._connection, self._settings.index):
            for key, vector in pairs:
                changes.put_vectors(self._connection, [key], vector[None, :])

    def _has(self, key: bytes) -> bool:
        row = self._connection.execute("SELECT digest, vector FROM vectors WHERE key = ?", (key,)).fetchone()
        try:
            return row is not None and len(database.vector_of(*row)) > 0
        except ValueError:
            return False


def known(connection: Connection, folder: Path) -> Known:
    """Return what an index knows of files, the first format's included."""
    rows = connection.execute(f"SELECT {database.NOTE}, stamp FROM notes").fetchall()
    notes = [database.note_of(row) for row in rows]
    unread = connection.execute("SELECT root, source, reason, failed FROM unread ORDER BY root, source")
    others = [UnreadNote(root, source, reason, bool(failed)) for root, source, reason, failed in unread]
    others += [UnreadNote(root, source, "", False) for root, source in earlier.files(folder)]
    return Known({manifest.file_of(note).path: note for note in notes}, {row[1]: row[-1] for row in rows}, others)


def _report(surveyed: Survey, before: Known) -> Report:
    present = {note.source for note in surveyed.kept} | {taken.document.source for taken in surveyed.taken}
    return Report(
        indexed=tuple(taken.document.source for taken in surveyed.taken),
        unchanged=tuple(note.source for note in surveyed.kept if note.source not in surveyed.failed),
        removed=tuple(sorted(note.source for note in before.notes.values() if note.source not in present)),
        skipped={item.file.source: item.reason for item in surveyed.unread if not item.failed},
        failed={item.file.source: item.reason for item in surveyed.unread if item.failed},
    )


def _unread(unread: Sequence[Unread]) -> list[UnreadNote]:
    return [UnreadNote(str(item.file.root), item.file.source, item.reason, item.failed) for item in unread]


def _indexed(taken: Ingested, surveyed: Survey) -> IndexedNote:
    document = taken.document
    file = surveyed.files[document.source]
    size, modified = times(file.place)
    return IndexedNote(
        root=str(file.root),
        source=document.source,
        hash=document.hash,
        title=document.title,
        language=document.language.value,
        passages=len(taken.passages),
        copies=surveyed.copies.get(document.source, ()),
        tags=document.tags,
        aliases=document.aliases,
        entry=document.entry,
        size=size,
        modified=modified,
        day=document.day,
    )
