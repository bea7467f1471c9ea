"""Finds data that stands in a text as letters: pictures and drawings in base64, which nobody reads.

In: a text. Out: the spans of the data.
"""

import re
from collections.abc import Iterator

from assistant.text.blocks import Span

_LINE = 60
"""Characters of a line of wrapped base64, at least: MIME has 76, PEM 64."""
_LONG = 200
"""Characters of data on one line, at least; a shorter run may be a key or a checksum that somebody notes down."""
_RUN = re.compile(
    rf"(?:data:[\w.+-]+/[\w.+-]+(?:;[\w=-]+)*,)?"
    rf"(?:[A-Za-z0-9+/]{{{_LONG},}}|[A-Za-z0-9+/]{{{_LINE},}}(?:[ \t]*\n[ \t]*[A-Za-z0-9+/]{{{_LINE},}}){{2,}})={{0,2}}"
    r"(?:[ \t]*\n[ \t]*[A-Za-z0-9+/]{1,76}={0,2}(?![^\s=]))?"
)


def data(text: str) -> Iterator[Span]:
    """Yield the spans of base64 data, in order; a run without small and capital letters and digits is none."""
    for match in _RUN.finditer(text):
        run = match.group()
        if any(map(str.isdigit, run)) and any(map(str.islower, run)) and any(map(str.isupper, run)):
            yield match.span()
