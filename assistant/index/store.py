"""The protocol of an index, which hides the engine: searches return passage ids, and ids give passages.

A `Store` is written to by one `Writer` at a time. A `Snapshot` is one unchanging state of it for readers: each turn
takes one and keeps it. `assistant.index.local` is the implementation that ships.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from pathlib import Path
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


@dataclass(frozen=True)
class Known:
    """What the index knows of files: notes by path, their stamps by source, and the files that are not in the index."""

    notes: Mapping[Path, IndexedNote] = field(default_factory=dict)
    stamps: Mapping[str, str] = field(default_factory=dict)
    unread: Sequence[UnreadNote] = ()


class Filed(NamedTuple):
    """A note to be written, its passages, the keys of their vectors, and the stamp of its file."""

    note: IndexedNote
    passages: Sequence[Passage]
    keys: Sequence[bytes]
    stamp: str = ""

    @property
    def pairs(self) -> Iterable[tuple[bytes, Passage]]:
        """Each passage, behind the key of its vector."""
        return zip(self.keys, self.passages, strict=True)


@dataclass(frozen=True)
class Change:
    """What one step does to an index.

    Notes with the sources `gone` are deleted, those `added` are written, and of those `touched` only what is known of
    their files changes, each with its stamp. `unread` replaces the files that are not in the index. `fingerprint` is
    what makes the index from now on; None if there is nothing that readers need to notice.
    """

    gone: Collection[str] = ()
    added: Sequence[Filed] = ()
    touched: Sequence[tuple[IndexedNote, str]] = ()
    unread: Sequence[UnreadNote] | None = None
    fingerprint: Mapping[str, Any] | None = None


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

    def foresee(self, terms: Collection[str]) -> None:
        """Look up in one go what may be asked of terms next: their weights, what sounds alike or is paired with them.

        A hint, which changes no result.
        """
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


class Writer(Protocol):
    """The only one that writes to an index, as `Store.writing` gives it."""

    def at_once(self, fingerprint: Mapping[str, Any]) -> int:
        """Return how many passages one change should hold, about, of an index that the fingerprint makes."""
        ...

    def known(self) -> Known:
        """Return what the index knows of files."""
        ...

    def made(self) -> Mapping[str, Any]:
        """Return the fingerprint of the index; empty for a new one."""
        ...

    def passages_of(self, source: str) -> list[Passage]:
        """Return a note's passages in the note's order."""
        ...

    def without(self, passages: Iterable[tuple[bytes, Passage]]) -> set[bytes]:
        """Return the keys, of passages with the keys of their vectors, that have no vector yet."""
        ...

    def put_vectors(self, keys: Sequence[bytes], vectors: Vectors) -> None:
        """Keep vectors, shape (keys, dimension), for passages that are added later."""
        ...

    def change(self, change: Change) -> None:
        """Change the index in one step, which readers see whole or not at all."""
        ...

    def count(self) -> int:
        """Return the number of passages."""
        ...

    def tidy(self) -> None:
        """End a run that succeeded: make searches fast again, and delete what is no longer needed."""
        ...


class Store(Protocol):
    """An index that can be written to. Each write is one transaction: all of it, or nothing."""

    @property
    def place(self) -> str:
        """Where the index is, for messages."""
        ...

    def exists(self) -> bool:
        """Tell whether there is an index, whole or not."""
        ...

    def made(self) -> Mapping[str, Any]:
        """Return the fingerprint of the index as it was a moment ago; empty if there is none, or it is damaged."""
        ...

    def snapshot(self) -> Snapshot:
        """Return the current state; raise IndexUnusable if it is missing, damaged or does not fit the settings."""
        ...

    def writing(self) -> AbstractContextManager[Writer]:
        """Give the only writer; raise IndexUnusable if another process is indexing, or nothing can be written."""
        ...

    def replace(self, note: IndexedNote, passages: Sequence[Passage], vectors: Vectors) -> None:
        """Replace a note's passages and their vectors, shape (passages, dimension)."""
        ...

    def remove(self, source: str) -> None:
        """Delete a note."""
        ...
