"""Prepares short texts for readers and prompts: without hidden parts, on one line, without control tokens.

In: titles, questions, sentences and passages as strings. Out: strings. A passage of the index already knows its hidden
spans and needs none of this (`Passage.shown`).
"""

import re

from assistant.text.blocks import without
from assistant.text.markdown import hidden

_CONTROL = re.compile(
    r"<(?=[|｜/<a-z_]|SYS>>)|\[(?=/?(?:INST|TOOL_CALLS|TOOL_RESULTS|AVAILABLE_TOOLS|SYSTEM_PROMPT)\])"
)
"""The start of a chat control token such as <|im_end|>; a space after the bracket makes it plain text."""


def seen(text: str) -> str:
    """Return the Markdown text without its hidden parts; marks such as `**` stay."""
    return without(text, hidden(text))


def blanked(text: str) -> str:
    """Return the text with spaces in place of its hidden parts, so that offsets stay right."""
    return without(text, hidden(text), " ")


def inert(text: str) -> str:
    """Return the text on one line, without control tokens, as a prompt may contain it."""
    return turnless(" ".join(text.split()))


def turnless(text: str) -> str:
    """Return the text with its control tokens broken up, so that none can end a turn of the chat."""
    return _CONTROL.sub(r"\g<0> ", text)
