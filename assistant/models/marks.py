"""Marks the words that two texts have in common, for a model that reads both.

In: two texts and the places of their tokens. Out: a mark for each token: to which text it belongs and whether the other
one holds its word. A small model learns from little data to look for a name or a number that is missing, if it need not
learn to compare spellings first (Boualili et al., "MarkedBERT", SIGIR 2020).
"""

import re
from collections.abc import Iterator, Sequence

from assistant.text.blocks import Span

KINDS = 4
"""Marks count from 0: alone in the first text, shared in the first text, alone in the second, shared in the second."""
_WORD = re.compile(r"[가-힣]+|[^\W가-힣]+(?:[.,]\d+)*")
_STEM = 2
"""Two Korean words are the same if these first syllables and half of the longer word agree: 학습률은 and 학습률이."""


def marks(first: str, second: str, places: tuple[Sequence[Span], Sequence[Span]]) -> tuple[list[int], list[int]]:
    """Return the marks of the tokens at `places` of the first and of the second text."""
    words = [(span, _form(text[slice(*span)])) for text in (first, second) for span in _words(text)]
    count = sum(1 for _ in _words(first))
    sides = words[:count], words[count:]
    known = [_Forms([form for _, form in side]) for side in sides]
    return (
        _marked([span for span, form in sides[0] if known[1].hold(form)], places[0], 0),
        _marked([span for span, form in sides[1] if known[0].hold(form)], places[1], 2),
    )


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


def _marked(shared: Sequence[Span], places: Sequence[Span], kind: int) -> list[int]:
    """Return `kind` for each token, or one more for a token that touches a shared word; both go from left to right."""
    found, at = [], 0
    for start, end in places:
        while at < len(shared) and shared[at][1] <= start:
            at += 1
        found.append(kind + (at < len(shared) and shared[at][0] < end))
    return found
