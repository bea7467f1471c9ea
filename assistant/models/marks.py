"""Marks the words of a question that a text holds, for a model that reads both.

In: the words of a text, and questions with the places of their tokens. Out: a mark for each token of a question: does
the text hold its word, or do only the headings above it? A small model learns from little data to look for a name or
a number that is missing, if it need not learn to compare spellings first (Boualili et al., "MarkedBERT", SIGIR 2020).
"""

import re
from collections.abc import Iterator, Sequence

from assistant.text.blocks import Span

KINDS = 4
"""Marks count from 0: a token of the text itself; a question's token whose word is missing, stands above, or stands in
the text."""
_MISSING, _ABOVE, _INSIDE = 1, 2, 3
_WORD = re.compile(r"[가-힣]+|[^\W가-힣]+(?:[.,]\d+)*")
_STEM = 2
"""Two Korean words are the same if these first syllables and half of the longer word agree: 학습률은 and 학습률이."""


class Words:
    """The words of a text and of the headings above it."""

    def __init__(self, above: str, text: str) -> None:
        """Read the words of both."""
        self._above, self._inside = (
            _Forms([_form(part[slice(*span)]) for span in _words(part)]) for part in (above, text)
        )

    def marks(self, question: str, places: Sequence[Span]) -> list[int]:
        """Return the mark of each token at `places` of the question; they go from left to right."""
        words = [(span, self._mark(_form(question[slice(*span)]))) for span in _words(question)]
        found, at = [], 0
        for start, end in places:
            while at < len(words) and words[at][0][1] <= start:
                at += 1
            found.append(words[at][1] if at < len(words) and words[at][0][0] < end else _MISSING)
        return found

    def _mark(self, form: str) -> int:
        return _INSIDE if self._inside.hold(form) else _ABOVE if self._above.hold(form) else _MISSING


def _words(text: str) -> Iterator[Span]:
    return (match.span() for match in _WORD.finditer(text))


def _form(word: str) -> str:
    """Return a word without case, thousands' commas and the plural's s."""
    form = word.casefold().replace(",", "")
    return form[:-1] if len(form) > 3 and form.endswith("s") and form.isalpha() else form


class _Forms:
    """The words of one text."""

    def __init__(self, forms: Sequence[str]) -> None:
        self._forms = frozenset(forms)
        self._stems: dict[str, list[str]] = {}
        for form in self._forms:
            if "가" <= form[0] <= "힣":
                self._stems.setdefault(form[:_STEM], []).append(form)

    def hold(self, form: str) -> bool:
        """Tell whether the text holds the word, with any particle behind it if it is Korean."""
        return form in self._forms or any(
            2 * _common(form, other) >= max(len(form), len(other))
            for other in self._stems.get(form[:_STEM], ())
            if len(form) >= _STEM
        )


def _common(one: str, other: str) -> int:
    """Return how many letters two words begin with alike."""
    return next((at for at, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other)))
