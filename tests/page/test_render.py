"""Whatever stands in a field, the page's HTML has the elements that it has with harmless words there."""

import ast
import re
from collections.abc import Callable
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path
from types import SimpleNamespace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from markupsafe import Markup
from page_parts import Shown, answered

from assistant.answer import Action, Citation, Did, RankedPassage, Step
from assistant.index.store import IndexedNote, UnreadNote
from assistant.index.update import Report
from assistant.page.answer import conversation_html, draft_html, exchange_html, suggestions_html
from assistant.page.blocks import blocks_html
from assistant.page.exchanges import Exchange
from assistant.page.formula import ELEMENTS, LOOKS
from assistant.page.note import note_html, picture_address
from assistant.page.notes import progress_html, shelf_html, told_html
from assistant.page.quality import run_html, state_html
from assistant.page.render import render
from assistant.page.scope import Chosen
from assistant.page.words import both
from assistant.server.queue import Waits
from assistant.server.renewal import Progress
from assistant.text.blocks import Block, Kind
from assistant.text.markdown import Markdown

PAGE = Path(__file__).parent.parent.parent / "assistant" / "page"
HOSTILE = (
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "' autofocus onfocus='a()",
    "</p></article><svg onload=a()>",
    "<!-- ",
    "]]><![CDATA[",
    "&lt;b&gt;&#60;i&#62;",
    "{{ 7 * 7 }} {% raw %} ${a()}",
    "<​script>\u202e\0</textarea>",
    "\ud800 [2] \x1b[31m",
)


LAYOUT = frozenset("p br hr ul ol li strong em code pre h4 blockquote table thead tbody tr th td".split())
"""What the Markdown of an answer may add, without attributes (`assistant.page.rendered`)."""


def structure(html: str) -> list[tuple[str, tuple[str, ...]]]:
    """Return the tags in order, with the names of their attributes, but not those of plain layout and formulas."""
    found: list[tuple[str, tuple[str, ...]]] = []

    class Reader(HTMLParser):
        def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
            drawn = tag in ELEMENTS and {name for name, _ in attrs} <= LOOKS
            if not drawn and (tag not in LAYOUT or [name for name, _ in attrs] not in ([], ["start"])):
                found.append((tag, tuple(name for name, _ in attrs)))

        def handle_endtag(self, tag: str) -> None:
            if tag not in (*LAYOUT, *ELEMENTS):
                found.append((f"/{tag}", ()))

        def handle_comment(self, data: str) -> None:
            found.append(("comment", ()))

        def unknown_decl(self, data: str) -> None:
            found.append(("declaration", ()))

    reader = Reader()
    reader.feed(html)
    reader.close()
    return found


def exchanges(text: str) -> list[Exchange]:
    passage = RankedPassage(text, 0, 5, text, text, 1.0, 0.9)
    cited = Citation(1, text, text, text, text, text, 0, 5)
    steps = (Step(Did.WROTE, text, 3, 0.5),)
    filled = answered(
        question=text,
        citations=(cited,),
        passages=(passage,),
        fallback=text,
        llm=text,
        trace=steps,
        seconds={text: 1.0},
    )
    return [
        Exchange(text, replace(filled, answer=f"a{text}b"), rated="up", id=text, chosen=Chosen(3, 6, (text,))),
        Exchange(text, replace(filled, abstained=True, action=Action.AMBIGUOUS), id=text),
        Exchange(text, trouble=f"a{text}", id=text),
        Exchange(text, draft=f"a{text}b", stopped=True, id=text),
    ]


def held(text: str) -> SimpleNamespace:
    """Return what an index says of its notes and of the files that it could not read."""
    note = IndexedNote("/root", text, "0", text, "en", 3, (text, text))
    unread = tuple(UnreadNote("/root", text, text, failed) for failed in (True, False))
    return SimpleNamespace(notes=(note, replace(note, root="/other")), unread=unread)


def report(text: str) -> Report:
    return Report(indexed=(text,), unchanged=(), removed=(text,), skipped=(), failed=(), seconds=1.0)


def run(text: str) -> dict[str, object]:
    figures = {"auroc": [0.8, 0.7, 0.9], "risk_coverage": [[0.5, 0.0], [1.0, 0.25]]}
    return {"fingerprint": {"date": text, "llm": text}, "stages": {"relevance": {"figures": {"all": figures}}}}


def blocks(text: str) -> Markup:
    """Return every kind of block of a plain note with these words in it, marked."""
    found = [Block(kind, 0, len(text), 1) for kind in Kind]
    return blocks_html(text, Markdown(tuple(found), (), ()), (0, len(text)), (0, len(text)), lambda link: "", False)


