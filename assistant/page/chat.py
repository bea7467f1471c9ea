"""Runs one question of the conversation, as a plain generator that does not know Gradio.

In: the queue, a question with the notes that it is asked of, and the exchanges before it. Out: drafts of the
growing answer, then the whole exchange.
"""

import logging
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import replace
from typing import NamedTuple

from assistant.answer import Answer, Scope
from assistant.answering.decline import nearest_of
from assistant.errors import AssistantError
from assistant.page.answer import draft_html
from assistant.page.exchanges import Exchange, turns
from assistant.page.words import SAID
from assistant.server.queue import Turns
from assistant.text.language import detect

logger = logging.getLogger(__name__)


class Draft(NamedTuple):
    """An answer that is still growing: its HTML, and as much of its text as that shows."""

    html: str
    text: str


def converse(
    queue: Turns, asked: Exchange, before: Sequence[Exchange], scope: Scope | None = None, llm: str = ""
) -> Iterator[Draft | Exchange]:
    """Yield the growing answer, then the whole exchange; nothing for an empty question.

    `llm` names the language model that writes, if not that of the settings. While nothing new comes, the same draft is
    yielded again, so that the caller can stop at any time.
    """
    if not asked.question:
        return
    said = SAID[detect(asked.question)]
    if asked.trouble:
        yield asked
        return
    if asked.chosen and not asked.chosen.notes:
        yield replace(asked, trouble=said["holds_none" if scope else "none_chosen"])
        return
    answer: Answer | None = None
    draft = Draft(draft_html(asked, None), "")
    yield draft
    try:
        with closing(queue.stream(asked.question, turns(before), scope, llm)) as answers:
            for grown in answers:
                if isinstance(grown, Answer):
                    answer = grown
                if grown is not None:
                    draft = Draft(draft_html(asked, grown), answer.answer.strip() if answer else "")
                yield draft
        if answer is not None:
            # The browser keeps no texts of passages, by which the near ones are told.
            near = answer if answer.citations else answer.with_(passages=tuple(nearest_of(answer)))
            yield replace(asked, answer=near)
    except AssistantError as error:
        yield replace(asked, trouble=str(error))
    except Exception as error:  # whatever breaks, the conversation goes on; the log says what it was
        logger.error("a question ended unexpectedly: %r", error, exc_info=logger.isEnabledFor(logging.DEBUG))
        yield replace(asked, trouble=said["unexpected"])
