"""Chooses the notes' own sentences that answer a question, for when no language model writes; deterministic.

In: graded strips. Out: one to four quoted sentences, best passage first, each under the number of its strip. Of a
bilingual note's two halves only the one in the asker's language is quoted.
"""

import re
from collections.abc import Sequence

from assistant.answer import Sentence, Strip
from assistant.check import in_words
from assistant.claims import names
from assistant.language import Language, detect
from assistant.untrusted import seen

QUOTES = 4
"""Strips that an answer quotes at most."""
_CLOSE = 0.9
"""A strip is quoted beside the best one only if its grade is at most this much lower."""
_TWIN = 0.5
"""Two texts in two languages say the same if they share at least this much of their names and numbers."""
_FIGURE = re.compile(r"\d+(?:\.\d+)?")


def quote(language: Language, strips: Sequence[Strip]) -> list[Sentence]:
    """Return the strips that answer best as cited sentences, in reading order within each passage."""
    ranked = sorted(strips, key=lambda strip: -strip.relevance)
    chosen: list[Strip] = []
    for strip in ranked:
        if strip.relevance < ranked[0].relevance - _CLOSE:
            break
        twin = next((place for place, other in enumerate(chosen) if _twins(strip, other)), None)
        if twin is None:
            chosen.append(strip)
        elif detect(strip.text) is language:
            chosen[twin] = strip
    chosen = sorted(chosen[:QUOTES], key=lambda strip: (-strip.number, strip.start))
    return [quoted(strip, language) for strip in chosen]


def quoted(strip: Strip, language: Language) -> Sentence:
    """Return a strip as a sentence that cites it."""
    return Sentence(in_words(seen(strip.text), language), (strip.number,), 1.0)


def _twins(one: Strip, other: Strip) -> bool:
    """Tell whether the strips are one statement in the two languages of a bilingual note."""
    if (one.source, one.heading) != (other.source, other.heading) or detect(one.text) is detect(other.text):
        return False
    ours, theirs = ({*names(strip.text), *_FIGURE.findall(strip.text)} for strip in (one, other))
    shared = len(ours & theirs)
    return shared > 0 and shared >= _TWIN * min(len(ours), len(theirs))
