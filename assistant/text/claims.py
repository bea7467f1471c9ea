"""Finds the numbers and names of a sentence, and checks its numbers against the text that it cites.

In: a sentence and its evidence, in Korean or English. Out: the first number that the evidence lacks in any notation, or
nothing. Meaning is not judged here: `assistant.answering.check` uses a scorer for that.
"""

import re

from assistant.text.language import Language, detect
from assistant.text.numbers import MONTHS, Amount, amounts, hints
from assistant.text.overlap import by_terms

Number = tuple[float, str]
"""A value and its unit: "%", "×" or none; thousands, millions and their Korean counterparts are part of the value."""
_SMALL = 3
"""Numbers in words below this are not checked: "the two models", "두 모델" may only refer back."""

_NAME = re.compile(
    r"(?<![A-Za-z0-9])(?:[A-Z][A-Za-z0-9]*|[a-z]+(?:[A-Z]|-?\d|-[A-Z]{2})[A-Za-z0-9]*)(?:[-.][A-Za-z0-9]+)*"
)
_SPELLED = re.compile(r"(?<=[가-힣])\d+")
_VERSIONED = re.compile(r"([A-Za-z]+)-?(\d+)")


def numbers(text: str) -> set[Number]:
    """Return the numbers of a text with their unit, if that is "%" or "×"; simple number words and months count too.

    A digit inside a name (GPT-3) does not count.
    """
    return {(amount.bare, amount.unit if amount.unit in ("%", "×") else "") for (amount, *_) in amounts(text)}


def unborne_number(sentence: str, evidence: str) -> str:
    """Return the first amount of the sentence that is not in the evidence, as text; empty if all are."""
    supporting = [amount for readings in amounts(evidence) for amount in readings]
    supporting += [*hints(evidence), *_glued(evidence, sentence)]
    for readings in amounts(sentence):
        claim = readings[0]
        if claim.worded and claim.bare < _SMALL and claim.unit != "×":
            continue
        if not any(reading.said_by(other) for reading in readings for other in supporting):
            return str(claim)
    return ""


def _glued(evidence: str, sentence: str) -> set[Amount]:
    """Return the digits at the end of names in the evidence that the sentence mentions.

    For example, "GPT의 버전 3" and "지피티3" may take their 3 from GPT-3.
    """
    lowered, spelled = sentence.lower(), set(_SPELLED.findall(sentence))
    known = [digits for name, digits in _VERSIONED.findall(evidence) if name.lower() in lowered or digits in spelled]
    return {form for digits in known for form in (Amount(float(digits)), Amount(0, "version", text=digits))}


def unborne_name(sentence: str, evidence: str) -> str | None:
    """Return the first name in Latin letters that the evidence does not hold in any spelling; None if it holds all.

    A name has a capital letter; one behind a number is its unit. A name in the other language's letters counts.
    """
    lowered = evidence.lower()
    for name in dict.fromkeys(names(sentence)):
        if name.islower() or re.search(rf"\d\s?{re.escape(name)}", sentence):
            continue
        if name.lower().rstrip("s") not in lowered and not by_terms([evidence], [name])[0]:
            return name
    return None


def names(text: str) -> list[str]:
    """Return what looks like a name in Latin letters, in order, except months and an English text's first word."""
    first = text.split(maxsplit=1)[0].strip("\"'“(,.:;!?") if text.split() else ""
    korean = detect(text) is Language.KO
    return [
        name
        for name in _NAME.findall(text)
        if len(name) > 1 and name not in MONTHS and (korean or name != first or not re.fullmatch(r"[A-Z][a-z]+", name))
    ]
