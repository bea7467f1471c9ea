"""Reads citation marks such as `[2]` from a model's text, and numbers the citations of the answer.

In: a sentence as a model wrote it, or checked sentences with the numbers of their strips. Out: the sentence without
marks, and the numbers that it claimed; or citations, numbered by first use. Sentences never contain marks themselves,
so that the answer shows only marks that were checked.
"""

import re
from collections.abc import Collection, Sequence
from dataclasses import replace

from assistant.answer import Citation, Sentence, Strip
from assistant.text.blocks import locator_of

_WORD = r"(?:(?:발췌|출처|노트|excerpt|source|note)\s*)?\^?"
_NUMBERS = rf"{_WORD}\d{{1,3}}(?:\s*[,，、;\-–~]\s*{_WORD}\d{{1,3}})*"
_SQUARE = rf"[\[［【]\s*{_NUMBERS}\s*[\]］】]"
# "[2]에 따르면" and "According to [2]," are removed as a whole; an open "[2" at the end is where the model was cut off.
_MARK = re.compile(
    rf"\s*(?:\baccording to\s*{_SQUARE}\s*,?|{_SQUARE}(?:에\s*(?:따르면|의하면)\s*,?)?|[\[［【][\s\d,]*$)"
    rf"|(?P<round>\s*[(（]\s*{_NUMBERS}\s*[)）](?=[\s.,;!?。…]|$))",
    re.IGNORECASE,
)
_LEADING = re.compile(rf"(?:\s*{_SQUARE})+(?=\s|$)", re.IGNORECASE)


def marks(text: str, known: Collection[int] = ()) -> tuple[str, list[int]]:
    """Return the text without its `[n]` marks, and their numbers in order, each once.

    `(n)` counts as a mark only if all its numbers are in `known`, since round brackets have many other uses.
    """
    numbers: list[int] = []

    def remove(match: re.Match[str]) -> str:
        marked = [int(number) for number in re.findall(r"\d+", match.group())]
        if match.group("round") and not set(marked) <= set(known):
            return match.group()
        numbers.extend(marked)
        return ""

    # Removing a mark may join the brackets around it into another mark.
    while (bare := _MARK.sub(remove, text)) != text:
        text = bare
    return text.strip(), list(dict.fromkeys(numbers))


def leading(text: str) -> tuple[list[int], str]:
    """Return the numbers of the marks that a text begins with, which belong to the sentence before, and the rest."""
    found = _LEADING.match(text)
    return (marks(found.group())[1], text[found.end() :]) if found else ([], text)


def number_citations(cited: Sequence[Sentence], by_number: dict[int, Strip]) -> tuple[list[Sentence], list[Citation]]:
    """Renumber citations from 1 by first use; return the sentences with the new numbers, and the citations.

    Marks inside quoted notes are removed, since they belong to the note.
    """
    used = list(dict.fromkeys(number for sentence in cited for number in sentence.citations))
    new = {number: place for place, number in enumerate(used, start=1)}
    renumbered = [
        replace(
            sentence,
            text=marks(sentence.text)[0],
            citations=tuple(sorted(new[number] for number in sentence.citations)),
        )
        for sentence in cited
    ]
    return renumbered, [_citation(new[number], by_number[number]) for number in used]


def marked(sentence: Sentence) -> str:
    """Return the sentence followed by its marks."""
    return followed(sentence.text, "".join(f" [{number}]" for number in sentence.citations))


def followed(text: str, said: str) -> str:
    """Return a sentence with what is said behind it: in a table inside the last cell, of code on a line of its own."""
    if text.startswith("|") and text.endswith("|"):
        return f"{text[:-1].rstrip()}{said} |"
    return f"{text}\n\n{said.strip()}" if said and text.endswith(("```", "$$", "~~~")) else text + said


def _citation(number: int, strip: Strip) -> Citation:
    return Citation(
        number,
        strip.source,
        strip.title,
        strip.heading,
        strip.url,
        strip.text,
        strip.start,
        strip.end,
        locator_of(strip.places, 0, len(strip.text)),
    )
