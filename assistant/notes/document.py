"""`Document`: a note's text with its blocks, its hidden parts and its metadata.

All offsets count characters of `Document.text`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from assistant.text.blocks import Block, Kind, Place, Span
from assistant.text.language import Language

__all__ = ["Block", "Document", "Kind", "Place", "Span"]


@dataclass(frozen=True)
class Document:
    """A note; `source` is its path relative to the indexed folder, `hash` the SHA-256 of its bytes.

    `titled` is False if the title is only the file's name, `aliases` are the note's other names. `blocks` are in
    reading order and do not overlap; front matter is not among them. `hidden` are the spans that no reader sees
    (comments, link targets, invisible characters). `whole` are the spans inside which no sentence ends (formulas,
    code). Both are in order, without overlaps. `fields` is the front matter: a text for each field, or a tuple of texts
    for a list. `places` say what stands on which page, slide or row, in order. `day` is the day that the note is of,
    such as "2026-10-01", empty if it does not say. `missing` says in one line what could not be read, empty if nothing
    was left out. `entry` is what a bibliography says of the file, as one line, empty if none does.
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
    aliases: tuple[str, ...] = ()
    fields: Mapping[str, str | tuple[str, ...]] = field(default_factory=dict)
    places: tuple[Place, ...] = ()
    missing: str = ""
    day: str = ""
    entry: str = ""
