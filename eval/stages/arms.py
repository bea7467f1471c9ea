"""The same questions answered with stages left out or changed, so that each stage shows what it adds or costs.

An arm is a small pipeline over the assistant's own pieces: it retrieves, and shows what is written from that, by the
same prompt, unchecked. `full` is the assistant itself. The arms of noise and order repeat, on our notes, what The Power
of Noise (arXiv 2401.14887) found.
"""

import math
import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

from assistant import Answer, Assistant
from assistant.answer import Action, Passage, Scored, Sentence, Strip
from assistant.answer import Question as Asked
from assistant.answering.cite import marked, number_citations
from assistant.answering.drafted import drafted
from assistant.answering.quote import quote
from assistant.answering.write import declines, write
from assistant.errors import SettingsError
from assistant.messages.said import NOT_FOUND
from assistant.models.language_model import EXTRACTIVE, evidence_tokens
from assistant.search.evidence import SMALL_PASSAGE, fitting, refine
from assistant.search.question import embedded, read
from assistant.search.retrieve import dense, hybrid, keyword, scored
from assistant.search.strips import whole
from eval.questions.dataset import Question, all_passages

NAIVE_TOP_K = 3


@dataclass(frozen=True)
class Arm:
    """The stages of an arm, and the arm to compare it with: the one without its last stage (plain RAG for `full`).

    Without refinement the first passages reach the answer whole, `NAIVE_TOP_K` of them, or as many as `fits` the budget
    of the assistant's own evidence, one at least; `noise` adds random ones.
    """

    name: str
    base: str
    leg: str = "hybrid"
    check: bool = False
    refined: bool = False
    best_last: bool = True
    noise: int = 0
    fits: bool = False


NAIVE = Arm("naive RAG", "", leg="dense", best_last=False)
PLAIN = Arm("plain RAG", NAIVE.name, fits=True, best_last=False)
FULL = Arm("full", PLAIN.name, check=True, refined=True)
ARMS = (
    NAIVE,
    Arm("keyword only", NAIVE.name, leg="keyword"),
    Arm("hybrid", NAIVE.name),
    PLAIN,
    Arm("+ relevance check", "hybrid", check=True),
    Arm("+ refinement", "+ relevance check", check=True, refined=True),
    FULL,
)
READING_ARMS = (
    Arm("best passage first", "+ relevance check", check=True, best_last=False),
    Arm("2 random passages first", "+ relevance check", check=True, noise=2),
)
"""Arms that matter only with a language model: quotes are chosen by grade, regardless of the order of strips."""


def arms_for(llm: str, names: Sequence[str] = ()) -> list[Arm]:
    """Return the arms that can differ under this answerer, or those of them that are named.

    Raises:
        SettingsError: a name is none of theirs.

    """
    known = {arm.name: arm for arm in (ARMS if llm == EXTRACTIVE else ARMS + READING_ARMS)}
    if unknown := [name for name in names if name not in known]:
        raise SettingsError(f"no arm named '{unknown[0]}' with llm {llm}; there are: {', '.join(known)}")
    return [arm for name, arm in known.items() if name in (names or known)]


def answerer(arm: Arm, assistant: Assistant) -> Callable[[Question], Iterator[Answer]]:
    """Return the function that answers a question as the arm does, yielding the growing answer."""
    if arm == FULL:
        return lambda question: assistant.stream(question.question, question.history)
    return lambda question: _answer(arm, assistant, question.question)


def _answer(arm: Arm, assistant: Assistant, text: str) -> Iterator[Answer]:
    ready = assistant.ready
    question = embedded(read(text), ready.embed_model)
    answer = Answer(text, question.language, llm=ready.settings.llm)
    graded: list[Scored] = []
    if arm.check:
        graded, decided = assistant.judge(text)
        answer = replace(answer, action=decided.action, confidence=decided.confidence)
        if decided.action is Action.INCORRECT:
            graded = []
        passages = [item.passage for item in graded]
    else:
        passages = _retrieved(arm, assistant, question)
    if arm.refined:
        strips = refine(question, graded, ready.grader, evidence_tokens(ready.settings), ready.embed_model)
    else:
        strips = _whole(arm, passages, assistant, text)
    if strips:
        yield from _shown(answer, question, strips, assistant)
    else:
        yield replace(answer, answer=NOT_FOUND[answer.language], abstained=True)


def _retrieved(arm: Arm, assistant: Assistant, question: Asked) -> list[Passage]:
    notes, top_k = assistant.snapshot, assistant.settings.top_k
    if arm.fits:
        top_k = max(top_k, evidence_tokens(assistant.settings) // SMALL_PASSAGE)
    if arm.leg == "hybrid":
        return [item.passage for item in hybrid(notes, question, top_k)]
    hits = dense(notes, question, NAIVE_TOP_K) if arm.leg == "dense" else keyword(notes, question, top_k)
    return [item.passage for item in scored(notes, hits)]


def _whole(arm: Arm, passages: Sequence[Passage], assistant: Assistant, text: str) -> list[Strip]:
    """Return the first passages whole as strips, in the arm's order, random ones before them, if there are any."""
    if not passages:
        return []
    chosen = list(passages[:NAIVE_TOP_K])
    if arm.fits:
        tokens = evidence_tokens(assistant.settings)
        chosen = list(fitting(passages, tokens)) or list(passages[:1])
    had = {passage.id for passage in passages}
    others = [passage for passage in all_passages(assistant.snapshot) if passage.id not in had]
    noise = random.Random(text).sample(others, min(arm.noise, len(others)))
    ordered = noise + (chosen[::-1] if arm.best_last else chosen)
    # Grades only order what an extractive answer quotes: here, as retrieval ordered it.
    grades = {passage.id: -place / 10 for place, passage in enumerate(chosen)}
    return [
        replace(whole(passage), relevance=grades.get(passage.id, -1.0), number=number)
        for number, passage in enumerate(ordered, start=1)
    ]


def _shown(answer: Answer, question: Asked, strips: Sequence[Strip], assistant: Assistant) -> Iterator[Answer]:
    """Yield what the arm shows: quotes, or what the language model writes as it writes it."""
    language = answer.language
    if assistant.settings.llm == EXTRACTIVE:
        said = quote(question, language, strips)
    else:
        llm = assistant.ready.llm()
        assert llm is not None
        written = ""
        for written in write(llm, question, language, strips):
            yield replace(answer, answer=written)
        if declines(written, language):
            yield replace(answer, answer=written, abstained=True)
            return
        known = {strip.number for strip in strips}
        said = [
            Sentence(one.text, tuple(n for n in one.numbers if n in known), math.nan, one.before)
            for one in drafted(written, known)
        ]
    cited, citations = number_citations(said, {strip.number: strip for strip in strips})
    text = "".join(sentence.before + marked(sentence) for sentence in cited).strip()
    yield replace(answer, answer=text, sentences=tuple(cited), citations=tuple(citations))
