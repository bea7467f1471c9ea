"""Reads front matter: the YAML between two `---` lines at the very start of a note.

In: a note's text. Out: its fields as text, and the offset where the body begins. YAML tags are ignored and every value
stays text: `title: 0x10` gives "0x10", `draft: no` gives "no". A field that cannot be read does not affect the others.
"""

import re
from collections.abc import Iterator

import yaml

from assistant.text.blocks import Block, Kind

Fields = dict[str, str | tuple[str, ...]]
_KEY_LINE = re.compile(r"(?:[ \t]*\n|#[^\n]*\n)*[ \t]*[\w-][^\n:]*:(?:\s|$)")
_FILED = re.compile(
    r"(?:title|alias(?:es)?|tags?|keywords|categor(?:y|ies)|index|url|link|permalink|slug|lang(?:uage)?|source|id|uid|uuid"
    r"|date|time|created|modified|updated|lastmod|published?|draft|layout|type|status|version|weight|author_?url|image|cover"
    r"|banner|icon|latitude|longitude|altitude|completed\??|heading|collapsed|css-?class(?:es)?|kernelspec|jupyter|output|theme|excalidraw.*|kanban.*|.*[-_](?:id|at|date))$",
    re.IGNORECASE,
)
"""Names of fields that say how a note is called, filed or shown."""
_LINKED = re.compile(
    r"^(?P<key>[ \t]*(?:[\w -]{1,60}:|-)[ \t]+)(?P<value>\[\[[^\n]*|(?<=tags: )#[^\n]*|(?<=tag: )#[^\n]*)$",
    re.MULTILINE,
)
"""A value that begins with a link, or tags with their mark."""
_LONGEST = 20_000
"""Longer front matter, in characters, is not parsed: PyYAML takes a second for five times as much."""
_DEEPEST = 50
"""Deeper nested lists are not parsed: PyYAML takes quadratic time over them."""
_LONGEST_VALUE = 2_000
_MOST_VALUES = 500
_NOTHING = frozenset(("", "~", "null", "Null", "NULL"))


def front_matter(text: str) -> tuple[Fields, int]:
    """Return the fields of the front matter and the offset where the body starts.

    Damaged YAML gives the fields that can be read and is not part of the body; text between two `---` lines is.
    Links and tags are text where YAML would have a list or a comment: `date: [[2026-10-01]]`, `tags: #tea`.
    """
    start = 1 if text.startswith("\ufeff") else 0
    if not text.startswith("---\n", start):
        return {}, start
    end = text.find("\n---", start + 3)
    if end < 0:
        return {}, start
    after = text.find("\n", end + 1)
    if text[end + 4 : after if after >= 0 else len(text)].strip():
        return {}, start
    body_start = len(text) if after < 0 else after + 1
    block = _LINKED.sub(_quoted, text[start + 4 : end + 1])
    fields = _fields(block)
    return ({}, start) if fields is None else (fields, body_start)


def said(text: str, start: int, fields: Fields) -> tuple[Block, ...]:
    """Return the fields that say something of the note's subject ("attendees: …"), each with its name, as blocks.

    `start` is where the body starts. What says how the note is called, filed or shown is left out.
    """
    names = [name for name, value in fields.items() if any(map(str.isalnum, "".join(value))) and not _FILED.match(name)]
    block, blocks = text[:start], list[Block]()
    for name in names:
        found = re.search(
            rf"^['\"]?{re.escape(name)}['\"]?[ \t]*:[^\n]*(?:\n(?:[ \t]+[^\n]*|- [^\n]*))*", block, re.MULTILINE
        )
        if found:
            blocks.append(Block(Kind.FIELD, found.start(), found.start() + len(found.group().rstrip())))
    return tuple(sorted(blocks, key=lambda one: one.start))


def _fields(block: str) -> Fields | None:
    """Return the fields of a block, one by one from damaged YAML; None if it does not look like keys and values."""
    looks_right = _KEY_LINE.match(block) is not None
    if len(block) > _LONGEST or _deepest(block) > _DEEPEST:
        return {} if looks_right else None
    try:
        root = yaml.compose(block, Loader=yaml.SafeLoader)
    except (yaml.YAMLError, ValueError, RecursionError):
        return _one_by_one(block) if looks_right else None
    if root is None:
        return {}
    if not isinstance(root, yaml.MappingNode):
        return None
    fields: Fields = {}
    for key, value in root.value[:_MOST_VALUES]:
        if isinstance(key, yaml.ScalarNode) and (text := _said(value)) is not None:
            fields[key.value[:_LONGEST_VALUE]] = text
    return fields


def _one_by_one(block: str) -> Fields:
    """Return the fields of damaged YAML that can be read alone; a line such as `title: a: b` is taken as it stands."""
    fields: Fields = {}
    for chunk in re.split(r"\n(?=[^\s#-])", block)[:_MOST_VALUES]:
        key, colon, value = chunk.partition(":")
        try:
            root = yaml.compose(chunk, Loader=yaml.SafeLoader)
        except (yaml.YAMLError, ValueError, RecursionError):
            if colon and "\n" not in (value := value.strip()) and not value.startswith(("{", "[", "&", "*", "!")):
                fields[key.strip()[:_LONGEST_VALUE]] = value[:_LONGEST_VALUE]
            continue
        for name, node in root.value if isinstance(root, yaml.MappingNode) else ():
            if isinstance(name, yaml.ScalarNode) and (text := _said(node)) is not None:
                fields[name.value[:_LONGEST_VALUE]] = text
    return fields


def _quoted(line: re.Match[str]) -> str:
    value = line["value"].rstrip().replace("\\", "\\\\").replace('"', '\\"')
    return f'{line["key"]}"{value}"'


def _deepest(block: str) -> int:
    """Return the deepest nesting of brackets, counting those inside quotes too."""
    depth = deepest = 0
    for char in block:
        depth = depth + 1 if char in "[{" else max(depth - 1, 0) if char in "]}" else depth
        deepest = max(deepest, depth)
    return deepest


def _said(node: yaml.Node) -> str | tuple[str, ...] | None:
    """Return a value as text, or a list as a tuple of texts; None for a mapping."""
    if isinstance(node, yaml.ScalarNode):
        return _text(node)
    if isinstance(node, yaml.SequenceNode):
        return tuple(_items(node))
    return None


def _items(node: yaml.SequenceNode) -> Iterator[str]:
    for item in node.value[:_MOST_VALUES]:
        if isinstance(item, yaml.ScalarNode) and (text := _text(item)):
            yield text


def _text(node: yaml.ScalarNode) -> str:
    bare = node.style is None and node.value in _NOTHING
    return "" if bare else str(node.value)[:_LONGEST_VALUE]
