"""Reads what notes say of themselves in their text, where other programs than Obsidian put it: their properties.

Notion's export has them as lines below the title ("Created: June 14, 2026"), Logseq at a page's top ("alias:: tea"),
and Joplin's RAW export behind the text ("created_time: …"). In: a note's text and name. Out: fields like front matter.
"""

import os
import re
from collections.abc import Collection
from pathlib import Path
from typing import NamedTuple

from assistant.notes.front_matter import Fields
from assistant.text.blocks import Span

NOTION = re.compile(r"\s+[0-9a-f]{32}(?=$|_)")
"""What Notion's export puts behind a page's name."""
_BELOW_TITLE = re.compile(r"\s*# [^\n]*\n\s*\n(?P<lines>(?:[^\n:#]{1,40}: [^\n]*(?:\n|$))+)(?:\n|$)")
_AT_TOP = re.compile(r"\s*(?P<lines>(?:[\w-]+:: [^\n]*(?:\n|$))+)")
_LINE = re.compile(r"(?m)^([^\n:]{1,100})::? ([^\n]*)")
_JOPLIN = re.compile(r"\n\nid: [0-9a-f]{32}\n(?P<lines>(?:\w+:[^\n]*\n)*type_: (?P<type>\d+))\s*$")


class Written(NamedTuple):
    """A note's fields, and the span of the text that is no more than those; empty if they are lines of the note."""

    fields: Fields
    hidden: Span


def written(text: str, start: int, name: str) -> Written:
    """Return what a note whose body begins at `start` says of itself."""
    if (found := _JOPLIN.search(text)) and found.start() >= start:
        if found["type"] != "1":  # a notebook, a picture, a tag
            return Written({}, (start, len(text)))
        said = dict(_LINE.findall(found["lines"]))
        title = text[start : found.start()].strip().split("\n", 1)[0]
        created = said.get("user_created_time") or said.get("created_time", "")
        return Written({"title": title, "created": created, "url": said.get("source_url", "")}, found.span())
    notion = NOTION.search(os.path.splitext(os.path.basename(name))[0])
    lines = (_BELOW_TITLE if notion else _AT_TOP).match(text, start)
    return Written(
        {key.strip().lower(): value.strip() for key, value in _LINE.findall(lines["lines"])} if lines else {}, (0, 0)
    )


def told_twice(files: Collection[Path]) -> set[Path]:
    """Return the tables of Notion's exports whose rows are in another: `Teas.csv` has some of `Teas_all.csv`."""
    tables = (file for file in files if file.suffix == ".csv" and NOTION.search(file.stem))
    return {table for table in tables if table.with_name(f"{table.stem}_all.csv") in files}
