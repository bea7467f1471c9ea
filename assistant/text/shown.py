"""What a reader sees of a short text, and how it is handed on so that it stays text: to a prompt, on one line.

In: titles, questions, sentences, passages as strings. Out: strings. A passage of the index knows its hidden spans and
needs none of this (`Passage.shown`).
"""

import re

from assistant.text.blocks import without
from assistant.text.markdown import hidden

_CONTROL = re.compile(
    r"<(?=[|｜/<a-z_]|SYS>>)|\[(?=/?(?:INST|TOOL_CALLS|TOOL_RESULTS|AVAILABLE_TOOLS|SYSTEM_PROMPT)\])"
)
"""What opens a control token: a server reads <|im_end|> as one wherever it stands, so a space parts the bracket off."""


def seen(text: str) -> str:
    """Return what a reader sees of a Markdown text, its marks such as `**` included; most texts as they are."""
    return without(text, hidden(text))


def blanked(text: str) -> str:
    """Return the text at its length, with spaces in the place of what no reader sees."""
    return without(text, hidden(text), " ")


def headed(title: str, heading: str, text: str) -> str:
    """Return a text as it is read: where it stands, then what a reader sees of it."""
    return f"{title} > {heading}\n{seen(text)}" if heading else f"{title}\n{seen(text)}"


def inert(text: str) -> str:
    """Return a text as a prompt may hold it: on one line, with nothing that ends a turn."""
    return turnless(" ".join(text.split()))


def turnless(text: str) -> str:
    """Return the text with nothing that a server takes for the end of a turn."""
    return _CONTROL.sub(r"\g<0> ", text)
