"""The index's manifest: what made it, its notes, the files that are not indexed, and what its other files must be.

In: the index folder. Out: its manifest alone. Knows nothing of LlamaIndex or FAISS, so that a run that finds nothing
changed costs little; `assistant.index.local` loads the rest.
"""

import hashlib
import json
import os
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from assistant.config import Settings
from assistant.errors import IndexUnusable
from assistant.index import cut
from assistant.models import fitted
from assistant.models.embedding import name_of, weights_of
from assistant.notes.files import NoteFile, Unread
from assistant.text import language

FORMAT = 2
CURRENT = "CURRENT"
PASSAGES = "passages.jsonl"
VECTORS = "vectors.faiss"
KEYWORDS = "keywords"
LEXICON = "lexicon.json"
_FILE = "manifest.json"


@dataclass(frozen=True)
class IndexedNote:
    """A note in the index; `hash` is the SHA-256 of its bytes, `copies` the sources of other files that hold them."""

    root: str
    source: str
    hash: str
    title: str
    language: str
    passages: int
    copies: tuple[str, ...] = ()

    @property
    def file(self) -> NoteFile:
        """Where the note was read."""
        return NoteFile(Path(self.root), self.source)


@dataclass(frozen=True)
class Manifest:
    """What `<generation>/manifest.json` says.

    `relevance` holds the thresholds of the relevance check and what else was fitted for it (`assistant.models.fitted`);
    `digests` are the SHA-256 of the files beside it, by their path.
    """

    folder: Path
    fingerprint: dict[str, Any]
    updated: str
    passages: int
    notes: tuple[IndexedNote, ...]
    unread: tuple[Unread, ...]
    digests: dict[str, str]
    relevance: dict[str, Any]

    def damaged(self) -> frozenset[str]:
        """Return the files of the generation that are not what was written; each is read whole."""
        return frozenset(name for name, digest in self.digests.items() if _digest(self.folder / name) != digest)


def fingerprint(settings: Settings) -> dict[str, Any]:
    """Return what an index must agree with to be used under these settings."""
    return {
        "format": FORMAT,
        "embedding": name_of(settings),
        "weights": weights_of(settings),
        "chunking": cut.VERSION,
        "terms": language.TERMS_VERSION,
    }


def read(folder: Path) -> Manifest | None:
    """Return the manifest of the generation in use; None if there is no index. Raises what damage makes it raise."""
    if not (folder / CURRENT).is_file():
        return None
    generation = folder / (folder / CURRENT).read_text(encoding="utf-8").strip()
    said = json.loads((generation / _FILE).read_text(encoding="utf-8"))
    return Manifest(
        folder=generation,
        fingerprint=dict(said["fingerprint"]),
        updated=said["updated"],
        passages=said["passages"],
        notes=tuple(IndexedNote(**{**note, "copies": tuple(note.get("copies", ()))}) for note in said["notes"]),
        unread=tuple(
            Unread(NoteFile(Path(item["root"]), item["source"]), item["reason"], item["failed"])
            for item in said.get("unread", ())
        ),
        digests=dict(said.get("files", {})),
        relevance=dict(said.get("relevance", {})),
    )


def read_previous(settings: Settings) -> Manifest | None:
    """Return the manifest whatever made the index, for an update to begin with; None if absent or damaged."""
    try:
        with damage_told(settings.index):
            return read(settings.index)
    except IndexUnusable:
        return None  # made anew from the notes, which are what counts


def superseded(manifest: Manifest) -> bool:
    """Tell whether another generation has taken the place of the manifest's since it was read."""
    try:
        return (manifest.folder.parent / CURRENT).read_text(encoding="utf-8").strip() != manifest.folder.name
    except OSError:
        return True


def made_with(settings: Settings) -> Settings:
    """Return the settings with an embedding model: the one they name, else the index's own, else the default.

    The one place that knows this order. A damaged manifest counts as none: loading the index says so.
    """
    if settings.embedding:
        return settings
    found = read_previous(settings)
    made = str(found.fingerprint.get("embedding") or "") if found else ""
    return replace(settings, embedding=made or name_of(settings))


def write(
    generation: Path, settings: Settings, passages: int, notes: Sequence[IndexedNote], unread: Sequence[Unread]
) -> None:
    """Write the manifest of a generation whose other files are there; raise OSError if it cannot be written."""
    files = sorted(path for path in generation.rglob("*") if path.is_file() and path.name != _FILE)
    digests = {path.relative_to(generation).as_posix(): _digest(path) for path in files}
    _put(generation, fingerprint(settings), passages, notes, unread, digests)


def renew(manifest: Manifest, notes: Sequence[IndexedNote], unread: Sequence[Unread]) -> None:
    """Put other notes and files that are not indexed into a manifest, in one step, and the thresholds of today.

    Passages and vectors stay.

    Raises OSError if it cannot be written.
    """
    _put(manifest.folder, manifest.fingerprint, manifest.passages, notes, unread, manifest.digests)


def _put(
    generation: Path,
    fingerprint: Mapping[str, Any],
    passages: int,
    notes: Sequence[IndexedNote],
    unread: Sequence[Unread],
    digests: Mapping[str, str],
) -> None:
    said = {
        "fingerprint": fingerprint,
        "updated": time.strftime("%Y-%m-%dT%H:%M:%S%z"),
        "passages": passages,
        "notes": [asdict(note) for note in notes],
        "unread": [
            {"root": str(item.file.root), "source": item.file.source, "reason": item.reason, "failed": item.failed}
            for item in unread
        ],
        "files": digests,
        "relevance": fitted.current(str(fingerprint["embedding"])),
    }
    scratch = generation.parent / f".{_FILE}"
    scratch.write_text(json.dumps(said, ensure_ascii=False, indent=1), encoding="utf-8")
    os.replace(scratch, generation / _FILE)


def _digest(file: Path) -> str:
    """Return the SHA-256 of a file; nothing if it cannot be read."""
    try:
        with file.open("rb") as opened:
            return hashlib.file_digest(opened, "sha256").hexdigest()
    except OSError:
        return ""


@contextmanager
def damage_told(folder: Path) -> Iterator[None]:
    """Turn whatever a damaged index raises into IndexUnusable with the command that mends it."""
    try:
        yield
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RuntimeError) as error:
        said = (str(error).splitlines() or [type(error).__name__])[0]
        raise IndexUnusable(
            f"the index at {folder} is damaged ({said}); make it anew with: assistant index [FOLDER]"
        ) from error


def unwritable(settings: Settings, error: Exception) -> IndexUnusable:
    """Return the error for an index folder that cannot be written."""
    said = getattr(error, "strerror", None) or str(error).splitlines()[0]
    return IndexUnusable(
        f"cannot write the index at {settings.index}: {said}; make room there, or name another folder with --index"
    )
