"""The index on disk: passages, their vectors in FAISS, what keyword search needs, and what made it all.

An index folder holds one whole generation and the file `CURRENT` that names it:

    CURRENT                     name of the generation in use
    <generation>/manifest.json  fingerprint, notes, files that were not indexed
    <generation>/passages.jsonl one passage a line, with its search terms
    <generation>/vectors.faiss  row i is passage i
    <generation>/keywords/      BM25 over the terms

An update writes a new generation beside the old one and then switches `CURRENT` in one step, so that a killed run
leaves the old index in use. The generation before the current one stays for those who still read it. Vectors are
carried over by the text they were made from. Nothing is unpickled.
"""

import hashlib
import json
import os
import re
import shutil
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from assistant import chunk, language
from assistant.config import Settings
from assistant.embed import Vectors, weights_of
from assistant.errors import IndexUnusable
from assistant.load import NoteFile
from assistant.sounds import sound_key

if TYPE_CHECKING:
    from llama_index.core.schema import TextNode
    from llama_index.vector_stores.faiss import FaissVectorStore

FORMAT = 1
_CURRENT = "CURRENT"
_LATIN_WORD = re.compile(r"[A-Za-z]+")
_GENERATION = re.compile(r"[0-9a-f]{12}")
_DAMAGE = (OSError, ValueError, KeyError, TypeError, AttributeError, RuntimeError)


@dataclass(frozen=True)
class IndexedNote:
    """A note in the index; `hash` is the SHA-256 of its bytes."""

    root: str
    source: str
    hash: str
    title: str
    language: str
    passages: int

    @property
    def file(self) -> NoteFile:
        """Where the note was read."""
        return NoteFile(Path(self.root), self.source)


@dataclass(frozen=True)
class Index:
    """One generation, loaded. Row i of the vectors is `passages[i]`."""

    folder: Path
    fingerprint: dict[str, Any]
    notes: tuple[IndexedNote, ...]
    passages: tuple["TextNode", ...]
    terms: tuple[tuple[str, ...], ...]
    updated: str

    @cached_property
    def store(self) -> "FaissVectorStore":
        """The vectors behind LlamaIndex's vector store interface; an id is a row number."""
        import faiss
        from llama_index.vector_stores.faiss import FaissVectorStore

        try:
            found = faiss.read_index(str(self.folder / "vectors.faiss"))
            if found.ntotal != len(self.passages):
                raise ValueError(f"{len(self.passages)} vectors expected, {found.ntotal} found")
        except _DAMAGE as error:
            raise _damaged(self.folder.parent, error) from error
        return FaissVectorStore(faiss_index=found)

    @cached_property
    def vectors(self) -> Vectors:
        """All vectors, shape (passages, dimension), unit length."""
        found = self.store.client
        return np.asarray(found.reconstruct_n(0, found.ntotal), np.float32)

    @cached_property
    def keywords(self) -> Any:
        """The BM25 index over the passages' terms (`bm25s.BM25`)."""
        import bm25s

        try:
            return bm25s.BM25.load(str(self.folder / "keywords"), load_corpus=False)
        except _DAMAGE as error:
            raise _damaged(self.folder.parent, error) from error

    @cached_property
    def spellings(self) -> dict[str, set[str]]:
        """The search terms of each sound: where 트랜스포머 asks, the terms of "transformer", and the reverse.

        A key is the script of the terms, `ko` or `en`, and a sound (`assistant.sounds`).
        """
        found: dict[str, set[str]] = {}
        for word in {word.lower() for passage in self.passages for word in _LATIN_WORD.findall(passage.text)}:
            if key := sound_key(word):
                found.setdefault(f"en {key}", set()).update(language.terms(word))
        for term in {term for words in self.terms for term in words if not term.isascii()}:
            if key := sound_key(term):
                found.setdefault(f"ko {key}", set()).add(term)
        return found

    @cached_property
    def rows(self) -> dict[str, int]:
        """Row of each passage by its node id."""
        return {passage.node_id: row for row, passage in enumerate(self.passages)}


def fingerprint(settings: Settings) -> dict[str, Any]:
    """Return what an index must agree with to be used under these settings."""
    return {
        "format": FORMAT,
        "embedding": settings.embedding,
        "weights": weights_of(settings),
        "chunking": chunk.VERSION,
        "terms": language.TERMS_VERSION,
    }


def load(settings: Settings) -> Index:
    """Open the index; raise IndexUnusable with the mending command if it is absent, damaged or made otherwise."""
    try:
        found = _load_any(settings.index)
    except _DAMAGE as error:
        raise _damaged(settings.index, error) from error
    if found is None:
        raise IndexUnusable(f"no index at {settings.index}; make one with: assistant index [FOLDER]")
    wanted = fingerprint(settings)
    if differing := [key for key in wanted if found.fingerprint.get(key) != wanted[key]]:
        said = "; ".join(f"{key}: index {found.fingerprint.get(key)}, settings {wanted[key]}" for key in differing)
        raise IndexUnusable(
            f"the index at {settings.index} was made otherwise ({said}); renew it with: assistant index [FOLDER]"
        )
    return found


