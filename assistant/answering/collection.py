"""Answers what needs no search: small talk, and questions about the collection itself.

In: a question, its kind, and the index. Out: a whole answer without citations, in the question's language: a sentence
that says what the assistant is for; or how many notes there are, in the folder, with the tag, in the format or on the
topic that is named if one is, and the latest of them.
"""

import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace
from datetime import date
from pathlib import PurePosixPath

from assistant.answer import Answer, Kind, Question
from assistant.answering.when import period
from assistant.index.scopes import day_of, fits
from assistant.index.store import IndexedNote, Snapshot
from assistant.messages.said import (
    COLLECTION,
    COLLECTION_IN,
    COLLECTION_MORE,
    COLLECTION_NONE,
    COLLECTION_ON,
    COLLECTION_ONE,
    TALK,
)
from assistant.search.folders import named_folder
from assistant.text.shown import inert
from assistant.text.terms import terms

LISTED = 20
"""Notes that are named at most."""
_GENERAL = frozenset(
    terms(
        "note notes many folder folders file files paper papers here any anything all pdf md list tag tags"
        " tagged add added last got have what which show since week day month year today yesterday oldest"
        " newest latest recent document documents stuff most under page empty edit edited save saved written"
        " monday tuesday wednesday thursday friday saturday sunday archive yet title titles write wrote number"
        " exist everything cover change changed use thing things big one total vault count new entry entries"
        " topic topics rough longest am are do does can could ever first create created name names"
        " collection amount give past over journal directory up make modified read touch touched me my mine i"
        " you your pls please hey hi some something somewhere whole inside includes include put store stored"
        " get there in on about of the is it did was were when where how january february march april may june"
        " july august september october november december"
        " 노트 폴더 파일 메모 문서 논문 개 총 보이다 보여줘 제목 최근 관련 적다 제일 저장 태그 안 작성 어제"
        " 오늘 목록 이번 달 주 해 마지막 추가 지금 새로 쭉 글 확인 모으다 얼마나 갯수 개수 전부 전체 궁금하다"
        " 합치다 혹시 가장 많이 많다 하나 건 이전 이후 최신 대하다 대한 관하다 관한 언제 어디 무엇 뭐 어떤"
        " 무슨 몇 쓰다 썼지 정리 정리해둔 써둔 만들다 만든 있다 있나 없다 알려줘 찾아보다 찾다 자료 올해 작년"
        " 지난달 지난주 내 나 제 년 월 일 요일 기록 내용"
    )
)
"""Words of questions about any collection, those that are frequent in `eval/data/plan.jsonl`: they name no topic."""
_TAGGED = re.compile(r"#\w|\btag|태그", re.IGNORECASE)
_OLDEST = frozenset(terms("oldest first earliest 오래된 오래되다 처음 첫"))


def topic(question: Question, notes: Snapshot) -> str:
    """Return the words of a question about the collection that say what the notes are about; empty if none do."""
    if _TAGGED.search(question.text) or named_folder(question, notes.notes, called_so=False)[0]:
        return ""
    general = _GENERAL | _OLDEST | _endings(notes.notes)
    words = [word.strip("?!.,\"'") for word in question.text.split() if not word[:1].isdigit()]
    return " ".join(word for word in words if (len(word) > 1 or not word.isascii()) and set(terms(word)) - general)


def told(
    answer: Answer, kind: Kind, question: Question, notes: Snapshot, about: Collection[str] | None = None
) -> Answer:
    """Return the answer to small talk or to a question about the collection; notes outside the scope do not count.

    If the question has a topic, `about` are the sources of the notes on it, and no others count.
    """
    scope = question.scope
    if kind is Kind.COLLECTION and (days := period(question.text, date.today())):
        first, last = (day.isoformat() for day in days)
        scope = replace(scope, since=max(scope.since, first), until=min(last, scope.until or last))
    held = [note for note in notes.notes if fits(scope, note) and (about is None or note.source in about)]
    text = TALK[answer.language].format(count=len(held))
    if kind is Kind.COLLECTION:
        text = "\n".join(_collection(answer, question, held, about is not None))
    return answer.with_(answer=text, kind=kind, action=None, llm="")


def _collection(answer: Answer, question: Question, held: Sequence[IndexedNote], on_topic: bool) -> Iterator[str]:
    """Yield how many notes there are, and a line for each of the first: those that are named, then the latest."""
    folder, within = named_folder(question, held, called_so=False)
    asked = frozenset(question.terms)
    held = [note for note in within or held if _is_asked(note, question, asked & _endings(held))]
    if not held:
        yield COLLECTION_NONE[answer.language]
        return
    latest = sorted(held, key=lambda note: (day_of(note), note.modified), reverse=not asked & _OLDEST)
    named = asked - _GENERAL
    ranked = sorted(latest, key=lambda note: not on_topic and not named & set(terms(note.names)))
    several = COLLECTION_ON if on_topic else COLLECTION
    said = COLLECTION_IN if folder else COLLECTION_ONE if len(held) == 1 else several
    yield said[answer.language].format(count=len(held), folder=inert(folder))
    for note in ranked[:LISTED]:
        day = day_of(note)
        yield f"- {inert(note.title)} ({inert(note.source)}{f', {day}' if day else ''})"
    if len(held) > LISTED:
        yield COLLECTION_MORE[answer.language].format(count=len(held) - LISTED)


def _is_asked(note: IndexedNote, question: Question, endings: Collection[str]) -> bool:
    """Tell whether a note has the tag and the format that a question names, if it names any."""
    if endings and PurePosixPath(note.source).suffix[1:].lower() not in endings:
        return False
    asked = set(question.terms)
    return not _TAGGED.search(question.text) or any(set(terms(tag)) and set(terms(tag)) <= asked for tag in note.tags)


def _endings(notes: Sequence[IndexedNote]) -> frozenset[str]:
    return frozenset(PurePosixPath(note.source).suffix[1:].lower() for note in notes)
