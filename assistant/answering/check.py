"""Checks what a language model wrote against the strips that it cites: what they bear out is cited, the rest is marked.

In: the model's text and the strips of its prompt. Out: its sentences, in its words and order, and a step of the trace
for each that was mended, doubted or dropped. A sentence that no strip bears out cites nothing; nothing takes its place.
Numbers are checked exactly, in any notation (`assistant.text.claims`), and so are names with a digit in them
(`assistant.text.designations`); a name that the strip does not hold at all is not borne out; a scorer that is passed in
decides the rest.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from assistant.answer import Did, Sentence, Step, Strip
from assistant.answering.drafted import drafted
from assistant.models.judge import Judge, Text, limits
from assistant.text.claims import unborne_name, unborne_number
from assistant.text.designations import lacked
from assistant.text.language import Language
from assistant.text.overlap import by_terms
from assistant.text.sentences import sentences
from assistant.text.terms import terms

Supports = Callable[[Sequence[Text], str], list[float]]
"""Scores, in 0..1, how well each piece of evidence supports a sentence."""
SUPPORTED = 0.45
"""A sentence is kept if its evidence has at least this score (docs/decisions.md)."""
_OTHERS = 8
"""Strips besides the claimed ones that are tried: those that share most with the sentence."""
_DISTINCT = 0.5
"""A sentence repeats itself if fewer of its terms or words are distinct: in the notes only formulas and listings do."""
_WORD = re.compile(r"\w+")


@dataclass(frozen=True)
class Checked:
    """The sentences, and a step for each that was mended, doubted or dropped."""

    sentences: tuple[Sentence, ...] = ()
    steps: tuple[Step, ...] = ()

    @property
    def borne_out(self) -> int:
        """How many of the sentences a strip bears out."""
        return sum(bool(sentence.citations) for sentence in self.sentences)


def by_words(evidence: Sequence[Text], claim: str) -> list[float]:
    """Return the share of the sentence's terms that each piece of evidence contains, across languages."""
    return by_terms([one.text for one in evidence], [claim] * len(evidence))


def scorer(judge: Judge | None) -> Supports:
    """Return a scorer: the judge's probability that the evidence bears the sentence out; shared terms without a judge.

    Scores are scaled so that the judge's threshold, too, lies at `SUPPORTED`.
    """
    if judge is None:
        return by_words
    shift = np.log(SUPPORTED / (1 - SUPPORTED)) - limits()["support"]["threshold"]

    def supports(evidence: Sequence[Text], claim: str) -> list[float]:
        return [float(1 / (1 + np.exp(-(one.supports + shift)))) for one in judge.read(claim, evidence)]

    return supports


def as_evidence(strips: Sequence[Strip]) -> Text:
    """Return what the judge reads of strips that bear a sentence out together: each under its headings."""
    text, spans = "", []
    for strip in strips:
        text += "\n" * bool(text) + strip.headed
        begin = len(text) - len(strip.shown)
        spans += [(begin + start, begin + end) for start, end in sentences(strip.shown)]
    return Text(text, tuple(spans))


def check(written: str, strips: Sequence[Strip], language: Language, supports: Supports = by_words) -> Checked:
    """Check a model's text; questions, repetitive sentences and those in another language are dropped."""
    kept: list[Sentence] = []
    steps: list[Step] = []
    by_number = {strip.number: strip for strip in strips}
    before = ""
    for one in drafted(written, by_number):
        before = one.before if "\n" in one.before else before or one.before  # a dropped sentence leaves its layout
        if any(one.text == other.text for other in kept):
            continue
        if not one.says_in(language) or one.claim.rstrip().endswith(("?", "？")) or _babbles(one.claim):
            steps.append(Step(Did.DROPPED, one.text))
            continue
        sentence = borne_out(one.claim, one.numbers, by_number, supports)
        if not sentence:
            steps.append(Step(Did.DOUBTED, one.text))
        elif not set(sentence.citations) & set(one.numbers):
            steps.append(Step(Did.REPAIRED, one.text, len(sentence.citations), sentence.support))
        kept.append(replace(sentence or Sentence("", (), 0.0), text=one.text, before=before))
        before = ""
    return Checked(tuple(kept), tuple(steps))


def _babbles(text: str) -> bool:
    """Tell whether a sentence repeats itself, as small models do when they are caught in a loop."""
    return any(len(set(own)) < _DISTINCT * len(own) for own in (terms(text), _WORD.findall(text)))


def borne_out(text: str, claimed: Sequence[int], strips: dict[int, Strip], supports: Supports) -> Sentence | None:
    """Return the sentence with its citations and its support, if any strip supports it.

    The claimed strips are tried first, each alone and then all together; the best one of the others only if they fail.
    """
    own = [number for number in dict.fromkeys(claimed) if number in strips]
    others = [number for number in strips if number not in own]
    shared = by_terms([strips[number].headed for number in others], [text] * len(others))
    near = sorted(zip(others, shared, strict=True), key=lambda item: (-item[1], -strips[item[0]].relevance))[:_OTHERS]
    if alone := _good(text, [(number,) for number in own], strips, supports):
        return Sentence(text, tuple(number for (number,) in alone), max(alone.values()))
    together = _good(text, [tuple(own)] if len(own) > 1 else [], strips, supports)
    found = together or _good(text, [(number,) for number, _ in near], strips, supports)
    if not found:
        return None
    best = max(found, key=lambda numbers: found[numbers])
    return Sentence(text, best, found[best])


def _good(
    text: str, choices: Sequence[tuple[int, ...]], strips: dict[int, Strip], supports: Supports
) -> dict[tuple[int, ...], float]:
    """Return the score of each choice of strips that, read together, supports the sentence."""
    read = {numbers: as_evidence([strips[number] for number in numbers]) for numbers in choices}
    able = {
        numbers: evidence
        for numbers, evidence in read.items()
        if not (unborne_number(text, evidence.text) or unborne_name(text, evidence.text) or lacked(evidence.text, text))
    }
    scores = supports(list(able.values()), text)
    return {numbers: score for numbers, score in zip(able, scores, strict=True) if score >= SUPPORTED}
