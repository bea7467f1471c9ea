"""Answers what needs no search: small talk, and questions about the collection itself.

In: a question, its kind, and the index. Out: a whole answer without citations, in the question's language: a sentence
that says what the assistant is for; or how many notes there are, in the folder that is named if one is, and the latest.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date

from assistant.answer import Answer, Kind, Question
from assistant.answering.when import period
from assistant.index.scopes import day_of, fits
from assistant.index.store import IndexedNote, Snapshot
from assistant.messages.said import (
    COLLECTION,
    COLLECTION_IN,
    COLLECTION_MORE,
    COLLECTION_NONE,
    COLLECTION_ONE,
    TALK,
)
from assistant.search.folders import named_folder
from assistant.text.shown import inert
from assistant.text.terms import terms

LISTED = 20
"""Notes that are named at most."""


def told(answer: Answer, kind: Kind, question: Question, notes: Snapshot) -> Answer:
    """Return the answer to small talk or to a question about the collection; notes outside the scope do not count."""
    scope = question.scope
    if kind is Kind.COLLECTION and (days := period(question.text, date.today())):
        first, last = (day.isoformat() for day in days)
        scope = replace(scope, since=max(scope.since, first), until=min(last, scope.until or last))
    held = [note for note in notes.notes if fits(scope, note)]
    text = TALK[answer.language].format(count=len(held))
    if kind is Kind.COLLECTION:
        text = "\n".join(_collection(answer, question, held))
    return answer.with_(answer=text, kind=kind, action=None, llm="")


def _collection(answer: Answer, question: Question, held: Sequence[IndexedNote]) -> Iterator[str]:
    """Yield how many notes there are, and a line for each of the first: those that are named, then the latest."""
    folder, within = named_folder(question, held, called_so=False)
    held = within or held
    if not held:
        yield COLLECTION_NONE[answer.language]
        return
    asked = frozenset(question.terms)
    latest = sorted(held, key=lambda note: (day_of(note), note.modified), reverse=True)
    ranked = sorted(latest, key=lambda note: not asked & set(terms(note.names)))
    said = COLLECTION_IN if folder else COLLECTION_ONE if len(held) == 1 else COLLECTION
    yield said[answer.language].format(count=len(held), folder=inert(folder))
    for note in ranked[:LISTED]:
        day = day_of(note)
        yield f"- {inert(note.title)} ({inert(note.source)}{f', {day}' if day else ''})"
    if len(held) > LISTED:
        yield COLLECTION_MORE[answer.language].format(count=len(held) - LISTED)
