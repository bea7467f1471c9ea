"""Resolves what a language model wrote to the notes: which sentence rests on which strip, and whether it does.

In: the model's text and the strips that it was given. Out: sentences that their citations support, and the citations,
renumbered in the order in which the answer uses them. A number that no strip has is removed, a sentence that no strip
supports is dropped. What is left of the text holds no mark, so that the only marks shown are those checked here.
"""

import re
from collections.abc import Collection, Sequence
from dataclasses import replace

from assistant.answer import Citation, Sentence, Strip
from assistant.language import THOUSANDS, sentences, terms
from assistant.untrusted import seen

_WORD = r"(?:(?:발췌|출처|노트|excerpt|source|note)\s*)?\^?"
_NUMBERS = rf"{_WORD}\d{{1,3}}(?:\s*[,，、;\-–~]\s*{_WORD}\d{{1,3}})*"
_SQUARE = rf"[\[［【]\s*{_NUMBERS}\s*[\]］】]"
# "[2]에 따르면" and "According to [2]," go as a whole; "[2" is where the model was cut off.
_MARK = re.compile(
    rf"\s*(?:\baccording to\s*{_SQUARE}\s*,?|{_SQUARE}(?:에\s*(?:따르면|의하면)\s*,?)?|[\[［【][\s\d,]*$)"
    rf"|(?P<round>\s*[(（]\s*{_NUMBERS}\s*[)）](?=[\s.,;!?。…]|$))",
    re.IGNORECASE,
)
_LEADING = re.compile(rf"(?:\s*{_SQUARE})+(?=\s|$)", re.IGNORECASE)
_GLUED = re.compile(r"(?<=[.!?。…])(?=[\[［【]\s*\d)")
_LIST_MARK = re.compile(r"^(?:[-*+•]|\d{1,2}[.)])\s+")
_NUMBER = re.compile(r"\d+(?:[.,]\d+)*")
SUPPORTED = 0.5
"""A sentence is kept if its citation holds at least this share of its terms, and all of its numbers."""
_MUCH_BETTER = 0.2
"""A claimed strip gives way to one that holds this much more of the sentence."""


def support(sentence: str, evidence: str) -> float:
    """Return how well the evidence supports the sentence, in 0..1: the share of the sentence's terms that it holds.

    A number that the evidence does not hold makes it 0. Both are lower-cased stems and morphemes, so an answer in the
    other language than its evidence is supported through the names and numbers that the two share.
    """
    if not _numbers(sentence) <= _numbers(evidence):
        return 0.0
    said = set(terms(sentence))
    return len(said & set(terms(evidence))) / len(said) if said else 0.0


def _numbers(text: str) -> set[str]:
    return set(_NUMBER.findall(THOUSANDS.sub("", text)))


def marks(text: str, known: Collection[int] = ()) -> tuple[str, list[int]]:
    """Return the text without its `[n]` marks, and the numbers in their order, each once.

    `(n)` is a mark only if all its numbers are known: round brackets hold much else.
    """
    numbers: list[int] = []

    def remove(match: re.Match[str]) -> str:
        found = [int(number) for number in re.findall(r"\d+", match.group())]
        if match.group("round") and not set(found) <= set(known):
            return match.group()
        numbers.extend(found)
        return ""

    # Brackets around a removed mark may close into another one.
    while (bare := _MARK.sub(remove, text)) != text:
        text = bare
    return text.strip(), list(dict.fromkeys(numbers))


def resolve(written: str, strips: Sequence[Strip]) -> tuple[list[Sentence], list[Citation]]:
    """Return the supported sentences of `written` and the strips that they cite."""
    by_number = {strip.number: strip for strip in strips}
    kept = [
        sentence for text, claimed in _sentences(written, by_number) if (sentence := _checked(text, claimed, by_number))
    ]
    return number_citations(kept, by_number)


def number_citations(cited: Sequence[Sentence], by_number: dict[int, Strip]) -> tuple[list[Sentence], list[Citation]]:
    """Renumber citations from 1 by first use; return the sentences under the new numbers, and the citations.

    A quoted note has marks of its own: they go, for they are none of these numbers.
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
    """Return the sentence as shown: its text, then its marks."""
    return sentence.text + "".join(f" [{number}]" for number in sentence.citations)


def _sentences(written: str, known: Collection[int]) -> list[tuple[str, list[int]]]:
    """Return each sentence without marks, and its marks; a mark behind the full stop belongs to what it follows."""
    found: list[tuple[str, list[int]]] = []
    written = _GLUED.sub(" ", written)
    for start, end in sentences(written):
        piece = _LIST_MARK.sub("", written[start:end])
        leading = _LEADING.match(piece)
        if leading and found:
            found[-1][1].extend(marks(leading.group())[1])
            piece = piece[leading.end() :]
        text, numbers = marks(piece, known)
        if text:
            found.append((text, numbers))
    return found


def _checked(text: str, claimed: Sequence[int], strips: dict[int, Strip]) -> Sentence | None:
    """Keep the claimed citations that support about as well as any strip; where none does, cite the best strip."""
    scores = {number: support(text, _evidence(strip)) for number, strip in strips.items()}
    best = max(scores.values(), default=0.0)
    if best < SUPPORTED:
        return None
    enough = max(SUPPORTED, best - _MUCH_BETTER)
    good = [number for number in dict.fromkeys(claimed) if scores.get(number, 0.0) >= enough]
    return Sentence(text, tuple(good or [max(scores, key=lambda number: scores[number])]), best)


def _evidence(strip: Strip) -> str:
    return seen(f"{strip.title}\n{strip.heading}\n{strip.text}")


def _citation(number: int, strip: Strip) -> Citation:
    return Citation(number, strip.source, strip.title, strip.heading, strip.url, strip.text, strip.start, strip.end)
