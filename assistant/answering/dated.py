"""Turns a question about a time into one about the notes of it: "What did I repair in June?", "the latest note on tea".

In: a question, and the passages that were found for it. Out: the question without the words of its time, of the notes
of those days alone, or of the latest note that was found; or nothing, if it names no time or no note is of it. A note
seldom says when it was written, so such a question is seldom answered as it stands.
"""

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import date

from assistant.answer import Question, Scope, Scored
from assistant.answering.when import period
from assistant.index.scopes import day_of, fits
from assistant.index.store import Snapshot
from assistant.search.question import read

_LATEST = re.compile(
    r"\b(?:(?:my|the)\s+)?(?:latest|newest|most\s+recent|last)\s+(?:note|page|entry|memo)s?\b(?:\s+(?:on|about|of))?"
    r"|(?:가장|제일)\s*최근(?:에)?(?:\s*(?:쓴|적은|작성한))?\s*(?:노트|메모|글)?|최신\s*(?:노트|메모|글)",
    re.IGNORECASE,
)


def dated(question: Question, found: Sequence[Scored], notes: Snapshot, today: date) -> Question | None:
    """Return the question of the notes of its time, without the words of the time; None if it names none."""
    if latest := _LATEST.search(question.text):
        held = {note.source: day_of(note) for note in notes.notes}
        sources = [item.passage.source for item in found if held.get(item.passage.source)]
        newest = max(sources, key=lambda source: held[source], default="")
        return _of(question, latest.group(), replace(question.scope, places=(newest,))) if newest else None
    if (named := period(question.text, today)) is None:
        return None
    since, until = (day.isoformat() for day in named.days)
    scope = replace(question.scope, since=max(since, question.scope.since), until=until)
    return _of(question, named.words, scope) if any(fits(scope, note) for note in notes.notes) else None


def _of(question: Question, words: str, scope: Scope) -> Question | None:
    time = rf"(?:\b(?:in|on|of|from|since|during)\s+)?{re.escape(words)}(?:에는|에|의)?"
    rest = " ".join(re.sub(time, " ", question.text).split())
    return read(rest, (), scope) if any(map(str.isalpha, rest)) else None
