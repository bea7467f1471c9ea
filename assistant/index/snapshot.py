"""One unchanging state of the local index, for readers: the implementation of `assistant.index.store.Snapshot`.

In: a read transaction of the database, and the parts of the index. Out: passages, hits and statistics. The transaction
hides later changes; threads share it under one lock.
"""

import sqlite3
import threading
import weakref
from collections.abc import Collection, Iterable, Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from assistant.answer import Passage, Scope, Vectors
from assistant.index import base, database
from assistant.index.database import damage_told
from assistant.index.keywords import rarity, saturated
from assistant.index.part import LANGUAGES, Mask, Part
from assistant.index.scopes import fits
from assistant.index.store import EVERYWHERE, About, Hit, IndexedNote, UnreadNote
from assistant.index.words import BRACKETED
from assistant.text.language import Language

_AT_ONCE = 500
"""Ids in one query; SQLite accepts 32,766 at most."""


class LocalSnapshot:
    """One state of the index; thread-safe. `version` differs after every change."""

    def __init__(self, folder: Path, connection: sqlite3.Connection, before: "LocalSnapshot | None" = None) -> None:
        """Take over a connection in a read transaction; reuse the base of the snapshot before, if it is the same."""
        self._folder, self._connection, self._lock = folder, connection, threading.Lock()
        with damage_told(folder):
            self.version = str(database.meta(connection, "version"))
            self._base = database.meta(connection, "base")
            self._parts, self._live = self._opened(before)
        # Not in `__del__`: of things that go in one round, Python may end the connection first, which then complains.
        weakref.finalize(self, connection.close)
        # Plain dictionaries: a cache decorator on a method would keep the snapshot and its transaction alive.
        self._masks: dict[Scope, list[Mask | None]] = {}
        self._words: dict[str, tuple[str, ...]] = {}
        self._weights: dict[str, float] = {}

    def _opened(self, before: "LocalSnapshot | None") -> tuple[list[Part], list[Mask | None]]:
        """Return the parts (the base, if any, and what was added since), and a mask of existing passages for each."""
        if self._base is None:
            return [Part.read(self._connection, 0)], [None]
        part = before._parts[0] if before and before._base == self._base else base.read(self._folder, self._base)
        return [part, Part.read(self._connection, self._base["last"])], [base.live(self._connection, part), None]

    @cached_property
    def about(self) -> About:
        """What made the index and what it holds."""
        numbers = sum((self._languages(number) for number in range(len(self._parts))), np.zeros(len(LANGUAGES), int))
        languages = {language.value: int(count) for language, count in zip(LANGUAGES, numbers, strict=True) if count}
        size = sum(file.stat().st_size for file in self._folder.iterdir() if file.is_file())
        with damage_told(self._folder), self._lock:
            fingerprint, updated = (database.meta(self._connection, key) for key in ("fingerprint", "updated"))
        return About(fingerprint, updated, len(self.notes), self._passages, languages, size)

    @cached_property
    def notes(self) -> tuple[IndexedNote, ...]:
        """The notes, sorted by source."""
        rows = self._rows(f"SELECT {database.NOTE} FROM notes")
        with damage_told(self._folder):
            return tuple(sorted(map(database.note_of, rows), key=lambda note: note.source))

    @cached_property
    def unread(self) -> tuple[UnreadNote, ...]:
        """The files that are not in the index."""
        rows = self._rows("SELECT root, source, reason, failed FROM unread ORDER BY root, source")
        return tuple(UnreadNote(root, source, reason, bool(failed)) for root, source, reason, failed in rows)

    def dense(self, vector: Vectors, k: int, scope: Scope = EVERYWHERE) -> list[Hit]:
        """Return the passages nearest to a unit vector, best first; scores are cosines."""
        query = np.ascontiguousarray(vector, np.float32)
        best: list[tuple[float, int]] = []
        with damage_told(self._folder):
            for part, allowed in zip(self._parts, self._allowed(scope), strict=True):
                places, scores = part.vectors.search(query, k, allowed)
                best += zip(scores.tolist(), part.rows.rows[places].tolist(), strict=True)
        return self._hits(best, k)

    def sparse(
        self, terms: Mapping[str, float], k: int, scope: Scope = EVERYWHERE, language: Language | None = None
    ) -> list[Hit]:
        """Return the passages with weighted terms, by BM25 (Lucene's variant), best first; scores are above 0."""
        weights = {term: weight * self.weight(term) for term, weight in terms.items() if weight > 0}
        best: list[tuple[float, int]] = []
        for part, allowed in zip(self._parts, self._allowed(scope), strict=True):
            scores = np.zeros(len(part.rows), np.float32)
            for term, weight in weights.items():
                places, counts = part.postings.entries(term)
                scores[places] += weight * saturated(counts, part.postings.lengths[places], self._mean_length)
            if allowed is not None:
                scores[~allowed] = 0
            if language is not None:
                scores[part.rows.languages != LANGUAGES.index(language)] = 0
            places = _highest(scores, k)
            best += zip(scores[places].tolist(), part.rows.rows[places].tolist(), strict=True)
        return self._hits(best, k)

    def get(self, ids: Iterable[str]) -> list[Passage]:
        """Return passages in the order of their ids; unknown ids are left out."""
        wanted = list(ids)
        rows = self._by_id(
            f"SELECT {database.PASSAGE} FROM passages p JOIN notes n ON n.id = p.note WHERE p.id", wanted
        )
        with damage_told(self._folder):
            passages = {row[0]: database.passage_of(row) for row in rows}
        return [passages[id] for id in wanted if id in passages]

    def of(self, source: str) -> list[Passage]:
        """Return a note's passages in the note's order."""
        rows = self._rows(
            f"SELECT {database.PASSAGE} FROM notes n JOIN passages p ON p.note = n.id WHERE n.source = ? "
            "ORDER BY p.first",
            (source,),
        )
        with damage_told(self._folder):
            return [database.passage_of(row) for row in rows]

    def vectors(self, ids: Sequence[str]) -> Vectors:
        """Return the passages' unit vectors, shape (ids, dimension); a row of zeros for an unknown id."""
        rows = self._by_id(
            "SELECT p.id, v.digest, v.vector FROM passages p JOIN vectors v ON v.key = p.vector WHERE p.id", ids
        )
        with damage_told(self._folder):
            known = {id: database.vector_of(digest, blob) for id, digest, blob in rows}
        nothing = np.zeros(self._dimension, np.float32)
        return np.stack([known.get(id, nothing) for id in ids]) if ids else np.empty((0, self._dimension), np.float32)

    def foresee(self, terms: Collection[str]) -> None:
        """Do nothing: each look-up is fast."""

    def weight(self, term: str) -> float:
        """Return a term's inverse document frequency (BM25); the highest value for a term that no passage contains."""
        if term not in self._weights:
            _bounded(self._weights)[term] = rarity(self._passages, self._holding(term))
        return self._weights[term]

    def holds(self, term: str) -> bool:
        """Tell whether any passage contains the term."""
        return self._holding(term) > 0

    def alike(self, key: str) -> set[str]:
        """Return the terms under a sound key such as "en TLNSPM" (`assistant.text.lexicon`)."""
        return set(self._entries(key))

    def bracketed(self, term: str) -> set[str]:
        """Return the terms of the other language that the notes pair with this one by brackets: 어텐션(attention)."""
        return set(self._entries(f"{BRACKETED}{term}"))

    def _holding(self, term: str) -> int:
        """Return the number of passages that contain a term."""
        number = 0
        for part, live in zip(self._parts, self._live, strict=True):
            places, _ = part.postings.entries(term)
            number += len(places) if live is None else int(live[places].sum())
        return number

    @cached_property
    def _passages(self) -> int:
        return int(sum(self._languages(number).sum() for number in range(len(self._parts))))

    @cached_property
    def _mean_length(self) -> float:
        lengths = [
            part.postings.lengths if live is None else part.postings.lengths[live]
            for part, live in zip(self._parts, self._live, strict=True)
        ]
        return sum(int(some.sum()) for some in lengths) / self._passages if self._passages else 0.0

    @cached_property
    def _dimension(self) -> int:
        rows = self._rows("SELECT v.vector FROM passages p JOIN vectors v ON v.key = p.vector LIMIT 1")
        return len(rows[0][0]) // 4 if rows else 0

    def _languages(self, number: int) -> Any:
        """Return the number of passages of a part in each language, in the order of `LANGUAGES`."""
        live, languages = self._live[number], self._parts[number].rows.languages
        return np.bincount(languages if live is None else languages[live], minlength=len(LANGUAGES))

    def _allowed(self, scope: Scope) -> list[Mask | None]:
        """Return for each part a mask of the passages that a search may return; None means all of them."""
        if not scope:
            return self._live
        if scope not in self._masks:
            _bounded(self._masks, 8)[scope] = self._masked(scope)
        return self._masks[scope]

    def _masked(self, scope: Scope) -> list[Mask | None]:
        rows = self._rows(f"SELECT {database.NOTE}, id FROM notes")
        with damage_told(self._folder):
            notes = [row[-1] for row in rows if fits(scope, database.note_of(row))]
        masks: list[Mask | None] = []
        for part, live in zip(self._parts, self._live, strict=True):
            mask = np.isin(part.rows.notes, notes)
            masks.append(mask if live is None else mask & live)
        return masks

    def _entries(self, key: str) -> tuple[str, ...]:
        if key not in self._words:
            rows = self._rows("SELECT term FROM lexicon WHERE key = ?", (key,))
            _bounded(self._words)[key] = tuple(term for (term,) in rows)
        return self._words[key]

    def _hits(self, best: list[tuple[float, int]], k: int) -> list[Hit]:
        """Return the `k` best of (score, row) pairs as hits; of equal scores the earlier row comes first."""
        best = sorted(best, key=lambda item: (-item[0], item[1]))[: max(k, 0)]
        ids: dict[int, str] = {}
        for at in range(0, len(best), _AT_ONCE):
            some = [row for _, row in best[at : at + _AT_ONCE]]
            marks = ", ".join("?" * len(some))
            ids |= dict(self._rows(f"SELECT row, id FROM passages WHERE row IN ({marks})", some))
        with damage_told(self._folder):
            return [Hit(ids[row], score) for score, row in best]

    def _by_id(self, query: str, ids: Sequence[str]) -> list[Any]:
        rows: list[Any] = []
        for at in range(0, len(ids), _AT_ONCE):
            batch = ids[at : at + _AT_ONCE]
            rows += self._rows(f"{query} IN ({', '.join('?' * len(batch))})", batch)
        return rows

    def _rows(self, query: str, values: Sequence[Any] = ()) -> list[Any]:
        with damage_told(self._folder), self._lock:
            return self._connection.execute(query, values).fetchall()


def _bounded(cache: dict[Any, Any], most: int = 20_000) -> dict[Any, Any]:
    """Empty a cache that is full, and return it."""
    if len(cache) >= most:
        cache.clear()
    return cache


def _highest(scores: Any, k: int) -> Any:
    """Return the places of the `k` highest scores above 0, not always sorted; of equal scores the earlier."""
    positive = np.flatnonzero(scores > 0)
    if len(positive) <= k:
        return positive
    if k < 1:
        return positive[:0]
    return positive[np.argsort(-scores[positive], kind="stable")[:k]]
