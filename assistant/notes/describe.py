"""Finds a note's title, language and tags, and makes its `Document`.

In: a note's text with its blocks and its front matter. Out: a `Document`.
"""

import hashlib
import os
import re
from collections.abc import Iterator
from dataclasses import replace

from assistant.notes.bibliography import Entry
from assistant.notes.dates import day_of
from assistant.notes.document import Document, Kind, Place
from assistant.notes.front_matter import Fields
from assistant.notes.written import NOTION
from assistant.text.blocks import clipped, merged, without
from assistant.text.language import detect
from assistant.text.markdown import Markdown
from assistant.text.shown import seen
from assistant.text.spelling import composed

_LONGEST_TITLE = 120
_NAMELESS = ("readme", "index", "_index", "untitled", "제목 없음", "무제", "note", "notes", "main", "document")
_MOST_ALIASES = 20
# not `](#part)`, which leads to a part of the note
_TAG = re.compile(
    r"(?<![^\s(,])(?<!\]\()#(?:\[\[([^\[\]\n]{1,100})\]\]|([^\W\d_][\w/-]{0,100}|\d[\w/-]{0,100}[^\W\d_][\w/-]{0,100}))"
)
_LISTED_TAG = re.compile(r"\[\[([^\[\]]{1,100})\]\]|([^\s,\[\]]+)")
_COLOUR = re.compile(r"(?=[a-f]*\d|(.)\1+$)(?:[0-9a-f]{3}|[0-9a-f]{6}|[0-9a-f]{8})", re.IGNORECASE)


def document(
    name: str,
    data: bytes,
    text: str,
    read: Markdown,
    fields: Fields,
    places: tuple[Place, ...] = (),
    missing: str = "",
) -> Document:
    """Return a note's document; the title comes from the front matter, else the opening heading, else the file name."""
    title = " ".join(seen(one(fields, "title")).split()) or _first_heading(read, named(name).lower() in _NAMELESS)
    return Document(
        source=name,
        text=text,
        title=title or named(name),
        titled=bool(title),
        url=one(fields, "url"),
        language=detect("\n".join(_words(text, read))),
        hash=hashlib.sha256(data).hexdigest(),
        blocks=read.blocks,
        hidden=read.hidden,
        whole=read.whole,
        tags=_tags(fields, text, read),
        aliases=_aliases(fields),
        fields=fields,
        places=places,
        missing=missing,
        day=day_of(fields, name),
    )


def described(found: Document, entry: Entry | None) -> Document:
    """Return a document with the title of its entry in a bibliography; its authors and year are another name of it."""
    if entry is None:
        return found
    aliases = (*found.aliases, entry.cited) if entry.cited else found.aliases
    return replace(found, title=entry.title[:_LONGEST_TITLE], titled=True, aliases=aliases, entry=entry.line)


def named(source: str) -> str:
    """Return a file's name without its ending, and without what Notion's export puts behind it: 32 digits, or "_all".

    Logseq writes a page's "tea/green" as "tea___green", which is undone; so are letters that macOS took apart.
    """
    stem = composed(" ".join(os.path.splitext(os.path.basename(source))[0].split()))
    return re.sub(rf"{NOTION.pattern}(?:_all$)?", "", stem).replace("___", "/") or stem


def one(fields: Fields, name: str) -> str:
    """Return a front-matter field that is a single text; empty if it is missing or a list."""
    value = fields.get(name, "")
    return value if isinstance(value, str) else ""


def _aliases(fields: Fields) -> tuple[str, ...]:
    """Return the note's other names in the front matter, each once."""
    given = [fields.get(name, ()) for name in ("aliases", "alias")]
    names = [name for value in given for name in (value.split(",") if isinstance(value, str) else value)]
    shown = (" ".join(seen(name).split())[:_LONGEST_TITLE] for name in names)
    return tuple(dict.fromkeys(filter(None, shown)))[:_MOST_ALIASES]


def _words(text: str, read: Markdown) -> Iterator[str]:
    """Yield the visible text of the body, without front matter."""
    if read.blocks:
        start, end = read.blocks[0].start, read.blocks[-1].end
        yield without(text[start:end], clipped(read.hidden, start, end))


def _first_heading(read: Markdown, nameless: bool) -> str:
    """Return the heading that the note begins with, if it stands above all of it and not above its first section.

    If the file's name says nothing, that of its first section has to do.
    """
    first = read.blocks[0] if read.blocks else None
    if first is None or first.kind is not Kind.HEADING:
        return ""
    others = (block.level for block in read.blocks[1:] if block.kind is Kind.HEADING)
    return first.words[:_LONGEST_TITLE].strip() if nameless or all(first.level < level for level in others) else ""


def _tags(fields: Fields, text: str, read: Markdown) -> tuple[str, ...]:
    """Return the tags of the front matter and the `#tags` in the text, each once."""
    tags: list[str] = []
    for name in ("tags", "tag", "태그"):
        value = fields.get(name, ())
        for item in [value] if isinstance(value, str) else value:
            listed = _LISTED_TAG.findall(item) if isinstance(value, str) or "[[" in item else [(item, "")]
            tags += [linked or word for linked, word in listed]
    unseen = merged([*read.hidden, *read.whole])
    for block in read.blocks:
        if block.kind not in (Kind.CODE, Kind.MATH, Kind.HEADING) and text.find("#", block.start, block.end) >= 0:
            found = [
                tag
                for tag in _TAG.finditer(text, block.start, block.end)
                if not clipped(unseen, tag.start(), tag.start() + 1)
            ]
            tags += [tag[1] or tag[2] for tag in found if not _COLOUR.fullmatch(tag[2] or "")]
    return tuple(dict.fromkeys(tag for item in tags if (tag := item.strip().removeprefix("#").strip())))
