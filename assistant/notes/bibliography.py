"""Reads BibTeX, as Zotero and JabRef export it: what the papers in a folder are called, and who wrote them when.

In: the text of `.bib` files, and the source of a note. Out: the entry that points to the note by its `file` field, by
its key, or by its title at the end of the file's name. Only titles, people, years and files are read, and nothing is
run or expanded; what is no entry is passed over.
"""

import os
import posixpath
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass

SUFFIX = ".bib"
_ENTRY = re.compile(r"@\s*(?P<type>\w+)\s*\{\s*(?P<key>[^\s,{}\"]{1,200})\s*,")
_FIELD = re.compile(r"\s*,?\s*(?P<name>[A-Za-z][\w-]{0,50})\s*=\s*")
_BARE = re.compile(r"[\w.:+/-]*")
_LONGEST = 20_000
_COMMAND = re.compile(
    r"\\(?P<accent>[`'^\"~=.]|[cuvHk](?=[\s{]))\s*\{?\s*(?P<letter>\\?[A-Za-z])\s*\}?|\\(?P<sign>[&%$#_{}])"
)
_ACCENTS = {
    **{"`": "\u0300", "'": "\u0301", "^": "\u0302", '"': "\u0308", "~": "\u0303", "=": "\u0304", ".": "\u0307"},
    **{"c": "\u0327", "u": "\u0306", "v": "\u030c", "H": "\u030b", "k": "\u0328"},
}
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
    """Yield the entries that have a title, in order."""
    at = 0
    while match := _ENTRY.search(text, at):
        fields, at = _fields(text, match.end())
        if title := _plain(fields.get("title", "")):
            date = _YEAR.search(fields.get("year") or fields.get("date", ""))
            people = [_family(name) for name in re.split(r"\s+and\s+", fields.get("author", "")) if name.strip()]
            named = ", ".join(people) if len(people) <= _PEOPLE else f"{people[0]} et al."
            cited = " ".join(filter(None, (named, date[0] if date else "")))
            yield Entry(match["key"], title, cited, tuple(_files(fields.get("file", ""))))


def _fields(text: str, at: int) -> tuple[dict[str, str], int]:
    """Return the fields of an entry, and where they end."""
    fields: dict[str, str] = {}
    while match := _FIELD.match(text, at):
        value, at = _value(text, match.end())
        fields.setdefault(match["name"].lower(), value)
    return fields, at


def _value(text: str, at: int) -> tuple[str, int]:
    """Return a value in braces or quotes, or a bare one, without them, and where it ends.

    One that is not closed is empty, and ends where the next entry begins.
    """
    opening = text[at : at + 1]
    if opening not in ("{", '"') or not opening:
        bare = _BARE.match(text, at)
        return (bare[0], bare.end()) if bare else ("", at)
    depth, start = 0, at
    for at in range(start + (opening == '"'), min(len(text), start + _LONGEST)):
        char = text[at]
        if text[at - 1] != "\\":
            depth += (char == "{") - (char == "}")
        if depth <= 0 and (char == '"' if opening == '"' else char == "}"):
            return text[start + 1 : at], at + 1
        if char == "@" and text[at - 1] == "\n":
            break
    return "", at


def _plain(value: str) -> str:
    """Return a value without braces and LaTeX's commands, on one line."""
    value = unicodedata.normalize("NFC", _COMMAND.sub(_letter, value))
    return " ".join(re.sub(r"\\[A-Za-z]+\s*|[{}\\]", "", value).replace("~", " ").split())


def _letter(match: re.Match[str]) -> str:
    return match["sign"] or match["letter"].removeprefix("\\") + _ACCENTS[match["accent"]]


def _family(name: str) -> str:
    """Return a family name, of "Kim, Minji" and "Minji Kim" alike; a name in braces, as an institute's, stays whole."""
    if name.strip().startswith("{"):
        return _plain(name)
    family, comma, _ = _plain(name).partition(",")
    return family.strip() if comma else family.rpartition(" ")[2]


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
