"""How an answer comes to its words, by an OpenAI-compatible server that answers or fails, in both languages."""

import logging
from dataclasses import replace

import pytest
from fakes import HashEmbedding, ScriptedLLM, opened
from memory_snapshot import MemorySnapshot
from openai_server import Script, serving

from assistant import Answer, Assistant, Settings
from assistant.answer import Action, Did, Strip
from assistant.answering.clock import Clock
from assistant.answering.reply import reply
from assistant.index.store import Snapshot
from assistant.messages.said import AGAIN_IN_LANGUAGE, LLM_DECLINED, LLM_UNSUPPORTED, NOT_FOUND, UNCONFIRMED
from assistant.models.language_model import OPENAI_LIKE
from assistant.search.question import read
from assistant.text.language import Language

KO, EN = Language.KO, Language.EN
QUESTIONS = {KO: "녹차는 몇 도의 물에 우려?", EN: "At how many degrees is the loaf baked under a lid?"}
FACTS = {KO: "70도", EN: "250"}
RIGHT = {KO: "녹차는 70도의 물에 우린다. [{n}]", EN: "Bake the loaf at 250 degrees under a lid. [{n}]"}
both = pytest.mark.parametrize("language", [KO, EN])


def asked(settings: Settings, embed_model: HashEmbedding, address: str, question: str) -> Answer:
    settings = replace(
        settings, llm="openai-like", llm_address=address, llm_model="m", llm_key="secret-key", llm_timeout=1.0
    )
    return opened(settings, embed_model).ask(question)


@both
def test_a_server_without_grammars_is_checked_all_the_same(
    settings: Settings, embed_model: HashEmbedding, language: Language
) -> None:
    script = Script(says=RIGHT[language].format(n=99))
    with serving(script) as address:
        answer = asked(settings, embed_model, address, QUESTIONS[language])
    assert FACTS[language] in answer.sentences[0].text and answer.llm == "openai-like"
    assert "grammar" not in script.asked[0] and script.asked[0]["messages"][0]["role"] == "system"
    assert [step.did for step in answer.trace if step.did is Did.WROTE] == [Did.WROTE]
    assert any(step.did is Did.REPAIRED for step in answer.trace)  # no strip has the number 99


FAILURES = {
    "rate limit": (Script(fails=429), "429"),
    "server error": (Script(fails=500), "500"),
    "refused key": (Script(fails=401), "401"),
    "silence": (Script(says="late", hangs=3.0), "did not answer in time"),
    "truncated": (Script(says="one two three four five six", breaks=True), "broke off"),
}


@both
@pytest.mark.parametrize("failure", FAILURES)
def test_each_failure_ends_in_quotes_and_one_line(
    settings: Settings,
    embed_model: HashEmbedding,
    language: Language,
    failure: str,
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.DEBUG)
    script, said = FAILURES[failure]
    with serving(replace(script, asked=[])) as address:
        answer = asked(settings, embed_model, address, QUESTIONS[language])
    assert answer.llm == "extractive" and FACTS[language] in answer.answer
    assert answer.fallback is not None and said in answer.fallback and "\n" not in answer.fallback
    assert ("언어 모델" in answer.fallback) == (language is KO)
    assert "secret-key" not in answer.fallback + str(answer) + caplog.text


@both
def test_a_refused_connection_ends_in_quotes(
    settings: Settings, embed_model: HashEmbedding, language: Language
) -> None:
    with serving(Script()) as address:
        pass  # nobody listens there any more
    answer = asked(settings, embed_model, address, QUESTIONS[language])
    assert answer.llm == "extractive" and "cannot be reached" in (answer.fallback or "")


@both
@pytest.mark.parametrize("nonsense", ["", "[1]", "바나나 바나나 바나나 [1]"])
def test_nonsense_ends_in_quotes(
    settings: Settings, embed_model: HashEmbedding, language: Language, nonsense: str
) -> None:
    with serving(Script(says=nonsense)) as address:
        answer = asked(settings, embed_model, address, QUESTIONS[language])
    assert (answer.llm, answer.fallback) == ("extractive", LLM_UNSUPPORTED[language])
    assert FACTS[language] in answer.answer


UNBORNE = {KO: "커피는 에티오피아에서 왔다. [1]", EN: "Coffee came from Ethiopia. [1]"}
FOREIGN = {KO: "그 빵은 250도에서 굽습니다. [1]", EN: "That tea is brewed with water of seventy degrees. [1]"}
OFF_TOPIC = {KO: "부산행 다음 열차는 언제 떠나?", EN: "When does the next train to Busan leave?"}


@both
def test_what_a_served_model_wrote_stands_and_is_marked_where_nothing_bears_it_out(
    settings: Settings, embed_model: HashEmbedding, language: Language
) -> None:
    with serving(Script(says=UNBORNE[language])) as address:
        answer = asked(settings, embed_model, address, QUESTIONS[language])
    assert answer.answer == f"{UNBORNE[language].removesuffix(' [1]')} {UNCONFIRMED[language]}"
    assert (answer.llm, answer.citations, answer.fallback) == ("openai-like", (), None)
    assert answer.action is Action.AMBIGUOUS  # whatever the check of the passages said


