"""Follow-ups become questions of their own; what stands alone, or is a new topic, is left as it is."""

import pytest
from llama_index.core.base.embeddings.base import BaseEmbedding

from assistant.answer import Scope
from assistant.answering.follow_up import BOUND, followed, standalone
from assistant.messages.said import COLLECTION, TALK
from assistant.models.embedding import DEFAULT
from assistant.search.question import read
from assistant.text.language import Language

WEIGHTS = {"스케일": 9.0, "법칙": 9.0, "distilbert": 9.0, "로버타": 9.0}
THANKS = "고마워!"


def asked(question: str, *before: str) -> str:
    history = [(past, "") for past in before]
    return standalone(read(question, history), lambda term: WEIGHTS.get(term, 2.0)).text


@pytest.mark.parametrize(
    ("before", "question", "expected"),
    [
        ("Flores-101은 언제 나왔어?", "그럼 200은?", "Flores-101은 언제 나왔어? 200은?"),
        ("GLaM은 전문가 레이어를 몇 개 써?", "그럼 그건 몇 퍼센트야?", "GLaM: 그건 몇 퍼센트야?"),
        ("DistilBERT는 얼마나 작아?", "그럼 속도는?", "DistilBERT: 속도는?"),
        ("which part of LLaVA is trained?", "and what is it good at?", "LLaVA: what is it good at?"),
        ("how much does SliceGPT keep on LLAMA2-70B?", "and for phi-2?",
         "how much does SliceGPT keep on LLAMA2-70B? for phi-2?"),
        ("How many parts does CRAG have?", "and the second one?", "CRAG: the second one?"),
        ("What share of tokens does BERT pick?", "그중에 가려지는 건 얼마야?", "BERT: 그중에 가려지는 건 얼마야?"),
    ],
)  # fmt: skip
def test_a_follow_up_names_what_it_is_about(before: str, question: str, expected: str) -> None:
    assert asked(question, before) == expected


@pytest.mark.parametrize(
    ("turns", "expected"),
    [
        (
            ["What is BERT's vocabulary size?", "And for RoBERTa?", "And for ALBERT?"],
            "What is ALBERT's vocabulary size?",
        ),
        (
            ["how much memory does the K3 have?", "its price?", "how heavy is it?", "And for the K5?"],
            "K5: how heavy is it?",
        ),
        (["How much memory does the A100 have?", "And its TDP?"], "A100: its TDP?"),
        (["BERT의 어휘 크기는?", "로버타는?"], "BERT의 어휘 크기는? 로버타는?"),
        (["BERT의 어휘 크기는?", "로버타는?", "ALBERT는?"], "ALBERT의 어휘 크기는?"),
        (["DistilBERT는 얼마나 작아?", "ERNIE는 누가 만들었어?"], "ERNIE는 누가 만들었어?"),
    ],
)
def test_what_was_left_unsaid_is_carried_on(turns: list[str], expected: str) -> None:
    *before, last = turns
    assert asked(last, *before) == expected


@pytest.mark.parametrize("language", Language)
@pytest.mark.parametrize("said", [TALK, COLLECTION])
def test_what_is_no_topic_is_left_out(language: Language, said: dict[Language, str]) -> None:
    history = [("DistilBERT는 얼마나 작아?", "40%"), (THANKS, said[language].format(count=3))]
    assert standalone(read("그럼 그건 얼마나 빨라?", history), lambda term: 1.0).text == "DistilBERT: 그건 얼마나 빨라?"


@pytest.mark.parametrize(
    "question",
    ["BLOOM은 자연어를 몇 개 지원해?", "What corpus was BLOOM trained on?", "What is QLoRA and how does it work?",
     "스케일링 법칙이 뭐야?"],
)  # fmt: skip
def test_a_question_that_stands_alone_is_not_touched(question: str) -> None:
    assert asked(question, "BERT의 토크나이저는 뭐야?") == question


def test_the_first_question_is_not_touched() -> None:
    question = read("그럼 그건?")
    assert standalone(question, lambda term: 1.0) is question


@pytest.mark.parametrize("question", ["그럼 그건?", "and that one?"])
def test_what_an_answer_named_says_what_is_meant_where_the_questions_name_nothing(question: str) -> None:
    history = [("그건 뭐야? what is it?", "Mirinae는 망원경이다.")]
    assert standalone(read(question, history), lambda term: 1.0).text == f"Mirinae: {question.split(maxsplit=1)[1]}"


def test_a_follow_up_keeps_what_was_asked_and_where() -> None:
    scope = Scope(("papers",))
    asked = standalone(read("and the second one?", [("How many parts does CRAG have?", "")], scope), lambda term: 2.0)
    assert (asked.asked, asked.scope) == ("and the second one?", scope) and "crag" in asked.terms


def test_history_is_bounded() -> None:
    long_ago = ["BERT의 토크나이저는 뭐야?", *["그건 뭐야?"] * BOUND]
    assert "BERT" not in asked("그건 몇 개야?", *long_ago)


@pytest.mark.embedding
@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("안녕?", "안녕?"),
        ("thanks!", "thanks!"),
        ("노트가 몇 개야?", "노트가 몇 개야?"),
        ("which notes do I have?", "which notes do I have?"),
        ("누가 만들었어?", "OLMo: 누가 만들었어?"),
        ("and its price?", "OLMo: its price?"),
        ("그건 뭐야?", "OLMo: 그건 뭐야?"),
    ],
)
def test_a_greeting_in_a_conversation_follows_nothing(typed: str, expected: str, real_embedding: BaseEmbedding) -> None:
    question = read(typed, [("How many parameters does OLMo have?", "7B [1]")])
    turned = followed(question, lambda term: 9.0 if term == "olmo" else 2.0, real_embedding, DEFAULT)
    assert turned.text == expected and turned.vector.size
