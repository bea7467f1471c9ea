"""Finds amounts in Korean and English text, numbers with their units, and compares them.

In: a text. Out: its amounts in one notation: "50만", "500,000" and "500K" are equal, and so are "90분" and "1.5 hours".
The units are data (`units.json`). Kiwi, the Korean analyser, tells "3배" (three times) from "3배열" (three arrays).
"""

import json
import math
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cache, lru_cache
from pathlib import Path

from assistant.text.terms import THOUSANDS, kiwi

_UNITS = Path(__file__).with_name("units.json")
_STRICT = ("%", "×", "version")
"""Units that the evidence must state: a bare 3 supports neither 3 % nor three times as much."""
_ENGLISH_SCALES = {"k": 1e3, "m": 1e6, "b": 1e9, "t": 1e12}
_ENGLISH_SCALES |= {"thousand": 1e3, "million": 1e6, "billion": 1e9, "trillion": 1e12}
_KOREAN_SCALES = {"십": 1e1, "백": 1e2, "천": 1e3, "만": 1e4, "억": 1e8, "조": 1e12}

_TENS = "twenty thirty forty fifty sixty seventy eighty ninety".split()
_ONES = (
    "one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen "
    "eighteen nineteen"
).split()
_ENGLISH = {word: value for value, word in enumerate(_ONES, start=1)}
_ENGLISH |= {word: value for value, word in zip(range(20, 100, 10), _TENS, strict=True)}
_ENGLISH |= {"hundred": 100, "thousand": 1000, "million": 10**6, "billion": 10**9}
_WORDED = re.compile(
    r"(?<!\d)(?<!\d )\b(?:(?:a|WORD)(?:[ -](?:and )?(?=WORD))?)*(?:WORD)\b".replace("WORD", "|".join(_ENGLISH)),
    re.IGNORECASE,
)
_ORDINALS = "first second third fourth fifth sixth seventh eighth ninth tenth".split()
_NATIVE_TENS = dict(zip("열 스물 서른 마흔 쉰 예순 일흔 여든 아흔".split(), range(10, 100, 10), strict=True))
_NATIVE_ONES = dict(
    zip("한 두 둘 세 셋 네 넷 다섯 여섯 일곱 여덟 아홉".split(), (1, 2, 2, 3, 3, 4, 4, 5, 6, 7, 8, 9), strict=True)
)
_COUNTERS = (
    "개 가지 번 단계 편 명 갈래 항목 종 배 곳 시간 권 주 달 층 모델 부분 차례 사람 분 대 장 쪽 살 잔 병 마리 그루 채 "
    "쌍 줄 송이 벌 켤레"
).split()
_NATIVE = re.compile(
    rf"(?<![가-힣])(?P<ten>{'|'.join([*_NATIVE_TENS, '스무'])})?(?P<one>{'|'.join(_NATIVE_ONES)})?"
    rf"(?P<gap>\s?)(?P<unit>{'|'.join(sorted(_COUNTERS, key=len, reverse=True))})"
)
_NATIVE_ORDINAL = re.compile(r"(?<![가-힣])(첫|둘|셋|넷|다섯|여섯|일곱|여덟|아홉|열)째")
_SINO = dict(zip("일이삼사오육칠팔구", range(1, 10), strict=True))
_SINO_NUMBER = re.compile(
    rf"(?<![가-힣0-9])(?=[가-힣]*[십백천만억조])[일이삼사오육칠팔구십백천만억조]+(?=\s?(?:{'|'.join(_COUNTERS)}|원|년|일|개월|미터|도|초))"
)

MONTHS = "January February March April May June July August September October November December".split()
_MONTH = re.compile(rf"\b(?:{'|'.join(MONTHS)})(?= \d)|(?<=\b[Ii]n )(?:{'|'.join(MONTHS)})\b")
"""A month counts only beside a number or after "in", since "May" and "March" are ordinary words too."""
_FIGURE = re.compile(
    r"(?P<version>\b(?:version|ver\.?|release)\s*|\bv(?=\d)|(?:버전|릴리스)\s*)?"
    r"(?P<below>영하 |minus |(?<![\w.)\]%–-])[-−](?=\d))?(?P<sign>[$₩€¥])?"
    r"(?<![\d.])(?P<glued>[A-Za-z][-.]?)?(?P<value>\d+(?:\.\d+)*)",
    re.IGNORECASE,
)
_LATIN_SCALE = re.compile(r"(?:\s?(thousand|million|billion|trillion)\b|([KMBTkmbt])(?![A-Za-z0-9]))")
_LATIN_UNIT = re.compile(
    r"\s?(%p|%|°[CF]?|[℃℉㎡㎢]|-?fold\b|per ?cent\b|[x×](?!\s?\d|[A-Za-z])|[A-Za-zμµ]+²?)(?![A-Za-z0-9])"
)
_HANGUL = re.compile(r"\s?([가-힣]{1,12})")
_MORE, _HANGUL_NEXT = re.compile(r"\s?(\d+(?:\.\d+)?)"), re.compile("[가-힣]")
_VERSION_BEHIND = re.compile(r"\s?버전")
_ANY_BELOW = re.compile(r"\.[xX](?![\w.])")
"""Behind a version that stands for all below it, such as 18.x."""
_COMPARED = re.compile(r"\s(?:as|more|less|the|\w+er)\b")
"""What follows "three times" and makes it a factor: "as fast". Without it, as in "three times a day", both the factor
and the bare number are kept as readings."""
_GROUPED = re.compile(r"\d{1,3}(?:\.\d{3}){2,}")


