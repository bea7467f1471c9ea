"""Normalises Unicode, so that texts written in different ways can be compared.

In: strings. Out: strings. Their length may change, so offsets into the result do not fit the original text.
"""

import re
import unicodedata

_MARKS = re.compile(r"([\u0300-\u036f\u0483-\u0487\u0591-\u05bd\u0610-\u061a\u064b-\u065f]{20})[\u0300-\u065f]+")
"""More accents on one letter than any language uses; they are cut, since sorting a long row takes quadratic time."""


def composed(text: str) -> str:
    """Return the text with each Hangul syllable and each accented letter as one character (NFC)."""
    return text if text.isascii() else unicodedata.normalize("NFC", _MARKS.sub(r"\1", text))


def folded(text: str) -> str:
    """Return the text composed, with full-width and other variants of a character as that character (NFKC)."""
    return text if text.isascii() else unicodedata.normalize("NFKC", _MARKS.sub(r"\1", text))