@both
def test_a_served_model_that_answers_in_the_other_language_is_asked_once_more(
    settings: Settings, embed_model: HashEmbedding, language: Language
) -> None:
    other = {KO: EN, EN: KO}[language]
    script = Script(says=FOREIGN[other])
    with serving(script) as address:
        asked(settings, embed_model, address, QUESTIONS[language])
    again = [call["messages"][-1]["content"] for call in script.asked]
    assert len(again) == 2 and AGAIN_IN_LANGUAGE[language].split("\n")[0] in again[1]


@both
@pytest.mark.parametrize("says", ["unborne", "refusal"])
def test_a_served_model_is_asked_also_where_the_check_found_nothing_but_is_not_believed(
    settings: Settings, embed_model: HashEmbedding, language: Language, says: str
) -> None:
    script = Script(says={"unborne": UNBORNE, "refusal": NOT_FOUND}[says][language])
    with serving(script) as address:
        answer = asked(settings, embed_model, address, OFF_TOPIC[language])
    assert answer.abstained and answer.action is Action.INCORRECT and answer.evidence


@both
def test_without_its_server_a_hopeless_question_is_declined_and_nothing_is_quoted(
    settings: Settings, embed_model: HashEmbedding, language: Language
) -> None:
    with serving(Script()) as address:
        pass
    answer = asked(settings, embed_model, address, OFF_TOPIC[language])
    assert answer.abstained and not answer.citations and answer.fallback


@pytest.mark.parametrize(
    ("language", "question"), [(KO, "녹차는 몇 도의 물에 우려?"), (EN, "How hot must the oven be for the loaf?")]
)
def test_a_server_may_decline(
    settings: Settings, embed_model: HashEmbedding, language: Language, question: str
) -> None:
    with serving(Script(says=NOT_FOUND[language])) as address:
        answer = asked(settings, embed_model, address, question)
    assert answer.abstained and answer.citations == () and answer.trace[-1].did is Did.DECLINED


@both
@pytest.mark.parametrize(
    ("action", "llm_name", "abstains"),
    [
        (Action.CORRECT, "scripted", False),
        (Action.AMBIGUOUS, "scripted", True),
        (Action.CORRECT, "openai-like", True),
    ],
)
def test_what_is_correct_is_quoted_where_an_embedded_model_declines(
    language: Language, action: Action, llm_name: str, abstains: bool, indexed: Snapshot
) -> None:
    quote = {KO: "The kettle of Solsom holds nine litres.", EN: "솔섬의 주전자에는 9리터가 들어간다."}[language]
    strips = [Strip("a.md", "Solsom", "", "", quote, 0, len(quote), 0.9, 1)]
    begun = Answer("?", language, action=action, llm=llm_name)
    llm = ScriptedLLM.saying(NOT_FOUND[language])
    *_, last = reply(begun, read("?"), strips, indexed, lambda: llm, Clock())
    assert last.abstained is abstains
    assert (quote in last.answer) is not abstains
    assert last.fallback == (None if abstains else LLM_DECLINED[language])


LIGHTHOUSE = {
    KO: ("솔섬 등대의 계단은 212칸이다.", "솔섬 등대의 불빛은 18킬로미터까지 닿는다."),
    EN: ("The lighthouse of Solsom has 212 steps.", "The light of Solsom reaches 18 kilometres."),
}


def replied(
    language: Language,
    action: Action,
    *said: str,
    llm_name: str = "scripted",
    grades: tuple[float, float] = (0.9, 0.5),
) -> tuple[list[Answer], ScriptedLLM]:
    """Return all that is shown while a model says this about the lighthouse, one text after the other."""
    told = zip(LIGHTHOUSE[language], grades, strict=True)
    strips = [
        Strip("a.md", "Solsom", "", "", text, 0, len(text), relevance, number)
        for number, (text, relevance) in enumerate(told, start=1)
    ]
    llm = ScriptedLLM.saying(*said)
    begun = Answer("?", language, action=action, llm=llm_name)
    return list(reply(begun, read("?"), strips, MemorySnapshot(), lambda: llm, Clock())), llm


@both
@pytest.mark.parametrize("action", [Action.CORRECT, Action.AMBIGUOUS])
def test_nothing_stands_before_or_behind_what_the_model_wrote(language: Language, action: Action) -> None:
    _, light = LIGHTHOUSE[language]
    updates, _ = replied(language, action, f"{light} [2]")
    assert updates[-1].answer == f"{light} [1]"
    assert all(f"{light} [2]".startswith(update.answer.strip()) for update in updates[:-1])
    assert [sentence.text for sentence in updates[-1].sentences] == [light]


