"""Leaves out what a folder's owner does not count as notes: by `.gitignore`, `.assistantignore`, Obsidian's templates.

In: the folders of a walk, from the top down. Out: whether a file or folder is left out. The later and deeper line
decides, as in git.
"""

import json
import os
from contextlib import suppress

from pathspec import GitIgnoreSpec

FILES = (".gitignore", ".assistantignore")
_TEMPLATES = os.path.join(".obsidian", "templates.json")
_MOST = 100_000
"""Characters of an ignore file that are read."""


class Ignored:
    """The rules of the folders that were entered."""

    def __init__(self) -> None:
        """Begin without rules."""
        self._rules: list[tuple[str, GitIgnoreSpec]] = []

    def enter(self, folder: str, start: str) -> None:
        """Take over the rules of a folder; `start` is its path relative to the walk's root, with a slash at its end."""
        for name in FILES:
            with suppress(OSError, ValueError), open(os.path.join(folder, name), encoding="utf-8-sig") as lines:
                self._rules.append((start, GitIgnoreSpec.from_lines(lines.read(_MOST).splitlines())))
        with suppress(OSError, ValueError), open(os.path.join(folder, _TEMPLATES), encoding="utf-8") as told:
            if isinstance(said := json.load(told), dict) and (templates := str(said.get("folder") or "").strip("/")):
                self._rules.append((start, GitIgnoreSpec.from_lines([f"/{templates}/"])))

    def __call__(self, path: str) -> bool:
        """Tell whether a path relative to the root is left out; a folder's ends in a slash."""
        for start, rules in reversed(self._rules):
            if path.startswith(start) and (included := rules.check_file(path[len(start) :]).include) is not None:
                return included
        return False
