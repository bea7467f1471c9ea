"""Turns Korean and English text into search terms, and finds the terms that look like names.

In: strings. Out: lists of terms. Kiwi, the Korean morphological analyser, takes seconds to start, so it is loaded when
the first Korean word needs it.
"""

import re
import threading
from functools import lru_cache
from typing import Any

from assistant.text.language import Language, detect
from assistant.text.spelling import folded

TERMS_VERSION = 4
"""Part of the index's fingerprint: raise it whenever the same text gives other terms than before."""
THOUSANDS = re.compile(r"(?<=\d),(?=\d{3}(?!\d))")
"""The comma in 12,000: it is removed, so that 12000 matches."""
_LATIN_WORD = r"[A-Za-zÀ-ÖØ-öø-ɏ0-9]+"
_WORD = re.compile(rf"{_LATIN_WORD}(?:[-_.'’]{_LATIN_WORD})*|[가-힣]{{1,40}}|[^\W\d_a-zA-ZÀ-ÖØ-öø-ɏ가-힣]+")
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
    """Return the search terms of a text in order, without particles, endings and stop words.

    A Latin or numeric word gives its lower-cased stem. A compound (GPT-4, LLaMA2) gives its parts and the whole, so
    that each spelling finds the others. A Korean word gives its content morphemes.
    """
    searched: list[str] = []
    text, last_end = _spelled_alike(text), None
    for match in _WORD.finditer(text):
        word = match.group()
        attached = last_end is not None and _CLOSING.fullmatch(text, last_end, match.start())
        last_end = match.end()
        if "가" <= word[0] <= "힣":
            # Right after a word or a bracket, as in "GPT는", this is a particle; Kiwi alone could take it for a verb.
            searched += _morphemes("A" + word if attached else word)
        else:
            searched += _latin_terms(word.lower())
    return searched


_NAME = re.compile(
    r"\b(?=[A-Za-z0-9.-]{0,100}(?:[a-z0-9.-][A-Z]|[A-Z][A-Z]|\d))[A-Za-z0-9]+(?:[-.][A-Za-z0-9]+)*"
    r"|(?<=[^.!?\s] )[A-Z]\w+"
)


def names(text: str) -> list[str]:
    """Return the search terms of words that look like a name or a number.

    In Korean text that is any Latin word. In English text it is a word with a digit or an inner capital letter (GPT-4,
    mBERT), or a capitalised word inside a sentence.
    """
    text = _spelled_alike(text)
    if detect(text) is Language.KO:
        words = [match.group() for match in _WORD.finditer(text) if match.group()[0].isascii()]
    else:
        words = [match.group() for match in _NAME.finditer(text)]
    return [term for word in words for term in _latin_terms(word.lower())]


def whole_words(text: str) -> list[str]:
    """Return whole words without particles and endings, for comparing by sound.

    Kiwi cuts an unknown loanword into pieces (체인링 into 체인 and 링); here they are joined again.
    """
    words = [match.group() for match in _WORD.finditer(_spelled_alike(text))]
    return [word.lower() if word.isascii() else "".join(_morphemes(word)) for word in words]


def _spelled_alike(text: str) -> str:
    return THOUSANDS.sub("", folded(text))


@lru_cache(maxsize=50_000)
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


def prepare(text: str) -> None:
    """Begin to load Kiwi in a thread if the text has a Korean word, so that other things can load beside it."""
    if re.search("[가-힣]", text):
        threading.Thread(target=kiwi).start()


def kiwi() -> Any:
    """Return the Korean morphological analyser, loaded at the first use."""
    with _LOADING:  # two threads would load it twice
        return _loaded_kiwi()


@lru_cache(maxsize=1)
def _loaded_kiwi() -> Any:
    from kiwipiepy import Kiwi

    # Its dictionaries of names help no search (docs/decisions.md) and take half of its memory and of its start.
    loaded = Kiwi(num_workers=1, load_default_dict=False, load_multi_dict=False)
    loaded.tokenize("준비")  # the first text takes as long as loading
    return loaded


@lru_cache(maxsize=50_000)
def _morphemes(word: str) -> tuple[str, ...]:
    """Return the content morphemes of one Korean word; cached, because notes repeat their words."""
    return tuple(
        token.form for token in kiwi().tokenize(word) if token.tag in _CONTENT_TAGS and token.form not in _KOREAN_STOP
    )
