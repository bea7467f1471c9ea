"""Writes the text of an answer: by a language model, whose sentences are checked, or by quotes from the notes.

In: an answer with its verdict, the question, and the strips to answer from. Out: the growing answer. In the last one a
sentence cites what bears it out, or is marked as unconfirmed; nothing is put before, between or behind the model's
sentences. What is not borne out at all a served model writes anew once; of the small one in this process it is declined
where the notes may well not hold the answer, and so is what is borne out and does not speak to the question, unless the
notes surely answer and the best strip does, which is quoted. If the language model fails, is absent or says nothing,
quotes take its place, and `fallback` says why.
"""

from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING

from assistant.answer import Action, Answer, Did, Kind, Question, Sentence, Step, Strip
from assistant.answering.aim import Aims, by_faith
from assistant.answering.check import Checked, Supports, by_words, check
from assistant.answering.cite import followed, marked, number_citations
from assistant.answering.clock import Clock
from assistant.answering.decline import LIKELY, abstained
from assistant.answering.quote import quote
from assistant.answering.write import declines, write
from assistant.errors import AssistantError, GenerationFailed, ModelMissing, SettingsError
from assistant.index.store import Snapshot
from assistant.messages.said import LLM_ABSENT, LLM_DECLINED, LLM_FAILED, LLM_UNSUPPORTED, UNCONFIRMED
from assistant.models.language_model import EXTRACTIVE, OPENAI_LIKE
from assistant.text.language import Language

if TYPE_CHECKING:
    from llama_index.core.llms import LLM

_OF_ONE_TEXT = (Kind.CONTENT, Kind.LIST)
"""Kinds of question that one passage may answer: what is told of passages can be told of their answers."""
_DRAFTS = 2
"""How often a served model may write while nothing of what it wrote is borne out; a small one repeats itself."""


def reply(
    answer: Answer,
    question: Question,
    strips: Sequence[Strip],
    notes: Snapshot,
    find_llm: "Callable[[], LLM | None]",
    clock: Clock,
    supports: Supports = by_words,
    aims: Aims = by_faith,
) -> Iterator[Answer]:
    """Yield the growing answer; `supports` scores the written sentences against their evidence, `aims` tells answers.

    `find_llm` may raise what `build_llm` raises. `notes` are used to name what is missing, if the model declines.
    """
    language, served = answer.language, answer.llm == OPENAI_LIKE
    helps = answer.action in (Action.CORRECT, None)
    try:
        llm = find_llm()
        if llm is None:
            yield _quotes(answer, question, strips, clock, None)
            return
        answer = answer.with_(evidence=tuple(strips))
        # A small model copies from its evidence what is true and answers another question.
        able = [strip for strip in strips if served or strip.relevance >= LIKELY]
        written = ""
        for _ in range(_DRAFTS if served else 1):
            rejected = written
            for written in write(llm, question, language, strips, rejected, answer.kind, may_decline=not helps):
                yield answer.with_(answer=written, seconds=clock.seconds())
            clock.lap("generate")
            declined = declines(written, language)
            checked = Checked() if declined else check(written, able, language, supports)
            answer = answer.did(Step(Did.WROTE, written, checked.borne_out), *checked.steps)
            clock.lap("cite")
            if checked.borne_out or declined or not written.strip():
                break
    except (ModelMissing, GenerationFailed, SettingsError) as error:
        yield _without(answer, question, strips, notes, clock, error)
        return
    hopeless = answer.action is Action.INCORRECT
    if missed := not served and answer.kind in _OF_ONE_TEXT and _missed(question, checked, strips, aims):
        yield _beside_the_point(answer.did(Step(Did.MISSED, missed)), question, strips, notes, clock, aims)
    elif checked.borne_out:
        answer = answer.with_(action=Action.AMBIGUOUS) if hopeless else answer  # the notes do hold something
        yield _whole(answer, checked.sentences, strips, clock)
    elif hopeless or (declined if served else not helps):
        yield abstained(answer, question, notes).with_(seconds=clock.seconds())
    elif checked.sentences:  # the notes may hold it, and this is not shown to be from them
        yield _whole(answer.with_(action=answer.action and Action.AMBIGUOUS), checked.sentences, strips, clock)
    else:
        yield _quotes(answer, question, strips, clock, (LLM_DECLINED if declined else LLM_UNSUPPORTED)[language])


def _missed(question: Question, checked: Checked, strips: Sequence[Strip], aims: Aims) -> str:
    """Return the first sentence that is borne out if none of those speaks to the question; else, or without one, ""."""
    by_number = {strip.number: strip for strip in strips}
    told = [(sentence.text, by_number[sentence.citations[0]]) for sentence in checked.sentences if sentence.citations]
    return told[0][0] if told and not any(aims(question, *one) for one in told) else ""


def _beside_the_point(
    answer: Answer, question: Question, strips: Sequence[Strip], notes: Snapshot, clock: Clock, aims: Aims
) -> Answer:
    """Return the answer where what was written does not speak to the question: quotes if the best strip surely does."""
    best = max(strips, key=lambda strip: strip.relevance)
    if answer.action is Action.CORRECT and aims(question, best.shown, best):
        return _quotes(answer, question, strips, clock, LLM_UNSUPPORTED[answer.language])
    return abstained(answer, question, notes).with_(seconds=clock.seconds())


def _without(
    answer: Answer, question: Question, strips: Sequence[Strip], notes: Snapshot, clock: Clock, error: AssistantError
) -> Answer:
    """Return the answer where no language model wrote: quotes, unless only a model could have found an answer."""
    absent = isinstance(error, ModelMissing)
    message = LLM_ABSENT if absent else LLM_FAILED
    reason = message[answer.language].format(**{"name": answer.llm} if absent else {"reason": error})
    if answer.action is not Action.INCORRECT:
        return _quotes(answer, question, strips, clock, reason)
    return abstained(answer.with_(fallback=reason), question, notes).with_(seconds=clock.seconds())


def _quotes(answer: Answer, question: Question, strips: Sequence[Strip], clock: Clock, fallback: str | None) -> Answer:
    clock.lap("generate")
    chosen = quote(question, answer.language, strips)
    reasons = " ".join(filter(None, (answer.fallback, fallback))) or None
    return _whole(answer.with_(llm=EXTRACTIVE, fallback=reasons), chosen, strips, clock)


def _whole(answer: Answer, sentences: Sequence[Sentence], strips: Sequence[Strip], clock: Clock) -> Answer:
    cited, citations = number_citations(sentences, {strip.number: strip for strip in strips})
    return answer.with_(
        answer="".join(sentence.before + _said(sentence, answer.language) for sentence in cited).strip(),
        sentences=tuple(cited),
        citations=tuple(citations),
        seconds=clock.seconds(),
    )


def _said(sentence: Sentence, language: Language) -> str:
    return marked(sentence) if sentence.citations else followed(sentence.text, f" {UNCONFIRMED[language]}")
