"""A note's front matter: the YAML between two rules at its very start.

In: a note's text. Out: its fields as text, and where the body begins. No tag is obeyed and no value is made of another
kind than text: `title: 0x10` is called "0x10", `draft: no` is "no". One odd field costs nothing but itself.
"""

import re
from collections.abc import Iterator

import yaml

Fields = dict[str, str | tuple[str, ...]]
_KEY_LINE = re.compile(r"(?:[ \t]*\n|#[^\n]*\n)*[ \t]*[\w-][^\n:]*:(?:\s|$)")
_LONGEST = 20_000
"""Characters of front matter that are read; PyYAML takes a second for five times as many."""
_LONGEST_VALUE = 2_000
_MOST_VALUES = 500
_NOTHING = frozenset(("", "~", "null", "Null", "NULL"))


def front_matter(text: str) -> tuple[Fields, int]:
    """Return the fields of the front matter and the offset at which the body starts.

    Damaged front matter gives no fields and is not part of the body; text between two rules is.
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
    block = text[start + 4 : end + 1]
    fields = _fields(block)
    return ({}, start) if fields is None else (fields, body_start)


def _fields(block: str) -> Fields | None:
    """Return the fields of a block, None if it is no YAML of keys and values and does not look like one either."""
    looks_right = _KEY_LINE.match(block) is not None
    if len(block) > _LONGEST:
        return {} if looks_right else None
    try:
        root = yaml.compose(block, Loader=yaml.SafeLoader)
    except (yaml.YAMLError, ValueError, RecursionError):
        return {} if looks_right else None
    if root is None:
        return {}
    if not isinstance(root, yaml.MappingNode):
        return None
    fields: Fields = {}
    for key, value in root.value[:_MOST_VALUES]:
        if isinstance(key, yaml.ScalarNode) and (said := _said(value)) is not None:
            fields[key.value[:_LONGEST_VALUE]] = said
    return fields


def _said(node: yaml.Node) -> str | tuple[str, ...] | None:
    """Return a value as text, a list as several; a mapping says nothing that could be shown."""
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
