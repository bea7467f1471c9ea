"""An index that lives in memory: what the stages need of one, and no more, behind the same protocol."""

import math
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace

import numpy as np
from fakes import HashEmbedding

from assistant.answer import Passage, Scope, Vectors
from assistant.index.ingest import with_terms
from assistant.index.passages import embedded_text
from assistant.index.scopes import fits
from assistant.index.store import EVERYWHERE, About, Hit, IndexedNote, UnreadNote
from assistant.index.words import BRACKETED, entries
from assistant.models.embedding import embed_texts
from assistant.text.language import Language, detect
from assistant.text.sentences import sentences


def passage(text: str, source: str = "a.md", start: int = 0, **more: object) -> Passage:
    """Return a passage of a note, with its sentences and terms."""
    made = Passage(
        id=f"{source} {start} {text}",
        source=source,
        title="",
        heading="",
        url="",
        language=detect(text),
        text=text,
        start=start,
        end=start + len(text),
        sentences=tuple(sentences(text)),
    )
    return with_terms([replace(made, **more)])[0]  # type: ignore[arg-type]


class MemorySnapshot:
    """Passages and their vectors; every search looks at all of them."""

    def __init__(self, passages: Sequence[Passage] = (), model: HashEmbedding | None = None) -> None:
        self.passages = list(passages)
        texts = list(map(embedded_text, self.passages))
        self.rows = embed_texts(model or HashEmbedding(), texts) if texts else np.empty((0, 513), np.float32)
        held = Counter(term for passage in self.passages for term in set(passage.terms))
        total = len(self.passages)
        self.rarity = {term: math.log(1 + (total - n + 0.5) / (n + 0.5)) for term, n in held.items()}
        self.mean = sum(len(passage.terms) for passage in self.passages) / max(total, 1)
        self.lexicon: dict[str, set[str]] = {}
        for passage in self.passages:
            for key, term in entries(passage):
                self.lexicon.setdefault(key, set()).add(term)

    @property
    def about(self) -> About:
        made = {"embedding": "hash"}
        return About(made, "", len(self.notes), len(self.passages), {}, 0)

    @property
    def notes(self) -> Sequence[IndexedNote]:
        sources = sorted({passage.source for passage in self.passages})
        return [IndexedNote("", source, "", source, "en", len(self.of(source))) for source in sources]

    @property
    def unread(self) -> Sequence[UnreadNote]:
        return []

    def dense(self, vector: Vectors, k: int, scope: Scope = EVERYWHERE) -> list[Hit]:
        scores = self.rows @ vector if self.passages else []
        return self._best(dict(zip(self._ids(), map(float, scores), strict=True)), k, scope)

    def sparse(
        self, terms: Mapping[str, float], k: int, scope: Scope = EVERYWHERE, language: Language | None = None
    ) -> list[Hit]:
        some = [passage for passage in self.passages if language in (None, passage.language)]
        scores = {passage.id: self._bm25(terms, passage.terms) for passage in some}
        return self._best({id: score for id, score in scores.items() if score > 0}, k, scope)

    def get(self, ids: Iterable[str]) -> list[Passage]:
        by_id = dict(zip(self._ids(), self.passages, strict=True))
        return [by_id[id] for id in ids if id in by_id]

    def of(self, source: str) -> list[Passage]:
        return sorted((p for p in self.passages if p.source == source), key=lambda passage: passage.start)

    def vectors(self, ids: Sequence[str]) -> Vectors:
        by_id = dict(zip(self._ids(), self.rows, strict=True))
        nothing = np.zeros(self.rows.shape[1], np.float32)
        return np.array([by_id.get(id, nothing) for id in ids], np.float32).reshape(len(ids), -1)

    def weight(self, term: str) -> float:
        return self.rarity.get(term, math.log(1 + (len(self.passages) + 0.5) / 0.5))

    def holds(self, term: str) -> bool:
        return term in self.rarity

    def alike(self, key: str) -> set[str]:
        return set(self.lexicon.get(key, ()))

    def foresee(self, terms: Collection[str]) -> None:
        pass

    def bracketed(self, term: str) -> set[str]:
        return set(self.lexicon.get(f"{BRACKETED}{term}", ()))

    def _ids(self) -> list[str]:
        return [passage.id for passage in self.passages]

    def _bm25(self, wanted: Mapping[str, float], held: Sequence[str]) -> float:
        counts = Counter(held)
        norm = 1.5 * (1 - 0.75 + 0.75 * len(held) / self.mean)
        return sum(weight * self.weight(t) * counts[t] / (counts[t] + norm) for t, weight in wanted.items())

    def _best(self, scores: Mapping[str, float], k: int, scope: Scope) -> list[Hit]:
        allowed = {p.id for p in self.passages if not scope or fits(scope, [p.source], [])}
        hits = [Hit(id, score) for id, score in scores.items() if id in allowed]
        return sorted(hits, key=lambda hit: (-hit.score, hit.id))[:k]
