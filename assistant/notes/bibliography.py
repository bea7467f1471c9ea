"""Reads BibTeX, as Zotero and JabRef export it: what the papers in a folder are called, and who wrote them when.

In: the text of `.bib` files, and the source of a note. Out: the entry that points to the note by its `file` field, by
its key, or by its title at the end of the file's name. Pybtex reads the entries; of them titles, people, years and
files count, and the `file` field, which each program writes its own way, is taken apart here.
"""

import os
import posixpath
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass

SUFFIX = ".bib"
_BEGINS = re.compile(r"^(?=[ \t]*@)", re.MULTILINE)
_LONGEST = 20_000
"""Characters of an entry at most; a longer one is no entry, and would take the parser long."""
_COMMAND = re.compile(r"\\[A-Za-z]+\s*")
_YEAR = re.compile(r"\b\d{4}\b")
_SHORTEST = 12
"""Letters that a title needs to be known by the end of a file's name."""
_PEOPLE = 3
"""People who are named; of more the first only."""


@dataclass(frozen=True)
class Entry:
    """What a bibliography says of a file: its title; `cited` is its authors and year, as "Kim, Lee 2017"."""

    key: str
    title: str
    cited: str
    files: tuple[str, ...]

    @property
    def line(self) -> str:
        """What it says, as one line."""
        return f"{self.title} ({self.cited})" if self.cited else self.title


def entries(text: str) -> Iterator[Entry]:
    """Yield the entries that have a title, in order; one that is not closed costs only itself."""
    from pybtex.database import BibliographyData
    from pybtex.database.input.bibtex import Parser
    from pybtex.errors import capture

    for piece in _BEGINS.split(text):
        with capture():  # what is no BibTeX is passed over
            found: BibliographyData = Parser().parse_string(piece[:_LONGEST])
        for key, entry in found.entries.items():
            if title := _plain(entry.fields.get("title", "")):
                date = _YEAR.search(entry.fields.get("year") or entry.fields.get("date", ""))
                people = [
                    _plain(" ".join((*one.prelast_names, *one.last_names))) for one in entry.persons.get("author", ())
                ]
                named = ", ".join(people) if len(people) <= _PEOPLE else f"{people[0]} et al."
                cited = " ".join(filter(None, (named, date[0] if date else "")))
                yield Entry(key, title, cited, tuple(_files(entry.fields.get("file", ""))))


def _plain(value: str) -> str:
    """Return a value without braces and LaTeX's commands, on one line."""
    from pybtex.richtext import Text

    return " ".join(_COMMAND.sub("", str(Text.from_latex(value))).split())


def _files(value: str) -> Iterator[str]:
    """Yield the paths of a `file` field: `a.pdf`, or `Full Text:files/12/a.pdf:application/pdf`, between semicolons."""
    for item in re.split(r"(?<!\\);", value):
        parts = [re.sub(r"\\([\\:;_&%#{}$])", r"\1", part) for part in re.split(r"(?<!\\):(?!\\)", item)]
        path = max(parts, key=lambda part: ("." in posixpath.basename(part.replace("\\", "/")), len(part)))
        if path := path.strip().replace("\\", "/"):
            yield path


class Library:
    """The entries of the bibliographies that were found, each for the files in its folder and in those below it."""

    def __init__(self) -> None:
        """Begin without entries."""
        self._named: dict[str, list[tuple[str, str, Entry]]] = {}
        self._titled: dict[str, list[tuple[str, str, Entry]]] = {}

    def add(self, source: str, text: str) -> None:
        """Add the entries of a bibliography; `source` is its path."""
        folder = posixpath.dirname(source)
        for entry in entries(text):
            for path in entry.files:
                self._named.setdefault(_alike(posixpath.basename(path)), []).append((folder, path, entry))
            self._named.setdefault(_alike(entry.key), []).append((folder, "", entry))
            if len(letters := _letters(entry.title)) >= _SHORTEST:
                self._titled.setdefault(letters[-_SHORTEST:], []).append((folder, letters, entry))

    def entry(self, source: str) -> Entry | None:
        """Return the entry about a file; None if there is none. Of several that of the nearest bibliography counts."""
        name = posixpath.basename(source)
        stem = os.path.splitext(name)[0]
        letters = _letters(stem)
        found = [
            (_same(path, source), len(folder), entry)
            for folder, path, entry in (*self._named.get(_alike(name), ()), *self._named.get(_alike(stem), ()))
            if _below(folder, source)
        ] or [
            (0, len(folder), entry)
            for folder, title, entry in self._titled.get(letters[-_SHORTEST:], ())
            if _below(folder, source) and letters.endswith(title)
        ]
        return max(found, key=lambda item: item[:2])[2] if found else None


def _below(folder: str, source: str) -> bool:
    return not folder or source.startswith(f"{folder}/")


def _same(path: str, source: str) -> int:
    """Return how many of the last folders two paths share: Zotero keeps each file in a folder of its own."""
    parts, others = (_alike(each).split("/")[::-1] for each in (path, source))
    return len(os.path.commonprefix([parts, others]))


def _letters(text: str) -> str:
    return "".join(filter(str.isalnum, _alike(text)))


def _alike(name: str) -> str:
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", name).casefold())
