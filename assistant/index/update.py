"""Brings the index in line with the notes on disk: embeds new and changed notes, removes deleted ones.

In: paths, settings, and a function that loads the embedding model if it is needed. Out: an updated index, written in
as few steps as its store allows, and a report about every file. One process at a time per index.
"""

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
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
from assistant.index.survey import Survey, surveying, times
from assistant.index.taking import Alone, Workers
from assistant.models.embedding import Embedder
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
    workers: Workers | None = None,
) -> Report:
    """Index the notes under `paths`; others that are indexed stay while they exist, unless these are the `only` ones.

    Without paths it is the settings' folder; or those that the index is of, if nobody chose that one. Without a store
    the settings name it. Without workers this process does all the work, with the model that `embed_model` loads.

    Raises:
        NoteError: a path does not exist. A file that cannot be read fails alone; its reason is in the report.
        IndexUnusable: another process is indexing into the same folder, or it cannot be written.

    """
    started = time.perf_counter()
    store = store or open_store(settings)
    settings = manifest.made_with(settings, store)
    with store.writing() as writer:
        report = _Update(writer, settings, workers or Alone(embed_model), progress).run(paths, only)
        writer.tidy()
    return replace(report, seconds=time.perf_counter() - started)


class _Update:
    """One run of an update. Of the notes that were taken in it holds no more than two steps write."""

    def __init__(self, writer: Writer, settings: Settings, workers: Workers, progress: Progress) -> None:
        self._writer, self._settings, self._workers, self._progress = writer, settings, workers, progress
        self._fingerprint = manifest.fingerprint(settings)
        self._made = writer.made()
        self._known = writer.known()
        self._before = {note.source: (note, self._known.stamps[note.source]) for note in self._known.notes.values()}
        self._waiting: list[Filed] = []
        self._written: dict[str, tuple[IndexedNote, str]] = {}
        self._embedded = 0

    def run(self, paths: Sequence[Path] | None, only: bool) -> Report:
        """Bring the index in line and return the report, without its seconds."""
        paths = self._usual() if paths is None else paths
        same_parser = all(self._made.get(key) == self._fingerprint[key] for key in ("format", "chunking"))
        most = self._writer.at_once(self._fingerprint)
        with surveying(paths, self._known, same_parser, only) as survey:
            for step in in_steps(self._filed(survey), lambda filed: len(filed.passages), most):
                if self._waiting:  # the last step is written with what is known only at the end
                    added = self._ready(survey)
                    self._writer.change(Change(self._replaced(added), added, fingerprint=self._fingerprint))
                self._waiting = step
        report = _report(survey, self._known)
        if self._made == self._fingerprint and not report.indexed and not report.removed:
            self._renew(survey)
        else:
            self._end(survey, report)
        return replace(report, passages=self._writer.count(), embedded=self._embedded)

    def _usual(self) -> list[Path]:
        """Return the settings' folder; or those that notes came from, if it is the default and none came from it."""
        own = self._settings.notes
        roots = dict.fromkeys(Path(note.root) for note in self._known.notes.values())
        others = [root for root in roots if root.is_dir()]
        return [own] if own != Settings.notes or own.absolute() in roots or not others else others

    def _filed(self, survey: Survey) -> Iterator[Filed]:
        """Yield the notes to write: new and changed ones, and all others too if the index was made otherwise."""
        weights, total = self._fingerprint["weights"], len(survey.to_see)

        def filed(note: IndexedNote, passages: Sequence[Passage]) -> Filed:
            keys = [key_of(weights, embedded_text(passage)) for passage in passages]
            return Filed(note, passages, keys, survey.stamps[note.source])

        while survey.to_see:
            for taken in self._workers.take(survey.jobs()):
                note = survey.took(taken)
                self._progress(READING, survey.seen, total)
                if note:
                    yield filed(_indexed(note, survey), note.passages)
        if self._made != self._fingerprint:
            for kept in survey.kept:
                yield filed(kept, with_terms(self._writer.passages_of(kept.source)))

    def _ready(self, survey: Survey) -> list[Filed]:
        """Return the notes that wait, with vectors for all of their passages; after that none waits."""
        waiting = sorted(self._waiting, key=lambda item: item.note.source)
        self._waiting = []
        self._embed(waiting)
        ready = [item._replace(note=replace(item.note, copies=survey.copies(item.note.source))) for item in waiting]
        self._written.update((item.note.source, (item.note, item.stamp)) for item in ready)
        return ready

    def _replaced(self, added: Sequence[Filed]) -> set[str]:
        return self._before.keys() & {item.note.source for item in added}

    def _embed(self, filed: Sequence[Filed]) -> None:
        """Embed the texts that have no vector, and keep the vectors, batch by batch, for a run after a killed one."""
        lacking = self._writer.without(pair for item in filed for pair in item.pairs)
        keys = {embedded_text(passage): key for item in filed for key, passage in item.pairs if key in lacking}
        # Shortest first, because a batch costs as much as its longest text.
        texts = sorted(keys, key=lambda text: (len(text), text))
        batches = (texts[at : at + _AT_ONCE] for at in range(0, len(texts), _AT_ONCE))
        total = self._embedded + len(texts)
        for batch, vectors in self._workers.embed(batches):
            self._writer.put_vectors([keys[text] for text in batch], vectors)
            self._embedded += len(batch)
            self._progress(EMBEDDING, self._embedded, total)

    def _renew(self, survey: Survey) -> None:
        """Update what the index knows of files, where no passage changed."""
        unread, touched = _unread(survey.unread), self._touched(survey)
        if unread != list(self._known.unread) or any(
            note.copies != self._before[note.source][0].copies for note, _ in touched
        ):
            self._writer.change(Change(touched=touched, unread=unread, fingerprint=self._fingerprint))
        elif touched:
            self._writer.change(Change(touched=touched))

    def _end(self, survey: Survey, report: Report) -> None:
        """Write what no step wrote: the last notes, and what is known only after all files were seen."""
        earlier = [
            (replace(note, copies=survey.copies(source)), stamp)
            for source, (note, stamp) in self._written.items()
            if note.copies != survey.copies(source)
        ]
        added = self._ready(survey)
        self._writer.change(
            Change(
                gone=self._replaced(added) | self._before.keys() & set(report.removed),
                added=added,
                touched=[*earlier, *self._touched(survey)],
                unread=_unread(survey.unread),
                fingerprint=self._fingerprint,
            )
        )

    def _touched(self, survey: Survey) -> list[tuple[IndexedNote, str]]:
        """Return the notes kept as they were whose file details changed, each with its stamp."""
        kept = [(note, survey.stamps[note.source] or self._before[note.source][1]) for note in survey.kept]
        return [
            (note, stamp)
            for note, stamp in kept
            if note.source not in self._written and self._before[note.source] != (note, stamp)
        ]


def _report(survey: Survey, before: Known) -> Report:
    taken, kept, unread = set(survey.taken), [note.source for note in survey.kept], survey.unread
    return Report(
        indexed=tuple(source for source in survey.files if source in taken),
        unchanged=tuple(source for source in kept if source not in survey.failed),
        removed=tuple(sorted({note.source for note in before.notes.values()} - taken - {*kept})),
        skipped={item.file.source: item.reason for item in unread if not item.failed},
        failed={item.file.source: item.reason for item in unread if item.failed},
    )


def _unread(unread: Sequence[Unread]) -> list[UnreadNote]:
    return [UnreadNote(str(item.file.root), item.file.source, item.reason, item.failed) for item in unread]


def _indexed(taken: Ingested, survey: Survey) -> IndexedNote:
    document = taken.document
    file = survey.files[document.source]
    size, modified = times(file.place)
    return IndexedNote(
        root=str(file.root),
        source=document.source,
        hash=document.hash,
        title=document.title,
        language=document.language.value,
        passages=len(taken.passages),
        tags=document.tags,
        aliases=document.aliases,
        entry=document.entry,
        size=size,
        modified=modified,
        day=document.day,
    )
