"""Which notes are new, which are as they were, and which files are none: what is on disk against the manifest.

In: paths and the manifest of the index. Out: a `Survey`. A note whose bytes the manifest knows is neither decoded nor
parsed again.
"""

import hashlib
import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from assistant.index import cut
from assistant.index.manifest import IndexedNote, Manifest
from assistant.notes.files import NoteFile, Unread, contents, find_notes, parsed

if TYPE_CHECKING:
    from llama_index.core.schema import Document


@dataclass(frozen=True)
class Survey:
    """Documents to take in, notes to keep, files that are not indexed; and by source the copies of either."""

    documents: tuple["Document", ...]
    kept: tuple[IndexedNote, ...]
    unread: tuple[Unread, ...]
    copies: Mapping[str, tuple[str, ...]]


def survey(paths: Sequence[Path], before: Manifest | None, same_parser: bool) -> Survey:
    """Look at the files under the paths, and at those that the manifest knows elsewhere while they exist.

    With `same_parser` False, each note is taken in as if it were new, under the name that it had.

    Raises:
        NoteError: a path does not exist.

    """
    known = {note.file.path: note for note in before.notes} if before else {}
    found = list(find_notes(paths))
    files = [item for item in found if isinstance(item, NoteFile)]
    unread = [item for item in found if isinstance(item, Unread)]
    elsewhere = [note.file for note in known.values()] + ([item.file for item in before.unread] if before else [])
    return _sorted_out(_named_apart(_with(files, elsewhere, paths), known), known if same_parser else {}, unread)


def _with(files: Iterable[NoteFile], elsewhere: Iterable[NoteFile], paths: Sequence[Path]) -> dict[Path, NoteFile]:
    """Return the files by their path, and those elsewhere that still exist and were not looked for just now."""
    found = {file.path: file for file in files}
    covered = [os.path.abspath(path) for path in paths]
    for file in elsewhere:
        path = file.path
        if path not in found and path.is_file() and not any(path.is_relative_to(place) for place in covered):
            found[path] = file
    return found


def _named_apart(found: Mapping[Path, NoteFile], known: Mapping[Path, IndexedNote]) -> list[NoteFile]:
    """Return the files, known ones first, each under a source of its own.

    Two folders may each hold a README.md: the later one is told apart by its folder's name, and keeps that name.
    """
    sources: set[str] = set()
    files = []
    for path, file in sorted(found.items(), key=lambda item: item[0] not in known):
        if path in known and known[path].source.endswith(f"/{file.source}"):
            file = known[path].file
        while file.source in sources and file.root != file.root.parent:
            file = NoteFile(file.root.parent, f"{file.root.name}/{file.source}")
        sources.add(file.source)
        files.append(file)
    return files


def _sorted_out(files: Iterable[NoteFile], known: Mapping[Path, IndexedNote], unread: list[Unread]) -> Survey:
    documents: list[Document] = []
    kept: list[IndexedNote] = []
    first: dict[str, str] = {}
    copies: dict[str, list[str]] = {}
    for file in files:
        data = contents(file)
        if isinstance(data, Unread):
            unread.append(data)
            continue
        digest = hashlib.sha256(data).hexdigest()
        if original := first.get(digest):
            copies.setdefault(original, []).append(file.source)
            unread.append(Unread(file, f"the same content as {original}, which is indexed", failed=False))
            continue
        before = known.get(file.path)
        if before and (before.hash, before.source) == (digest, file.source):
            kept.append(before)
        elif isinstance(note := _document(file, data), Unread):
            unread.append(note)
            continue
        else:
            documents.append(note)
        first[digest] = file.source
    others = {source: tuple(sorted(found)) for source, found in copies.items()}
    return Survey(
        documents=tuple(documents),
        kept=tuple(
            replace(note, copies=others.get(note.source, ())) for note in sorted(kept, key=lambda note: note.source)
        ),
        unread=tuple(sorted(unread, key=lambda item: (str(item.file.root), item.file.source))),
        copies=others,
    )


def _document(file: NoteFile, data: bytes) -> "Document | Unread":
    note = parsed(file, data)
    if not isinstance(note, Unread) and next(cut.spans(note.text, note.metadata["body_start"]), None) is None:
        return Unread(file, "it holds no text besides headings", failed=False)
    return note