WRONG = {KO: "솔섬 등대의 계단은 300칸이다.", EN: "The lighthouse of Solsom has 300 steps."}


@both
def test_a_sentence_that_is_not_borne_out_is_shown_marked_beside_one_that_is(language: Language) -> None:
    steps, light = LIGHTHOUSE[language]
    updates, llm = replied(language, Action.CORRECT, f"{WRONG[language]} [1] {light} [2]")
    assert updates[-1].answer == f"{WRONG[language]} {UNCONFIRMED[language]} {light} [1]"
    assert [sentence.citations for sentence in updates[-1].sentences] == [(), (1,)]
    assert len(llm.prompts) == 1 and steps not in updates[-1].answer


@both
@pytest.mark.parametrize("action", [Action.CORRECT, Action.AMBIGUOUS])
def test_what_a_served_model_wrote_is_written_anew_once_if_none_of_it_is_borne_out(
    language: Language, action: Action
) -> None:
    steps, _ = LIGHTHOUSE[language]
    wrong = f"{WRONG[language]} [1]"
    updates, llm = replied(language, action, wrong, f"{steps} [1]", llm_name=OPENAI_LIKE)
    assert updates[-1].answer == f"{steps} [1]" and updates[-1].llm == OPENAI_LIKE
    assert len(llm.prompts) == 2 and WRONG[language] in llm.prompts[1] and WRONG[language] not in llm.prompts[0]
    updates, llm = replied(language, action, wrong, wrong, llm_name=OPENAI_LIKE)
    assert updates[-1].answer == f"{WRONG[language]} {UNCONFIRMED[language]}" and len(llm.prompts) == 2


@both
def test_what_a_small_model_wrote_is_marked_or_declined_if_none_of_it_is_borne_out(language: Language) -> None:
    updates, llm = replied(language, Action.CORRECT, f"{WRONG[language]} [1]")
    assert updates[-1].answer == f"{WRONG[language]} {UNCONFIRMED[language]}" and not updates[-1].citations
    assert len(llm.prompts) == 1
    updates, _ = replied(language, Action.AMBIGUOUS, f"{WRONG[language]} [1]")
    assert updates[-1].abstained and not updates[-1].citations and WRONG[language] not in updates[-1].answer
    updates, _ = replied(language, Action.CORRECT, "[1]")
    assert (updates[-1].llm, updates[-1].fallback) == ("extractive", LLM_UNSUPPORTED[language])


@both
def test_a_small_models_true_sentence_does_not_answer_if_it_rests_on_what_hardly_answers(language: Language) -> None:
    _, light = LIGHTHOUSE[language]
    unlikely = {"grades": (0.1, -0.9)}
    updates, _ = replied(language, Action.AMBIGUOUS, f"{light} [2]", **unlikely)
    assert updates[-1].abstained and light not in updates[-1].answer
    updates, _ = replied(language, Action.AMBIGUOUS, f"{light} [2]", llm_name=OPENAI_LIKE, **unlikely)
    assert updates[-1].answer == f"{light} [1]"
    updates, _ = replied(language, Action.AMBIGUOUS, f"{light} [2]", grades=(0.1, -0.7))
    assert updates[-1].answer == f"{light} [1]"


@both
def test_the_evidence_is_what_the_writer_was_given(
    settings: Settings, embed_model: HashEmbedding, language: Language
) -> None:
    llm = ScriptedLLM.saying(RIGHT[language].format(n=1))
    answer = opened(settings, embed_model, llm).ask(QUESTIONS[language])
    assert answer.evidence and [strip.number for strip in answer.evidence] == sorted(s.number for s in answer.evidence)
    for piece in answer.to_json()["evidence"]:
        assert set(piece) == {"n", "source", "heading", "start", "end", "text", "relevance"}
        text = (settings.notes / piece["source"]).read_text(encoding="utf-8")
        assert text[piece["start"] : piece["end"]] == piece["text"]
        assert f"[{piece['n']}] {' '.join(piece['text'].split())}" in llm.prompts[0]


@both
def test_without_a_writer_there_is_no_evidence(assistant: Assistant, language: Language) -> None:
    assert not assistant.ask(QUESTIONS[language]).to_json()["evidence"]


@both
def test_a_follow_up_is_shown_in_the_trace_and_keeps_the_question_as_asked(
    assistant: Assistant, language: Language
) -> None:
    before, after, fact = {
        KO: ("미리내 Mirinae 망원경은 무엇을 찾아?", "그럼 그건 언제 관측해?", "밤"),
        EN: ("How many teeth does the small chainring have?", "and the large one?", "50"),
    }[language]
    answer = assistant.ask(after, [(before, "…")])
    assert answer.question == after and fact in answer.answer
    assert answer.trace[0].did is Did.FOLLOWED and answer.trace[0].text.endswith(after.split(maxsplit=1)[1])
    assert Did.FOLLOWED not in [step.did for step in assistant.ask(after).trace]
