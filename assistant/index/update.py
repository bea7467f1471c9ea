"""Brings the index in line with the notes on disk: what is new or changed is embedded, what is gone leaves.

In: paths, settings, and a way to get the embedding model should something need it. Out: a new generation of the index
if a note changed, a new manifest if only other files did, nothing if nothing did; and a report of every file. One
process at a time per index.
"""

import time
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from assistant.config import Settings
from assistant.errors import IndexUnusable
from assistant.index import manifest
from assistant.index.journal import Journal
from assistant.index.manifest import IndexedNote, Manifest
from assistant.index.survey import Survey, survey
from assistant.models import fitted
from assistant.models.embedding import Vectors, embed_texts, weights_of
from assistant.text import language
from assistant.text.untrusted import unread

if TYPE_CHECKING:
    from llama_index.core.base.embeddings.base import BaseEmbedding
    from llama_index.core.schema import Document

    from assistant.index.local import Index

_JOURNAL = ".embedded"
_AT_ONCE = 16
"""Passages that are embedded before they are written down: what a kill can cost."""
Progress = Callable[[int, int], None]
"""Called with the passages embedded so far and to be embedded in all."""


@dataclass(frozen=True)
class Report:
    """What an update did, as paths relative to the folders that were indexed; skipped and failed with the reason."""

    indexed: tuple[str, ...] = ()
    unchanged: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    skipped: dict[str, str] = field(default_factory=dict)
    failed: dict[str, str] = field(default_factory=dict)
    passages: int = 0
    embedded: int = 0
    seconds: float = 0.0


def update(
    paths: Sequence[Path],
    settings: Settings,
    embed_model: Callable[[], "BaseEmbedding"],
    progress: Progress = lambda done, total: None,
) -> Report:
    """Take in the notes under `paths`; notes indexed from elsewhere stay while they exist.

    Raises:
        NoteError: a path does not exist. A file that cannot be read fails alone; its reason is in the report.
        IndexUnusable: another process is indexing into the same folder, or it cannot be written.

    """
    from filelock import FileLock, Timeout

    settings = manifest.made_with(settings)
    lock = FileLock(settings.index / ".lock", timeout=0)
    try:
        settings.index.mkdir(parents=True, exist_ok=True)
        lock.acquire()
    except Timeout:
        raise IndexUnusable(
            f"another process is indexing into {settings.index}; wait for it, or name another folder with --index"
        ) from None
    except OSError as error:
        raise manifest.unwritable(settings, error) from error
    try:
        return _update(paths, settings, embed_model, progress)
    finally:
        lock.release()


def _update(
    paths: Sequence[Path], settings: Settings, embed_model: Callable[[], "BaseEmbedding"], progress: Progress
) -> Report:
    started = time.perf_counter()
    before = manifest.read_previous(settings)
    damaged = before.damaged() if before else frozenset()
    found = survey(paths, before, _same_parser(before, settings) and manifest.PASSAGES not in damaged)
    report = _report(found, before)
    stays = before and not damaged and before.fingerprint == manifest.fingerprint(settings)
    if before and stays and not report.indexed and not report.removed:
        today = fitted.current(before.fingerprint["embedding"])
        if (before.notes, before.unread, before.relevance) != (found.kept, found.unread, today):
            with _room_needed(settings):
                manifest.renew(before, found.kept, found.unread)
        passages, embedded = before.passages, 0
    else:
        passages, embedded = _rebuild(found, damaged, settings, embed_model, progress)
    return replace(report, passages=passages, embedded=embedded, seconds=time.perf_counter() - started)


def _same_parser(before: Manifest | None, settings: Settings) -> bool:
    now = manifest.fingerprint(settings)
    return before is not None and all(before.fingerprint.get(key) == now[key] for key in ("format", "chunking"))


def _report(found: Survey, before: Manifest | None) -> Report:
    present = {note.source for note in found.kept} | {document.id_ for document in found.documents}
    return Report(
        indexed=tuple(document.id_ for document in found.documents),
        unchanged=tuple(note.source for note in found.kept),
        removed=tuple(sorted(note.source for note in (before.notes if before else ()) if note.source not in present)),
        skipped={item.file.source: item.reason for item in found.unread if not item.failed},
        failed={item.file.source: item.reason for item in found.unread if item.failed},
    )


