"""Notes as their readers know them: structure, the mark across all of it, links, and nothing that runs."""

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from page_parts import Shown

from assistant.notes import formats
from assistant.page.blocks import blocks_html
from assistant.page.formula import ELEMENTS, LOOKS
from assistant.text.links import Link

each = pytest.mark.parametrize
PIECES = [
    "**",
    "*",
    "_",
    "`",
    "~~",
    "$",
    "[a](b)",
    "[[n|m]]",
    "<b>",
    "<!--",
    "-->",
    "\n",
    "\n\n",
    "- ",
    "1. ",
    "> ",
    "# ",
]
WRITTEN = st.lists(
    st.sampled_from([*PIECES, "| x | y |\n|---|---|\n", "```\n", "가나", "ab ", "\U00010a50"]), max_size=30
)


def html(text: str, marked: str = "", name: str = "note.md", opens: str = "") -> str:
    parsed = formats.blocks_of(name)(text, 0)
    start = text.index(marked)

    def opened(link: Link) -> str:
        return f"<button>{link.words}</button>" if link.target == opens else ""

    span = (start, start + len(marked))
    return str(blocks_html(text, parsed, (0, len(text)), span, opened, name.endswith(".md")))


@each(
    ("text", "expected"),
    [
        ("# A **b**\n\n### C\n", "<h3>A <strong>b</strong></h3><h5>C</h5>"),
        ("Setext\n===\n\nx", "<h3>Setext</h3><p>x</p>"),
        ("*a* ~~b~~ `c<d` 1 < 2", "<p><em>a</em> <s>b</s> <code>c&lt;d</code> 1 &lt; 2</p>"),
        ("> 인용한\n> 글", "<p>인용한<br>\n글</p>"),
        ("```py\nif a < b:\n    c\n```\n", "<pre><code>if a &lt; b:\n    c</code></pre>"),
        ("$$\nx^{\n$$\n", '<pre class="math">$$\nx^{\n$$</pre>'),
        (
            "값은 $a_1*b$ 이다",
            '<p>값은 <span class="math"><math display="inline"><mrow><msub><mi>a</mi><mn>1</mn></msub>'
            "<mo>*</mo><mi>b</mi></mrow></math></span> 이다</p>",
        ),
        ("a <!-- b --> <i>c</i> ![d e](f.png)", '<p>a  c <em class="pictured">d e</em></p>'),
    ],
)
def test_a_block_is_shown_as_what_it_is(text: str, expected: str) -> None:
    assert html(text) == expected


def test_lists_keep_their_signs_and_depths_and_tables_their_heads() -> None:
    shown = html("- a\n  - [x] b\n    - [ ] c\n\n3. d\n\n| k | v |\n|---|---|\n| 1 | `x\\|y` |\n| | 2 |\n")
    assert re.findall(r'<li(?: style="--level: (\d)")?><span class="sign">(.)', shown) == [
        ("", "•"),
        ("2", "☑"),
        ("3", "☐"),
        ("", "3"),
    ]
    assert "<tr><th>k</th><th>v</th></tr>" in shown and "<tr><td>1</td><td><code>x\\|y</code></td></tr>" in shown
    assert "<tr><td></td><td>2</td></tr>" in shown and shown.count("<table>") == 1


@each(
    ("text", "marked", "expected"),
    [
        ("one two three", "two", ["two"]),
        ("a **b c** d", "b c", ["b c"]),
        ("a **b c** d", "a **b c** d", ["a ", "b c", " d"]),
        ("이 **용어**는 뜻이 있다", "**용어**", ["용어"]),
        ("(**a (b)**) c", "**a (b)**", ["a (b)"]),
        ("- x **y _z_**\n- w", "x **y _z_**", ["x ", "y ", "z"]),
        ("- 첫 줄\n- 둘째 줄\n", "- 첫 줄\n- 둘째 줄", ["첫 줄", "둘째 줄"]),
        ("# H\n\np", "# H\n\np", ["H", "p"]),
        ("|a|b|\n|-|-|\n|c|d|\n", "|c|d|", ["c", "d"]),
        ("```\ncode here\n```", "code", ["code"]),
        ("over [the bay](x.md) it", "over [the bay](x.md) it", ["over the bay it"]),
        ("a <!-- b --> c", "a <!-- b", ["a "]),
        ("", "", []),
    ],
)
def test_the_quoted_words_are_marked_wherever_they_stand(text: str, marked: str, expected: list[str]) -> None:
    assert Shown(html(text, marked)).marked == expected


def test_links_open_notes_or_the_web_and_nothing_else() -> None:
    text = "[[n|m]] [tea](n) [web](https://a.example/b) [js](javascript:a) [mail](mailto:a@b.c) [f](file.pdf) ![p](https://x/y.png)"
    shown = html(text, opens="n")
    assert shown.count("<button>m</button>") == 1 and "<button>tea</button>" in shown
    assert re.findall('href="(.*?)"', shown) == ["https://a.example/b"] and 'rel="noopener noreferrer"' in shown
    assert "src" not in shown and all(word in Shown(shown).text for word in ("js", "mail", "f", "p"))


def test_a_plain_note_is_shown_as_it_stands() -> None:
    text = "  *not* em  \n\tindented | bar\n\n<b>x</b>\n"
    assert html(text, "*not*", "note.txt").count('<p class="plain">') == 2
    found = Shown(html(text, "*not*", "note.txt"))
    assert found.marked == ["*not*"] and "\tindented | bar" in found.text and "<b>x</b>" in found.text


@settings(max_examples=200)
@given(WRITTEN, st.integers(0, 60), st.integers(0, 60), st.sampled_from(["note.md", "note.txt"]))
def test_whatever_a_note_says_only_our_own_markup_is_shown(pieces: list[str], one: int, other: int, name: str) -> None:
    text = "".join(pieces)
    start, end = sorted((min(one, len(text)), min(other, len(text))))
    shown = html(text, text[start:end], name) if text.index(text[start:end]) == start else html(text, "", name)
    found = Shown(shown)
    ours = {*"h3 h4 h5 h6 p ul li span pre code table tr th td em strong s a br mark".split()}
    assert found.tags <= ours | ELEMENTS
    assert {name for name, _ in found.attributes} <= {"class", "style", "href", "target", "rel"} | LOOKS
    assert not set("\U00010a50\U00010a51\U00010a52\U00010a53") & set(shown)
    if name == "note.txt":
        words = re.sub("[\U00010a50-\U00010a53]", "\ufffd", text)
        assert "".join(found.text.replace("#", "").split()) == "".join(words.replace("#", "").split())
