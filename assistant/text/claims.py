"""What a sentence claims exactly, amounts, names and negations, and whether a text bears it out.

In: a sentence and the text that it cites, in either language. Out: the reason why the text does not bear it out, or
none. Meaning is not judged here; a scorer does that beside it (`assistant.answering.check`).
"""

import re
import unicodedata
from functools import lru_cache

from assistant.text.language import Language, detect
from assistant.text.lexicon import learned
from assistant.text.numbers import Amount, amounts, hints
from assistant.text.sentences import sentences
from assistant.text.sounds import sound_key
from assistant.text.terms import terms, whole_words

Number = tuple[float, str]
"""A value and its unit: "%", "×" or none; thousands, millions and their Korean counterparts are part of the value."""
_SMALL = 3
"""A smaller number in words ("두 모델", "two") may only point back: it is not checked."""
_MONTHS = "January February March April May June July August September October November December".split()
_NAME = re.compile(
    r"(?<![A-Za-z0-9])(?:[A-Z][A-Za-z0-9]*|[a-z]+(?:[A-Z]|-?\d|-[A-Z]{2})[A-Za-z0-9]*)(?:[-.][A-Za-z0-9]+)*"
)
_WRITTEN = re.compile(r"[A-Za-z0-9]+(?:[-.+/][A-Za-z0-9]+)*")
_HYPHENED = re.compile(r"[A-Za-z0-9.]+(?:-[A-Za-z0-9.]+)*")
_TWO_WORDS = re.compile(r"(?=\b([A-Za-z0-9]+ [A-Za-z0-9.]+))")
_JOINED = re.compile(r"[-.+/ ]")
_ADDRESS = re.compile(r"https?://[^\s가-힣]+[^\s가-힣.,;:)\]]")
_SPELLED = re.compile(r"(?<=[가-힣])\d+")
_VERSIONED = re.compile(r"([A-Za-z]+)-?(\d+)")
_HANGUL = re.compile(r"[가-힣]+")
_NO_DENIAL = re.compile(
    r"뿐만? 아니라|(?:틀림|어김|빠짐|끊임|변함|꾸밈|거침|아낌|수|쓸모 )없이|(?:상관|관계|두말할 것|더할 나위)\s?없이"
    r"|(?:의심|의문)\w*\s?여지\w*\s?없\w*|못지\s?않\w*|(?:다름|틀림)없\w*|수밖에 없\w*"
    r"|지 않으면 안 ?\w+|안 \w+면 안 ?\w+|지 않을 수 없\w*|없지 않\w*|(?:에 지나|에 다름) ?(?:지 )?않\w*"
    r"|\bnot (?:only|just|merely|least|to mention)\b|whether or not|\bnothing but\b|\bnone other than\b"
    r"|\bno (?:doubt|question|wonder|matter|less than|fewer than|more than|later than|other than|exception)\b"
    r"|\bNo\. ?\d+|\bwithout (?:a |any )?(?:doubt|fail|exception|question)\b|\bcannot but\b",
    re.IGNORECASE,
)
"""What holds a word of denial and denies nothing; or denies twice."""
_NEGATION = re.compile(
    r"\b(?:not|no|never|none|neither|nor|nobody|nothing|without|cannot)\b|n['’]t\b"
    r"|않|아니(?!면)|아[닌닐님닙]|못[하한할합했해]|(?<![가-힣])(?:못|안)\s|없(?![애앤앨앰앱앴])",
    re.IGNORECASE,
)
_CLAUSE = re.compile(r"(?:며|지만|으나|아니라|반면)[, ]|[;,]\s|\b(?:but|while|whereas)\b")
_JOINT = re.compile(
    r"(?<=[가-힣])[,，]\s|[,;:]\s(?=[A-Za-z])|(?<=며) |(?<=고) |(?<=지만) |(?<=는데) "
    r"|\s(?=(?:and|but|because|which|especially|while|whereas|so that|when)\b)"
)
_CLAUSE_TERMS = 3
"""What holds fewer terms is no clause of its own."""


def numbers(text: str) -> set[Number]:
    """Return the numbers of a text, those in simple words and months too, with the unit if it is "%" or "×".

    A digit in a name (GPT-3) is none.
    """
    return {(amount.bare, amount.unit if amount.unit in ("%", "×") else "") for (amount, *_) in amounts(text)}


def unborne_number(sentence: str, evidence: str) -> str:
    """Return an amount of the sentence that the evidence does not hold, as text; empty if it holds all."""
    held = [amount for readings in amounts(evidence) for amount in readings]
    held += [*hints(evidence), *_glued(evidence, sentence)]
    for readings in amounts(sentence):
        said = readings[0]
        if said.worded and said.bare < _SMALL and said.unit != "×":
            continue
        if not any(reading.said_by(other) for reading in readings for other in held):
            return str(said)
    return ""


def _glued(evidence: str, sentence: str) -> set[Amount]:
    """Return the digits of names that the sentence speaks of: as "GPT의 버전 3" and "지피티3" do of GPT-3."""
    said, spelled = sentence.lower(), set(_SPELLED.findall(sentence))
    held = [digits for name, digits in _VERSIONED.findall(evidence) if name.lower() in said or digits in spelled]
    return {form for digits in held for form in (Amount(float(digits)), Amount(0, "version", text=digits))}


