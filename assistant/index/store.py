"""What the rest of the assistant knows of an index: ids go in and come out, whatever engine holds them.

A `Store` is written to by one update at a time. A `Snapshot` is one unchanging state of it for readers: a turn takes
one and keeps it. `assistant.index.local` is the engine that ships.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple, Protocol

from assistant.answer import Passage, Scope, Vectors
from assistant.text.language import Language

EVERYWHERE = Scope()


class Hit(NamedTuple):
    """A passage that a search found; scores are comparable within one search only."""

    id: str
    score: float


@dataclass(frozen=True)
class IndexedNote:
    """A note in the index; `hash` is the SHA-256 of its bytes, `copies` the sources of other files that hold them.

    `size` in bytes and `modified` in nanoseconds are those of the file when it was last read.
    """

    root: str
    source: str
    hash: str
    title: str
    language: str
    passages: int
    copies: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    size: int = -1
    modified: int = -1


@dataclass(frozen=True)
class UnreadNote:
    """A file that is not in the index and why; `failed` when it should have been readable."""

    root: str
    source: str
    reason: str
    failed: bool


@dataclass(frozen=True)
class About:
    """What made an index and what it holds.

    `fingerprint` names format, embedding model, weights, chunking and terms; `fitted` holds what the relevance check
    judges by.
    """

    fingerprint: Mapping[str, Any]
    updated: str
    notes: int
    passages: int
    languages: Mapping[str, int]
    bytes: int
    fitted: Mapping[str, Any] = field(repr=False, default_factory=dict)


class Snapshot(Protocol):
    """One state of an index. Thread-safe; what another process writes later is not seen."""

    @property
    def about(self) -> About:
        """What made the index and what it holds."""
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
        """Return the passages that hold weighted terms, by BM25 (Lucene's variant), best first; scores are above 0.

        `language` restricts it to the passages in that language.
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
        """Return a term's inverse document frequency, as BM25 counts it; the highest for one that no passage holds."""
        ...

    def holds(self, term: str) -> bool:
        """Tell whether a passage holds a term."""
        ...

    def alike(self, key: str) -> set[str]:
        """Return the terms under a sound key such as "en TLNSPM" (`assistant.text.lexicon`)."""
        ...

    def bracketed(self, term: str) -> set[str]:
        """Return the terms of the other language that the notes put in brackets behind a term, or before it."""
        ...


class Store(Protocol):
    """An index that can be written to. Every method is one transaction: all of it is there afterwards, or nothing."""

    def snapshot(self) -> Snapshot:
        """Return the state of now; raise IndexUnusable if there is no index, or it is damaged or made otherwise."""
        ...

    def replace(self, note: IndexedNote, passages: Sequence[Passage], vectors: Vectors) -> None:
        """Put a note's passages with their vectors, shape (passages, dimension), in the place of those it had."""
        ...

    def remove(self, source: str) -> None:
        """Let a note go."""
        ...
