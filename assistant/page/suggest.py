"""Suggests questions that the notes can answer: to begin with, and after an answer about other sections of its notes.

In: the notes; or an answer, and the scope that it was asked in. Out: questions. A conversation begins with what any
notes can be asked: which there are, and what the latest say. After an answer, summaries of other sections of its notes
are offered, of which the relevance check finds that they say something; these checks run one at a time, when nobody
else waits.
"""

from collections.abc import Generator, Iterator, Sequence
from contextlib import closing
from functools import partial

from assistant.answer import Action, Answer, Scope
from assistant.assistant import Assistant
from assistant.index.scopes import day_of
from assistant.index.store import IndexedNote
from assistant.messages.said import ABOUT, SUM_UP, SUM_UP_PART, WHICH_NOTES
from assistant.server.queue import Turns
from assistant.text.language import Language, detect
from assistant.text.shown import seen

SHOWN = 3
LATEST = 2
"""Notes whose summary is suggested: the latest."""
_TRIED = 6
_LONGEST = 60


def first_questions(notes: Sequence[IndexedNote]) -> list[tuple[Language, str]]:
    """Return questions to begin with, the same in each language; none without notes."""
    latest = sorted(notes, key=lambda note: (day_of(note), note.modified), reverse=True)
    named = [title for note in latest if 2 <= len(title := seen(note.title).strip()) <= _LONGEST]
    titles = list(dict.fromkeys(named))[:LATEST]
    return [
        (language, question)
        for language in Language
        for question in (WHICH_NOTES[language], *(SUM_UP[language].format(title=title) for title in titles))
        if notes
    ]


def follow_ups(queue: Turns, answer: Answer, scope: Scope | None = None) -> Generator[list[str] | None]:
    """Yield None repeatedly while checks wait or run, then at most `SHOWN` questions in the answer's language.

    Closing the generator drops a waiting check.
    """
    offered: list[str] = []
    for tried, (title, topic) in enumerate(_topics(queue.assistant, answer)):
        if tried == _TRIED or len(offered) == SHOWN:
            break
        question = ABOUT[answer.language].format(topic=topic)
        with closing(queue.when_idle(partial(queue.assistant.judge, question, scope))) as verdicts:
            for judged in verdicts:
                if judged is not None and judged[1].action is Action.CORRECT:
                    offered.append(SUM_UP_PART[answer.language].format(title=title, topic=topic))
                yield None
    yield offered


def _topics(assistant: Assistant, answer: Answer) -> Iterator[tuple[str, str]]:
    """Yield the title and the headings of each cited note, nearest to the citation first, without those cited."""
    for source in dict.fromkeys(cited.source for cited in answer.citations):
        first = next(cited for cited in answer.citations if cited.source == source)
        title, at = seen(first.title).strip(), first.start
        cited_under = {cited.heading for cited in answer.citations if cited.source == source}
        near: dict[str, int] = {}
        for passage in assistant.snapshot.of(source):
            near[passage.heading] = min(near.get(passage.heading, 1 << 40), abs(passage.start - at))
        for heading in sorted(near.keys() - cited_under - {""}, key=lambda heading: near[heading]):
            topic = _named(heading, answer.language)
            if 2 <= len(topic) <= _LONGEST and topic.lower() not in answer.question.lower():
                yield title, topic


def _named(heading: str, language: Language) -> str:
    """Return a heading's last part; of a bilingual one ("거울 / Mirror") only the language's half."""
    last = seen(heading.split(" > ")[-1]).strip("#* ")
    parts = [part.strip() for part in last.split(" / ")]
    return next((part for part in parts if detect(part) is language), parts[0])
