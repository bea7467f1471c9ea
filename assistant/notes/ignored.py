"""Leaves out what is no note: by `.gitignore`, `.assistantignore`, the templates of Obsidian, Logseq's own folder.

In: the folders of a walk, from the top down. Out: whether a file or folder is left out. The later and deeper line
decides, as in git.
"""

import json
import os
from collections.abc import Callable
from contextlib import suppress

from pathspec import GitIgnoreSpec
from pathspec.patterns.gitwildmatch import GitWildMatchPattern

from assistant.errors import NoteError

FILES = (".gitignore", ".assistantignore")
_TEMPLATES = {
    ".obsidian/templates.json": ("folder", "/{}/"),
    ".obsidian/plugins/templater-obsidian/data.json": ("templates_folder", "/{}/"),
    ".obsidian/plugins/quickadd/data.json": ("templateFolderPath", "/{}/"),
    ".obsidian/daily-notes.json": ("template", "/{}.md"),
}
"""Settings of Obsidian and its plugins; what in each names a folder of templates, or one template."""
_LOGSEQ = "logseq/config.edn"
"""Logseq's settings; the folder holds copies of earlier pages, too."""
RULES = (*FILES, *_TEMPLATES, _LOGSEQ)
"""The files that say what is left out, relative to the folder that they are about."""
_MOST = 100_000
"""Bytes of such a file that are read."""


class Ignored:
    """The rules of the folders that were entered."""

    def __init__(self) -> None:
        """Begin without rules."""
        self._rules: list[tuple[str, GitIgnoreSpec]] = []

    def enter(self, folder: str, start: str) -> None:
        """Take over the rules of a folder; `start` is its path relative to the walk's root, with a slash at its end."""

        def read(name: str) -> bytes:
            with open(os.path.join(folder, name), "rb") as opened:
                return opened.read(_MOST)

        self.take(start, read)

    def take(self, start: str, read: Callable[[str], bytes]) -> None:
        """Take over the rules of a folder whose files `read` reads, or raises an error."""
        for name in FILES:
            with suppress(OSError, ValueError, NoteError):
                self._rules.append((start, GitIgnoreSpec.from_lines(read(name).decode("utf-8-sig").splitlines())))
        for name, (field, rule) in _TEMPLATES.items():
            with suppress(OSError, ValueError, NoteError):
                said = json.loads(read(name))
                named = said.get(field) if isinstance(said, dict) else None
                if isinstance(named, str) and (templates := named.strip("/. ").removesuffix(".md")):
                    place = rule.format(GitWildMatchPattern.escape(templates))
                    self._rules.append((start, GitIgnoreSpec.from_lines([place])))
        with suppress(OSError, ValueError, NoteError):
            read(_LOGSEQ)
            self._rules.append((start, GitIgnoreSpec.from_lines(["/logseq/"])))

    def __call__(self, path: str) -> bool:
        """Tell whether a path relative to the root is left out; a folder's ends in a slash."""
        for start, rules in reversed(self._rules):
            if path.startswith(start) and (included := rules.check_file(path[len(start) :]).include) is not None:
                return included
        return False
