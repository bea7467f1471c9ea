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
from assistant.text.blocks import clipped, without
from assistant.text.language import detect
from assistant.text.markdown import Markdown
from assistant.text.shown import seen

_LONGEST_TITLE = 120
_MOST_ALIASES = 20
_NOTION = re.compile(r"\s+[0-9a-f]{32}(?=$|_all$)")
# not `](#part)`, which leads to a part of the note
_TAG = re.compile(r"(?<![^\s(,])(?<!\]\()#([^\W\d_][\w/-]{0,100}|\d[\w/-]{0,100}[^\W\d_][\w/-]{0,100})")


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
    title = " ".join(seen(one(fields, "title")).split()) or _first_heading(read)
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
    """Return a file's name without its ending, and without the 32 digits that Notion's export puts behind it.

    Logseq writes a page's "tea/green" as "tea___green", which is undone.
    """
    stem = " ".join(os.path.splitext(os.path.basename(source))[0].split())
    return _NOTION.sub("", stem).replace("___", "/") or stem


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


def _first_heading(read: Markdown) -> str:
    """Return the heading that the note begins with; empty if it begins with something else."""
    first = read.blocks[0] if read.blocks else None
    return first.words[:_LONGEST_TITLE].strip() if first and first.kind is Kind.HEADING else ""


def _tags(fields: Fields, text: str, read: Markdown) -> tuple[str, ...]:
    """Return the tags of the front matter and the `#tags` in the text, each once."""
    tags: list[str] = []
    for name in ("tags", "tag"):
        value = fields.get(name, ())
        tags += re.split(r"[,\s]+", value) if isinstance(value, str) else value
    for block in read.blocks:
        if block.kind not in (Kind.CODE, Kind.MATH, Kind.HEADING) and text.find("#", block.start, block.end) >= 0:
            tags += _TAG.findall(text, block.start, block.end)
    return tuple(dict.fromkeys(tag for item in tags if (tag := item.strip().removeprefix("#"))))
