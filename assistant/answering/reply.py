"""Writes the text of an answer: by a language model, checked and repaired, or by quotes from the notes.

In: an answer with its verdict, the question, and the strips to answer from. Out: the growing answer. In the last one
every sentence is supported by its citations, and `trace` lists repairs and drops. If the language model fails or is
absent, quotes take its place, and `fallback` says why.
"""

from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING

from assistant.answer import Action, Answer, Did, Question, Sentence, Step, Strip
from assistant.answering.check import Supports, check, covers, repeats
from assistant.answering.cite import marked, number_citations
from assistant.answering.clock import Clock
from assistant.answering.decline import abstained
from assistant.answering.disagree import disagreement
from assistant.answering.quote import QUOTES, quote
from assistant.answering.write import declines, write
from assistant.errors import GenerationFailed, ModelMissing, SettingsError
from assistant.index.store import Snapshot
from assistant.messages.said import DIFFER, LLM_ABSENT, LLM_DECLINED, LLM_FAILED, LLM_UNSUPPORTED
from assistant.models.language_model import EXTRACTIVE
from assistant.text.language import Language
from assistant.text.overlap import by_terms

if TYPE_CHECKING:
    from llama_index.core.llms import LLM

READ = 4
"""Strips that a language model reads; each costs about a second on two cores."""

_LEAD = 1
"""Strips that are quoted at once if the verdict is Correct, before the model has read anything."""


def reply(
    answer: Answer,
    question: Question,
    strips: Sequence[Strip],
    notes: Snapshot,
    find_llm: "Callable[[], LLM | None]",
    clock: Clock,
    supports: Supports = by_terms,
) -> Iterator[Answer]:
    """Yield the growing answer; `supports` scores the written sentences against their evidence.

    `find_llm` may raise what `build_llm` raises. `notes` are used to name what is missing, if the model declines.
    """
    language = answer.language
    if apart := disagreement(question, strips):
        yield _whole(answer.with_(llm=EXTRACTIVE), _differing(apart, answer), strips, clock)
        return
    try:
        llm = find_llm()
        if llm is None:
            yield _quotes(answer, strips, clock, None)
            return
        read = best(strips)
        lead = quote(language, strips, _LEAD) if answer.action is Action.CORRECT else []
        begun = "".join(f"{marked(sentence)} " for sentence in lead)
        written = ""
        answer = answer.with_(evidence=tuple(read))
        if begun:
            yield answer.with_(answer=begun, seconds=clock.seconds())
        for written in write(llm, question, language, read):
            yield answer.with_(answer=begun + written, seconds=clock.seconds())
    except ModelMissing:
        yield _quotes(answer, strips, clock, LLM_ABSENT[language].format(name=answer.llm))
        return
    except (GenerationFailed, SettingsError) as error:
        yield _quotes(answer, strips, clock, LLM_FAILED[language].format(reason=error))
        return
    clock.lap("generate")
    if declines(written, language):
        # A small model overlooks evidence in the other language; after a Correct verdict it is quoted instead.
        if lead:
            yield _quotes(answer, strips, clock, LLM_DECLINED[language])
        else:
            yield abstained(answer, question, notes).with_(seconds=clock.seconds())
        return
    checked = check(written, read, language, supports)
    answer = answer.did(Step(Did.WROTE, written, checked.own), *checked.steps)
    clock.lap("cite")
    if not checked.own:
        yield _quotes(answer, strips, clock, LLM_UNSUPPORTED[language])
        return
    yield _whole(answer, _composed(lead, checked.sentences, strips, language), strips, clock)


def best(strips: Sequence[Strip]) -> list[Strip]:
    """Return the `READ` best strips, which a language model reads, in their reading order."""
    chosen = sorted(strips, key=lambda strip: -strip.relevance)[:READ]
    return [strip for strip in strips if strip in chosen]


def _composed(
    lead: Sequence[Sentence], kept: Sequence[Sentence], strips: Sequence[Strip], language: Language
) -> list[Sentence]:
    """Join the lead, the checked sentences, and further quotes, since a small model may miss the point.

    Nothing is said twice in one language, and quotes are added only up to `QUOTES` sentences in all.
    """
    by_number = {strip.number: strip.shown for strip in strips}
    leading = [by_number[number] for sentence in lead for number in sentence.citations]
    composed = [*lead, *(sentence for sentence in kept if not any(repeats(sentence.text, text) for text in leading))]
    written = " ".join(sentence.text for sentence in composed)
    cited = {number for sentence in composed for number in sentence.citations}
    others = [sentence for sentence in quote(language, strips) if not cited.intersection(sentence.citations)]
    missed = [sentence for sentence in others if not covers(written, by_number[sentence.citations[0]])]
    return [*composed, *missed[: max(QUOTES - len(composed), 0)]]


def _differing(pair: tuple[Strip, Strip], answer: Answer) -> list[Sentence]:
    return [
        Sentence(form.format(quote=" ".join(strip.shown.lstrip("-*•# ").split())), (strip.number,), 1.0)
        for form, strip in zip(DIFFER[answer.language], pair, strict=True)
    ]


def _quotes(answer: Answer, strips: Sequence[Strip], clock: Clock, fallback: str | None) -> Answer:
    clock.lap("generate")
    chosen = quote(answer.language, strips)
    reasons = " ".join(filter(None, (answer.fallback, fallback))) or None
    return _whole(answer.with_(llm=EXTRACTIVE, fallback=reasons), chosen, strips, clock)


def _whole(answer: Answer, sentences: Sequence[Sentence], strips: Sequence[Strip], clock: Clock) -> Answer:
    cited, citations = number_citations(sentences, {strip.number: strip for strip in strips})
    return answer.with_(
        answer=" ".join(marked(sentence) for sentence in cited),
        sentences=tuple(cited),
        citations=tuple(citations),
        seconds=clock.seconds(),
    )
