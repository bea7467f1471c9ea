"""The notes' own sentences as an answer: few, ordered, each in its language."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from assistant.answer import Strip
from assistant.answering.quote import quote
from assistant.text.language import Language

KO, EN = Language.KO, Language.EN
KOREAN = Strip("a.md", "차", "온도", "", "- 녹차는 70도의 물에 우린다.", 0, 18, relevance=0.9, number=2)
ENGLISH = Strip("b.md", "Bread", "", "", "Bake at 250 degrees.", 5, 25, relevance=0.7, number=1)


def test_quotes_keep_their_words_and_say_once_that_they_are_in_the_other_language() -> None:
    cold = replace(ENGLISH, text="Cool it on a rack.", number=3, start=30, end=48, relevance=0.6)
    korean, hot, cool = quote(KO, [cold, ENGLISH, KOREAN])
    assert korean.text == "녹차는 70도의 물에 우린다."
    assert hot.text == "노트에는 영어로 이렇게 적혀 있습니다: Bake at 250 degrees."
    assert cool.text == "Cool it on a rack."
    assert [sentence.citations for sentence in (korean, hot, cool)] == [(2,), (1,), (3,)]
    assert quote(EN, [KOREAN])[0].text == "Your notes say, in Korean: 녹차는 70도의 물에 우린다."
    assert quote(KO, []) == []


@given(st.permutations(range(3)), st.lists(st.floats(0.1, 0.9), min_size=3, max_size=3))
def test_the_best_section_comes_first_and_is_quoted_in_its_order(places: list[int], grades: list[float]) -> None:
    where = [("a.md", "", 0), ("a.md", "", 40), ("b.md", "Top", 0)]
    strips = [
        Strip(where[at][0], "", where[at][1], "", f"Words of {at}.", where[at][2], where[at][2] + 9, grades[at], at + 1)
        for at in places
    ]
    said = [sentence.citations[0] - 1 for sentence in quote(EN, strips)]
    best = max(said, key=lambda at: grades[at])
    assert where[said[0]][:2] == where[best][:2]
    assert sorted(said) == list(range(3)) and abs(said.index(0) - said.index(1)) == 1
    assert said.index(0) < said.index(1)


def test_at_most_three_strips_are_quoted_and_beside_the_best_only_such_as_come_near_it() -> None:
    many = [Strip("a.md", "", "", "", f"Sentence number {n}.", n, n + 1, 0.9 - n / 10, n + 1) for n in range(6)]
    assert len(quote(EN, many)) == 3
    far = Strip("a.md", "", "", "", "Something else.", 90, 95, -0.8, 9)
    assert [s.citations for s in quote(EN, [many[0], far])] == [(1,)]
    assert [s.citations for s in quote(EN, [far])] == [(9,)]
