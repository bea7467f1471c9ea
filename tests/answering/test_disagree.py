"""Two strips disagree if they give different numbers for the same thing; not if they are about different things."""

import pytest

from assistant.answer import Strip
from assistant.answering.disagree import disagreement
from assistant.search.question import read


def strips(*texts: str) -> list[Strip]:
    return [Strip(f"{n}.md", "", "", "", text, 0, len(text), 0.5, n) for n, text in enumerate(texts, start=1)]


@pytest.mark.parametrize(
    ("question", "one", "other"),
    [
        ("솔섬 등대의 높이는 몇 미터야?", "솔섬 등대의 높이는 24미터이다.", "솔섬 등대의 높이는 27미터이다."),
        ("How many degrees is the rye loaf baked at?", "The rye loaf is baked at 230 degrees.",
         "The rye loaf is baked at 250 degrees."),
        ("SliceGPT는 파라미터를 몇 퍼센트까지 없애나요?",
         "SliceGPT의 소개글은 llama2-70b와 phi-2에서 최대 20%를 없앤다고 한다.",
         "SliceGPT의 초록은 LLAMA2-70B, OPT 66B, Phi-2에서 최대 25%를 없앤다고 한다."),
    ],
)  # fmt: skip
def test_different_numbers_for_one_thing_are_found(question: str, one: str, other: str) -> None:
    assert [strip.text for strip in disagreement(read(question), strips(one, other)) or ()] == [one, other]


@pytest.mark.parametrize(
    ("question", "one", "other"),
    [
        ("솔섬 우물은 몇 개야?", "솔섬의 우물은 6개이다.", "솔섬의 우물은 모두 6개이다."),
        ("달섬 도서관의 책은 몇 권이야?", "솔섬 도서관의 책은 3,200권이다.", "달섬 도서관의 책은 4,100권이다."),
        ("How much salt is in the wheat loaf?", "The wheat loaf holds 9 grams.", "The spelt loaf holds 7 grams."),
        ("What is the vocabulary size of BERT?", "BERT has a vocabulary of 30K.", "T5 has a vocabulary of 32K."),
        ("솔섬의 우물은 몇 개야?", "솔섬 학교의 학생은 18명이다. 솔섬의 우물은 모두 6개이다.",
         "솔섬 학교의 학생은 21명이다. 솔섬의 우물은 모두 6개이다."),
        ("How many loaves does the stone oven hold?",
         "The stone oven was built in 1957. The stone oven holds 24 loaves at a time.",
         "The stone oven was built in 1962. The stone oven holds 24 loaves at a time."),
        ("솔섬 도서관은 책을 몇 권 갖고 있어?", "솔섬 축제는 1998년에 열렸다. 솔섬 도서관은 책을 3,200권 갖고 있다.",
         "솔섬 축제는 2001년에 열렸다. 달섬 도서관은 책을 4,100권 갖고 있다."),
        ("솔섬 등대는 왜 높아?", "솔섬 등대의 높이는 24미터이다.", "솔섬 등대의 높이는 27미터이다."),
        ("배의 자리는 몇 개야?", "| 물떼새 | 자리 4개 |", "| 황조롱이 | 자리 8개 |"),
    ],
)  # fmt: skip
def test_the_same_number_or_another_thing_is_no_disagreement(question: str, one: str, other: str) -> None:
    assert disagreement(read(question), strips(one, other)) is None
