"""Checks the exact claims of a sentence (amounts, names, negations) against the text that it cites.

In: a sentence and its evidence, in Korean or English. Out: the first claim that the evidence does not support, or
nothing. Meaning is not judged here: `assistant.answering.check` uses a scorer for that.
"""

import re
import unicodedata
from functools import lru_cache

from assistant.text.language import Language, detect
from assistant.text.lexicon import learned
from assistant.text.numbers import MONTHS, Amount, amounts, hints
from assistant.text.sentences import sentences
from assistant.text.sounds import sound_key
from assistant.text.terms import terms, whole_words

Number = tuple[float, str]
"""A value and its unit: "%", "×" or none; thousands, millions and their Korean counterparts are part of the value."""
_SMALL = 3
"""Numbers in words below this are not checked: "the two models", "두 모델" may only refer back."""

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
"""Phrases that contain a negative word but do not deny ("no doubt", 못지않다), or deny twice ("cannot but")."""
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
"""A clause needs at least this many search terms; a shorter one is joined to its neighbour."""


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


def names(text: str) -> list[str]:
    """Return what looks like a name in Latin letters, in order, except months and an English text's first word."""
    first = text.split(maxsplit=1)[0].strip("\"'“(") if text.split() else ""
    korean = detect(text) is Language.KO
    return [
        name
        for name in _NAME.findall(text)
        if len(name) > 1 and name not in MONTHS and (korean or name != first or not re.fullmatch(r"[A-Z][a-z]+", name))
    ]


def unborne_name(sentence: str, evidence: str, known: str) -> str:
    """Return the first name or web address of the sentence that the evidence lacks; empty if it has all of them.

    A name counts as present in any spelling. `known` is the text of all evidence: a Hangul word that sounds like a name
    in it counts as that name (트랜스포머 for Transformer).
    """
    sentence, evidence, known = (unicodedata.normalize("NFC", text) for text in (sentence, evidence, known))
    present, sounds = set(terms(evidence)), _heard(evidence)
    spellings = _spellings(evidence)
    for address in _ADDRESS.findall(sentence):
        if address not in evidence:
            return str(address)
    for name in (*_first_name(sentence, known), *names(sentence)):
        if _within_another(name, sentence, evidence):
            return name
        parts = set(terms(name))
        known_parts = parts and all(part in present or learned(part) & present for part in parts)
        if (
            not {_flat(name), _flat(name.removesuffix("s"))} & spellings
            and not known_parts
            and not _sounds(name) & sounds
        ):
            return name
    spelled = {key for name in names(known) if (key := sound_key(_letters(name)))}
    for word in whole_words(sentence):
        key = sound_key(word) if _HANGUL.fullmatch(word) else ""
        if key in spelled and key not in sounds and word not in evidence:
            return word
    return ""


def _first_name(sentence: str, known: str) -> list[str]:
    """Return the sentence's first word if it is a name elsewhere in the evidence, else nothing."""
    match = _NAME.match(sentence)
    return [match[0]] if match and len(match[0]) > 1 and match[0] in names(known) else []


@lru_cache(maxsize=256)
def _spellings(text: str) -> frozenset[str]:
    """Return every name that can be read in a text, letters and digits only: LLaMA-2-70B also contains LLaMA-2."""
    spellings = set()
    for word in [*_WRITTEN.findall(text), *_TWO_WORDS.findall(text)]:
        parts = _JOINED.split(word)
        spans = [(first, last) for first in range(len(parts)) for last in range(first + 1, len(parts) + 1)]
        spellings |= {_flat("".join(parts[first:last])) for first, last in spans}
    return frozenset(spellings | {spelling.removesuffix("s") for spelling in spellings})


def _within_another(name: str, sentence: str, evidence: str) -> bool:
    """Tell whether the name occurs in the evidence only inside longer names.

    Transformer-XL is another name than Transformer: the part after the hyphen begins with a capital letter and the
    sentence does not say it. "GAN-like" is still GAN, since "like" is no name.
    """
    mentioned = {_flat(part) for word in _HYPHENED.findall(sentence) for part in word.split("-")}
    compounds = [word for word in _HYPHENED.findall(evidence) if _flat(name) in _spellings(word)]
    return bool(compounds) and all(
        any(len(part) > 1 and part.isalpha() and part[0].isupper() and _flat(part) not in mentioned for part in parts)
        for parts in (word.split("-") for word in compounds)
    )


def _sounds(name: str) -> set[str]:
    """Return the sound keys of a name, with and without a plural "s", which Korean spelling leaves out."""
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
    """Tell whether a text contains a negation; "No. 5", "no doubt" and 못지않다 are none."""
    return bool(_NEGATION.search(_NO_DENIAL.sub(" ", unicodedata.normalize("NFC", text))))


def turned(sentence: str, evidence: str) -> bool:
    """Tell whether the sentence denies what the evidence states, or states what the evidence denies.

    A sentence with a negation needs one in the evidence. A sentence without one is compared with the clauses of the
    evidence that share most terms with it: it is turned around if all of those are negated.
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
    claimed = set(terms(sentence))
    shared = [len(claimed & set(terms(clause))) for clause in clauses]
    if not shared or not max(shared):
        return len(clauses) == 1 and negated(evidence)
    nearest = [clause for clause, count in zip(clauses, shared, strict=True) if count == max(shared)]
    return all(negated(clause) for clause in nearest)


def clauses(sentence: str) -> list[str]:
    """Split a sentence into clauses; a clause of fewer than `_CLAUSE_TERMS` terms is joined to its neighbour."""
    joined: list[str] = []
    for part in _JOINT.split(unicodedata.normalize("NFC", sentence)):
        if joined and min(len(set(terms(text))) for text in (part, joined[-1])) < _CLAUSE_TERMS:
            joined[-1] += f" {part}"
        elif part.strip():
            joined.append(part)
    return joined
