"""One unchanging state of the local index, for readers.

In: a read transaction of the database and the parts that were made of it. Out: what `assistant.index.store.Snapshot`
promises. The transaction is what keeps later changes out; one lock lets threads take turns at it.
"""

import json
import sqlite3
import threading
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from assistant.answer import Passage, Scope, Vectors
from assistant.index import base, database
from assistant.index.database import damage_told
from assistant.index.keywords import rarity, saturated
from assistant.index.part import LANGUAGES, Mask, Part
from assistant.index.store import EVERYWHERE, About, Hit, IndexedNote, UnreadNote
from assistant.index.words import BRACKETED
from assistant.text.language import Language

_AT_ONCE = 500
"""Ids of one query: SQLite takes 32,766 at most."""


class LocalSnapshot:
    """One state of the index; thread-safe. `version` is another one after every change."""

    def __init__(self, folder: Path, connection: sqlite3.Connection, before: "LocalSnapshot | None" = None) -> None:
        """Take over a connection that is in a read transaction; the base of the state before is used on."""
        self._folder, self._connection, self._lock = folder, connection, threading.Lock()
        with damage_told(folder):
            self.version = str(database.meta(connection, "version"))
            self._base = database.meta(connection, "base")
            self._parts, self._live = self._opened(before)
        # Plain dictionaries: a cache around a method would keep the snapshot, and its transaction, for longer.
        self._masks: dict[Scope, list[Mask | None]] = {}
        self._words: dict[str, tuple[str, ...]] = {}
        self._weights: dict[str, float] = {}

    def _opened(self, before: "LocalSnapshot | None") -> tuple[list[Part], list[Mask | None]]:
        """Return the base, if there is one, and what was added since; and which passages of either still exist."""
        if self._base is None:
            return [Part.read(self._connection, 0)], [None]
        part = before._parts[0] if before and before._base == self._base else base.read(self._folder, self._base)
        return [part, Part.read(self._connection, self._base["last"])], [base.live(self._connection, part), None]

    def __del__(self) -> None:
        self._connection.close()

    @cached_property
    def about(self) -> About:
        """What made the index and what it holds."""
        numbers = sum((self._languages(number) for number in range(len(self._parts))), np.zeros(len(LANGUAGES), int))
        held = {language.value: int(count) for language, count in zip(LANGUAGES, numbers, strict=True) if count}
        size = sum(file.stat().st_size for file in self._folder.iterdir() if file.is_file())
        with damage_told(self._folder), self._lock:
            fingerprint, updated, fitted = (
                database.meta(self._connection, key) for key in ("fingerprint", "updated", "fitted")
            )
        return About(fingerprint, updated, len(self.notes), self._passages, held, size, fitted or {})

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
        asked = np.ascontiguousarray(vector, np.float32)
        best: list[tuple[float, int]] = []
        with damage_told(self._folder):
            for part, allowed in zip(self._parts, self._allowed(scope), strict=True):
                places, scores = part.vectors.search(asked, k, allowed)
                best += zip(scores.tolist(), part.rows.rows[places].tolist(), strict=True)
        return self._hits(best, k)

    def sparse(
        self, terms: Mapping[str, float], k: int, scope: Scope = EVERYWHERE, language: Language | None = None
    ) -> list[Hit]:
        """Return the passages that hold weighted terms, by BM25 (Lucene's variant), best first; scores are above 0."""
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

    def weight(self, term: str) -> float:
        """Return a term's inverse document frequency, as BM25 counts it; the highest for one that no passage holds."""
        if term not in self._weights:
            _bounded(self._weights)[term] = rarity(self._passages, self._holding(term))
        return self._weights[term]

    def holds(self, term: str) -> bool:
        """Tell whether a passage holds a term."""
        return self._holding(term) > 0

    def alike(self, key: str) -> set[str]:
        """Return the terms under a sound key such as "en TLNSPM" (`assistant.text.lexicon`)."""
        return set(self._entries(key))

    def bracketed(self, term: str) -> set[str]:
        """Return the terms of the other language that the notes put in brackets behind a term, or before it."""
        return set(self._entries(f"{BRACKETED}{term}"))

    def _holding(self, term: str) -> int:
        """Return the number of passages that hold a term."""
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
        """Return how many passages of a part are in each language."""
        live, languages = self._live[number], self._parts[number].rows.languages
        return np.bincount(languages if live is None else languages[live], minlength=len(LANGUAGES))

    def _allowed(self, scope: Scope) -> list[Mask | None]:
        """Return for each part which of its passages a search may give; None: all of them."""
        if not scope:
            return self._live
        if scope not in self._masks:
            _bounded(self._masks, 8)[scope] = self._masked(scope)
        return self._masks[scope]

    def _masked(self, scope: Scope) -> list[Mask | None]:
        rows = self._rows("SELECT id, source, copies, tags FROM notes")
        with damage_told(self._folder):
            notes = [
                id for id, source, copies, tags in rows if fits(scope, [source, *json.loads(copies)], json.loads(tags))
            ]
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
        """Return the best of scores and rows; of equal scores the earlier row comes first."""
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
            some = ids[at : at + _AT_ONCE]
            rows += self._rows(f"{query} IN ({', '.join('?' * len(some))})", some)
        return rows

    def _rows(self, query: str, values: Sequence[Any] = ()) -> list[Any]:
        with damage_told(self._folder), self._lock:
            return self._connection.execute(query, values).fetchall()


def fits(scope: Scope, sources: Sequence[str], tags: Sequence[str]) -> bool:
    """Tell whether a note, under any of its sources, is in a scope: `a` takes in `a/b`, a folder or a nested tag."""
    return _within(scope.places, sources) and _within(
        [tag.lstrip("#").casefold() for tag in scope.tags], [tag.casefold() for tag in tags]
    )


def _bounded(cache: dict[Any, Any], most: int = 20_000) -> dict[Any, Any]:
    """Return a cache with room for one more."""
    if len(cache) >= most:
        cache.clear()
    return cache


def _within(wanted: Sequence[str], names: Sequence[str]) -> bool:
    if not wanted:
        return True
    places = [unicodedata.normalize("NFC", place).strip("/") for place in wanted]
    return any(
        not place or name == place or name.startswith(f"{place}/")
        for name in (unicodedata.normalize("NFC", name) for name in names)
        for place in places
    )


def _highest(scores: Any, k: int) -> Any:
    """Return the places of the highest scores above 0, in no order; of equal ones the earlier."""
    held = np.flatnonzero(scores > 0)
    if len(held) <= k:
        return held
    if k < 1:
        return held[:0]
    return held[np.argsort(-scores[held], kind="stable")[:k]]