@dataclass(frozen=True)
class Amount:
    """A number and its unit; `worded` marks number words, which may only refer back ("the two models").

    `bare` is the number as written, `unit` the kind of quantity (`units.json`), and `value` its size in that kind's
    base unit, so that 5 km equals 5000 m. Versions are compared by `text`: version 1.50 is not version 1.5.
    """

    bare: float
    unit: str = ""
    value: float = 0.0
    text: str = ""
    worded: bool = False

    def said_by(self, other: "Amount") -> bool:
        """Tell whether the other amount supports this one: equal in the same unit, or equal where one has no unit.

        A unit in `_STRICT` has to be stated by both.
        """
        if self.unit and other.unit:
            if self.unit == "version" or other.unit == "version":
                return self.unit == other.unit and self.text == other.text
            return self.unit == other.unit and math.isclose(self.value, other.value, rel_tol=1e-6)
        if other.unit == "version" or self.unit in _STRICT:
            return False
        return math.isclose(self.bare, other.bare, rel_tol=1e-6)

    def __str__(self) -> str:
        return self.text or f"{self.bare:g}{self.unit if self.unit in ('%', '×') else ''}"


@lru_cache(maxsize=1024)
def amounts(text: str) -> tuple[tuple[Amount, ...], ...]:
    """Return the amounts of a text, each as a tuple of its possible readings: "5m" is five metres or five million.

    Numbers in digits come first, then those in words. A digit inside a name (GPT-3) does not count.
    """
    text = THOUSANDS.sub("", unicodedata.normalize("NFC", text))
    return (*_figures(text), *_worded(text))


def hints(text: str) -> tuple[Amount, ...]:
    """Return amounts that a text only implies ("half", "the second", "twice"): they support a claim but make none."""
    text = unicodedata.normalize("NFC", text).lower()
    implied = [_amount(place, "") for place, word in enumerate(_ORDINALS, start=1) if re.search(rf"\b{word}\b", text)]
    places = dict(zip("첫 둘 셋 넷 다섯 여섯 일곱 여덟 아홉 열".split(), range(1, 11), strict=True))
    implied += [_amount(places[word], "") for word in _NATIVE_ORDINAL.findall(text)]
    if re.search(r"\bhalf\b|\bhalves\b|절반|반으로", text):
        implied += [_amount(50, "%"), _amount(0.5, "배"), _amount(0.5, "")]
    if re.search(r"\b(?:twice|double[sd]?|doubling)\b", text):
        implied.append(_amount(2, "배"))
    if re.search(r"\btriple[sd]?\b", text):
        implied.append(_amount(3, "배"))
    return tuple(implied)


def _figures(text: str) -> Iterator[tuple[Amount, ...]]:
    at = 0
    while match := _FIGURE.search(text, at):
        at = match.end()
        if match["glued"] and not match["version"]:
            continue
        number = match["value"]
        if below := _ANY_BELOW.match(text, at):
            at = below.end()
            bare = [_amount(float(number), "")] if number.count(".") < 2 else []
            yield (Amount(0, "version", text=number), *bare)
            continue
        if match["version"] or _VERSION_BEHIND.match(text, at):
            yield (Amount(0, "version", text=number),)
            continue
        if number.count(".") > 1:
            yield from _dotted(number)
            continue
        value, at, scaled = _scaled(float(number), text, at)
        if match["below"]:
            value = -value
        readings, at = _measured(value, text, at, scaled)
        yield tuple([_amount(value, match["sign"])] if match["sign"] else readings)


def _dotted(number: str) -> Iterator[tuple[Amount, ...]]:
    """Yield the amounts of a number with several points: 1.234.567 is one number, 2024.3.1 a date, 1.2.3 a version."""
    if _GROUPED.fullmatch(number):
        yield (_amount(float(number.replace(".", "")), ""),)
    elif re.fullmatch(r"\d{4}\.\d{1,2}\.\d{1,2}", number):
        yield from ((_amount(float(part), ""),) for part in number.split("."))
    else:
        yield (Amount(0, "version", text=number),)