def names(text: str) -> list[str]:
    """Return what looks like a name in Latin letters, in order; no month, and no first word in English."""
    first = text.split(maxsplit=1)[0].strip("\"'“(") if text.split() else ""
    korean = detect(text) is Language.KO
    return [
        name
        for name in _NAME.findall(text)
        if len(name) > 1 and name not in _MONTHS and (korean or name != first or not re.fullmatch(r"[A-Z][a-z]+", name))
    ]


def unborne_name(sentence: str, evidence: str, known: str) -> str:
    """Return a name or address of the sentence that the evidence lacks in any spelling; empty if it holds all.

    A word in Hangul is a name if it sounds like one of those in `known`, the text of all that was found.
    """
    sentence, evidence, known = (unicodedata.normalize("NFC", text) for text in (sentence, evidence, known))
    held, heard = set(terms(evidence)), _heard(evidence)
    written = _spellings(evidence)
    for address in _ADDRESS.findall(sentence):
        if address not in evidence:
            return str(address)
    for name in (*_first_name(sentence, known), *names(sentence)):
        if _within_another(name, sentence, evidence):
            return name
        parts = set(terms(name))
        known_parts = parts and all(part in held or learned(part) & held for part in parts)
        if not {_flat(name), _flat(name.removesuffix("s"))} & written and not known_parts and not _sounds(name) & heard:
            return name
    spelled = {key for name in names(known) if (key := sound_key(_letters(name)))}
    for word in whole_words(sentence):
        key = sound_key(word) if _HANGUL.fullmatch(word) else ""
        if key in spelled and key not in heard and word not in evidence:
            return word
    return ""


def _first_name(sentence: str, known: str) -> list[str]:
    """Return an English sentence's first word if it is a name elsewhere, else nothing."""
    found = _NAME.match(sentence)
    return [found[0]] if found and len(found[0]) > 1 and found[0] in names(known) else []


@lru_cache(maxsize=256)
def _spellings(text: str) -> frozenset[str]:
    """Return the names that a text may be read to hold: each run of joined parts (LLaMA-2-70B holds LLaMA-2)."""
    found = set()
    for word in [*_WRITTEN.findall(text), *_TWO_WORDS.findall(text)]:
        parts = _JOINED.split(word)
        spans = [(first, last) for first in range(len(parts)) for last in range(first + 1, len(parts) + 1)]
        found |= {_flat("".join(parts[first:last])) for first, last in spans}
    return frozenset(found | {spelling.removesuffix("s") for spelling in found})


def _within_another(name: str, sentence: str, evidence: str) -> bool:
    """Tell whether the evidence holds the name as a part of other names alone, as Transformer-XL holds Transformer.

    What a hyphen joins to it makes another name if it is one itself ("GAN-like" is none) and not said in the sentence.
    """
    said = {_flat(part) for word in _HYPHENED.findall(sentence) for part in word.split("-")}
    held = [word for word in _HYPHENED.findall(evidence) if _flat(name) in _spellings(word)]
    return bool(held) and all(
        any(len(part) > 1 and part.isalpha() and part[0].isupper() and _flat(part) not in said for part in parts)
        for parts in (word.split("-") for word in held)
    )


def _sounds(name: str) -> set[str]:
    """Return the keys of a name, as it stands and without a plural's s, which Korean spelling leaves out."""
    letters = _letters(name)
    return {key for form in (letters, letters.removesuffix("s")) if (key := sound_key(form))}


def _letters(name: str) -> str:
    return "".join(char for char in name if char.isalpha())


def _flat(text: str) -> str:
    return "".join(char for char in text.lower() if char.isalnum())


@lru_cache(maxsize=256)
def _heard(text: str) -> frozenset[str]:
    words = [*whole_words(text), *(_letters(name) for name in names(text))]
    return frozenset(key for word in words if (key := sound_key(word)))


def negated(text: str) -> bool:
    """Tell whether a text denies something; "No. 5", "no doubt" and 못지않다 do not."""
    return bool(_NEGATION.search(_NO_DENIAL.sub(" ", unicodedata.normalize("NFC", text))))


def turned(sentence: str, evidence: str) -> bool:
    """Tell whether the sentence denies what the evidence states, or states what it denies.

    The clause of the evidence that shares most with the sentence decides what a sentence without a negation may say.
    """
    if negated(sentence):
        return not negated(evidence)
    evidence = unicodedata.normalize("NFC", evidence)
    clauses = [
        part
        for start, end in sentences(evidence)
        for part in _CLAUSE.split(evidence[start:end])
        if part and part.strip()
    ]
    said = set(terms(sentence))
    shared = [len(said & set(terms(clause))) for clause in clauses]
    if not shared or not max(shared):
        return len(clauses) == 1 and negated(evidence)
    nearest = [clause for clause, count in zip(clauses, shared, strict=True) if count == max(shared)]
    return all(negated(clause) for clause in nearest)


def clauses(sentence: str) -> list[str]:
    """Return the clauses of a sentence, those of few terms together with their neighbour; each claims something."""
    found: list[str] = []
    for part in _JOINT.split(unicodedata.normalize("NFC", sentence)):
        if found and min(len(set(terms(text))) for text in (part, found[-1])) < _CLAUSE_TERMS:
            found[-1] += f" {part}"
        elif part.strip():
            found.append(part)
    return found
