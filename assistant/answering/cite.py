"""Reads citation marks such as `[2]` from a model's text, and numbers the citations of the answer.

In: a model's text, or checked sentences with the numbers of their strips. Out: sentences without marks, each with the
numbers that it claimed; and citations, numbered by first use. Sentences never contain marks themselves, so that the
answer shows only marks that were checked.
"""

import re
from collections.abc import Collection, Sequence
from dataclasses import replace

from assistant.answer import Citation, Sentence, Strip
from assistant.text.sentences import sentences

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
_GLUED = re.compile(r"(?<=[.!?。…])(?=[\[［【]\s*\d)")
_LIST_MARK = re.compile(r"^(?:[-*+•]|\d{1,2}[.)])\s+")


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
    return sentence.text + "".join(f" [{number}]" for number in sentence.citations)


def cited_sentences(written: str, known: Collection[int]) -> list[tuple[str, list[int]]]:
    """Return each sentence without marks, and its numbers; a mark after the full stop belongs to that sentence."""
    pieces: list[tuple[str, list[int]]] = []
    written = _GLUED.sub(" ", written)
    for start, end in sentences(written):
        piece = _LIST_MARK.sub("", written[start:end])
        leading = _LEADING.match(piece)
        if leading and pieces:
            pieces[-1][1].extend(marks(leading.group())[1])
            piece = piece[leading.end() :]
        text, numbers = marks(piece, known)
        if text:
            pieces.append((text, numbers))
    return pieces


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
        strip.locator,
    )
