"""The arms of the evaluation over six small notes: what each shows and reads, and when its first word stands."""

import math
from collections import deque
from collections.abc import Iterator

import pytest
from fakes import HashEmbedding, ScriptedLLM, opened
from six_notes import LOAF, TEA

from assistant import Answer, Assistant, Settings
from assistant.errors import AssistantError, SettingsError
from assistant.messages.said import NOT_FOUND
from assistant.text.language import Language, detect
from eval.questions.dataset import Question
from eval.stages.arms import FULL, NAIVE, PLAIN, READING_ARMS, Arm, answerer, arms_for
from eval.stages.generation import run

REFINED = Arm("refined", "", check=True, refined=True)
UNTRUE = {TEA: "녹차는 300도의 물에 우린다. [1]", LOAF: "The loaf is baked at 300 degrees. [1]"}
both = pytest.mark.parametrize("text", [TEA, LOAF])


def asked(text: str) -> Question:
    return Question("q", "test", "", detect(text), text, "lookup", True, (), (("70", "250"),))


def shown(arm: Arm, assistant: Assistant, text: str) -> Answer:
    return deque(answerer(arm, assistant)(asked(text)), maxlen=1)[0]


@both
def test_an_arm_shows_unchecked_what_the_full_assistant_does_not(
    settings: Settings, embed_model: HashEmbedding, text: str
) -> None:
    assistant = opened(settings, embed_model, ScriptedLLM.saying(*[UNTRUE[text]] * 3))
    naive = shown(NAIVE, assistant, text)
    assert naive.answer == UNTRUE[text] and [sentence.citations for sentence in naive.sentences] == [(1,)]
    full = shown(FULL, assistant, text)
    assert not full.citations and all(sentence.support == 0 for sentence in full.sentences)


@both
def test_refinement_hands_the_model_less_to_read(settings: Settings, embed_model: HashEmbedding, text: str) -> None:
    llm = ScriptedLLM.saying(*[UNTRUE[text]] * 3)
    assistant = opened(settings, embed_model, llm)
    for arm in (Arm("whole", "", check=True), REFINED):
        shown(arm, assistant, text)
    whole, refined = llm.prompts
    assert len(refined) < len(whole)
    assert {TEA: "70도", LOAF: "250"}[text] in refined


@both
def test_what_a_model_declines_is_an_abstention(settings: Settings, embed_model: HashEmbedding, text: str) -> None:
    answer = shown(NAIVE, opened(settings, embed_model, ScriptedLLM.saying(NOT_FOUND[detect(text)])), text)
    assert answer.abstained and not answer.citations


@pytest.mark.parametrize("text", ["When does the next train to Busan leave?", "부산행 다음 기차는 언제 떠나?"])
@pytest.mark.parametrize("arm", [REFINED, *READING_ARMS], ids=lambda arm: arm.name)
def test_what_is_incorrect_is_refused_before_a_model_reads_anything(
    settings: Settings, embed_model: HashEmbedding, arm: Arm, text: str
) -> None:
    answer = shown(arm, opened(settings, embed_model, ScriptedLLM.saying()), text)
    assert answer.abstained and answer.answer == NOT_FOUND[detect(text)]


@both
@pytest.mark.parametrize(("tokens", "several"), [(1, False), (100_000, True)])
def test_plain_rag_reads_the_first_passages_that_fit_the_budget(
    settings: Settings,
    embed_model: HashEmbedding,
    text: str,
    tokens: int,
    several: bool,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("eval.stages.arms.evidence_tokens", lambda settings: tokens)
    llm = ScriptedLLM.saying(UNTRUE[text])
    shown(PLAIN, opened(settings, embed_model, llm), text)
    assert "[1]" in llm.prompts[0] and ("\n[2]" in llm.prompts[0]) is several


def test_only_named_arms_run_and_an_unknown_name_is_told() -> None:
    assert arms_for("extractive", [FULL.name, NAIVE.name]) == [NAIVE, FULL]
    assert set(READING_ARMS) < set(arms_for("any model")) and not set(READING_ARMS) & set(arms_for("extractive"))
    with pytest.raises(SettingsError, match=r"no arm named 'nave'.*there are: naive RAG, keyword only"):
        arms_for("extractive", ["nave"])


def test_the_first_word_is_timed_and_an_answer_grows_to_its_end(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = iter(range(100))
    monkeypatch.setattr("eval.stages.generation.time.perf_counter", lambda: next(clock))
    ended: list[str] = []

    def growing(question: Question) -> Iterator[Answer]:
        for text in ("", "70", "70 degrees"):
            yield Answer(question.question, Language.EN, answer=text)
        ended.append(question.question)

    def failing(question: Question) -> Iterator[Answer]:
        yield Answer(question.question, Language.EN, answer="70")
        raise AssistantError("broke off")

    (case,) = run(growing, [asked(LOAF)], True, lambda done, total: None)
    assert case.answer and case.answer.answer == "70 degrees" and case.first_word == 1 and ended == [LOAF]
    (untimed,) = run(growing, [asked(LOAF)], False, lambda done, total: None)
    assert untimed.answer == case.answer and math.isnan(untimed.first_word)
    (failed,) = run(failing, [asked(LOAF)], True, lambda done, total: None)
    assert failed.answer is None and math.isnan(failed.first_word)
