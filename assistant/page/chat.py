"""Runs one question of the conversation, as a plain generator that does not know Gradio.

In: the queue, a question and the exchanges before it. Out: the HTML of the growing answer, then the whole exchange.
"""

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

    While nothing new comes, the same HTML is yielded again, so that the caller can stop at any time.
    """
    question = plain(question).strip()
    if not question:
        return
    answer: Answer | None = None
    html = draft_html(question, None)
    yield html
    try:
        with closing(queue.stream(question, turns(before))) as answers:
            for grown in answers:
                if grown is not None:
                    html = draft_html(question, grown)
                if isinstance(grown, Answer):
                    answer = grown
                yield html
        if answer is not None:
            yield Exchange(question, answer)
    except AssistantError as error:
        yield Exchange(question, trouble=str(error))
    except Exception as error:  # whatever breaks, the conversation goes on; the log says what it was
        logger.error("a question ended unexpectedly: %r", error, exc_info=logger.isEnabledFor(logging.DEBUG))
        yield Exchange(question, trouble=SAID[detect(question)]["unexpected"])
