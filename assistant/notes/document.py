"""A note as it was read: its text, its blocks in order, and what of the text its reader does not see.

In: nothing. Out: values. Every offset counts characters of `Document.text`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from assistant.text.blocks import Block, Kind, Span
from assistant.text.language import Language

__all__ = ["Block", "Document", "Kind", "Span"]


@dataclass(frozen=True)
class Document:
    """A note; `source` is its path relative to the folder that was indexed, `hash` the SHA-256 of its bytes.

    `titled` is False where the title is only the file's name. `blocks` stand in reading order and do not overlap;
    front matter is in none. `hidden` are the spans of the text that no reader of the note sees (comments, link
    targets, invisible characters), `whole` those that no sentence ends in (formulas, code); both in order, without
    overlaps. `fields` is what the front matter says, as text, or several texts for a list.
    """

    source: str
    text: str
    title: str
    titled: bool
    url: str
    language: Language
    hash: str
    blocks: tuple[Block, ...] = ()
    hidden: tuple[Span, ...] = ()
    whole: tuple[Span, ...] = ()
    tags: tuple[str, ...] = ()
    fields: Mapping[str, str | tuple[str, ...]] = field(default_factory=dict)
