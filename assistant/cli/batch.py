"""Processes a file of questions, one JSON object a line.

In: the file, and a function that answers. Out: one result for each line.
"""

import json
import re
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from assistant.errors import SettingsError

_SURROGATE = re.compile("[\ud800-\udfff]")
_FORM = '{"id": "1", "question": "…"}'


def batch(file: str, answer: Callable[[str, str], dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """Yield the result for each line; a bad line yields an object with its `error`, and the others go on."""
    for number, line in enumerate(_lines(file), start=1):
        if not line.strip():
            continue
        id = str(number)
        try:
            item = _object(line, f"line {number} of {file}")
            id = str(item.get("id", id))
            if not isinstance(item.get("question"), str):
                raise SettingsError(f"line {number} of {file}: expected a question as text; write {_FORM}")
            yield answer(id, item["question"])
        except SettingsError as error:
            yield {"id": id, "error": str(error)}


def _lines(file: str) -> Iterator[str]:
    """Yield the lines of a file, or of stdin for `-`; bytes that are not UTF-8 become surrogate characters."""
    if file == "-":
        yield from sys.stdin
        return
    try:
        with Path(file).open(encoding="utf-8-sig", errors="surrogateescape") as lines:
            yield from lines
    except OSError as error:
        raise SettingsError(f"cannot read {file}: {error.strerror}") from error


def _object(line: str, where: str) -> dict[str, Any]:
    if _SURROGATE.search(line):
        raise SettingsError(f"{where}: expected UTF-8, found other bytes; save the file as UTF-8")
    try:
        item = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise SettingsError(f"{where}: expected JSON, found none ({error}); write {_FORM}") from error
    if not isinstance(item, dict):
        raise SettingsError(f"{where}: expected an object, found something else; write {_FORM}")
    return item
