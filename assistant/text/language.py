"""Which language a text is in: Korean, English, or neither.

In: strings. Out: a language, or how much of a text is Korean. Hangul counts alike whether it is composed, as most
systems write it, or decomposed, as macOS writes file names.
"""

import re
from enum import StrEnum

from assistant.text.spelling import composed


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
    """Return the language of a question or passage; text without Hangul counts as English.

    Counting letters is not enough, because Korean text is full of English terms and English text may quote a Korean
    word. Where Hangul is the smaller part, English function words decide.
    """
    text = composed(text)
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
    text = composed(question)
    hangul, known = len(_HANGUL.findall(text)), len(_KNOWN_LETTER.findall(text))
    # A letter of another script counts as much as a Hangul syllable: most are Chinese or Japanese.
    if 2.5 * (sum(map(str.isalpha, text)) - known) > 2.5 * hangul + (known - hangul):
        return True
    return not hangul and len(_OTHER_FRAME.findall(text)) >= 2 + len(_ENGLISH_FRAME.findall(text))


def hangul_share(text: str) -> float:
    """Return how much of a text's letters is Korean, in 0..1; a syllable counts as two and a half Latin letters."""
    text = composed(text)
    hangul, latin = 2.5 * len(_HANGUL.findall(text)), len(_LATIN.findall(text))
    return hangul / (hangul + latin) if hangul else 0.0
