"""An answer's Markdown as HTML: its layout is shown, and nothing in it loads, runs or leads anywhere."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markupsafe import Markup
from page_parts import Shown

from assistant.page.rendered import rendered

LAYOUT = set("p br hr ul ol li strong em code pre h4 blockquote table thead tbody tr th td button".split())
MARKS = {"[1]": Markup("<button>[1]</button>")}


def test_lists_tables_code_and_headings_are_shown_as_such() -> None:
    text = "# 비교\n\n- **A10**: 24 GB [1]\n\n| a | b |\n|:-|--|\n| c [1] | d |\n\n```sh\nls -l\n```\n\n3. third"
    found = Shown(str(rendered(text, MARKS)))
    assert found.tags == LAYOUT - {"br", "hr", "em", "blockquote", "p"} | {"p"} & found.tags
    assert found.attributes == [("start", "3")] and "ls -l" in found.text


def test_a_mark_is_replaced_and_other_brackets_stay() -> None:
    html = rendered("At noon [1], or [2], or `[1]`.", MARKS)
    assert html == "<p>At noon <button>[1]</button>, or [2], or <code>[1]</code>.</p>\n"


@pytest.mark.parametrize(
    "text",
    [
        "![a](http://127.0.0.1/y.png)",
        "[x](javascript:a())",
        "<http://127.0.0.1/a>",
        "<script>a()</script>",
        "[a]: http://127.0.0.1/\n\n[a]",
        "<p onclick=a()>",
        "http://127.0.0.1/ www.example.org",
    ],
)
def test_what_leads_away_stays_text(text: str) -> None:
    found = Shown(str(rendered(text, MARKS)))
    assert found.tags <= {"p", "br"} and not found.attributes
    assert found.text.replace("\n", "") == text.replace("\n", "")


@given(st.text(st.sampled_from("ab가 .:|-*#`~\n[1]()$<>_&\"'=!"), max_size=80))
def test_no_text_adds_anything_but_layout(text: str) -> None:
    found = Shown(str(rendered(text, MARKS)).replace("<br />", "").replace("<hr />", ""))
    assert found.tags <= LAYOUT and {name for name, _ in found.attributes} <= {"start"}