def superseded(index: Index) -> bool:
    """Tell whether another generation has taken the index's place since it was loaded."""
    try:
        return (index.folder.parent / _CURRENT).read_text(encoding="utf-8").strip() != index.folder.name
    except OSError:
        return True


def _damaged(folder: Path, error: Exception) -> IndexUnusable:
    said = (str(error).splitlines() or [type(error).__name__])[0]
    return IndexUnusable(f"the index at {folder} is damaged ({said}); make it anew with: assistant index [FOLDER]")


def _load_any(folder: Path) -> Index | None:
    if not (folder / _CURRENT).is_file():
        return None
    generation = folder / (folder / _CURRENT).read_text(encoding="utf-8").strip()
    manifest = json.loads((generation / "manifest.json").read_text(encoding="utf-8"))
    with (generation / "passages.jsonl").open(encoding="utf-8") as lines:
        records = [json.loads(line) for line in lines]
    if len(records) != manifest["passages"]:
        raise ValueError(f"{manifest['passages']} passages expected, {len(records)} found")
    return Index(
        folder=generation,
        fingerprint=dict(manifest["fingerprint"]),
        notes=tuple(IndexedNote(**note) for note in manifest["notes"]),
        passages=tuple(
            chunk.passage(item["id"], item["text"], item["start"], item["end"], item["metadata"]) for item in records
        ),
        terms=tuple(tuple(item["terms"]) for item in records),
        updated=manifest["updated"],
    )


def load_previous(settings: Settings) -> Index | None:
    """Return the index whatever made it, for an update to carry over from; None if absent or damaged."""
    try:
        return _load_any(settings.index)
    except _DAMAGE:
        return None  # made anew from the notes, which are what counts


def write(
    settings: Settings,
    notes: Sequence[IndexedNote],
    passages: Sequence["TextNode"],
    vectors: Vectors,
    terms: Sequence[Sequence[str]],
) -> None:
    """Write a generation and put it in use; row i of `vectors` and `terms` belongs to `passages[i]`.

    Raises:
        IndexUnusable: the folder cannot be written; the old generation stays in use.

    """
    try:
        _write(settings, notes, passages, vectors, terms)
    except (OSError, RuntimeError) as error:  # FAISS raises RuntimeError
        raise unwritable(settings, error) from error


def unwritable(settings: Settings, error: Exception) -> IndexUnusable:
    """Return the error for an index folder that cannot be written."""
    said = getattr(error, "strerror", None) or str(error).splitlines()[0]
    return IndexUnusable(
        f"cannot write the index at {settings.index}: {said}; make room there, or name another folder with --index"
    )


def _write(
    settings: Settings,
    notes: Sequence[IndexedNote],
    passages: Sequence["TextNode"],
    vectors: Vectors,
    terms: Sequence[Sequence[str]],
) -> None:
    scratch = settings.index / ".writing"
    shutil.rmtree(scratch, ignore_errors=True)
    scratch.mkdir()
    manifest = {
        "fingerprint": fingerprint(settings),
        "updated": time.strftime("%Y-%m-%dT%H:%M:%S%z"),
        "passages": len(passages),
        "notes": [asdict(note) for note in notes],
    }
    said = json.dumps(manifest, ensure_ascii=False, indent=1)
    (scratch / "manifest.json").write_text(said, encoding="utf-8")
    with (scratch / "passages.jsonl").open("w", encoding="utf-8") as file:
        for passage, words in zip(passages, terms, strict=True):
            file.write(json.dumps(_record(passage, words), ensure_ascii=False) + "\n")
    _write_vectors(vectors, scratch / "vectors.faiss")
    _write_keywords(terms, scratch / "keywords")
    name = hashlib.sha256(said.encode()).hexdigest()[:12]
    current = settings.index / _CURRENT
    before = current.read_text(encoding="utf-8").strip() if current.is_file() else ""
    # Only what this function made may be removed: the folder may hold anything else.
    previous = [path for path in settings.index.iterdir() if _GENERATION.fullmatch(path.name) and path.is_dir()]
    shutil.rmtree(settings.index / name, ignore_errors=True)
    scratch.rename(settings.index / name)
    pointer = settings.index / f"{_CURRENT}.new"
    pointer.write_text(name, encoding="utf-8")
    os.replace(pointer, current)
    for path in previous:
        if path.name not in (name, before):
            shutil.rmtree(path, ignore_errors=True)


def _write_vectors(vectors: Vectors, file: Path) -> None:
    import faiss

    store = faiss.IndexFlatIP(vectors.shape[1] or 1)
    if len(vectors):
        store.add(vectors)
    faiss.write_index(store, str(file))


def _write_keywords(terms: Sequence[Sequence[str]], folder: Path) -> None:
    import bm25s

    keywords = bm25s.BM25(method="lucene")
    # BM25 over nothing cannot be built; a word that no question holds stands in for a passage without terms.
    keywords.index([list(words) or [""] for words in terms] or [[""]], show_progress=False)
    keywords.save(str(folder), show_progress=False)


def _record(passage: "TextNode", terms: Sequence[str]) -> dict[str, Any]:
    return {
        "id": passage.node_id,
        "text": passage.text,
        "start": passage.start_char_idx,
        "end": passage.end_char_idx,
        "metadata": passage.metadata,
        "terms": list(terms),
    }
