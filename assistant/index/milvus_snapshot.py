"""One state of an index in Milvus, for readers: the implementation of `assistant.index.store.Snapshot`.

In: a connection and the head of the state. Out: passages, hits and statistics. A filter on revisions hides what was
written since; only the notes' names and a few thousand word counts are kept in this process.
"""

import json
import time
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from functools import cached_property
from typing import Any

import numpy as np

from assistant.answer import Passage, Scope, Vectors
from assistant.index.keywords import rarity, saturated
from assistant.index.milvus_client import MOST, Milvus, Row, both, either, mark, marked, one_of, storable
from assistant.index.milvus_head import GRACE, Head, counted
from assistant.index.milvus_rows import CONTENT, Kept, dimension, kept_of, passage_of, scope_filter, word
from assistant.index.milvus_schema import KINDS, NOTES, PASSAGES, WORDS, heads
from assistant.index.store import EVERYWHERE, About, Hit, IndexedNote, UnreadNote
from assistant.index.words import BRACKETED
from assistant.text.language import Language
from assistant.text.lexicon import across

_POOL = 4
"""So many times the wanted hits are fetched of a keyword search, because their stored weights are approximate."""
_CACHED = 20_000


class MilvusSnapshot:
    """One state of the index; thread-safe. `version` differs after every change."""

    def __init__(self, server: Milvus, name: str, head: Head, before: "MilvusSnapshot | None" = None) -> None:
        """Wait until the server has everything of this state; reuse the notes of a recent state of the same set."""
        self._server, self._name, self._head, self.version = server, name, head, head.version
        self._taken = time.monotonic()
        recent = before and before._head.set == head.set and self._taken - before._taken < GRACE
        self._before = before.kept if before and recent else {}
        self._known_up_to = before._head.generation if before and recent else 0
        self._counts: dict[str, int] = {}
        self._pairs: dict[str, tuple[str, ...]] = {}
        if head.set:
            server.settle(head.place(name, kind) for kind in KINDS)

    @cached_property
    def about(self) -> About:
        """What made the index and what it holds."""
        totals = self._head.totals
        languages = {one.value: totals[one.value] for one in Language if totals.get(one.value)}
        return About(
            self._head.fingerprint,
            self._head.updated,
            totals.get("notes", 0),
            totals.get("passages", 0),
            languages,
            totals.get("bytes", 0),
        )

    @cached_property
    def notes(self) -> tuple[IndexedNote, ...]:
        """The notes, sorted by source."""
        return tuple(sorted((kept.note for kept in self.kept.values()), key=lambda note: note.source))

    @cached_property
    def kept(self) -> dict[int, Kept]:
        """The notes as they are stored, by revision; only those that the state before lacks are read."""
        kept = self._before
        if self._head.set:
            newer = both(self._head.seen, f"revision > {self._known_up_to}")
            rows = self._server.read_all(self._head.place(self._name, NOTES), newer, ["revision", "content"])
            kept = kept | {row["revision"]: kept_of(row) for row in rows}
        self._before = {}
        gone = {*self._head.gone}
        return {revision: one for revision, one in kept.items() if revision not in gone}

    @cached_property
    def unread(self) -> tuple[UnreadNote, ...]:
        """The files that are not in the index."""
        if not self._head.unread:
            return ()
        listed = f'pk like "unread-{self._head.unread}-%"'
        rows = {
            row["pk"]: row["content"] for row in self._server.read_all(heads(self._name), listed, ["pk", "content"])
        }
        return tuple(UnreadNote(**json.loads(rows[key]["json"])) for key in sorted(rows))

    def dense(self, vector: Vectors, k: int, scope: Scope = EVERYWHERE) -> list[Hit]:
        """Return the passages nearest to a unit vector, best first; scores are cosines."""
        query = np.ascontiguousarray(vector, np.float32)
        wanted = both(self._head.seen, scope_filter(scope))
        found = self._search("vector", query, k, wanted, ["pk", "id"])
        return [Hit(row["id"], score) for score, row in sorted(found, key=lambda hit: (-hit[0], hit[1]["pk"]))]

    def sparse(
        self, terms: Mapping[str, float], k: int, scope: Scope = EVERYWHERE, language: Language | None = None
    ) -> list[Hit]:
        """Return the passages with weighted terms, by BM25 (Lucene's variant), best first; scores are above 0.

        Stored weights belong to the mean length of their time. So more are fetched than wanted, and scored anew; as
        long as one that was not fetched could be better, still more.
        """
        wanted = {term: weight for term, weight in terms.items() if weight > 0}
        self._look_up(wanted, [])
        weights = {term: weight * self.weight(term) for term, weight in wanted.items() if self.holds(term)}
        if not weights or k < 1:
            return []
        vector: dict[int, float] = {}
        for term, weight in weights.items():
            vector[dimension(term)] = vector.get(dimension(term), 0.0) + weight
        spoken = one_of("language", [language.value]) if language else ""
        inside = both(self._head.seen, scope_filter(scope), spoken)
        limit = _POOL * k
        while True:
            found = self._search("weights", vector, limit, inside, ["pk", "id", "terms"])
            scored = [(self._score(row["terms"].split("\n"), weights), row["pk"], row["id"]) for _, row in found]
            best = sorted((-score, key, id) for score, key, id in scored if score > 0)[:k]
            if len(found) < min(limit, MOST) or limit >= MOST or self._sure(best, k, found[-1][0]):
                return [Hit(id, -score) for score, _, id in best]
            limit *= _POOL

    def _sure(self, best: Sequence[tuple[float, str, str]], k: int, last: float) -> bool:
        """Tell whether no passage whose stored weights give less than `last` can be among the `k` best."""
        return len(best) == k and -best[-1][0] >= last * max(1.0, self._head.mean_length / self._head.least)

    def _score(self, held: Sequence[str], weights: Mapping[str, float]) -> float:
        counted = Counter(held)
        present = [term for term in weights if term in counted]
        counts = np.array([counted[term] for term in present], np.uint16)
        parts = saturated(counts, np.full(len(present), len(held), np.int32), self._head.mean_length)
        score: Any = np.float32(0)
        for term, part in zip(present, parts, strict=True):
            score += np.float32(weights[term] * part)
        return float(score)

    def get(self, ids: Iterable[str]) -> list[Passage]:
        """Return passages in the order of their ids; unknown ids are left out."""
        wanted = list(ids)
        rows = self._among(PASSAGES, "named", list(dict.fromkeys(wanted)), self._head.seen, CONTENT)
        passages = {passage.id: passage for passage in map(passage_of, rows)}
        return [passages[id] for id in wanted if id in passages]

    def of(self, source: str) -> list[Passage]:
        """Return a note's passages in the note's order."""
        inside = both(self._head.seen, one_of("source", [source]))
        rows = self._server.read(self._head.place(self._name, PASSAGES), inside, CONTENT) if self._head.set else []
        return sorted(map(passage_of, rows), key=lambda passage: passage.start)

    def vectors(self, ids: Sequence[str]) -> Vectors:
        """Return the passages' unit vectors, shape (ids, dimension); a row of zeros for an unknown id."""
        rows = self._among(PASSAGES, "named", list(dict.fromkeys(ids)), self._head.seen, ["id", "vector"])
        known = {row["id"]: np.asarray(row["vector"], np.float32) for row in rows}
        dimension = self._head.totals.get("dimension", 0)
        nothing = np.zeros(dimension, np.float32)
        return (
            np.stack([known.get(storable(id), nothing) for id in ids]) if ids else np.empty((0, dimension), np.float32)
        )

    def foresee(self, terms: Collection[str]) -> None:
        """Look up in one go what may be asked of terms next, such as their weights and what they are paired with."""
        self._look_up(terms, [key for term in terms for key in (across(term), f"{BRACKETED}{term}")])

    def weight(self, term: str) -> float:
        """Return a term's inverse document frequency (BM25); the highest value for a term that no passage contains."""
        return rarity(self._head.totals.get("passages", 0), self._holding(term))

    def holds(self, term: str) -> bool:
        """Tell whether any passage contains the term."""
        return self._holding(term) > 0

    def alike(self, key: str) -> set[str]:
        """Return the terms under a sound key such as "en TLNSPM" (`assistant.text.lexicon`)."""
        return set(self._entries(key))

    def bracketed(self, term: str) -> set[str]:
        """Return the terms of the other language that the notes pair with this one by brackets: 어텐션(attention)."""
        return set(self._entries(f"{BRACKETED}{term}"))

    def _search(self, field: str, vector: Any, k: int, filter: str, fields: Sequence[str]) -> list[tuple[float, Row]]:
        place = self._head.place(self._name, PASSAGES)
        return self._server.search(place, field, vector, k, filter, fields) if self._head.set else []

    def _among(self, kind: str, field: str, texts: Sequence[str], filter: str, fields: Sequence[str]) -> list[Row]:
        place = self._head.place(self._name, kind)
        return self._server.among(place, field, texts, filter, fields) if self._head.set else []

    def _holding(self, term: str) -> int:
        while (number := self._counts.get(term)) is None:  # another thread may just have emptied a full cache
            self._look_up([term], [])
        return number

    def _entries(self, key: str) -> tuple[str, ...]:
        while (terms := self._pairs.get(key)) is None:
            self._look_up([], [key])
        return terms

    def _look_up(self, terms: Iterable[str], keys: Iterable[str]) -> None:
        """Read how many passages contain each term, and the pairs under each key, in one query."""
        if max(len(self._counts), len(self._pairs)) > _CACHED:
            self._counts, self._pairs = {}, {}
        counts = {mark(word("", term)): term for term in terms if term not in self._counts}
        pairs = {mark(key): key for key in keys if key not in self._pairs}
        if not (counts or pairs):
            return
        found: dict[str, list[str]] = {}
        numbers: dict[str, int] = {}
        for row in self._words(counts, pairs):
            number = counted(row, self._head.generation)
            if row["pk"] in counts:
                numbers[counts[row["pk"]]] = number
            elif number > 0:
                found.setdefault(pairs[row["key"]], []).append(row["term"])
        self._counts |= {term: numbers.get(term, 0) for term in counts.values()}
        self._pairs |= {key: tuple(found.get(key, ())) for key in pairs.values()}

    def _words(self, counts: Collection[str], pairs: Collection[str]) -> list[Row]:
        """Return the rows with some keys of their own, or of pairs."""
        if not self._head.set:
            return []
        filter = either(*(marked(field, marks) for field, marks in (("pk", counts), ("key", pairs)) if marks))
        fields = ["pk", "key", "term", "revision", "count", "before"]
        return self._server.read(self._head.place(self._name, WORDS), filter, fields)
