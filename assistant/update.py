"""Brings the index in line with the notes on disk: what is new or changed is embedded, what is gone leaves.

In: paths, settings, and a way to get the embedding model should something need it. Out: a new generation of the index,
if anything changed, and a report of every file. One process at a time per index.
"""

import os
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from assistant import chunk, language
from assistant.config import Settings
from assistant.embed import Vectors, embed_texts, weights_of
from assistant.errors import IndexUnusable
from assistant.index import Index, IndexedNote, fingerprint, load_previous, unwritable, write
from assistant.journal import Journal
from assistant.load import NoteFile, Unread, find_notes, read

if TYPE_CHECKING:
    from llama_index.core.base.embeddings.base import BaseEmbedding
    from llama_index.core.schema import Document, TextNode

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


@dataclass(frozen=True)
class _Sorted:
    """The notes found: documents to take in, notes to keep as they are, files that are not indexed."""

    documents: list["Document"]
    kept: list[IndexedNote]
    unread: list[Unread]


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

    lock = FileLock(settings.index / ".lock", timeout=0)
    try:
        settings.index.mkdir(parents=True, exist_ok=True)
        lock.acquire()
    except Timeout:
        raise IndexUnusable(
            f"another process is indexing into {settings.index}; wait for it, or name another folder with --index"
        ) from None
    except OSError as error:
        raise unwritable(settings, error) from error
    try:
        return _update(paths, settings, embed_model, progress)
    finally:
        lock.release()


def _update(
    paths: Sequence[Path], settings: Settings, embed_model: Callable[[], "BaseEmbedding"], progress: Progress
) -> Report:
    started = time.perf_counter()
    old = load_previous(settings)
    known = {note.file.path: note for note in old.notes} if old else {}
    found = _sort(_wanted_files(paths, known), known if _same_parser(old, settings) else {})
    present = {note.source for note in found.kept} | {item.id_ for item in found.documents}
    report = Report(
        indexed=tuple(document.id_ for document in found.documents),
        unchanged=tuple(note.source for note in found.kept),
        removed=tuple(sorted(note.source for note in known.values() if note.source not in present)),
        skipped={item.file.source: item.reason for item in found.unread if not item.failed},
        failed={item.file.source: item.reason for item in found.unread if item.failed},
    )
    if old and not report.indexed and not report.removed and old.fingerprint == fingerprint(settings):
        return replace(report, passages=len(old.passages), seconds=time.perf_counter() - started)
    passages = _carried_over(old, found.kept) + _parsed(found.documents)
    passages.sort(key=lambda passage: (passage.metadata["source"], passage.start_char_idx))
    texts = [chunk.embedded_text(passage) for passage in passages]
    journal = Journal(settings.index / _JOURNAL, weights_of(settings))
    vectors, embedded = _vectors(texts, old, settings, embed_model, journal, progress)
    counts = Counter(str(passage.metadata["source"]) for passage in passages)
    notes = found.kept + [_indexed(document, counts[document.id_]) for document in found.documents]
    write(settings, sorted(notes, key=lambda note: note.source), passages, vectors, _terms(texts, old, settings))
    journal.remove()
    seconds = time.perf_counter() - started
    return replace(report, passages=len(passages), embedded=embedded, seconds=seconds)


def _same_parser(old: Index | None, settings: Settings) -> bool:
    now = fingerprint(settings)
    return old is not None and all(old.fingerprint.get(key) == now[key] for key in ("format", "chunking"))


def _wanted_files(paths: Sequence[Path], known: Mapping[Path, IndexedNote]) -> list[NoteFile]:
    """Return the files under the paths, then the known ones elsewhere that still exist, each under its own source."""
    found = {file.path: file for file in find_notes(paths)}
    covered = [os.path.abspath(path) for path in paths]
    for path, note in known.items():
        if path not in found and path.is_file() and not any(path.is_relative_to(place) for place in covered):
            found[path] = note.file
    sources: set[str] = set()
    files = []
    # Two folders may each hold a README.md: the later one is told apart by its folder's name, and keeps that name.
    for path, file in sorted(found.items(), key=lambda item: item[0] not in known):
        if path in known and known[path].source.endswith(f"/{file.source}"):
            file = known[path].file
        while file.source in sources and file.root != file.root.parent:
            file = NoteFile(file.root.parent, f"{file.root.name}/{file.source}")
        sources.add(file.source)
        files.append(file)
    return files


def _sort(files: Sequence[NoteFile], known: Mapping[Path, IndexedNote]) -> _Sorted:
    found = _Sorted([], [], [])
    first: dict[str, str] = {}
    for file in files:
        note = read(file)
        if isinstance(note, Unread):
            found.unread.append(note)
            continue
        digest = note.metadata["hash"]
        if digest in first:
            found.unread.append(Unread(file, f"the same content as {first[digest]}, which is indexed", failed=False))
            continue
        first[digest] = file.source
        before = known.get(file.path)
        if before and before.hash == digest and before.source == file.source:
            found.kept.append(before)
        else:
            found.documents.append(note)
    return found


def _carried_over(old: Index | None, kept: Sequence[IndexedNote]) -> list["TextNode"]:
    sources = {note.source for note in kept}
    return [passage for passage in old.passages if passage.metadata["source"] in sources] if old else []


def _parsed(documents: Sequence["Document"]) -> list["TextNode"]:
    return list(chunk.PassageParser().get_nodes_from_documents(documents))  # type: ignore[arg-type]


def _vectors(
    texts: Sequence[str],
    old: Index | None,
    settings: Settings,
    embed_model: Callable[[], "BaseEmbedding"],
    journal: Journal,
    progress: Progress,
) -> tuple[Vectors, int]:
    """Return the vectors of the texts and how many were made now; the same weights' old ones are carried over."""
    had: dict[str, Vectors] = {}
    if old and old.fingerprint.get("weights") == weights_of(settings):
        try:
            had = {chunk.embedded_text(passage): old.vectors[row] for row, passage in enumerate(old.passages)}
        except IndexUnusable:
            had = {}  # made anew from the notes, which are what counts
    had |= journal.read([text for text in texts if text not in had])
    # Shortest first, because a batch costs as much as its longest text.
    fresh = sorted({text for text in texts if text not in had}, key=lambda text: (len(text), text))
    for at in range(0, len(fresh), _AT_ONCE):
        some = fresh[at : at + _AT_ONCE]
        made = embed_texts(embed_model(), some)
        try:
            journal.append(some, made)
        except OSError as error:
            raise unwritable(settings, error) from error
        had |= dict(zip(some, made, strict=True))
        progress(at + len(some), len(fresh))
    return (np.stack([had[text] for text in texts]) if texts else np.empty((0, 1), np.float32)), len(fresh)


def _terms(texts: Sequence[str], old: Index | None, settings: Settings) -> list[Sequence[str]]:
    had: dict[str, Sequence[str]] = {}
    if old and old.fingerprint.get("terms") == fingerprint(settings)["terms"]:
        had = {chunk.embedded_text(passage): words for passage, words in zip(old.passages, old.terms, strict=True)}
    return [had[text] if text in had else language.terms(text) for text in texts]


def _indexed(document: "Document", passages: int) -> IndexedNote:
    meta = document.metadata
    return IndexedNote(meta["root"], document.id_, meta["hash"], meta["title"], meta["language"], passages)
