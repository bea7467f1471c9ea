"""Finds passages for a question: by meaning (dense), by words (keyword), and by both together (hybrid).

In: an index and a question. Out: passages with scores, best first.
"""

from collections import Counter
from collections.abc import Iterable, Sequence

import numpy as np

from assistant.answer import Question, Scored
from assistant.index.store import Hit, Snapshot
from assistant.models.embedding import DEFAULT
from assistant.search.counterparts import counterparts
from assistant.text.language import Language

POOL = 50
"""Passages that each of the two searches (legs) contributes to the fusion."""
KEYWORD_WEIGHTS = {"multilingual-e5-small": 0.5, "embeddinggemma-300m": 0.25}
"""Weight of the keyword leg in the fused score, by embedding model: smaller where dense search is better (measured in
docs/decisions.md). Other models use the default's."""
ALIKE = 0.8
"""Two passages with the same numbers count as copies if they share more than this much of their search terms."""


def dense(notes: Snapshot, question: Question, k: int) -> list[Hit]:
    """Return the passages nearest in meaning, best first; scores are cosines."""
    return notes.dense(question.vector, k, question.scope)


def keyword(notes: Snapshot, question: Question, k: int) -> list[Hit]:
    """Return the passages that contain the question's terms, best first, by BM25.

    In passages of the other language, counterparts of the question's words count too.
    """
    own = {term: float(count) for term, count in Counter(question.terms).items()}
    across = Counter(own)
    words = {*question.terms, *question.wholes}
    notes.foresee(words.union(word.spelled.lower() for word in question.words))
    for word in words:
        across.update(counterparts(word, notes))
    notes.foresee(across)
    hits: list[Hit] = []
    for language in Language:
        terms = own if language is question.language else across
        hits += notes.sparse(terms, k, question.scope, language)
    return sorted(hits, key=lambda hit: (-hit.score, hit.id))[:k]


def hybrid(notes: Snapshot, question: Question, k: int, keyword_weight: float | None = None) -> list[Scored]:
    """Return the `k` best passages of both legs, fused by score; near-copies of a better passage are moved back.

    `keyword_weight`, in 0..1, replaces the embedding model's default weight of the keyword leg.
    """
    if keyword_weight is None:
        keyword_weight = KEYWORD_WEIGHTS.get(notes.about.fingerprint["embedding"], KEYWORD_WEIGHTS[DEFAULT])
    hits = fuse(dense(notes, question, POOL), keyword(notes, question, POOL), keyword_weight)
    return _varied(scored(notes, hits), k)


def scored(notes: Snapshot, hits: Iterable[Hit]) -> list[Scored]:
    """Return the passages of a search with their scores."""
    scores = {hit.id: hit.score for hit in hits}
    return [Scored(passage, scores[passage.id]) for passage in notes.get(scores)]


def fuse(dense: Sequence[Hit], keyword: Sequence[Hit], keyword_weight: float) -> list[Hit]:
    """Fuse two legs by a weighted sum of their z-scores; `keyword_weight` is in 0..1, the dense leg gets the rest.

    Best first. A passage that a leg did not return gets that leg's lowest score. The order of the inputs does not
    matter.
    """
    legs = [(1 - keyword_weight, *_standardised(dense)), (keyword_weight, *_standardised(keyword))]
    fused = [
        Hit(id, sum(weight * scores.get(id, lowest) for weight, scores, lowest in legs))
        for id in dict.fromkeys(hit.id for hit in (*dense, *keyword))
    ]
    return sorted(fused, key=lambda hit: (-hit.score, hit.id))


def _standardised(leg: Sequence[Hit]) -> tuple[dict[str, float], float]:
    """Return z-scores by passage id, and the lowest one; all zeros if the scores are equal."""
    if not leg:
        return {}, 0.0
    scores = np.array([hit.score for hit in leg])
    ordered = np.sort(scores)  # the order changes how a sum is rounded, which could break ties
    spread = float(ordered.std())
    scaled = (scores - ordered.mean()) / spread if spread > 1e-9 else np.zeros(len(scores))
    return {hit.id: float(value) for hit, value in zip(leg, scaled, strict=True)}, float(scaled.min())


def _varied(ranked: Sequence[Scored], k: int) -> list[Scored]:
    """Return the first `k` different passages; near-copies of earlier ones only fill up the end."""
    first: list[Scored] = []
    copies: list[Scored] = []
    kept_terms: list[set[str]] = []
    for item in ranked:
        if len(first) == k:
            break
        words = set(item.passage.terms)
        if any(_same(words, other) for other in kept_terms):
            copies.append(item)
        else:
            first.append(item)
            kept_terms.append(words)
    return [*first, *copies][:k]


def _same(words: set[str], others: set[str]) -> bool:
    """Tell whether two passages have nearly the same terms, and exactly the same numbers."""
    shared = words & others
    if len(shared) <= ALIKE * len(words | others):
        return False
    return not any(term[0].isdigit() for term in words ^ others)
