"""What the page's tests share: an answer with its citation, and HTML as a browser would read it."""

from dataclasses import replace
from html.parser import HTMLParser
from typing import Any

from assistant import Answer
from assistant.answer import Action, Citation, RankedPassage
from assistant.text.language import Language

TEXT = "Tides turn twice. The tide is high at noon. The tide is high at noon."


class Shown(HTMLParser):
    """What a browser would make of HTML: its elements, their attributes, its text, and the marked text."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: list[tuple[str, str | None]] = []
        self.marked: list[str] = []
        self.text = ""
        self._open: list[str] = []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes += attrs
        if tag not in ("input", "img", "br"):
            self._open.append(tag)
        if tag == "mark":
            self.marked.append("")

    def handle_endtag(self, tag: str) -> None:
        assert self._open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += data
        if "mark" in self._open:
            self.marked[-1] += data


def answered(**changes: Any) -> Answer:
    start = TEXT.rindex("The tide")
    passage = RankedPassage("tide.md", 100, 100 + len(TEXT), "Water > Tides", TEXT, 1.0, 0.9)
    cited = Citation(1, "tide.md", "Tides", "Water > Tides", "", TEXT[start:], 100 + start, 100 + len(TEXT))
    answer = Answer("When is the tide high?", Language.EN, "At noon. [1]", action=Action.CORRECT, confidence=0.934)
    return replace(answer, **{"citations": (cited,), "passages": (passage,), **changes})
