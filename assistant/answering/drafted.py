"""Reads the Markdown that a language model wrote: its sentences, and the layout that they stand in.

In: a model's text. Out: a `Drafted` for each sentence, list item, table row or piece of code, in order. A heading, a
table's head, and a line that only leads over ("The differences are:") say nothing themselves: they are layout, unless
they hold a number.
"""

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass

from assistant.answering.cite import leading, marks
from assistant.text.blocks import Block, Kind, Span
from assistant.text.language import Language, detect
from assistant.text.markdown import parse
from assistant.text.sentences import sentences

_GLUED = re.compile(r"(?<=[.!?。…])(?=[\[［【]\s*\d)")
_LIST_MARK = re.compile(r"(?:[-*+•]|\d{1,3}[.)])\s+(?:\[[ xX]\]\s+)?")
_EMPHASIS = re.compile(r"\*{1,3}|`+|(?<!\w)_{1,2}|_{1,2}(?!\w)")
_LEADS_OVER = re.compile(r"[^\d\n]*[:：][*_]*|\*\*[^*\d\n]+\*\*", re.DOTALL)
_BETWEEN = re.compile(r"[\s>|:*+_=~#•-]*(?:\d{1,3}[.)]\s+)?")
"""Layout alone: white space, rules, and the marks of lists, quotations and tables."""
_TRAILING = re.compile(r" +(?=\n)")
_PROSE = 4
"""So many words in small letters make a text in Latin letters a sentence; fewer are names or a term."""
_SMALL = re.compile(r"(?<![A-Za-z0-9])[a-z]+(?![A-Za-z0-9])")


@dataclass(frozen=True)
class Drafted:
    """What a model wrote as one sentence.

    `before` is the layout between it and the sentence before it, in Markdown, and `text` the sentence without marks.
    `claim` is what it says in plain words: without emphasis, and of a table's row each cell with its column's name.
    `numbers` are those of its marks. `prose` is False for rows, code and formulas, which are in no language.
    """

    before: str
    text: str
    claim: str
    numbers: tuple[int, ...]
    prose: bool = True

    def says_in(self, language: Language) -> bool:
        """Tell whether the text is in the language, or in none."""
        if not self.prose or detect(self.claim) is language:
            return True
        return language is Language.KO and len(_SMALL.findall(self.claim)) < _PROSE


def drafted(written: str, known: Collection[int]) -> list[Drafted]:
    """Return the sentences of a model's text; a mark behind a full stop belongs to the sentence before it.

    `known` are the numbers that may be cited in round brackets.
    """
    written = _GLUED.sub(" ", written)
    found: list[Drafted] = []
    before, at, columns = "", 0, list[str]()
    for block in parse(written).blocks:
        before, at = before + _layout(written[at : block.start]), block.start
        if block.kind in (Kind.HEADING, Kind.HEAD) and not any(map(str.isdigit, written[block.start : block.end])):
            before, at = before + marks(written[block.start : block.end])[0], block.end
        if block.kind is Kind.HEAD:
            columns = _cells(written[block.start : block.end])
        for start, end in _spans(written, block) if at < block.end else ():
            numbers, piece = leading(written[start:end])
            if found and numbers:
                found[-1] = _with_numbers(found[-1], numbers)
            before, at = before + _layout(written[at:start]), end
            text, own = marks(piece.strip(), known)
            if _LEADS_OVER.fullmatch(text):
                before += text
            elif text:
                prose = block.kind not in (Kind.ROW, Kind.CODE, Kind.MATH)
                said = _claim(block.kind, text, columns)
                found.append(Drafted(_TRAILING.sub("", before), text, said, tuple(own), prose))
                before = ""
    return found


def _spans(written: str, block: Block) -> Iterator[Span]:
    """Yield the spans of the sentences in a block, without a list's mark; of code, a formula or a row the whole."""
    if block.kind not in (Kind.PARAGRAPH, Kind.ITEM):
        yield block.start, block.end
        return
    for start, end in sentences(written[block.start : block.end]):
        mark = _LIST_MARK.match(written, block.start + start, block.start + end)
        yield (mark.end() if mark else block.start + start), block.start + end


def _layout(between: str) -> str:
    """Return what stands between two sentences if it is layout alone; of anything else only that a line ends."""
    if _BETWEEN.fullmatch(between) or all(_BETWEEN.fullmatch(line) for line in between.split("\n")):
        return between
    return "\n\n" if "\n" in between else " "


def _with_numbers(one: Drafted, numbers: list[int]) -> Drafted:
    return Drafted(one.before, one.text, one.claim, tuple(dict.fromkeys((*one.numbers, *numbers))), one.prose)


def _cells(row: str) -> list[str]:
    return [_EMPHASIS.sub("", cell).strip() for cell in row.strip().strip("|").split("|")]


def _claim(kind: Kind, text: str, columns: list[str]) -> str:
    """Return what a sentence says in plain words: code without its fences, a row's cells with their columns' names."""
    if kind is Kind.CODE:
        return "\n".join(line for line in text.split("\n") if not line.startswith(("```", "~~~")))
    if kind is not Kind.ROW:
        return _EMPHASIS.sub("", text)
    cells = _cells(text)
    named = zip(columns, cells, strict=True) if len(columns) == len(cells) else (("", cell) for cell in cells)
    return ", ".join(f"{name}: {cell}" if name else cell for name, cell in named if cell)
