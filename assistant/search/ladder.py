"""The ladder: further searches, one rung after the other, when the passages do not seem to answer the question.

In: a question and the passages of hybrid search. Out: graded passages, the verdict and the trace. After Corrective RAG
(arXiv 2401.15884, section 4): a Correct verdict needs no ladder, an Ambiguous one keeps its passages and adds those of
the rungs, and an Incorrect one discards its passages. All passages are graded against the original question, so that no
rung lowers the bar.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from assistant.answer import Action, Did, Passage, Question, RankedPassage, Scored, Step, Verdict
from assistant.index.store import Snapshot
from assistant.models.embedding import Embedder
from assistant.search.graders import Grader
from assistant.search.named import lowered
from assistant.search.question import embedded, reworded
from assistant.search.retrieve import hybrid, keyword, scored
from assistant.search.web import WebSearch
from assistant.search.wording import crossed, key_words

WIDER = 2
"""The wider search returns this many times as many passages."""
KEYWORD_HEAVY = 0.75
"""The keyword leg's weight in the wider search, in 0..1."""


@dataclass(frozen=True)
class Rung:
    """One search of the ladder: its kind, the words that were searched for, and the passages found."""

    did: Did
    words: str
    brought: Sequence[Scored]


@dataclass(frozen=True)
class Judged:
    """The result of the ladder: all graded passages (`met`) and those to answer from (`kept`), both best first."""

    met: list[Scored]
    kept: list[Scored]
    verdict: Verdict
    trace: tuple[Step, ...]
    ranked: tuple[RankedPassage, ...]


@dataclass(frozen=True)
class Ladder:
    """What the rungs search; `top_k` is the number of passages of a plain search, `web` is None unless switched on."""

    notes: Snapshot
    embed_model: Embedder
    top_k: int
    web: WebSearch | None

    def rungs(self, question: Question) -> Iterator[Rung]:
        """Yield the rungs; each search runs only when its rung is taken, and a rung without words is skipped."""
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
    """Grade the first passages, then climb the ladder until the verdict is Correct or no rung is left."""
    scores: dict[str, float] = {}
    read: list[Scored] = []
    graded: list[Scored] = []
    discarded: set[str] = set()
    trace: list[Step] = []
    verdict = Verdict(Action.INCORRECT, 0.0)
    rungs = ladder.rungs(question)
    rung: Rung | None = Rung(Did.SEARCHED, question.text, first)
    while rung and verdict.action is not Action.CORRECT:
        new = [item for item in rung.brought if item.passage.id not in scores]
        scores |= {item.passage.id: item.score for item in new}
        ids = {item.passage.id for item in new}
        if new or not trace:
            passages = [item.passage for item in new]
            read += map(Scored, passages, grader.grade(question, passages))
            graded = lowered(question, read)
            verdict = grader.verdict(question, [item.score for item in graded])
        best = max((item.score for item in graded if item.passage.id in ids), default=None)
        trace.append(Step(rung.did, rung.words, len(new), best))
        if verdict.action is Action.INCORRECT:
            discarded |= ids
        rung = next(rungs, None) if verdict.action is not Action.CORRECT else None
    kept = [item for item in graded if item.passage.id not in discarded]
    return Judged(graded, kept, verdict, tuple(trace), tuple(_ranked(item, scores) for item in graded))


def grade(grader: Grader, question: Question, passages: Sequence[Passage]) -> list[Scored]:
    """Return the passages with their grades, best first."""
    return lowered(question, list(map(Scored, passages, grader.grade(question, passages))))


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
