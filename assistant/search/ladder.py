"""What is done when the notes seem not to hold the answer: searching again, elsewhere or otherwise, rung by rung.

In: a question and what hybrid search brought for it. Out: graded passages, the verdict and the trace. After Corrective
RAG (arXiv 2401.15884, section 4): a Correct verdict needs no ladder; an Ambiguous one keeps what was met and adds what
the rungs bring; an Incorrect one discards what was met. Whatever a rung brings is graded against the question as it was
asked, so that no rung lowers the bar.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from assistant.answer import Action, Did, Passage, Question, RankedPassage, Scored, Step, Verdict
from assistant.index.store import Snapshot
from assistant.search.graders import Grader
from assistant.search.question import embedded, reworded
from assistant.search.retrieve import hybrid, keyword, scored
from assistant.search.web import WebSearch
from assistant.search.wording import crossed, key_words

if TYPE_CHECKING:
    from llama_index.core.base.embeddings.base import BaseEmbedding

WIDER = 2
"""How many times as many passages the wider search brings."""
KEYWORD_HEAVY = 0.75
"""The keyword leg's share in it."""


@dataclass(frozen=True)
class Rung:
    """What was done, the words that were searched, and the passages that they brought."""

    did: Did
    words: str
    brought: Sequence[Scored]


@dataclass(frozen=True)
class Judged:
    """What became of a question: every passage met and those to answer from, both by falling grade."""

    met: list[Scored]
    kept: list[Scored]
    verdict: Verdict
    trace: tuple[Step, ...]
    ranked: tuple[RankedPassage, ...]


@dataclass(frozen=True)
class Ladder:
    """Where the rungs search; `top_k` counts the passages of a plain search, `web` is None unless switched on."""

    notes: Snapshot
    embed_model: "BaseEmbedding"
    top_k: int
    web: WebSearch | None

    def rungs(self, question: Question) -> Iterator[Rung]:
        """Yield each rung's result; a rung is searched only when it is asked for, one without words is left out."""
        words = key_words(question, self.notes)
        if words:
            hits = keyword(self.notes, reworded(question, words), self.top_k)
            yield Rung(Did.REWROTE, words, scored(self.notes, hits))
        if other := crossed(question, self.notes):
            across = embedded(reworded(question, other), self.embed_model)
            yield Rung(Did.CROSSED, other, hybrid(self.notes, across, self.top_k))
        wide = hybrid(self.notes, question, WIDER * self.top_k, KEYWORD_HEAVY)
        yield Rung(Did.WIDENED, question.text, wide)
        if self.web and words:
            yield Rung(Did.ASKED_WEB, words, [Scored(page, 0.0) for page in self.web.search(words)])


def climb(question: Question, first: Sequence[Scored], ladder: Ladder, grader: Grader) -> Judged:
    """Grade what was brought first and climb until the verdict is Correct or no rung is left."""
    scores: dict[str, float] = {}
    graded: list[Scored] = []
    discarded: set[str] = set()
    trace: list[Step] = []
    verdict = Verdict(Action.INCORRECT, 0.0)
    rungs = ladder.rungs(question)
    rung: Rung | None = Rung(Did.SEARCHED, question.text, first)
    while rung and verdict.action is not Action.CORRECT:
        new = [item for item in rung.brought if item.passage.id not in scores]
        scores |= {item.passage.id: item.score for item in new}
        judged: list[Scored] = []
        if new or not trace:
            judged = grade(grader, question, [item.passage for item in new])
            graded = sorted([*graded, *judged], key=lambda item: -item.score)
            verdict = grader.verdict(question, [item.score for item in graded])
        trace.append(Step(rung.did, rung.words, len(new), max((item.score for item in judged), default=None)))
        if verdict.action is Action.INCORRECT:
            discarded |= {item.passage.id for item in judged}
        rung = next(rungs, None) if verdict.action is not Action.CORRECT else None
    kept = [item for item in graded if item.passage.id not in discarded]
    return Judged(graded, kept, verdict, tuple(trace), tuple(_ranked(item, scores) for item in graded))


def grade(grader: Grader, question: Question, passages: Sequence[Passage]) -> list[Scored]:
    """Return the passages with their grades, best first."""
    graded = map(Scored, passages, grader.grade(question, passages))
    return sorted(graded, key=lambda item: -item.score)


def _ranked(item: Scored, scores: dict[str, float]) -> RankedPassage:
    passage = item.passage
    return RankedPassage(
        passage.source,
        passage.start,
        passage.end,
        passage.heading,
        passage.text,
        score=scores[passage.id],
        relevance=item.score,
    )
