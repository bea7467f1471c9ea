"""The index on disk: passages, their vectors in FAISS, what keyword search needs, and what made it all.

An index folder holds one whole generation and the file `CURRENT` that names it:

    CURRENT                     name of the generation in use
    <generation>/manifest.json  what made it, notes, thresholds, digests (`assistant.index.manifest`)
    <generation>/passages.jsonl one passage a line, with its search terms
    <generation>/vectors.faiss  row i is passage i (`assistant.index.vectors`)
    <generation>/keywords/      BM25 over the terms
    <generation>/lexicon.json   terms of the two languages that stand for each other (`assistant.text.lexicon`)

An update writes a new generation beside the old one and then switches `CURRENT` in one step, so that a killed run
leaves the old index in use. The generation before the current one stays for those who still read it. Vectors are
carried over by the text they were made from. Nothing is unpickled.
"""

import json
import os
import re
import secrets
import shutil
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from assistant.config import Settings
from assistant.errors import IndexUnusable
from assistant.index import manifest, vectors
from assistant.index import passages as chunk
from assistant.index.manifest import (
    CURRENT,
    KEYWORDS,
    LEXICON,
    PASSAGES,
    VECTORS,
    IndexedNote,
    Manifest,
    damage_told,
    fingerprint,
)
from assistant.index.term_weights import TermWeights
from assistant.index.vectors import PassageVectors
from assistant.models import fitted
from assistant.models.embedding import Vectors
from assistant.notes.files import Unread
from assistant.text.lexicon import Lexicon
from assistant.text.untrusted import seen

if TYPE_CHECKING:
    from llama_index.core.schema import TextNode

_GENERATION = re.compile(r"[0-9a-f]{12}")


@dataclass(frozen=True)
class Index:
    """One generation, loaded. Row i of the vectors is `passages[i]`."""

    manifest: Manifest
    passages: tuple["TextNode", ...]
    terms: tuple[tuple[str, ...], ...]

    @property
    def folder(self) -> Path:
        """The generation's folder."""
        return self.manifest.folder

    @property
    def fingerprint(self) -> dict[str, Any]:
        """What made the index."""
        return self.manifest.fingerprint

    @property
    def notes(self) -> tuple[IndexedNote, ...]:
        """The notes, sorted by source."""
        return self.manifest.notes

    @cached_property
    def store(self) -> PassageVectors:
        """The vectors behind LlamaIndex's vector store interface; an id is a row number."""
        with damage_told(self.folder.parent):
            return vectors.read(self.folder / VECTORS, len(self.passages))

    @cached_property
    def vectors(self) -> Vectors:
        """All vectors, shape (passages, dimension), unit length."""
        return self.store.rows()

    @cached_property
    def languages(self) -> npt.NDArray[np.str_]:
        """The language of each passage, `ko` or `en`, shape (passages,)."""
        return np.array([passage.metadata["language"] for passage in self.passages], np.str_)

    @cached_property
    def keywords(self) -> Any:
        """The BM25 index over the passages' terms (`bm25s.BM25`)."""
        import bm25s

        with damage_told(self.folder.parent):
            return bm25s.BM25.load(str(self.folder / KEYWORDS), load_corpus=False)

    @cached_property
    def lexicon(self) -> Lexicon:
        """What the notes themselves say of terms that stand for each other in the two languages."""
        with damage_told(self.folder.parent):
            return Lexicon.read(self.folder / LEXICON)

    @cached_property
    def fitted(self) -> dict[str, Any]:
        """What the grader judges the passages by: weights, and thresholds for each language."""
        return fitted.usable(self.manifest.relevance, self.fingerprint["embedding"])

    @cached_property
    def term_weights(self) -> TermWeights:
        """How much each search term says among the passages."""
        return TermWeights.of(self.terms)

    @cached_property
    def rows(self) -> dict[str, int]:
        """Row of each passage by its node id."""
        return {passage.node_id: row for row, passage in enumerate(self.passages)}


