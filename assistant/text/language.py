"""What the stages need to know about Korean and English text: its language, its sentences, its search terms.

Pure functions over strings. Kiwi, the Korean morphological analyser, takes seconds to start and is loaded by the
first Korean word that needs it.
"""

import re
import threading
import unicodedata
from collections.abc import Iterator
from enum import StrEnum
from functools import lru_cache
from typing import Any

TERMS_VERSION = 3
"""Part of the index's fingerprint: raise it whenever the same text would give other terms."""


class Language(StrEnum):
    """A language that questions are answered in."""

    KO = "ko"
    EN = "en"


_HANGUL = re.compile(r"[가-힣ㄱ-ㅎㅏ-ㅣ]")
_LATIN = re.compile(r"[A-Za-z]")
_ENGLISH_FRAME = re.compile(
    r"\b(?:what|which|who|whom|whose|when|where|why|how|is|are|was|were|does|do|did|can|could|should|the|of|in|"
    r"explain|describe|tell|list|compare|mean|means)\b",
    re.IGNORECASE,
)


def detect(text: str) -> Language:
    """Return the language of a question or passage; anything without Hangul counts as English.

    English terms are common in Korean text and a Korean word may be quoted in an English one, so letters alone
    do not decide: where Hangul is the smaller part, English function words do.
    """
    text = unicodedata.normalize("NFC", text)
    hangul, latin = len(_HANGUL.findall(text)), len(_LATIN.findall(text))
    if not hangul:
        return Language.EN
    # One Hangul syllable carries about as much as two and a half Latin letters.
    if hangul * 2.5 >= latin:
        return Language.KO
    return Language.EN if len(_ENGLISH_FRAME.findall(text)) >= 2 else Language.KO


_KNOWN_LETTER = re.compile(r"[가-힣ㄱ-ㆎᄀ-ᇿA-Za-zÀ-ɏ]")
_OTHER_FRAME = re.compile(
    r"\b(?:quel(?:le)?s?|est|les?|la|du|une|qui|comment|pourquoi|où|combien|qué|cómo|cuál|cuándo|dónde|el|los|las|del|se|"
    r"una|wie|wer|wo|warum|welche[rs]?|der|das|ist|und|eine?|nicht|che|il|di|perché|qual|são|uma|como|onde|quanto)\b",
    re.IGNORECASE,
)


def is_foreign(question: str) -> bool:
    """Tell whether a question is in neither language: by its letters, or by European languages' function words."""
    text = unicodedata.normalize("NFC", question)
    hangul, known = len(_HANGUL.findall(text)), len(_KNOWN_LETTER.findall(text))
    # A letter of another script counts as much as a Hangul syllable: most are Chinese or Japanese.
    if 2.5 * (sum(map(str.isalpha, text)) - known) > 2.5 * hangul + (known - hangul):
        return True
    return not hangul and len(_OTHER_FRAME.findall(text)) >= 2 + len(_ENGLISH_FRAME.findall(text))


def hangul_share(text: str) -> float:
    """Return how much of a text's letters is Korean, in 0..1; a syllable counts as two and a half Latin letters."""
    hangul, latin = 2.5 * len(_HANGUL.findall(text)), len(_LATIN.findall(text))
    return hangul / (hangul + latin) if hangul else 0.0


