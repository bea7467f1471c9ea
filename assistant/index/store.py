"""The protocol of an index, which hides the engine: searches return passage ids, and ids give passages.

A `Store` is written to by one update at a time. A `Snapshot` is one unchanging state of it for readers: each turn takes
one and keeps it. `assistant.index.local` is the implementation that ships.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple, Protocol

from assistant.answer import Passage, Scope, Vectors
from assistant.text.language import Language

EVERYWHERE = Scope()


class Hit(NamedTuple):
    """A passage id with its score; scores are comparable within one search only."""

    id: str
    score: float


@dataclass(frozen=True)
class IndexedNote:
    """A note in the index: `source` is its path relative to the folder `root`, `hash` the SHA-256 of its bytes.

    `copies` are the sources of other files with the same bytes, `aliases` the note's other names. `size` (bytes) and
    `modified` (nanoseconds) are those of the file when it was last read; -1 where they are unknown. `day` is the day
    that the note says it is of, such as "2026-10-01", or empty. `entry` is what a bibliography says of it, as one line.
    """

    root: str
    source: str
    hash: str
    title: str
    language: str
    passages: int
    copies: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    aliases: tuple[str, ...] = ()
    size: int = -1
    modified: int = -1
    day: str = ""
    entry: str = ""

    @property
    def names(self) -> str:
        """All by which a question may name the note: title, aliases and path."""
        return " ".join((self.title, *self.aliases, self.source))


@dataclass(frozen=True)
class UnreadNote:
    """A file that is not in the index, and the reason; `failed` means that it should have been readable."""

    root: str
    source: str
    reason: str
    failed: bool


@dataclass(frozen=True)
class About:
    """What made an index and what is in it.

    `fingerprint` names the format, embedding model, weights, chunking and terms. `languages` counts passages by
    language.
    """

    fingerprint: Mapping[str, Any]
    updated: str
    notes: int
    passages: int
    languages: Mapping[str, int]
    bytes: int


class Snapshot(Protocol):
    """One state of an index. Thread-safe; later changes are not seen."""

    @property
    def about(self) -> About:
        """What made the index and what is in it."""
        ...

    @property
    def notes(self) -> Sequence[IndexedNote]:
        """The notes, sorted by source."""
        ...

    @property
    def unread(self) -> Sequence[UnreadNote]:
        """The files that are not in the index."""
        ...

    def dense(self, vector: Vectors, k: int, scope: Scope = EVERYWHERE) -> list[Hit]:
        """Return the passages nearest to a unit vector, shape (dimension,), best first; scores are cosines."""
        ...

    def sparse(
        self, terms: Mapping[str, float], k: int, scope: Scope = EVERYWHERE, language: Language | None = None
    ) -> list[Hit]:
        """Return the passages with weighted terms, by BM25 (Lucene's variant), best first; scores are above 0.

        `language` restricts the search to passages in that language.
        """
        ...

    def get(self, ids: Iterable[str]) -> list[Passage]:
        """Return passages in the order of their ids; unknown ids are left out."""
        ...

    def of(self, source: str) -> list[Passage]:
        """Return a note's passages in the note's order."""
        ...

    def vectors(self, ids: Sequence[str]) -> Vectors:
        """Return the passages' unit vectors, shape (ids, dimension); a row of zeros for an unknown id."""
        ...

    def weight(self, term: str) -> float:
        """Return a term's inverse document frequency (BM25); the highest value for a term that no passage contains."""
        ...

    def holds(self, term: str) -> bool:
        """Tell whether any passage contains the term."""
        ...

    def alike(self, key: str) -> set[str]:
        """Return the terms under a sound key such as "en TLNSPM" (`assistant.text.lexicon`)."""
        ...

    def bracketed(self, term: str) -> set[str]:
        """Return the terms of the other language that the notes pair with this one by brackets: 어텐션(attention)."""
        ...


class Store(Protocol):
    """An index that can be written to. Each write is one transaction: all of it, or nothing."""

    def snapshot(self) -> Snapshot:
        """Return the current state; raise IndexUnusable if it is missing, damaged or does not fit the settings."""
        ...

    def replace(self, note: IndexedNote, passages: Sequence[Passage], vectors: Vectors) -> None:
        """Replace a note's passages and their vectors, shape (passages, dimension)."""
        ...

    def remove(self, source: str) -> None:
        """Delete a note."""
        ...
