"""Finds links to other notes in a text: `[[wikilinks]]`, and Markdown's links that lead to no other machine.

In: a text. Out: the links with their offsets, and what each names. Which note that is, `assistant.index.links` says.
"""

import re
from collections.abc import Iterator
from typing import NamedTuple
from urllib.parse import unquote

from assistant.text.inline import WIKILINK

_MARKDOWN = re.compile(
    r"(?<!!)\[(?P<words>[^\[\]\n]{1,500})\]"
    r"\((?:<(?P<in>[^<>\n]{1,1000})>|(?P<to>(?:[^\s()<>]|\([^\s()<>]{0,500}\)){1,1000}))"
    r"""(?:[ \t]+["'][^\n]{0,300}["'])?\)"""
)
_OUTSIDE = re.compile(r"(?:[A-Za-z][A-Za-z0-9+.-]*:|//|:/)")
"""How an address begins that is no path: that of another machine, or of a program."""


class Link(NamedTuple):
    """A link at `text[start:end]` that names a note and perhaps a heading in it.

    Without a `target` the heading is one of the same note. `words` are what a reader sees, `shown` is the same with the
    brackets that stay around it.
    """

    start: int
    end: int
    target: str
    heading: str
    words: str
    shown: str


def links(text: str) -> Iterator[Link]:
    """Yield the links of a text, wikilinks first, each kind in order."""
    for match in WIKILINK.finditer(text):
        shown = match["alias"] or match["target"]
        target, heading = _parted(match["target"].rstrip("\\"))
        words = match["alias"] or " > ".join(filter(None, (target, heading)))
        yield Link(*match.span(), target, heading, words.strip(), f"[[{shown}]]")
    for match in _MARKDOWN.finditer(text):
        address = match["in"] or match["to"]
        if not _OUTSIDE.match(address):
            target, heading = _parted(unquote(address))
            yield Link(*match.span(), target, heading, match["words"].strip(), f"[{match['words']}]")


def _parted(target: str) -> tuple[str, str]:
    """Return the note and the heading of a target: of `A#B#C` the last one, and none for a block's id (`#^a1b2`)."""
    note, _, below = target.partition("#")
    heading = below.rpartition("#")[2].strip()
    return note.strip(), "" if heading.startswith("^") else heading