def _scaled(value: float, text: str, at: int) -> tuple[float, int, bool]:
    """Apply scale words after a number ("3 million", "5만"); return the value, its end, and if there was a scale."""
    latin = _LATIN_SCALE.match(text, at)
    if latin and not (latin[2] and latin[2] in "mt"):  # "5m" and "3t" are read as units first
        return value * _ENGLISH_SCALES[(latin[1] or latin[2]).lower()], latin.end(), True
    total, begun = 0.0, False
    while (scale := _korean_scale(text, at)) and scale[0] != 1:
        total, at, begun = total + value * scale[0], scale[1], True
        more = _MORE.match(text, at)
        if not (more and _korean_scale(text, more.end())):
            if more and float(more[1]) < scale[0] and _HANGUL_NEXT.match(text, more.end()):  # 1만5000원, 1만 802원
                total, at = total + float(more[1]), more.end()
            return total, at, True
        value, at = float(more[1]), more.end()
    return (total, at, True) if begun else (value, at, False)


def _korean_scale(text: str, at: int) -> tuple[float, int] | None:
    """Return the factor of 만, 억, 천만 and so on at an offset, and where the word ends; None if there is none."""
    word = _HANGUL.match(text, at)
    if not word or word[1][0] not in _KOREAN_SCALES:
        return None
    first = _tokens(word[1])[0]
    if not set(first) <= _KOREAN_SCALES.keys():
        return None
    return math.prod(_KOREAN_SCALES[char] for char in first), word.start(1) + len(first)


def _measured(value: float, text: str, at: int, scaled: bool) -> tuple[list[Amount], int]:
    """Return the possible readings of a value with the unit after it, and the offset where the unit ends."""
    if latin := _LATIN_UNIT.match(text, at):
        word = latin[1]
        unit = _known(word)
        if not unit:
            return [_amount(value, "")], at
        readings = [_amount(value, word)]
        if word.lower() == "times" and not _COMPARED.match(text, latin.end()):
            readings.append(_amount(value, ""))
        if word in "mMtT" and latin.start(1) == at and not scaled:
            readings.append(_amount(value * _ENGLISH_SCALES[word.lower()], ""))
        return readings, latin.end()
    if word := _HANGUL.match(text, at):
        tokens = _tokens(word[1])
        for length in (2, 1):
            unit_word = "".join(tokens[:length])
            if (
                len(tokens) >= length
                and _known(unit_word)
                and not text.startswith("의 ", word.start(1) + len(unit_word))
            ):
                return [_amount(value, unit_word)], word.start(1) + len(unit_word)
    return [_amount(value, "")], at


def _worded(text: str) -> Iterator[tuple[Amount, ...]]:
    """Yield the amounts written in words, each as a tuple of its readings."""
    for month in _MONTH.findall(text):
        yield (Amount(float(MONTHS.index(month) + 1)),)
    places = [(_english(match[0]), match.end()) for match in _WORDED.finditer(text)]
    places += [(_native(match["ten"], match["one"]), match.end("gap")) for match in _NATIVE.finditer(text)]
    places += [(_sino(match[0]), match.end()) for match in _SINO_NUMBER.finditer(text)]
    for value, end in places:
        if value > 1:
            yield tuple(replace(reading, worded=True) for reading in _measured(value, text, end, scaled=True)[0])


def _native(ten: str | None, one: str | None) -> float:
    """Return the value of "스물다섯"."""
    return float((20 if ten == "스무" else _NATIVE_TENS.get(ten or "", 0)) + _NATIVE_ONES.get(one or "", 0))


def _english(words: str) -> float:
    """Return the value of "two hundred and five thousand"."""
    total = part = 0
    for word in re.findall(r"[a-z]+", words.lower()):
        value = _ENGLISH.get(word, 0)
        if value >= 1000:
            total, part = total + max(part, 1) * value, 0
        elif value == 100:
            part = max(part, 1) * 100
        else:
            part += value
    return float(total + part)


def _sino(word: str) -> float:
    """Return the value of "삼백오십만"."""
    total = part = digit = 0.0
    for char in word:
        if char in _SINO:
            digit = _SINO[char]
        elif (scale := _KOREAN_SCALES[char]) < 1e4:
            part, digit = part + (digit or 1) * scale, 0
        else:
            total, part, digit = total + (part + digit or 1) * scale, 0, 0
    return total + part + digit


def _amount(value: float, unit: str) -> Amount:
    known = _known(unit)
    return Amount(round(value, 9), known[0], value * known[1]) if known else Amount(round(value, 9))


def _known(word: str) -> tuple[str, float] | None:
    """Return a unit's kind of quantity and its factor to the base unit; None for an unknown word."""
    units = _units()
    return units.get(word) or units.get(word.lower().removesuffix("s")) or units.get(word.lower().replace(" ", ""))


@cache
def _units() -> dict[str, tuple[str, float]]:
    kinds: dict[str, dict[str, str]] = json.loads(_UNITS.read_text(encoding="utf-8"))
    return {
        word: (kind, float(factor))
        for kind, words in kinds.items()
        for factor, row in words.items()
        for word in row.split()
    }


@lru_cache(maxsize=20_000)
def _tokens(word: str) -> tuple[str, ...]:
    """Split the Korean word after a number into morphemes: "만개" gives 만 and 개, "배열" stays whole."""
    pieces = tuple(token.form for token in kiwi().tokenize(f"3{word}") if token.tag != "SN")
    return pieces if "".join(pieces)[:1] == word[:1] else (word,)