def load(settings: Settings) -> Index:
    """Open the index; raise IndexUnusable with the mending command if it is absent, damaged or made otherwise."""
    settings = manifest.made_with(settings)
    with damage_told(settings.index):
        found = _load_any(settings.index)
    if found is None:
        raise IndexUnusable(f"no index at {settings.index}; make one with: assistant index [FOLDER]")
    wanted = fingerprint(settings)
    if differing := [key for key in wanted if found.fingerprint.get(key) != wanted[key]]:
        said = "; ".join(f"{key}: index {found.fingerprint.get(key)}, settings {wanted[key]}" for key in differing)
        raise IndexUnusable(
            f"the index at {settings.index} was made otherwise ({said}); renew it with: assistant index [FOLDER]"
        )
    return found


def _load_any(folder: Path) -> Index | None:
    said = manifest.read(folder)
    if said is None:
        return None
    passages: list[TextNode] = []
    terms: list[tuple[str, ...]] = []
    with (said.folder / PASSAGES).open(encoding="utf-8") as lines:
        for item in map(json.loads, lines):
            passages.append(chunk.passage(item["id"], item["text"], item["start"], item["end"], item["metadata"]))
            terms.append(tuple(map(sys.intern, item["terms"])))  # the same words return in every passage
    if len(passages) != said.passages:
        raise ValueError(f"{said.passages} passages expected, {len(passages)} found")
    return Index(said, tuple(passages), tuple(terms))


def load_previous(settings: Settings) -> Index | None:
    """Return the index whatever made it, for an update to carry over from; None if absent or damaged."""
    try:
        with damage_told(settings.index):
            return _load_any(settings.index)
    except IndexUnusable:
        return None  # made anew from the notes, which are what counts


def write(
    settings: Settings,
    notes: Sequence[IndexedNote],
    passages: Sequence["TextNode"],
    rows: Vectors,
    terms: Sequence[Sequence[str]],
    unread: Sequence[Unread] = (),
) -> None:
    """Write a generation and put it in use; row i of `rows` and `terms` belongs to `passages[i]`.

    Raises:
        IndexUnusable: the folder cannot be written; the old generation stays in use.

    """
    scratch = settings.index / ".writing"
    try:
        shutil.rmtree(scratch, ignore_errors=True)
        scratch.mkdir()
        _write_passages(passages, terms, scratch / PASSAGES)
        vectors.write(rows, scratch / VECTORS, settings.threads)
        _write_keywords(terms, scratch / KEYWORDS)
        Lexicon.of((seen(passage.text) for passage in passages), terms).write(scratch / LEXICON)
        manifest.write(scratch, settings, len(passages), notes, unread)
        _put_in_use(scratch)
    except (OSError, RuntimeError) as error:  # FAISS raises RuntimeError
        raise manifest.unwritable(settings, error) from error


def _put_in_use(written: Path) -> None:
    """Give what was written a name of its own and switch to it; what nobody reads any more goes."""
    folder, name = written.parent, secrets.token_hex(6)
    current = folder / CURRENT
    before = current.read_text(encoding="utf-8").strip() if current.is_file() else ""
    # Only what this module made may be removed: the folder may hold anything else.
    previous = [path for path in folder.iterdir() if _GENERATION.fullmatch(path.name) and path.is_dir()]
    written.rename(folder / name)
    pointer = folder / f"{CURRENT}.new"
    pointer.write_text(name, encoding="utf-8")
    os.replace(pointer, current)
    for path in previous:
        if path.name != before:
            shutil.rmtree(path, ignore_errors=True)


def _write_passages(passages: Sequence["TextNode"], terms: Sequence[Sequence[str]], file: Path) -> None:
    with file.open("w", encoding="utf-8") as lines:
        for passage, words in zip(passages, terms, strict=True):
            lines.write(json.dumps(_record(passage, words), ensure_ascii=False) + "\n")


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
