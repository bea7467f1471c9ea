"""A question is read once; what is made of it keeps what was asked."""

import numpy as np
import pytest
from fakes import HashEmbedding
from hypothesis import given
from hypothesis import strategies as st

from assistant.answer import Scope
from assistant.errors import SettingsError
from assistant.messages.said import NO_WORDS
from assistant.search.question import LONGEST, embedded, read, reworded, typed
from assistant.text.language import Language


@pytest.mark.parametrize(
    ("asked", "language", "terms", "titles", "spelled"),
    [
        ("GPT-4의 라이선스는?", Language.KO, ("gpt", "4", "gpt4", "라이선스"), ("GPT-4",), ["GPT-4", "라이선스"]),
        ("What is the licence of GPT-4?", Language.EN, ("licenc", "gpt", "4", "gpt4"), ("GPT-4",), 
         ["licence", "GPT-4"]),
    ],
)  # fmt: skip
def test_a_question_is_taken_apart_once(
    asked: str, language: Language, terms: tuple[str, ...], titles: tuple[str, ...], spelled: list[str]
) -> None:
    question = read(asked)
    assert (question.asked, question.text, question.language, question.terms) == (asked, asked, language, terms)
    assert question.titles == titles and {"gpt", "4", "gpt4"} <= set(question.names)
    assert [word.spelled for word in question.words] == spelled
    assert question.vector.shape == (0,) and not question.foreign


def test_words_are_spelled_as_asked_without_particles() -> None:
    words = read("GPT-4의 라이선스는 12,000원에 파나요?").words
    assert [word.spelled for word in words][:3] == ["GPT-4", "라이선스", "12,000"]
    assert [word.spelled for word in read("What is the Licence of LLaMA2?").words] == ["Licence", "LLaMA2"]


@pytest.mark.parametrize(
    ("asked", "other"), [("그건 얼마야?", "Mirinae: 그건 얼마야?"), ("how much?", "tea: how much?")]
)
def test_in_other_words_it_is_the_same_question(asked: str, other: str) -> None:
    history, scope = (("earlier", "answer"),), Scope(("deep",))
    before = read(asked, history, scope)
    after = reworded(before, other)
    assert (after.asked, after.text, after.history, after.scope) == (asked, other, history, scope)
    assert set(before.terms) < set(after.terms)


def test_its_vector_is_a_unit_vector_of_its_text() -> None:
    question = embedded(read("녹차는 몇 도의 물에 우려?"), HashEmbedding())
    assert np.linalg.norm(question.vector) == pytest.approx(1.0)
    assert question == read("녹차는 몇 도의 물에 우려?")  # made of the same words


@pytest.mark.parametrize("text", ["", "  \n", "?!…", "\u200b\u202e", "🙂"])
def test_what_holds_no_word_is_no_question(text: str) -> None:
    with pytest.raises(SettingsError) as raised:
        typed(text)
    assert str(raised.value) == NO_WORDS


@given(st.text(max_size=300))
def test_any_text_can_be_read(text: str) -> None:
    question = read(text)
    assert {term for word in question.words for term in word.terms} <= set(question.terms)


@pytest.mark.parametrize("text", ["a" * 10_000, "녹차 " * 4_000])
def test_more_than_can_be_embedded_is_not_read(text: str) -> None:
    assert len(typed(text)) <= LONGEST and len(read(text).text) <= LONGEST
