"""Brings the index in line with the notes on disk: embeds new and changed notes, removes deleted ones.

In: paths, settings, and a function that loads the embedding model if it is needed. Out: an updated index, written in
as few steps as its store allows, and a report about every file. One process at a time per index.
"""

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path

from assistant.answer import Passage
from assistant.config import Settings
from assistant.index import manifest
from assistant.index.database import key_of
from assistant.index.ingest import Ingested, with_terms
from assistant.index.passages import embedded_text
from assistant.index.steps import in_steps
from assistant.index.store import Change, Filed, IndexedNote, Known, Store, UnreadNote, Writer
from assistant.index.stores import open_store
from assistant.index.survey import Survey, survey, times
from assistant.models.embedding import Embedder, embed_texts
from assistant.notes.files import Unread
from assistant.notes.formats.tesseract import WAITS

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
    embed_model: Callable[[], Embedder],
    progress: Progress = lambda what, done, total: None,
    only: bool = False,
    store: Store | None = None,
) -> Report:
    """Index the notes under `paths`; others that are indexed stay while they exist, unless these are the `only` ones.

    Without paths it is the settings' folder; or those that the index is of, if nobody chose that one. Without a store
    the settings name it.

    Raises:
        NoteError: a path does not exist. A file that cannot be read fails alone; its reason is in the report.
        IndexUnusable: another process is indexing into the same folder, or it cannot be written.

    """
    started = time.perf_counter()
    store = store or open_store(settings)
    settings = manifest.made_with(settings, store)
    with store.writing() as writer:
        report = _Update(writer, settings, embed_model, progress).run(paths, only)
        writer.tidy()
    return replace(report, seconds=time.perf_counter() - started)


class _Update:
    """One run of an update."""

    def __init__(
        self, writer: Writer, settings: Settings, embed_model: Callable[[], Embedder], progress: Progress
    ) -> None:
        self._writer, self._settings = writer, settings
        self._embed_model, self._progress = embed_model, progress
        self._fingerprint = manifest.fingerprint(settings)
        self._made = writer.made()
        self._known = writer.known()

    def run(self, paths: Sequence[Path] | None, only: bool) -> Report:
        """Bring the index in line and return the report, without its seconds."""
        paths = self._usual() if paths is None else paths
        same_parser = all(self._made.get(key) == self._fingerprint[key] for key in ("format", "chunking"))
        surveyed = survey(paths, self._known, same_parser, partial(self._progress, READING), only)
        report = _report(surveyed, self._known)
        if self._made == self._fingerprint and not report.indexed and not report.removed:
            self._renew(surveyed)
            return replace(report, passages=self._writer.count())
        embedded = self._rebuild(surveyed, report)
        return replace(report, passages=self._writer.count(), embedded=embedded)

    def _usual(self) -> list[Path]:
        """Return the settings' folder; or those that notes came from, if it is the default and none came from it."""
        own = self._settings.notes
        roots = dict.fromkeys(Path(note.root) for note in self._known.notes.values())
        others = [root for root in roots if root.is_dir()]
        return [own] if own != Settings.notes or own.absolute() in roots or not others else others

    def _renew(self, surveyed: Survey) -> None:
        """Update what the index knows of files, where no passage changed."""
        unread, touched = _unread(surveyed.unread), self._touched(surveyed)
        copies = {note.source: note.copies for note in self._known.notes.values()}
        if unread != list(self._known.unread) or any(note.copies != copies[note.source] for note, _ in touched):
            self._writer.change(Change(touched=touched, unread=unread, fingerprint=self._fingerprint))
        elif touched:
            self._writer.change(Change(touched=touched))

    def _touched(self, surveyed: Survey) -> list[tuple[IndexedNote, str]]:
        """Return the kept notes whose file details changed, each with its stamp."""
        before = {note.source: (note, self._known.stamps[note.source]) for note in self._known.notes.values()}
        now = [(note, surveyed.stamps[note.source] or before[note.source][1]) for note in surveyed.kept]
        return [(note, stamp) for note, stamp in now if before[note.source] != (note, stamp)]

    def _rebuild(self, surveyed: Survey, report: Report) -> int:
        """Write all changes, in as many steps as the store wants; return the number of passages that were embedded."""
        filed = [self._filed(_indexed(taken, surveyed), taken.passages, surveyed) for taken in surveyed.taken]
        if self._made != self._fingerprint:
            filed += self._made_anew(surveyed)
        taken = {item.note.source for item in filed}
        lacking = self._writer.without(
            (key, one) for item in filed for one, key in zip(item.passages, item.keys, strict=True)
        )
        embedded, done = len(lacking), 0
        before = {note.source for note in self._known.notes.values()}
        ordered = sorted(filed, key=lambda item: item.note.source)
        *steps, last = [*in_steps(ordered, lambda item: len(item.passages), self._writer.at_once)] or [[]]
        for step in steps:
            done = self._embed(step, lacking, done)
            gone = before & {item.note.source for item in step}
            self._writer.change(Change(gone=gone, added=step, fingerprint=self._fingerprint))
        self._embed(last, lacking, done)
        self._writer.change(
            Change(
                gone=before & {*report.removed, *(item.note.source for item in last)},
                added=last,
                touched=[(note, stamp) for note, stamp in self._touched(surveyed) if note.source not in taken],
                unread=_unread(surveyed.unread),
                fingerprint=self._fingerprint,
            )
        )
        return embedded

    def _filed(self, note: IndexedNote, passages: Sequence[Passage], surveyed: Survey) -> Filed:
        weights = self._fingerprint["weights"]
        keys = [key_of(weights, embedded_text(passage)) for passage in passages]
        return Filed(note, passages, keys, surveyed.stamps[note.source])

    def _made_anew(self, surveyed: Survey) -> Iterator[Filed]:
        """Yield the kept notes with newly computed search terms, where other code or another model made the index."""
        for note in surveyed.kept:
            yield self._filed(note, with_terms(self._writer.passages_of(note.source)), surveyed)

    def _embed(self, filed: Sequence[Filed], lacking: set[bytes], done: int) -> int:
        """Embed what is `lacking` a vector, and take it from there; return the number of passages `done` by now.

        Vectors are kept every `_AT_ONCE` passages, so that a killed run does not have to make them again.
        """
        texts = {key: embedded_text(one) for item in filed for key, one in item.pairs if key in lacking}
        total = done + len(lacking)
        # Shortest first, because a batch costs as much as its longest text.
        fresh = sorted(texts.items(), key=lambda item: (len(item[1]), item[1]))
        for at in range(0, len(fresh), _AT_ONCE):
            batch = fresh[at : at + _AT_ONCE]
            vectors = embed_texts(self._embed_model(), [text for _, text in batch])
            self._writer.put_vectors([key for key, _ in batch], vectors)
            self._progress(EMBEDDING, done + at + len(batch), total)
        lacking.difference_update(texts)
        return done + len(fresh)


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
