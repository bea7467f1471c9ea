"""Declines to answer: names the nearest notes, and the words of the question that they do not contain.

What search brings first is near only if it may well answer; else no note is named.

In: an answer with its graded passages. Out: the same answer, abstained.
"""

import re
from collections.abc import Iterable

from assistant.answer import Action, Answer, Did, Question, RankedPassage, Scope, Step
from assistant.answering.recheck import without_deleted
from assistant.index.scopes import said, within
from assistant.index.store import Snapshot
from assistant.messages.said import (
    EMPTY_SCOPE,
    LACKS,
    LACKS_JOIN,
    NEAREST,
    NOT_FOUND,
    UNDERSTOOD,
    UNREAD,
    UNREAD_MORE,
    WORDS_ONLY,
)
from assistant.search.wording import all_held, lacking
from assistant.text.language import Language

NEAREST_NOTES = 3
LIKELY = -0.76
"""Grade from which on a text may well answer (docs/decisions.md)."""
UNREAD_FILES = 3
_DICTATED = re.compile(r"^\s*(?:answer|reply|답변?|대답)\s*[:：]", re.IGNORECASE)
"""The start of a question that dictates its answer ("Answer: …"); its words are not repeated."""


def abstained(answer: Answer, question: Question, notes: Snapshot) -> Answer:
    """Return the abstained answer, which names the nearest notes (not web pages) and the words that they lack."""
    answer = answer.with_(passages=without_deleted(answer.passages, notes))
    language, message = answer.language, NOT_FOUND[answer.language]
    if question.foreign:
        message += f" {UNDERSTOOD}"
    own = {note.source for note in notes.notes}
    nearest = [passage.source for passage in nearest_of(answer) if passage.source in own]
    missing: list[str] = []
    if nearest:
        message += " " + NEAREST[language].format(titles=", ".join(nearest))
    if nearest and not question.foreign and not _DICTATED.match(question.asked):
        present = _terms(nearest, notes)
        missing = lacking(question, present, notes)
        if missing:
            joined = LACKS_JOIN[language].join(f"'{word}'" for word in missing)
            message += ". " + LACKS[language].format(words=joined)
        elif all_held(question.words, present):
            message += ". " + WORDS_ONLY[language]
    if unread := _unread(question, notes, language):
        message = f"{message.rstrip('.')}. {unread}"
    best = max((passage.relevance for passage in answer.passages), default=None)
    step = Step(Did.DECLINED, " ".join(missing), len(nearest), best)
    return answer.did(step).with_(answer=message, abstained=True)


def nowhere(answer: Answer, scope: Scope) -> Answer:
    """Return the answer to a question of notes of which there are none: it says so, and no more."""
    text = EMPTY_SCOPE[answer.language].format(scope=said(scope))
    return answer.with_(answer=text, abstained=True, action=Action.INCORRECT)


def nearest_of(answer: Answer) -> list[RankedPassage]:
    """Return the best passage of each note that may well answer, at most `NEAREST_NOTES`, best first."""
    best: dict[str, RankedPassage] = {}
    for passage in sorted(answer.passages, key=lambda passage: -passage.relevance):
        best.setdefault(passage.source, passage)
    return [passage for passage in best.values() if passage.relevance >= LIKELY][:NEAREST_NOTES]


def _unread(question: Question, notes: Snapshot, language: Language) -> str:
    """Return the sentence that names the files in which the answer may stand unread; empty if there are none."""
    files = [item.source for item in notes.unread if item.failed and within(question.scope, item.source)]
    named = ", ".join(files[:UNREAD_FILES])
    if len(files) > UNREAD_FILES:
        named = UNREAD_MORE[language].format(files=named, count=len(files) - UNREAD_FILES)
    return UNREAD[language].format(files=named) if files else ""


def _terms(sources: Iterable[str], notes: Snapshot) -> set[str]:
    """Return the search terms of whole notes, not only of the graded passages."""
    return {term for source in sources for passage in notes.of(source) for term in passage.terms}