PARTS: dict[str, Callable[[str], str]] = {
    "conversation": lambda text: conversation_html(exchanges(text)),
    "exchange": lambda text: "".join(exchange_html(one, False) for one in exchanges(text)),
    "draft": lambda text: draft_html(exchanges(text)[0], answered(answer=f"a{text}")),
    "queued": lambda text: draft_html(exchanges(text)[0], Waits(2)),
    "suggestions": lambda text: suggestions_html([text, text]),
    "gone": lambda text: note_html((), text, 0, 0, text, text),
    "note": lambda text: render(
        "note",
        title=text,
        source=text,
        url=f"x{text}",
        lost=f"a{text}",
        cut=None,
        shown=blocks(text),
        front={"before": text, "marked": f"a{text}", "behind": text},
        written=f"a{text}",
        place=text,
        locator={"sheet": text, "row": 3},
        language="ko",
    ),
    "page": lambda text: render(
        "note",
        title=text,
        source=text,
        url="",
        lost="",
        cut=None,
        shown=blocks(text),
        front=None,
        written="",
        place=text,
        locator={"page": 7, "boxes": [[0.1, 0.2, 0.3, 0.4]]},
        language="ko",
        picture=picture_address,
    ),
    "link": lambda text: render("note", title=text, source=text, url=f"https://a{text}", shown=None, locator=None),
    "linked": lambda text: render("link", words=text, source=text, heading=f"a{text}"),
    "told": lambda text: told_html([f"a{text}"], f"a{text}", [(f"a{text}", text), ("", text)], 2),
    "shelf": lambda text: shelf_html(held(text), Path("/root")),  # type: ignore[arg-type]
    "progress": lambda text: progress_html(Progress(trouble=f"a{text}")) + progress_html(Progress(report=report(text))),
    "run": lambda text: run_html(run(text)),
    "measuring": lambda text: state_html(SimpleNamespace(running=True, said=text)),  # type: ignore[arg-type]
    "failed": lambda text: state_html(SimpleNamespace(running=False, trouble=f"a{text}")),  # type: ignore[arg-type]
    "chosen": lambda text: render("chosen", name=text, here=not text),
    "status": lambda text: render("status", notes=1, said={"ko": text, "en": text}),
    "models": lambda text: render(
        "models",
        llm={"name": text, "size": 5, "licence": text},
        quotes=False,
        standing=SimpleNamespace(state="failed", reason=text),
        embedding={"name": text, "size": 0, "licence": ""},
    ),
    "word": lambda text: both("added", names=text),
}


@pytest.mark.parametrize("part", PARTS)
@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_words_add_no_element_and_no_attribute(part: str, text: str) -> None:
    html = PARTS[part](f"{text} [1]")
    assert structure(html) == structure(PARTS[part]("harmless words [1]"))
    Shown(html)  # every element that is opened is closed


@pytest.mark.parametrize("part", PARTS)
@settings(max_examples=20)
@given(text=st.text(st.sampled_from(list("ab<>&\"'/=!-[]{}%$ \n")) | st.characters(), max_size=40))
def test_no_words_at_all_add_an_element(part: str, text: str) -> None:
    # A question that is empty, or a mark that cites something, does change what is shown.
    text = f"a{text}b [1]".replace("|", "/")  # a bar parts the cells of a row
    assert structure(PARTS[part](text)) == structure(PARTS[part]("harmless [1] words"))


@pytest.mark.parametrize("part", sorted(PARTS.keys() - {"measuring", "queued"}))
def test_words_are_shown_as_they_are(part: str) -> None:
    said = "a <b>5 & 6</b> “7” 'eight' {{ 9 }}"
    assert said in Shown(PARTS[part](said)).text


def test_html_stands_in_templates_alone() -> None:
    for file in sorted(PAGE.rglob("*.py")):
        tree = ast.parse(file.read_text(encoding="utf-8"))
        documented = {ast.get_docstring(node, clean=False) for node in ast.walk(tree) if isinstance(node, ast.Module)}
        texts = [
            node.value for node in ast.walk(tree) if isinstance(node, ast.Constant) and isinstance(node.value, str)
        ]
        assert not [text for text in texts if text not in documented and re.search(r"</?[a-z][a-z0-9]*[ >]", text)], (
            file
        )


def test_every_template_is_used_and_escapes() -> None:
    sources = "\n".join(file.read_text(encoding="utf-8") for file in PAGE.rglob("*") if file.suffix in (".py", ".html"))
    for file in (PAGE / "templates").iterdir():
        text = file.read_text(encoding="utf-8")
        assert re.search(rf'render\(\s*"{file.stem}"|"{file.name}"', sources), file
        assert "|safe" not in text.replace(" ", "") and "autoescape" not in text


def test_a_run_that_knows_no_files_yet_says_that_it_looks_for_them() -> None:
    begun = progress_html(Progress(running=True, what="reading"))
    assert "Looking for files" in begun and "파일을 찾는 중" in begun and "0 of 0" not in begun
    assert "3 of 7 files" in progress_html(Progress(running=True, what="reading", done=3, total=7))
