"""A question's telling words, their counterparts and those that notes lack."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.index.local import Index
from assistant.index.term_weights import TermWeights
from assistant.search.wording import KEY_WORDS, all_held, crossed, key_words, lacking, words
from assistant.text.language import terms
from assistant.text.lexicon import Lexicon

NOTHING = TermWeights({}, 1.0)
EMPTY = Lexicon({}, {})


def test_words_are_spelled_as_asked_without_particles() -> None:
    spelled = [word.spelled for word in words("GPT-4의 라이선스는 12,000원에 파나요?")]
    assert spelled[:3] == ["GPT-4", "라이선스", "12,000"]
    assert [word.spelled for word in words("What is the Licence of LLaMA2?")] == ["Licence", "LLaMA2"]


def test_a_question_is_rewritten_to_its_most_telling_words(indexed: Index) -> None:
    weights = indexed.term_weights
    asked = "Could you please tell me when the chainring of a bicycle is worn?"
    assert key_words(asked, weights).split() == ["chainring", "bicycle", "worn"]
    assert key_words("등대의 높이는 몇 미터인가요?", weights).split()[:2] == ["등대", "높이"]
    assert key_words("?!", weights) == ""


def test_words_that_frame_a_question_are_key_words_last() -> None:
    assert key_words("How much does a GPU cost in Busan?", NOTHING) == "GPU cost Busan"


@given(st.text(max_size=80))
def test_key_words_are_few_and_the_askers_own(question: str) -> None:
    found = key_words(question, NOTHING).split()
    assert len(found) <= KEY_WORDS
    assert all(word in question for word in found)


def test_a_question_crosses_by_what_the_notes_put_in_brackets() -> None:
    lexicon = Lexicon.of(["체인링(chainring)은 크다. bicycle (자전거)"], [terms("체인링 자전거")])
    weights = TermWeights(dict.fromkeys([*terms("chainring bicycle"), *terms("자전거")], 1.0), 2.0)
    assert "chainr" in crossed("체인링은 언제 갈아?", lexicon, weights).split()
    assert "자전거" in crossed("When is a bicycle worn?", lexicon, weights).split()


def test_a_name_stays_beside_its_counterpart() -> None:
    lexicon = Lexicon({}, {"mirinae": {"미리내"}})
    weights = TermWeights({"미리내": 1.0}, 2.0)
    assert crossed("What does the Mirinae look for?", lexicon, weights).split()[:2] == ["Mirinae", "미리내"]


@pytest.mark.parametrize("question", ["체인링은 언제 갈아?", "When is the grobnik worn?", "?!", ""])
def test_without_a_counterpart_in_the_notes_nothing_crosses(question: str) -> None:
    assert crossed(question, EMPTY, NOTHING) == ""


def test_what_sounds_alike_but_is_another_word_is_no_counterpart() -> None:
    alike = Lexicon({"ko PSN": {"보장"}}, {"보장": {"guarante"}})
    weights = TermWeights({"보장": 1.0}, 2.0)
    assert crossed("When does the train to Busan leave?", alike, weights) == ""
    assert "Busan" in lacking("When does the train to Busan leave?", {"보장", "train", "leav"}, alike, weights)


def test_what_notes_lack_is_named_as_the_asker_spelled_it() -> None:
    held = terms("LLaMA는 오픈소스이다. LLaMA is open.")
    assert lacking("LLaMA의 라이선스는 얼마인가요?", held, EMPTY, NOTHING) == ["라이선스"]
    assert lacking("What is the Licence of LLaMA on 12,000 GPUs?", held, EMPTY, NOTHING) == [
        "Licence",
        "12,000",
        "GPUs",
    ]


def test_a_counterpart_in_the_notes_is_not_lacking() -> None:
    lexicon = Lexicon({}, {"chainr": {"체인링"}, "체인링": {"chainr"}})
    assert lacking("체인링", {"chainr"}, lexicon, NOTHING) == []
    assert lacking("체인링", {"teeth"}, lexicon, NOTHING) == ["체인링"]


def test_a_joined_name_is_held_by_its_parts_or_whole() -> None:
    assert lacking("GPT-4?", terms("GPT 4"), EMPTY, NOTHING) == []
    assert lacking("GPT-4?", terms("GPT-5"), EMPTY, NOTHING) == ["GPT-4"]


def test_whether_all_words_are_held() -> None:
    assert all_held("등대의 높이?", terms("등대 높이 렌즈"))
    assert not all_held("등대의 높이?", terms("등대 렌즈"))
    assert not all_held("?!", terms("등대"))


@pytest.mark.parametrize(
    "question", ["서울에서 가장 맛있는 김치찌개 체인링은?", "Which grobnik chainring zeppelin sinks?"]
)
def test_a_question_of_which_little_comes_across_does_not_cross(question: str) -> None:
    lexicon = Lexicon({}, {"체인링": {"chainr"}, "chainr": {"체인링"}})
    weights = TermWeights({"chainr": 1.0, "체인링": 1.0}, 2.0)
    assert crossed(question, lexicon, weights) == ""


def test_of_two_counterparts_the_more_common_one_is_searched() -> None:
    lexicon = Lexicon({}, {"model": {"모달", "모델"}})
    weights = TermWeights({"모달": 3.0, "모델": 1.0}, 4.0)
    assert crossed("model?", lexicon, weights) == "모델"
