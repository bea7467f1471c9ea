"""Characters that print nothing: zero-width and direction marks, controls, terminal escapes.

In: strings. Out: spans, or strings that hold none of them.
"""

import re

from assistant.text.blocks import Span

_INVISIBLE = (
    # Unicode's Default_Ignorable_Code_Point: zero-width and bidi controls, fillers, variation selectors, tags.
    "\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f\u3164"
    "\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffb\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff"
    # Controls that are no white space, and halves of surrogate pairs.
    "\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f\ud800-\udfff"
)
_PLAIN = re.compile(f"[{_INVISIBLE}]+")
# A terminal obeys escapes: colours, and what sets its title or makes a link.
_UNPRINTED = re.compile(
    f"(?:\x1b\\[[0-9;?]{{0,50}}[ -/]?[@-~]|\x1b\\][^\x07\x1b\\n]{{0,500}}(?:\x07|\x1b\\\\)|[{_INVISIBLE}])+"
)


def unprinted(text: str) -> list[Span]:
    """Return the spans of what prints nothing, in order."""
    return [match.span() for match in _UNPRINTED.finditer(text)]


def plain(text: str) -> str:
    """Return the text without invisible characters, control characters and halves of surrogate pairs."""
    return _PLAIN.sub("", text)