_HEADING = re.compile(r"#{1,6}\s")
_LIST_MARK = re.compile(r"\s*(?:[-+–](?!\d)|\*(?!\S)|[•·▪‣]|\(?\d{1,3}[.)](?!\d)|[①-⑳]|→|>|#{1,6}\s|\|)")
# A Korean date is written "2024. 3. 1."; the full stop behind its year ends nothing. Nor does one before a bracket
# that closes: "(Absolute, Relative, ... )".
_END = re.compile(
    r"[.!?…。！？．｡]+[\"'”’)\]*_」』]*(?=\s|$)(?!(?<=\d\.)\s\d{1,2}\.)(?!\s*[)\]）】」』”’])"
    r"|(?<=[가-힣])[.!?](?=[A-Z가-힣“])"
)
_ABBREVIATION = re.compile(
    r"(?:\b(?:e\.g|i\.e|etc|et al|vs|cf|fig|eq|dr|mr|ms|mrs|prof|no|sec|approx|ref|ed|al|inc|st)|(?:^|\s)[A-Z]"
    r"|^\s*\(?\d{1,3}|\b\d{4}\. \d{1,2}\. \d{1,2})\.$",
    re.IGNORECASE,
)
_TITLE_GOES_ON = re.compile(r'[^"\n]*"[가-힣]')
"""The rest of a title in quotation marks, which a particle makes a part of its sentence ("3. 원본 XLM"이라는 …)."""
_WRAPPED = 60
"""A line at least this long without a full stop is taken as hard-wrapped: its sentence goes on below."""


def sentences(text: str) -> list[tuple[int, int]]:
    """Return the `(start, end)` of each sentence, in order, without surrounding white space.

    Every character outside the spans is white space. A list item, table row or heading line ends at its line's end.
    """
    return [span for start, end in _lines(text) for span in _split_line(text, start, end)]


def _lines(text: str) -> Iterator[tuple[int, int]]:
    """Yield spans of lines, hard-wrapped ones joined."""
    begin, at = 0, 0
    for line in text.splitlines(keepends=True):
        at += len(line)
        rest, body = text[at : at + 200], line.strip()
        goes_on = (
            len(body) >= _WRAPPED
            and not _END.search(body[-3:])
            and rest.split("\n", 1)[0].strip()
            and not _LIST_MARK.match(rest)
            and not _HEADING.match(body)
            and "|" not in body
        )
        if not goes_on:
            yield begin, at
            begin = at
    if begin < len(text):
        yield begin, len(text)


