"""Finds what a bilingual note says twice, once in each language, so that an answer need not.

In: strips. Out: pairs of strips of one section that say the same in Korean and in English.
"""

from collections.abc import Iterator, Sequence

from assistant.answer import Strip
from assistant.text.claims import unborne_number
from assistant.text.language import Language, detect
from assistant.text.overlap import by_terms

_ALIKE = 0.25
"""Share of their terms, over both directions, that twins have at least in common (docs/decisions.md)."""


def twins(strips: Sequence[Strip]) -> Iterator[tuple[int, int]]:
    """Yield the places of twins: the nearest of each other in the other language, with the same numbers."""
    sections: dict[tuple[str, str], list[int]] = {}
    for place, strip in enumerate(strips):
        sections.setdefault((strip.source, strip.heading), []).append(place)
    for section in sections.values():
        korean = [place for place in section if detect(strips[place].text) is Language.KO]
        english = [place for place in section if detect(strips[place].text) is Language.EN]
        if korean and english:
            yield from _nearest(korean, english, [strip.text for strip in strips])


def _nearest(korean: Sequence[int], english: Sequence[int], texts: Sequence[str]) -> Iterator[tuple[int, int]]:
    alike = {(one, other): _alike(texts[one], texts[other]) for one in korean for other in english}
    for one in korean:
        other = max(english, key=lambda place: alike[one, place])
        mutual = one == max(korean, key=lambda place: alike[place, other])
        if mutual and alike[one, other] >= _ALIKE and _same_numbers(texts[one], texts[other]):
            yield one, other


def _alike(one: str, other: str) -> float:
    return sum(by_terms([one, other], [other, one])) / 2


def _same_numbers(one: str, other: str) -> bool:
    return not (unborne_number(one, other) or unborne_number(other, one))
