"""Looks up messages in `ko.toml` and `en.toml` by key.

In: a key such as "page.ask", a language, and values for the slots. Out: the message. Both files have the same keys with
the same slots (tests/messages).
"""

import tomllib
from functools import cache
from pathlib import Path
from typing import Any

from assistant.text.language import Language


@cache
def sentences(language: Language) -> dict[str, str]:
    """Return all messages of a language by key, "table.name"."""
    return {
        f"{table}.{name}": sentence
        for table, named in _read(language).items()
        for name, sentence in named.items()
        if isinstance(sentence, str)
    }


def say(key: str, language: Language, /, **slots: object) -> str:
    """Return a message with its slots filled; raise KeyError for an unknown key or a missing slot."""
    return sentences(language)[key].format(**slots)


def count(key: str, language: Language, n: int, /, **slots: object) -> str:
    """Return a message about `n` things in the singular or plural: "1 note", "2 notes"."""
    return say(f"{key}_{'one' if n == 1 else 'other'}", language, n=n, **slots)


def each(key: str) -> dict[Language, str]:
    """Return a message in each language, with its slots still open."""
    return {language: sentences(language)[key] for language in Language}


def line(key: str, /, **slots: object) -> str:
    """Return a message in both languages on one line: "this note is gone (이 노트는 이제 없습니다)"."""
    return f"{say(key, Language.EN, **slots)} ({say(key, Language.KO, **slots)})"


@cache
def _read(language: Language) -> dict[str, dict[str, Any]]:
    return tomllib.loads(Path(__file__).with_name(f"{language}.toml").read_text(encoding="utf-8"))