def _split_line(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    begin = start
    for match in _END.finditer(text, start, end):
        sentence = text[begin : match.end()]
        if _ABBREVIATION.search(sentence.rstrip("\"'”’)]")):
            continue
        if sentence.count('"') % 2 and _TITLE_GOES_ON.match(text, match.end(), end):
            continue
        yield from _trimmed(text, begin, match.end())
        begin = match.end()
    yield from _trimmed(text, begin, end)


def _trimmed(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    body = text[start:end]
    start += len(body) - len(body.lstrip())
    end -= len(body) - len(body.rstrip())
    if start < end:
        yield start, end


THOUSANDS = re.compile(r"(?<=\d),(?=\d{3}(?!\d))")
"""The comma in 12,000, which the same number elsewhere does not have."""
_LATIN_WORD = r"[A-Za-zÀ-ÖØ-öø-ɏ0-9]+"
_WORD = re.compile(rf"{_LATIN_WORD}(?:[-_.'’]{_LATIN_WORD})*|[가-힣]+|[^\W\d_a-zA-ZÀ-ÖØ-öø-ɏ가-힣]+")
_RUN = re.compile(r"[^\W\d_]+|\d+(?:\.\d+)*")
_CLOSING = re.compile(r"[\"'”’)\]*_`」』]*")
_LOADING = threading.Lock()
_CONTENT_TAGS = frozenset(("NNG", "NNP", "NR", "XR", "VV", "VA", "VV-R", "VV-I", "VA-R", "VA-I", "SH", "MAG"))
_KOREAN_STOP = frozenset(
    "하 되 있 없 이 그 저 것 수 등 때 무엇 뭐 어디 누구 언제 어떻 왜 몇 좀 잘 더 또 및 알 알리 말 말하 대하 위하 "
    "통하 따르 같 다 만들 주 보 나오 들 시키 설명 뜻 의미 이유 경우 사용 쓰 쓰이".split()
)
_ENGLISH_STOP = frozenset(
    "a an and are as at be been but by can could did do does for from had has have how i if in into is it its me my "
    "of on or our please she should so tell than that the their them then there these they this to us was we were "
    "what when where which who whom whose why will with would you your about explain describe mean means s t".split()
)


def terms(text: str) -> list[str]:
    """Return the search terms of a text in order: stems of its words, without particles, endings and stop words.

    A Latin or numeric word gives its lower-cased stem; one joined of several parts (GPT-4, LLaMA2) gives its parts
    and the whole, so that each spelling finds the others. Korean words give their content morphemes.
    """
    found: list[str] = []
    text, last_end = _spelled_alike(text), None
    for match in _WORD.finditer(text):
        word = match.group()
        attached = last_end is not None and _CLOSING.fullmatch(text, last_end, match.start())
        last_end = match.end()
        if "가" <= word[0] <= "힣":
            # Behind a word, or "(…)" and the like, stands a particle ("GPT는"); alone the syllable could be a verb.
            found += _morphemes("A" + word if attached else word)
        else:
            found += _latin_terms(word.lower())
    return found


_NAME = re.compile(
    r"\b(?=[A-Za-z0-9.-]*(?:[a-z0-9.-][A-Z]|[A-Z][A-Z]|\d))[A-Za-z0-9]+(?:[-.][A-Za-z0-9]+)*|(?<=[^.!?\s] )[A-Z]\w+"
)


def names(text: str) -> list[str]:
    """Return the terms of what looks like a name or a number.

    In Korean text that is any Latin word; in English text a word with a digit or an inner capital, or with a capital
    inside a sentence.
    """
    text = _spelled_alike(text)
    if detect(text) is Language.KO:
        found = [match.group() for match in _WORD.finditer(text) if match.group()[0].isascii()]
    else:
        found = [match.group() for match in _NAME.finditer(text)]
    return [term for word in found for term in _latin_terms(word.lower())]


def whole_words(text: str) -> list[str]:
    """Return words without their particles and endings, for comparing by sound: Latin ones whole, Korean ones joined.

    The analyser cuts a borrowed word that it does not know into pieces: 체인링 into 체인 and 링.
    """
    words = [match.group() for match in _WORD.finditer(_spelled_alike(text))]
    return [word.lower() if word.isascii() else "".join(_morphemes(word)) for word in words]


def _spelled_alike(text: str) -> str:
    return THOUSANDS.sub("", unicodedata.normalize("NFKC", text))


@lru_cache(maxsize=200_000)
def _latin_terms(word: str) -> tuple[str, ...]:
    word = re.sub(r"['’]s$", "", word)
    runs = _RUN.findall(word)
    if len(runs) <= 1:
        return () if word in _ENGLISH_STOP else (_stem(word),)
    parts = tuple(_stem(run) for run in runs if len(run) > 1 or run.isdigit())
    return (*(part for part in parts if part not in _ENGLISH_STOP), "".join(runs))


@lru_cache(maxsize=1)
def _stemmer() -> Any:
    import Stemmer

    return Stemmer.Stemmer("english")


def _stem(word: str) -> str:
    return str(_stemmer().stemWord(word)) if word.isascii() else word


def prepare() -> None:
    """Load Kiwi now: from a thread of its own it costs the first question nothing, for Kiwi leaves Python running."""
    kiwi()


def kiwi() -> Any:
    """Return the Korean morphological analyser, loaded at the first use."""
    with _LOADING:  # two threads would load it twice
        return _loaded_kiwi()


@lru_cache(maxsize=1)
def _loaded_kiwi() -> Any:
    from kiwipiepy import Kiwi

    # Its dictionaries of names help no search (docs/decisions.md) and take half of its memory and of its start.
    return Kiwi(num_workers=1, load_default_dict=False, load_multi_dict=False)


@lru_cache(maxsize=200_000)
def _morphemes(word: str) -> tuple[str, ...]:
    """Analyse one Korean word; words are cached because a note repeats its own."""
    return tuple(
        token.form for token in kiwi().tokenize(word) if token.tag in _CONTENT_TAGS and token.form not in _KOREAN_STOP
    )
