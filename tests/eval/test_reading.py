"""What the reader learns from: cards and joined sentences hold what they are said to hold, and the order is fixed."""

import random
import re
from itertools import islice

import pytest
from fakes import HashEmbedding

from assistant.models.reader import ANSWERS, SUPPORTS
from assistant.text.claims import unborne_number
from eval.training.reading_cards import cards
from eval.training.reading_example import Example, around, held_out, strips
from eval.training.reading_own import as_typed, notes

HANGUL = re.compile("[가-힣]")


@pytest.fixture(scope="module")
def drawn() -> list[Example]:
    return list(cards(random.Random(7)))


def test_a_seed_gives_the_same_cards(drawn: list[Example]) -> None:
    assert list(islice(cards(random.Random(7)), 300)) == drawn[:300]
    assert list(islice(cards(random.Random(8)), 300)) != drawn[:300]


def test_cards_hold_both_tasks_both_outcomes_and_all_directions(drawn: list[Example]) -> None:
    met = {
        (example.task, example.holds, bool(HANGUL.search(example.first)), bool(HANGUL.search(example.second)))
        for example in drawn
    }
    assert {(task, holds) for task, holds, *_ in met} == {(t, h) for t in (ANSWERS, SUPPORTS) for h in (True, False)}
    assert len(met) == 16
    assert {example.held_out for example in drawn} == {True, False}


def test_no_card_has_an_open_slot_and_each_strip_stands_under_a_heading(drawn: list[Example]) -> None:
    assert not any("{" in f"{example.first}{example.second}" for example in drawn)
    assert all(" > " in example.second.split("\n")[0] for example in drawn)


def test_what_supports_a_sentence_holds_its_numbers(drawn: list[Example]) -> None:
    for example in drawn:
        if example.task == SUPPORTS and example.holds and "slug" not in example.second:
            assert not unborne_number(example.first, example.second), example


def test_a_card_is_wholly_held_out_or_not(drawn: list[Example]) -> None:
    by_strip: dict[str, set[bool]] = {}
    for example in drawn[:400]:
        by_strip.setdefault(example.second.split("\n")[0], set()).add(example.held_out)
    assert sum(len(found) == 1 for found in by_strip.values()) > 0.8 * len(by_strip)


@pytest.mark.parametrize("question", ["모델은 언제 나왔나요?", "How large is Kesto?"])
def test_a_question_as_typed_stays_recognisable(question: str) -> None:
    luck = random.Random(1)
    typed = {as_typed(question, luck) for _ in range(50)}
    assert question in typed and len(typed) > 1
    assert all(len(text) >= len(question) - 6 for text in typed)


def test_notes_give_answers_strangers_and_joined_sentences() -> None:
    found = list(islice(notes(HashEmbedding(), random.Random(7)), 400))
    sources = {example.source for example in found}
    assert {"own+", "own-un", "own-other", "own-stranger", "own-sup", "own-joined"} <= sources
    assert all(example.holds == (example.source == "own+") for example in found if example.task == ANSWERS)


def test_strips_and_what_stands_around_an_answer_are_of_the_text() -> None:
    text = "녹차는 70도에서 우린다. 홍차는 끓는 물에 우린다. Oolong stands between. It is steeped thrice. 끝이다."
    assert all(0 <= start < end <= len(text) for start, end in strips(text))
    at = text.index("Oolong")
    for seed in range(20):
        start, end = around(text, at, at + 6, random.Random(seed))
        assert start <= at and at + 6 <= end


def test_about_a_tenth_is_held_out() -> None:
    assert 0.07 < sum(held_out(f"note {n}") for n in range(2000)) / 2000 < 0.13
