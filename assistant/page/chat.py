"""The conversation's course: a question in, the growing exchange out. A plain generator; knows nothing of Gradio."""

import logging
from collections.abc import Generator, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, wait
from contextlib import closing
from typing import cast

from assistant.answer import Answer
from assistant.assistant import Assistant
from assistant.errors import AssistantError
from assistant.page.answer import draft_html
from assistant.page.exchanges import Exchange, turns
from assistant.page.words import SAID
from assistant.text.invisible import plain
from assistant.text.language import detect

logger = logging.getLogger(__name__)
_BEAT = 0.3  # seconds after which a waiting answer lets Gradio look for a click on Stop


def converse(assistant: Assistant, question: str, before: Sequence[Exchange]) -> Iterator[str | Exchange]:
    """Yield the HTML of the growing answer, then the whole exchange; nothing for an empty question."""
    question = plain(question).strip()
    if not question:
        return
    answer: Answer | None = None
    shown = draft_html(question, None)
    yield shown
    try:
        stream = cast("Generator[Answer]", assistant.stream(question, turns(before)))
        with closing(_in_one_thread(stream)) as answers:
            for found in answers:
                if found is not None:
                    answer, shown = found, draft_html(question, found)
                yield shown
        if answer is not None:
            yield Exchange(question, answer)
    except AssistantError as error:
        yield Exchange(question, trouble=str(error))
    except Exception as error:  # whatever breaks, the conversation goes on; the log says what it was
        logger.error("a question ended unexpectedly: %r", error, exc_info=logger.isEnabledFor(logging.DEBUG))
        yield Exchange(question, trouble=SAID[detect(question)]["unexpected"])


def _in_one_thread(answers: Generator[Answer]) -> Generator[Answer | None]:
    """Yield the answers, and None whenever nothing came for a while.

    Gradio resumes a generator from whichever thread is free, but the assistant's lock belongs to the one that took it.
    """
    pool = ThreadPoolExecutor(1, thread_name_prefix="answer")
    try:
        while True:
            coming = pool.submit(next, answers, None)
            while not wait([coming], _BEAT).done:
                yield None
            answer = coming.result()
            if answer is None:
                return
            yield answer
    finally:
        pool.submit(answers.close)
        pool.shutdown(wait=False)
