"""What is copied and exported: a renderer makes nothing of a question, an answer or a note but their words."""

import importlib.util
import re
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from mdit_py_plugins.deflist import deflist_plugin
from mdit_py_plugins.dollarmath import dollarmath_plugin
from mdit_py_plugins.footnote import footnote_plugin
from mdit_py_plugins.tasklists import tasklists_plugin
from page_parts import Shown, answered

from assistant.answer import Citation
from assistant.page.exchanges import Exchange
from assistant.page.markdown import markdown
from assistant.text.invisible import plain

LINKIFY = importlib.util.find_spec("linkify_it") is not None


def renderer(**options: bool) -> MarkdownIt:
    return MarkdownIt("commonmark", {"html": True, "linkify": LINKIFY, **options}).enable(["table", "strikethrough"])


RENDERERS = (
    MarkdownIt("commonmark", {"html": True}),
    renderer().enable("linkify") if LINKIFY else renderer(),
    renderer(breaks=True, typographer=True)
    .use(footnote_plugin)
    .use(deflist_plugin)
    .use(dollarmath_plugin)
    .use(tasklists_plugin),
)
WITHOUT_JOINING = MarkdownIt("commonmark", {"html": True}).disable("text_join")
ADDRESS = re.compile(r"[^\W\d_][\w+.-]*:[^\s\d]|//\S|\w\.[^\W\d_]|\S@\w")
"""What a renderer would make a link of; it looks at each run of text between two escapes."""
OURS = {"h2", "p", "blockquote", "code", "br"}
LAYOUT = OURS | set("h1 h3 h4 h5 h6 ul ol li strong table thead tbody tr th td".split())
"""What the Markdown of an answer may be besides."""
LIVE = (
    "![a](http://127.0.0.1:9/y.png)",
    "<img src=http://127.0.0.1:9/x.png onerror=alert(1)>",
    "<script>alert(1)</script>",
    "[x](javascript:alert(2))",
    "[1](javascript:alert(2)) [1]: http://127.0.0.1/ [1][1]",
    "<http://127.0.0.1:9/a> http://127.0.0.1:9/a www.example.org a@example.org tide.md //localhost/a",
    "[1]: http://127.0.0.1:9/d\n[a]: http://127.0.0.1:9/d\n\n[a] ![a]",
    "# a\n## b ##\na\n===\nb\n---\n- a\n+ b\n* c\n1. d\n2) e\n> f\n***\n___",
    "    code\n\tcode\n```\nfence\n```\n~~~\nfence\n~~~\n`code`",
    "| a | b |\n|---|---|\n| c | d |\na | b\n- | -",
    "*a* _b_ __c__ **d** ~~e~~ ==f== %%g%% $h$ $$i$$ {.j} {{ k }} ^l^ H~2~O :smile: [[m]] ![[n]] #tag",
    "[^1]\n[^1]: note\nterm\n: definition\n- [ ] task\n- [x] task",
    "&lt;img&gt; &#60;img&#62; &amp; R&D AT&T; \\<b> \\\\[x](y) \\",
    '<!-- a --> <?a?> <![CDATA[a]]> <a href="x">b</a> </p> <details open>',
)
each = pytest.mark.parametrize


def exchange(text: str) -> Exchange:
    cited = Citation(1, f"{text}.md", text, text, "", text, 0, len(text))
    answer = answered(question=text, citations=(cited, replace(cited, n=2)))
    return Exchange(text, answer)


def answering(text: str) -> Exchange:
    return Exchange("q", answered(question="q", answer=f"{text} [1]\n{text}[1]{text}"))


def shown(one: Exchange, renderer: MarkdownIt) -> Shown:
    html = renderer.render(markdown(one))
    return Shown(re.sub(r"<(?:br|hr)(?: /)?>", "", html))


def words(text: str) -> str:
    """What of a text can be seen, without its spaces."""
    return re.sub(r"\s", "", plain(text))


def check(text: str) -> None:
    for renderer in RENDERERS:
        found = shown(exchange(text), renderer)
        assert found.tags <= OURS and not found.attributes
        for line in text.splitlines():
            assert words(line) in words(found.text)
        # Question, title, heading, source and quote, the last four for both citations.
        assert words(found.text).count(words(text)) >= (9 if words(text) else 0)
        answer = shown(answering(text), renderer)
        assert answer.tags <= LAYOUT and {name for name, _ in answer.attributes} <= {"start", "style", "class"}
        assert set(re.findall(r"[^\W\d_]+", plain(text))) <= set(re.findall(r"[^\W\d_]+", answer.text))
    for one in (exchange(text), answering(text)):
        runs = [run for block in WITHOUT_JOINING.parse(markdown(one)) for run in block.children or ()]
        assert not [run.content for run in runs if run.type == "text" and ADDRESS.search(run.content)]
    trouble = Exchange(text, trouble=text)
    assert Shown(RENDERERS[1].render(markdown(trouble))).tags <= OURS


@each("text", LIVE)
def test_what_could_be_live_stands_there_as_text(text: str) -> None:
    check(text)


@given(st.text(st.sampled_from(list("ab1가 \n\t[](){}<>!#*_~`^$|\\\"'=:;/.,@&-+%")) | st.characters(), max_size=60))
def test_any_text_leaves_as_text(text: str) -> None:
    check(text)


@given(
    st.lists(st.sampled_from([piece for text in LIVE for piece in re.split(r"(\s|\b)", text) if piece]), max_size=24)
)
def test_pieces_of_markup_in_any_order_leave_as_text(pieces: list[str]) -> None:
    check("".join(pieces))


def test_the_layout_of_an_answer_stays_and_its_links_do_not() -> None:
    said = "## Sizes\n\n- **A10**: 24 GB [1]\n- <b>A30</b>\n\n| a | b |\n|---|---|\n| [x](http://e.org) | 2 |"
    found = shown(Exchange("q", answered(answer=said)), RENDERERS[1])
    assert {"ul", "li", "strong", "table"} <= found.tags and not {"a", "b"} & found.tags
    assert "[x](http://e.org)" in found.text and "<b>A30</b>" in found.text


def test_an_exchange_leaves_as_markdown_with_its_sources() -> None:
    text = markdown(Exchange("When is the tide high?", answered()))
    assert text.startswith("## When is the tide high?\n\nAt noon. [1]\n")
    assert "[1] Tides > Water > Tides (`tide.md`:" in text
    assert "> The tide is high at noon." in text


def test_plain_prose_stays_readable() -> None:
    prose = "The crane, built in 1903, lifts 3.5 tonnes (at 10:30) - R&D said so! 부산 크레인은 90톤을 든다."
    assert f"\n{prose} [1]" in markdown(Exchange("q", answered(answer=f"{prose} [1]")))
