"""A true sentence that answers another question is no answer: read as a passage would be, and declined."""

from dataclasses import replace
from typing import Any

import pytest
from fakes import REAL_MODELS, ScriptedLLM
from memory_snapshot import MemorySnapshot

from assistant import Settings
from assistant.answer import Action, Answer, Did, Kind, Strip
from assistant.answering.aim import aims, by_faith
from assistant.answering.clock import Clock
from assistant.answering.reply import reply
from assistant.messages.said import LLM_UNSUPPORTED
from assistant.models.judge import Judge, Reading, Text, limits
from assistant.models.language_model import OPENAI_LIKE
from assistant.search.question import read
from assistant.search.relevance import logit
from assistant.text.language import Language

KO, EN = Language.KO, Language.EN
both = pytest.mark.parametrize("language", [KO, EN])
QUESTIONS = {KO: "솔섬 등대의 계단은 몇 칸이야?", EN: "How many steps does the lighthouse of Solsom have?"}
LIGHT = {KO: "솔섬 등대의 불빛은 18킬로미터까지 닿는다.", EN: "The light of Solsom reaches 18 kilometres."}
STEPS = {KO: "솔섬 등대의 계단은 212칸이다.", EN: "The lighthouse of Solsom has 212 steps."}


def strip(text: str) -> Strip:
    return Strip("a.md", "Solsom", "Lighthouse", "", text, 0, len(text), 0.9, 1)


class OneGrade:
    """A judge that gives every text one logit, and keeps what it read."""

    def __init__(self, helps: float) -> None:
        self.helps, self.met = helps, list[tuple[str, Text]]()

    def read(self, first: str, texts: list[Text]) -> list[Reading]:
        self.met += [(first, text) for text in texts]
        return [Reading(self.helps, (), 0.0) for _ in texts]


@both
@pytest.mark.parametrize(("off", "answers"), [(-0.01, False), (0.01, True)])
def test_the_limit_is_that_of_passages_in_the_questions_language(language: Language, off: float, answers: bool) -> None:
    judge: Any = OneGrade(logit(limits()[language]["lower"] + off))
    question = read(QUESTIONS[language])
    assert aims(judge)(question, STEPS[language], strip("other words")) is answers
    [(first, text)] = judge.met
    assert (first, text.text) == (question.text, f"Solsom > Lighthouse\n{STEPS[language]}")
    assert [text.text[start:end] for start, end in text.sentences] == [STEPS[language]]


def test_without_a_judge_every_sentence_is_taken_for_an_answer() -> None:
    assert aims(None) is by_faith and by_faith(read("?"), "At noon.", strip("At noon."))


@pytest.mark.embedding
@both
def test_the_judge_tells_an_answer_from_a_true_sentence_beside_the_point(language: Language) -> None:
    judge = Judge.open(Settings(models=REAL_MODELS, threads=1))
    beside = {
        KO: "이 섬의 주전자에는 물이 9리터 들어간다.",
        EN: "The kettle on this island holds nine litres of water.",
    }
    question, says = read(QUESTIONS[language]), aims(judge)
    assert says(question, STEPS[language], strip(STEPS[language]))
    assert not says(question, beside[language], strip(beside[language]))


def last(
    language: Language,
    *speaking: str,
    llm_name: str = "scripted",
    kind: Kind = Kind.CONTENT,
    action: Action = Action.CORRECT,
    notes: str = "",
) -> Answer:
    """Return what becomes of a sentence about the light that the notes bear out, if only `speaking` texts answer."""
    begun = Answer("?", language, action=action, llm=llm_name, kind=kind)
    llm = ScriptedLLM.saying(f"{LIGHT[language]} [1]")
    strips = [strip(LIGHT[language]), *([replace(strip(notes), number=2, relevance=0.95)] if notes else [])]
    args = (begun, read(QUESTIONS[language]), strips, MemorySnapshot(), lambda: llm, Clock())
    *_, answer = reply(*args, aims=lambda _, text, __: text in speaking)
    return answer


@both
def test_what_a_small_model_wrote_beside_the_point_is_declined_which_the_trace_says(language: Language) -> None:
    answer = last(language)
    assert last(language, kind=Kind.LIST).abstained
    assert answer.abstained and not answer.citations and LIGHT[language] not in answer.answer
    assert [step.text for step in answer.trace if step.did is Did.MISSED] == [LIGHT[language]]
    assert last(language, LIGHT[language]).answer == f"{LIGHT[language]} [1]"


@both
def test_a_served_models_answer_stands_and_so_do_a_summary_and_a_comparison(language: Language) -> None:
    kinds = [last(language, kind=kind) for kind in (Kind.SUMMARY, Kind.COMPARISON)]
    for answer in (last(language, llm_name=OPENAI_LIKE), *kinds):
        assert answer.answer == f"{LIGHT[language]} [1]" and not answer.abstained


@both
def test_the_passage_that_does_speak_to_the_question_is_quoted_where_the_notes_surely_answer(
    language: Language,
) -> None:
    answer = last(language, STEPS[language], notes=STEPS[language])
    assert STEPS[language] in answer.answer and (answer.llm, answer.fallback) == (
        "extractive",
        LLM_UNSUPPORTED[language],
    )
    assert last(language, STEPS[language], notes=STEPS[language], action=Action.AMBIGUOUS).abstained
