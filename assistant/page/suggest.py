"""Questions to go on with that the notes can answer: about what stands beside what an answer cited.

In: an answer. Out: questions, each of which the relevance check calls Correct, so that none leads to "not in your
notes". The checks wait until nobody else does, one at a time.
"""

from collections.abc import Generator, Iterator
from contextlib import closing
from functools import partial

from assistant.answer import Action, Answer
from assistant.assistant import Assistant
from assistant.messages.said import ABOUT
from assistant.server.queue import Turns
from assistant.text.language import Language, detect
from assistant.text.shown import seen

SHOWN = 3
_TRIED = 6
_LONGEST = 60


def follow_ups(queue: Turns, answer: Answer) -> Generator[list[str] | None]:
    """Yield None again and again while a check waits, then at most `SHOWN` questions in the answer's language.

    Closing this drops the check that waits.
    """
    offered: list[str] = []
    for tried, topic in enumerate(_topics(queue.assistant, answer)):
        if tried == _TRIED or len(offered) == SHOWN:
            break
        question = ABOUT[answer.language].format(topic=topic)
        with closing(queue.when_idle(partial(queue.assistant.judge, question))) as verdicts:
            for judged in verdicts:
                if judged is not None and judged[1].action is Action.CORRECT:
                    offered.append(question)
                yield None
    yield offered


def _topics(assistant: Assistant, answer: Answer) -> Iterator[str]:
    """Yield the headings of the cited notes, the nearest to what was cited first, without those it stands under."""
    for source in dict.fromkeys(cited.source for cited in answer.citations):
        at = next(cited.start for cited in answer.citations if cited.source == source)
        cited_under = {cited.heading for cited in answer.citations if cited.source == source}
        near: dict[str, int] = {}
        for passage in assistant.snapshot.of(source):
            near[passage.heading] = min(near.get(passage.heading, 1 << 40), abs(passage.start - at))
        for heading in sorted(near.keys() - cited_under - {""}, key=lambda heading: near[heading]):
            topic = _named(heading, answer.language)
            if 2 <= len(topic) <= _LONGEST and topic.lower() not in answer.question.lower():
                yield topic


def _named(heading: str, language: Language) -> str:
    """Return a heading's last part, in the language if it is given in both ("거울 / Mirror")."""
    last = seen(heading.split(" > ")[-1]).strip("#* ")
    parts = [part.strip() for part in last.split(" / ")]
    return next((part for part in parts if detect(part) is language), parts[0])
