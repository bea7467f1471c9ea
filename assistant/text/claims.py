"""What a sentence claims exactly, numbers, names and negations, and whether a text bears it out.

In: a sentence and the text that it cites, in either language. Out: the reason why the text does not bear it out, or
none. Meaning is not judged here; a scorer does that beside it (`assistant.answering.check`).
"""

import re
from collections.abc import Iterator
from functools import lru_cache

from assistant.text.language import Language, detect
from assistant.text.lexicon import learned
from assistant.text.sentences import sentences
from assistant.text.sounds import sound_key
from assistant.text.terms import THOUSANDS, terms, whole_words

Number = tuple[float, str]
"""A value and its unit: "%", "×" or none; thousands, millions and their Korean counterparts are part of the value."""
_SCALES = {"k": 1e3, "m": 1e6, "b": 1e9, "t": 1e12, "천": 1e3, "만": 1e4, "억": 1e8, "조": 1e12}
_SCALES |= {"thousand": 1e3, "million": 1e6, "billion": 1e9, "trillion": 1e12}
_NUMBER = re.compile(
    r"(?<![\d.])(?P<glued>[A-Za-z][-.]?)?(?P<value>\d+(?:\.\d+)*)"
    r"(?:\s?(?P<scale>thousand|million|billion|trillion|[KMBTkmb](?![A-Za-z0-9])|[천만억조](?!\w*족)))?"
    r"\s?(?P<unit>%|％|퍼센트|프로(?!그|젝|세)|percent|per cent|배|times|-?fold|x(?![A-Za-z]))?"
)
_KOREAN_WORDS = dict(
    zip("두 둘 세 셋 네 넷 다섯 여섯 일곱 여덟 아홉 열".split(), (2, 2, 3, 3, 4, 4, 5, 6, 7, 8, 9, 10), strict=True)
)
_ENGLISH_WORDS = dict(
    zip("two three four five six seven eight nine ten eleven twelve".split(), range(2, 13), strict=True)
)
_COUNTED = re.compile(
    rf"(?<![가-힣])({'|'.join(_KOREAN_WORDS)})\s?(?:개|가지|번|단계|편|명|갈래|항목|종|배|곳|시간|권|주|달|층|모델|부분|차례)"
    rf"|\b({'|'.join(_ENGLISH_WORDS)})\b",
    re.IGNORECASE,
)
_MONTHS = "January February March April May June July August September October November December".split()
_MONTH = re.compile(rf"\b(?:{'|'.join(_MONTHS)})(?= \d)|(?<=\b[Ii]n )(?:{'|'.join(_MONTHS)})\b")
"""Only beside a number or "in": "May" and "March" are other words, too."""
_SMALL = 3
"""A smaller number in words ("두 모델", "two") may only point back: it is not checked."""
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
_NOT_ONLY = re.compile(r"뿐만? 아니라|\bnot (?:only|just)\b|whether or not", re.IGNORECASE)
_NEGATION = re.compile(
    r"\b(?:not|no|never|none|neither|nor|without|cannot)\b|n['’]t\b"
    r"|않|아니[다라며고었지]|아닌|못하|못한|못했|못할|(?<![가-힣])(?:못|안)\s|없[다는이었으고을어지]|없음",
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
    """Return the numbers of a text with their units, those in simple words and months too.

    A digit in a name (GPT-3) is none.
    """
    text = THOUSANDS.sub("", text)
    found = set(_figures(text))
    found |= {(float(_MONTHS.index(month) + 1), "") for month in _MONTH.findall(text)}
    for korean, english in _COUNTED.findall(text):
        found.add((float(_KOREAN_WORDS.get(korean) or _ENGLISH_WORDS[english.lower()]), ""))
    return found


def _figures(text: str) -> Iterator[Number]:
    for match in _NUMBER.finditer(text):
        if match["glued"]:
            continue
        plain = match["value"]
        value = float(plain) if plain.count(".") < 2 else float(plain.replace(".", ""))
        unit = (match["unit"] or "").lower()
        yield (
            round(value * _SCALES.get((match["scale"] or "").lower(), 1), 6),  # 1.1 * 1e8 is not 110 * 1e6
            "" if not unit else "×" if unit in ("배", "times", "fold", "-fold", "x") else "%",
        )


def unborne_number(sentence: str, evidence: str) -> str:
    """Return a number of the sentence that the evidence does not hold with its unit, as text; empty if it holds all."""
    held = numbers(evidence) | _glued(evidence, sentence)
    bare = {value for value, _ in held}
    digits = set(_figures(THOUSANDS.sub("", sentence)))
    for value, unit in sorted(numbers(sentence)):
        counted = (value, unit) not in digits
        if counted and value < _SMALL:
            continue
        if (value, unit) not in held and (unit or value not in bare):
            return f"{value:g}{unit}"
    return ""


def _glued(evidence: str, sentence: str) -> set[Number]:
    """Return the digits of names that the sentence speaks of: as "GPT의 버전 3" and "지피티3" do of GPT-3."""
    said, spelled = sentence.lower(), set(_SPELLED.findall(sentence))
    held = _VERSIONED.findall(evidence)
    return {(float(digits), "") for name, digits in held if name.lower() in said or digits in spelled}


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
    """Tell whether a text denies something."""
    return bool(_NEGATION.search(_NOT_ONLY.sub(" ", text)))


def turned(sentence: str, evidence: str) -> bool:
    """Tell whether the sentence denies what the evidence states, or states what it denies.

    The clause of the evidence that shares most with the sentence decides what a sentence without a negation may say.
    """
    if negated(sentence):
        return not negated(evidence)
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
    for part in _JOINT.split(sentence):
        if found and min(len(set(terms(text))) for text in (part, found[-1])) < _CLAUSE_TERMS:
            found[-1] += f" {part}"
        elif part.strip():
            found.append(part)
    return found
