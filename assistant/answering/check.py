"""Checks what a language model wrote against the strips that it cites: each sentence is kept, repaired or dropped.

In: the model's text and the strips of its prompt. Out: sentences that their citations support, and a step of the trace
for each repair and drop. Numbers, names and negations are checked exactly (`assistant.text.claims`); a scorer that is
passed in decides the rest.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from assistant.answer import Did, Sentence, Step, Strip
from assistant.answering.cite import cited_sentences, marks
from assistant.answering.direction import clashes
from assistant.messages.said import QUOTED_ACROSS
from assistant.models.reader import SUPPORTS, Reader
from assistant.text.claims import clauses, turned, unborne_name, unborne_number
from assistant.text.language import Language, detect
from assistant.text.overlap import by_terms
from assistant.text.sentences import sentences
from assistant.text.terms import terms

Supports = Callable[[Sequence[str], Sequence[str]], list[float]]
"""Scores, in 0..1, how well each piece of evidence supports the sentence beside it."""
SUPPORTED = 0.45
"""A sentence is kept if its evidence has at least this score (docs/decisions.md)."""
_MUCH_BETTER = 0.2
"""A cited strip is replaced if another one's score is better by more than this."""
_NEAR = 0.3
"""A rejected sentence is replaced by a sentence of a strip that contains at least this share of its terms."""
_REPEATED = 0.8
"""A sentence with at least this share of its terms in a quote adds nothing to the quote."""
_CLAUSE = 0.3
"""The evidence must contain this share of each clause's terms: small models append made-up clauses to true ones."""
_DISTINCT = 0.5
"""A sentence repeats itself if fewer of its terms than this are distinct; in the shipped notes it is 0.56 or more."""


@dataclass(frozen=True)
class Checked:
    """The kept sentences, how many of them are the model's own, and a step for each repair and drop."""

    sentences: tuple[Sentence, ...]
    own: int
    steps: tuple[Step, ...]


def scorer(reader: Reader | None) -> Supports:
    """Return a scorer: the mean of shared terms and the reader's probability, or shared terms alone without a reader.

    The reader recognises a different fact in the same words, and the same fact in the other language. The terms keep it
    to what is written there (docs/decisions.md).
    """
    if reader is None:
        return by_terms

    def supports(evidence: Sequence[str], claims: Sequence[str]) -> list[float]:
        logits = reader.read(list(zip(claims, evidence, strict=True)))[:, SUPPORTS]
        read = 1 / (1 + np.exp(-np.asarray(logits, np.float64)))
        return [(share + float(chance)) / 2 for share, chance in zip(by_terms(evidence, claims), read, strict=True)]

    return supports


def check(written: str, strips: Sequence[Strip], language: Language, supports: Supports = by_terms) -> Checked:
    """Check a model's text; questions, repetitive sentences and those in another language are never kept."""
    kept: list[Sentence] = []
    steps: list[Step] = []
    own = 0
    by_number = {strip.number: strip for strip in strips}
    for text, claimed in cited_sentences(written, by_number):
        states = detect(text) is language and not text.rstrip().endswith(("?", "？")) and not _babbles(text)
        sentence = borne_out(text, claimed, by_number, supports) if states else None
        if sentence and not set(sentence.citations) & set(claimed):
            steps.append(Step(Did.REPAIRED, text, len(sentence.citations), sentence.support))
        own += bool(sentence)
        if not sentence:
            sentence = _in_the_notes_words(text, claimed, by_number, language)
            steps.append(Step(Did.REPAIRED if sentence else Did.DROPPED, text, int(bool(sentence))))
        if sentence and all(sentence.text != other.text for other in kept):
            kept.append(sentence)
    return Checked(tuple(kept), own, tuple(steps))


def _babbles(text: str) -> bool:
    """Tell whether a sentence repeats itself, as small models do when they are caught in a loop."""
    repeated = terms(text)
    return len(set(repeated)) < _DISTINCT * len(repeated)


def borne_out(text: str, claimed: Sequence[int], strips: dict[int, Strip], supports: Supports) -> Sentence | None:
    """Return the sentence with its citations and its support, if any strip supports it.

    The claimed citations stay if they support it about as well as the best strip does; else it cites the best strip.
    """
    known = "\n".join(strip.headed for strip in strips.values())
    able = [
        number
        for number, strip in strips.items()
        if not (
            unborne_number(text, strip.headed)
            or unborne_name(text, strip.headed, known)
            or turned(text, strip.shown)
            or clashes(text, strip.shown)
            or _added(text, strip.headed)
        )
    ]
    evidence = [strips[number].headed for number in able]
    scores = dict(zip(able, supports(evidence, [text] * len(evidence)), strict=True))
    good = {number: score for number, score in scores.items() if score >= SUPPORTED}
    if not good:
        return None
    enough = max(good.values()) - _MUCH_BETTER
    chosen = [number for number in dict.fromkeys(claimed) if good.get(number, -1.0) >= enough]
    return Sentence(text, tuple(chosen or [max(good, key=lambda number: good[number])]), max(good.values()))


def _added(text: str, evidence: str) -> bool:
    """Tell whether the text has a clause of which the evidence contains hardly anything."""
    parts = clauses(text)
    return len(parts) > 1 and min(by_terms([evidence] * len(parts), parts)) < _CLAUSE


def covers(written: str, text: str) -> bool:
    """Tell whether the written text contains nearly all of the other; across languages fewer shared terms suffice."""
    enough = _REPEATED if detect(written) is detect(text) else SUPPORTED
    return by_terms([written], [text])[0] >= enough


def repeats(written: str, text: str) -> bool:
    """Tell whether the written text adds hardly anything to the other, in the same language."""
    return detect(written) is detect(text) and covers(text, written)


def _in_the_notes_words(
    text: str, claimed: Sequence[int], strips: dict[int, Strip], language: Language
) -> Sentence | None:
    """Return the strips' sentence that is nearest to the text, as a quote; the claimed strips are tried first."""
    for numbers in ([n for n in claimed if n in strips], list(strips)):
        parts = [(number, part) for number in numbers for part in _parts(strips[number])]
        shares = by_terms([part for _, part in parts], [text] * len(parts))
        best = max(range(len(parts)), key=lambda place: shares[place], default=None)
        if best is not None and shares[best] >= _NEAR:
            number, part = parts[best]
            return Sentence(in_words(part, language), (number,), 1.0)
    return None


def _parts(strip: Strip) -> list[str]:
    return [strip.shown[start:end] for start, end in sentences(strip.shown)]


def in_words(text: str, language: Language) -> str:
    """Return a note's words as an answer quotes them: on one line, with a lead-in if they are in another language."""
    text = marks(" ".join(text.lstrip("-*•# ").split()))[0]
    return text if detect(text) == language else QUOTED_ACROSS[language].format(quote=text)
