"""The conversation's course: a question in, the growing exchange out. A plain generator; knows nothing of Gradio."""

import logging
from collections.abc import Iterator, Sequence
from contextlib import closing

from assistant.answer import Answer
from assistant.errors import AssistantError
from assistant.page.answer import draft_html
from assistant.page.exchanges import Exchange, turns
from assistant.page.words import SAID
from assistant.server.queue import Turns
from assistant.text.invisible import plain
from assistant.text.language import detect

logger = logging.getLogger(__name__)


def converse(queue: Turns, question: str, before: Sequence[Exchange]) -> Iterator[str | Exchange]:
    """Yield the HTML of the growing answer, then the whole exchange; nothing for an empty question.

    The HTML is yielded again while nothing new comes, so that whoever reads this can end it at any time.
    """
    question = plain(question).strip()
    if not question:
        return
    answer: Answer | None = None
    shown = draft_html(question, None)
    yield shown
    try:
        with closing(queue.stream(question, turns(before))) as answers:
            for grown in answers:
                if grown is not None:
                    answer, shown = grown, draft_html(question, grown)
                yield shown
        if answer is not None:
            yield Exchange(question, answer)
    except AssistantError as error:
        yield Exchange(question, trouble=str(error))
    except Exception as error:  # whatever breaks, the conversation goes on; the log says what it was
        logger.error("a question ended unexpectedly: %r", error, exc_info=logger.isEnabledFor(logging.DEBUG))
        yield Exchange(question, trouble=SAID[detect(question)]["unexpected"])
