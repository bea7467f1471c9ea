"""The pages of the documentation in either language: their headings and their blocks of code."""

import re
from dataclasses import dataclass
from pathlib import Path

DOCS = Path(__file__).parent.parent.parent / "docs"
LANGUAGES = ("en", "ko")
_HEADING = re.compile(r"^(#+) (.*?)(?: \{ #([\w-]+) \})?$", re.MULTILINE)
_BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


@dataclass(frozen=True)
class Block:
    """A block of code and its language, as it stands behind the fence."""

    kind: str
    text: str

    @property
    def code(self) -> str:
        """The code without its comments, which are in the page's language."""
        return re.sub(r"[ \t]*(?:^|(?<=\s))# .*", "", self.text, flags=re.MULTILINE)


def names(language: str) -> list[str]:
    return sorted(file.stem for file in (DOCS / language).glob("*.md"))


def text_of(language: str, name: str) -> str:
    return (DOCS / language / f"{name}.md").read_text(encoding="utf-8")


def headings(text: str) -> list[tuple[int, str]]:
    """Return the level and the id of each heading; an empty id for none."""
    bare = _BLOCK.sub("", text)
    return [(len(marks), id) for marks, _, id in _HEADING.findall(bare)]


def blocks(text: str) -> list[Block]:
    return [Block(*found) for found in _BLOCK.findall(text)]
