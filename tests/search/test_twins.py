"""Twins: what a bilingual note says twice is found as such, and nothing else is."""

from assistant.answer import Strip
from assistant.search.twins import twins

KO = [
    "몬순은 파라미터를 30%까지 줄인다.",
    "몬순의 tokenizer는 BPE이며 vocabulary는 32,000개다.",
    "몬순의 저자는 지침서를 곧 낸다고 한다.",
]
EN = [
    "Monsun removes up to 30% of the parameters.",
    "The tokenizer of Monsun is BPE with a vocabulary of 32,000.",
]


def strips(*texts: str, heading: str = "결과 / Results") -> list[Strip]:
    return [Strip("monsun.md", "Monsun", heading, "", text, 0, len(text), 0.5) for text in texts]


def test_the_halves_of_a_statement_are_paired_in_any_order() -> None:
    assert set(twins(strips(*KO, *reversed(EN)))) == {(0, 4), (1, 3)}


def test_different_numbers_make_different_statements() -> None:
    assert list(twins(strips(KO[0], EN[0].replace("30", "25")))) == []


def test_one_language_has_no_twins() -> None:
    assert list(twins(strips(*KO))) == [] and list(twins([])) == []


def test_sections_are_kept_apart() -> None:
    assert list(twins([*strips(KO[0]), *strips(EN[0], heading="Other")])) == []
