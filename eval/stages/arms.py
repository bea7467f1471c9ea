"""The same questions answered with stages left out or changed, so that each stage shows what it adds or costs.

An arm is a small pipeline over the assistant's own pieces: it retrieves, and shows what is written from that, by the
same prompt, unchecked. `full` is the assistant itself. The arms of noise and order repeat, on our notes, what The Power
of Noise (arXiv 2401.14887) found.
"""

import math
import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

from llama_index.core.base.base_retriever import BaseRetriever
from llama_index.core.schema import NodeWithScore, QueryBundle, TextNode

from assistant import Answer, Assistant
from assistant.answer import Action, Sentence, Strip
from assistant.answering.cite import cited_sentences, marked, number_citations
from assistant.answering.quote import quote
from assistant.answering.reply import best
from assistant.answering.write import declines, write
from assistant.errors import SettingsError
from assistant.messages.said import NOT_FOUND
from assistant.models.language_model import EXTRACTIVE
from assistant.search.evidence import refine
from assistant.search.retrieve import DenseRetriever, HybridRetriever, KeywordRetriever
from assistant.text.language import detect
from eval.questions.dataset import Question

NAIVE_TOP_K = 3


@dataclass(frozen=True)
class Arm:
    """Which stages run, and the arm to compare with: the one that lacks the last of them, for `full` naive RAG.

    Without refinement the first passages reach the answer whole; `noise` adds random ones.
    """

    name: str
    base: str
    leg: str = "hybrid"
    check: bool = False
    refined: bool = False
    best_last: bool = True
    noise: int = 0


NAIVE = Arm("naive RAG", "", leg="dense", best_last=False)
FULL = Arm("full", NAIVE.name, check=True, refined=True)
ARMS = (
    NAIVE,
    Arm("keyword only", NAIVE.name, leg="keyword"),
    Arm("hybrid", NAIVE.name),
    Arm("+ relevance check", "hybrid", check=True),
    Arm("+ refinement", "+ relevance check", check=True, refined=True),
    FULL,
)
READING_ARMS = (
    Arm("best passage first", "+ relevance check", check=True, best_last=False),
    Arm("2 random passages first", "+ relevance check", check=True, noise=2),
)
"""What only a language model can be led astray by: quotes are chosen by grade, wherever they stand."""


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
    answer = Answer(text, detect(text), llm=assistant.settings.llm)
    query = QueryBundle(text)
    if arm.check:
        found, decided = assistant.judge(text)
        answer = replace(answer, action=decided.action, confidence=decided.confidence)
        if decided.action is Action.INCORRECT:
            found = []
    else:
        found = _retriever(arm, assistant).retrieve(query)
    strips = refine(query, found, assistant.grader) if arm.refined else _whole(arm, found, assistant, text)
    if strips:
        # Quotes choose for themselves; a model reads as many strips as in the assistant.
        to_read = best(strips) if arm.refined and answer.llm != EXTRACTIVE else strips
        yield from _shown(answer, to_read, assistant)
    else:
        yield replace(answer, answer=NOT_FOUND[answer.language], abstained=True)


def _retriever(arm: Arm, assistant: Assistant) -> BaseRetriever:
    index, model, top_k = assistant.notes, assistant.embed_model, assistant.settings.top_k
    if arm.leg == "dense":
        return DenseRetriever(index, model, NAIVE_TOP_K)
    return KeywordRetriever(index, top_k) if arm.leg == "keyword" else HybridRetriever(index, model, top_k)


def _whole(arm: Arm, found: Sequence[NodeWithScore], assistant: Assistant, text: str) -> list[Strip]:
    """Return the first passages whole as strips, in the arm's order, random ones before them, if any was found."""
    if not found:
        return []
    chosen = [item.node for item in found[:NAIVE_TOP_K] if isinstance(item.node, TextNode)]
    had = {item.node.node_id for item in found}
    others = [passage for passage in assistant.notes.passages if passage.node_id not in had]
    noise = random.Random(text).sample(others, min(arm.noise, len(others)))
    ordered = noise + (chosen[::-1] if arm.best_last else chosen)
    # Grades only order what an extractive answer quotes: here, as retrieval ordered it.
    grades = {node.node_id: -place / 10 for place, node in enumerate(chosen)}
    return [_strip(node, grades.get(node.node_id, -1.0), number) for number, node in enumerate(ordered, start=1)]


def _strip(node: TextNode, relevance: float, number: int) -> Strip:
    meta, start, end = node.metadata, node.start_char_idx or 0, node.end_char_idx or 0
    return Strip(meta["source"], meta["title"], meta["heading"], meta["url"], node.text, start, end, relevance, number)


def _shown(answer: Answer, strips: Sequence[Strip], assistant: Assistant) -> Iterator[Answer]:
    """Yield what the arm shows: quotes, or what the language model writes as it writes it."""
    language = answer.language
    if assistant.settings.llm == EXTRACTIVE:
        said = quote(language, strips)
    else:
        assert assistant.llm is not None
        written = ""
        for written in write(assistant.llm, answer.question, language, strips):
            yield replace(answer, answer=written)
        if declines(written, language):
            yield replace(answer, answer=written, abstained=True)
            return
        known = {strip.number for strip in strips}
        said = [
            Sentence(text, tuple(n for n in numbers if n in known), math.nan)
            for text, numbers in cited_sentences(written, known)
        ]
    cited, citations = number_citations(said, {strip.number: strip for strip in strips})
    text = " ".join(marked(sentence) for sentence in cited)
    yield replace(answer, answer=text, sentences=tuple(cited), citations=tuple(citations))
