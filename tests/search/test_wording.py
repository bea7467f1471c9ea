"""A question's telling words, their counterparts and those that notes lack."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from memory_snapshot import MemorySnapshot, passage

from assistant.answer import Word
from assistant.index.store import Snapshot
from assistant.search.counterparts import counterparts, translations
from assistant.search.question import read
from assistant.search.wording import KEY_WORDS, all_held, crossed, key_words, lacking
from assistant.text.terms import terms

NOTHING = MemorySnapshot()


def notes(*texts: str) -> MemorySnapshot:
    return MemorySnapshot([passage(text, f"{number}.md") for number, text in enumerate(texts)])


PAIRED = notes("체인링(chainring)은 크다.", "A bicycle (자전거) has one.")


def test_a_question_is_rewritten_to_its_most_telling_words(indexed: Snapshot) -> None:
    asked = read("Could you please tell me when the chainring of a bicycle is worn?")
    assert key_words(asked, indexed).split() == ["chainring", "bicycle", "worn"]
    assert key_words(read("등대의 높이는 몇 미터인가요?"), indexed).split()[:2] == ["등대", "높이"]
    assert key_words(read("?!"), indexed) == ""


def test_words_that_frame_a_question_are_key_words_last() -> None:
    assert key_words(read("How much does a GPU cost in Busan?"), NOTHING) == "GPU cost Busan"


@given(st.text(max_size=80))
def test_key_words_are_few_and_the_askers_own(question: str) -> None:
    words = key_words(read(question), NOTHING).split()
    assert len(words) <= KEY_WORDS
    assert all(word in question for word in words)


def test_what_the_notes_put_in_brackets_is_a_counterpart() -> None:
    told = notes("바람(Mirinae)은 분다.")
    assert counterparts("바람", told)["mirina"] == pytest.approx(0.8)
    assert counterparts("mirina", told)["바람"] == pytest.approx(0.8)
    assert counterparts("grobnik", PAIRED) == {}


def test_what_sounds_alike_counts_less_than_what_is_said() -> None:
    heard = notes("트로피컬은 크다.")
    assert counterparts("tropical", heard)["트로피컬"] == pytest.approx(0.6)


def test_a_question_crosses_by_what_the_notes_put_in_brackets() -> None:
    assert "chainr" in crossed(read("체인링은 언제 갈아?"), PAIRED).split()
    assert "자전거" in crossed(read("When is a bicycle worn?"), PAIRED).split()


def test_a_name_stays_beside_its_counterpart() -> None:
    told = notes("바람(Mirinae)은 분다.")
    assert crossed(read("What does the Mirinae look for?"), told).split()[:2] == ["Mirinae", "바람"]


@pytest.mark.parametrize("question", ["체인링은 언제 갈아?", "When is the grobnik worn?", "?!", ""])
def test_without_a_counterpart_in_the_notes_nothing_crosses(question: str) -> None:
    assert crossed(read(question), NOTHING) == ""


def test_what_sounds_alike_but_is_another_word_is_no_counterpart() -> None:
    train = notes("보장(guarantee)이 된다. 보장은 길다.")
    assert counterparts("busan", train)["보장"] == pytest.approx(0.6)
    assert translations(Word("Busan", ("busan",), True), train) == {}
    asked = read("When does the train to Busan leave?")
    assert crossed(asked, train) == ""
    assert "Busan" in lacking(asked, {"보장", "train", "leav"}, train)


def test_what_notes_lack_is_named_as_the_asker_spelled_it() -> None:
    held = terms("LLaMA는 오픈소스이다. LLaMA is open.")
    assert lacking(read("LLaMA의 라이선스는 얼마인가요?"), held, NOTHING) == ["라이선스"]
    asked = read("What is the Licence of LLaMA on 12,000 GPUs?")
    assert lacking(asked, held, NOTHING) == ["Licence", "12,000", "GPUs"]


def test_a_counterpart_in_the_notes_is_not_lacking() -> None:
    assert lacking(read("KITE의 체인링"), {"kite", "chainr"}, PAIRED) == []
    assert lacking(read("KITE의 체인링"), {"kite", "teeth"}, PAIRED) == ["체인링"]


def test_a_joined_name_is_held_by_its_parts_or_whole() -> None:
    assert lacking(read("tea of GPT-4?"), terms("tea, GPT 4"), NOTHING) == []
    assert lacking(read("tea of GPT-4?"), terms("tea, GPT-5"), NOTHING) == ["GPT-4"]


@pytest.mark.parametrize("question", ["솔섬 조선소의 크레인은?", "Which crane has the Grobnik shipyard?"])
def test_notes_that_have_nothing_to_do_with_a_question_lack_no_word_of_it(question: str) -> None:
    assert lacking(read(question), terms("녹차는 뜨겁다. Tea is hot."), NOTHING) == []


def test_whether_all_words_are_held() -> None:
    assert all_held(read("등대의 높이?").words, terms("등대 높이 렌즈"))
    assert not all_held(read("등대의 높이?").words, terms("등대 렌즈"))
    assert not all_held(read("?!").words, terms("등대"))


@pytest.mark.parametrize(
    "question", ["서울에서 가장 맛있는 김치찌개 체인링은?", "Which grobnik chainring zeppelin sinks?"]
)
def test_a_question_of_which_little_comes_across_does_not_cross(question: str) -> None:
    assert crossed(read(question), PAIRED) == ""


def test_of_two_counterparts_the_more_common_one_is_searched() -> None:
    both = notes("모델(model)이 있다.", "모델은 크다.", "모달(model)도 있다.")
    assert crossed(read("model?"), both) == "모델"