def _rebuild(
    found: Survey,
    damaged: Collection[str],
    settings: Settings,
    embed_model: Callable[[], "BaseEmbedding"],
    progress: Progress,
) -> tuple[int, int]:
    """Write a new generation; return the number of its passages and of those that were embedded now."""
    # Only now, because it takes seconds to import what passages are made of.
    from assistant.index import passages as chunk
    from assistant.index.local import load_previous, write

    old = None if manifest.PASSAGES in damaged else load_previous(settings)
    kept = {note.source for note in found.kept}
    passages = [passage for passage in old.passages if passage.metadata["source"] in kept] if old else []
    passages += chunk.PassageParser().get_nodes_from_documents(found.documents)  # type: ignore[arg-type]
    passages.sort(key=lambda passage: (passage.metadata["source"], passage.start_char_idx))
    texts = [chunk.embedded_text(passage) for passage in passages]
    journal = Journal(settings.index / _JOURNAL, weights_of(settings))
    had = {} if manifest.VECTORS in damaged else _old_vectors(old, settings)
    vectors, embedded = _vectors(texts, had, settings, embed_model, journal, progress)
    terms = _terms([chunk.searched_text(passage) for passage in passages], _old_terms(old, settings))
    counts = Counter(str(passage.metadata["source"]) for passage in passages)
    notes = [*found.kept, *(_indexed(document, counts, found) for document in found.documents)]
    write(settings, sorted(notes, key=lambda note: note.source), passages, vectors, terms, found.unread)
    journal.remove()
    return len(passages), embedded


def _old_vectors(old: "Index | None", settings: Settings) -> dict[str, Vectors]:
    """Return the vectors that the same weights made, by their text."""
    from assistant.index.passages import embedded_text

    if old is None or old.fingerprint.get("weights") != weights_of(settings):
        return {}
    same = old.fingerprint.get("chunking") == manifest.fingerprint(settings)["chunking"]
    try:
        return {
            embedded_text(passage): old.vectors[row]
            for row, passage in enumerate(old.passages)
            if same or not unread(passage.text)  # another version may have embedded what is not to be read
        }
    except IndexUnusable:
        return {}  # made anew from the notes, which are what counts


def _old_terms(old: "Index | None", settings: Settings) -> dict[str, Sequence[str]]:
    """Return the terms that the same code made, by their text."""
    from assistant.index.passages import searched_text

    if old is None or old.fingerprint.get("terms") != manifest.fingerprint(settings)["terms"]:
        return {}
    return {searched_text(passage): words for passage, words in zip(old.passages, old.terms, strict=True)}


def _vectors(
    texts: Sequence[str],
    had: dict[str, Vectors],
    settings: Settings,
    embed_model: Callable[[], "BaseEmbedding"],
    journal: Journal,
    progress: Progress,
) -> tuple[Vectors, int]:
    """Return the vectors of the texts and how many were made now; those that are there are carried over."""
    had = had | journal.read([text for text in texts if text not in had])
    # Shortest first, because a batch costs as much as its longest text.
    fresh = sorted({text for text in texts if text not in had}, key=lambda text: (len(text), text))
    for at in range(0, len(fresh), _AT_ONCE):
        some = fresh[at : at + _AT_ONCE]
        made = embed_texts(embed_model(), some)
        with _room_needed(settings):
            journal.append(some, made)
        had |= dict(zip(some, made, strict=True))
        progress(at + len(some), len(fresh))
    return (np.stack([had[text] for text in texts]) if texts else np.empty((0, 1), np.float32)), len(fresh)


def _terms(texts: Sequence[str], had: dict[str, Sequence[str]]) -> list[Sequence[str]]:
    return [had[text] if text in had else language.terms(text) for text in texts]


def _indexed(document: "Document", counts: Counter[str], found: Survey) -> IndexedNote:
    source, meta = document.id_, document.metadata
    copies = found.copies.get(source, ())
    return IndexedNote(meta["root"], source, meta["hash"], meta["title"], meta["language"], counts[source], copies)


@contextmanager
def _room_needed(settings: Settings) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise manifest.unwritable(settings, error) from error
