"""What is done when the notes seem not to hold the answer: searching again, elsewhere or otherwise, rung by rung.

In: a question and what hybrid search found for it. Out: graded passages, the verdict and the trace. After Corrective
RAG (arXiv 2401.15884, section 4): a Correct verdict needs no ladder; an Ambiguous one keeps what was found and adds
what the rungs bring; an Incorrect one discards what was found. Whatever a rung brings is graded against the question as
it was asked, so that no rung lowers the bar.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from llama_index.core.base.embeddings.base import BaseEmbedding
from llama_index.core.schema import NodeWithScore, QueryBundle

from assistant.answer import Action, Did, RankedPassage, Step, Verdict
from assistant.index.local import Index
from assistant.index.passages import offsets
from assistant.search.graders import Grader, decide
from assistant.search.retrieve import HybridRetriever, KeywordRetriever
from assistant.search.web import WebSearch
from assistant.search.wording import crossed, key_words

WIDER = 2
"""How many times as many passages the wider search brings."""
KEYWORD_HEAVY = 0.75
"""The keyword leg's share in it."""
Rung = tuple[Did, str, list[NodeWithScore]]
"""What was done, the words that were searched, and what they brought."""


@dataclass(frozen=True)
class Judged:
    """What became of a question: every passage met and those to answer from, both by falling grade."""

    met: list[NodeWithScore]
    kept: list[NodeWithScore]
    verdict: Verdict
    trace: tuple[Step, ...]
    ranked: tuple[RankedPassage, ...]


@dataclass(frozen=True)
class Ladder:
    """Where the rungs search; `top_k` counts the passages of a plain search, `web` is None unless switched on."""

    index: Index
    embed_model: BaseEmbedding
    top_k: int
    web: WebSearch | None

    def rungs(self, query: QueryBundle) -> Iterator[Rung]:
        """Yield each rung's result; a rung is searched only when it is asked for, one without words is left out."""
        question = query.query_str
        words = key_words(question, self.index.term_weights)
        if words:
            yield Did.REWROTE, words, KeywordRetriever(self.index, self.top_k).retrieve(words)
        other = crossed(question, self.index.lexicon, self.index.term_weights)
        if other:
            yield Did.CROSSED, other, HybridRetriever(self.index, self.embed_model, self.top_k).retrieve(other)
        wide = HybridRetriever(self.index, self.embed_model, WIDER * self.top_k, KEYWORD_HEAVY)
        yield Did.WIDENED, question, wide.retrieve(query)
        if self.web and words:
            yield Did.ASKED_WEB, words, [NodeWithScore(node=node, score=0.0) for node in self.web.search(words)]


def climb(query: QueryBundle, found: list[NodeWithScore], ladder: Ladder, grader: Grader) -> Judged:
    """Grade what was found and climb until the verdict is Correct or no rung is left."""
    scores: dict[str, float] = {}
    graded: list[NodeWithScore] = []
    discarded: set[str] = set()
    trace: list[Step] = []
    verdict = Verdict(Action.INCORRECT, 0.0)
    rungs = ladder.rungs(query)
    rung: Rung | None = (Did.SEARCHED, query.query_str, found)
    while rung and verdict.action is not Action.CORRECT:
        did, words, brought = rung
        new = [item for item in brought if item.node.node_id not in scores]
        scores |= {item.node.node_id: item.score or 0.0 for item in new}
        judged: list[NodeWithScore] = []
        if new or not trace:
            judged = grader.postprocess_nodes(new, query)
            graded = sorted([*graded, *judged], key=lambda item: -(item.score or 0.0))
            verdict = decide(grader, query.query_str, graded)
        trace.append(Step(did, words, len(new), max((item.score or 0.0 for item in judged), default=None)))
        if verdict.action is Action.INCORRECT:
            discarded |= {item.node.node_id for item in judged}
        rung = next(rungs, None) if verdict.action is not Action.CORRECT else None
    kept = [item for item in graded if item.node.node_id not in discarded]
    return Judged(graded, kept, verdict, tuple(trace), _ranked(graded, scores))


def _ranked(graded: list[NodeWithScore], scores: dict[str, float]) -> tuple[RankedPassage, ...]:
    return tuple(
        RankedPassage(
            item.node.metadata["source"],
            *offsets(item.node),
            heading=item.node.metadata["heading"],
            text=item.node.get_content(),
            score=scores[item.node.node_id],
            relevance=item.score or 0.0,
        )
        for item in graded
    )
