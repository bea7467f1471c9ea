"""Elements that are kept out of sight, with all their content."""

import re

import pytest

from assistant.text.blocks import without
from assistant.text.markdown import parse


def words(text: str) -> list[str]:
    return re.findall(r"\b(?:yes|no|too)\b", without(text, parse(text).hidden))


STYLES = [
    "display:none",
    "display : none",
    "DISPLAY:NONE !important",
    "color:red;display:none;",
    "display&colon;none",
    "d\\69splay:none",
    "display:/* x */none",
    "visibility:hidden",
    "opacity:0",
    "font-size:0px",
    "color:#fff",
    "color:white",
    "color:rgb(255, 255, 255)",
    "color:rgba(0,0,0,0)",
    "color:transparent",
    "color:#fefefe",
    "color:#222;background:#222",
    "height:0;overflow:hidden",
    "position:absolute;left:-9999px",
    "text-indent:-9999px",
]


@pytest.mark.parametrize("style", STYLES)
@pytest.mark.parametrize("form", ['<span style="{}">no</span> yes', '<div style="{}">\n\nno\n\n</div>\n\nyes'])
def test_an_element_that_is_styled_away_is_hidden(style: str, form: str) -> None:
    assert words(form.format(style)) == ["yes"]


@pytest.mark.parametrize(
    "style",
    [
        "display:block",
        "color:#333",
        "color:white;background:black",
        "color:#fff;background-color:#003366",
        "opacity:0.5",
        "font-size:0.8em",
        "visibility:visible",
        "font-weight:600",
        "height:0",
        "color:var(--x)",
        "background:#fff",
        "color:#fff;background:url(night.jpg)",
    ],
)
def test_an_element_that_is_only_styled_is_shown(style: str) -> None:
    assert words(f'<span style="{style}">yes</span> too') == ["yes", "too"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("<div hidden>no</div>\n\nyes", ["yes"]),
        ("<DIV HIDDEN=''>\nno\n</DIV>\n\nyes", ["yes"]),
        ("a <template>no</template> yes", ["yes"]),
        ("<script>\nno\n\nno\n</script>\nyes", ["yes"]),
        ("<style>\nno { }\n</style>\n\nyes", ["yes"]),
        ("<font color=white>no</font> yes", ["yes"]),
        ("<table bgcolor='black'><tr><td><font color='white'>yes</font></td></tr></table>", ["yes"]),
        ("<div style='background:black'>\n\n<span style='color:white'>yes</span>\n\n</div>", ["yes"]),
        ("<p style='color:white'>no <span style='color:black'>yes</span> no</p>", ["yes"]),
        ("<div hidden>no <div>no</div> no</div>\n\nyes", ["yes"]),
        ("<div hidden>\n\n# no\n\n- no\n  <span>no</span>\n\n```\nno\n```\n\n</div>\n\nyes", ["yes"]),
        ("yes\n\n<div hidden>\n\nno\n\nno", ["yes"]),
        ("yes <span hidden>no\n\nyes", ["yes", "yes"]),
        ("- yes\n\n  <div hidden>\n\n  no\n- yes", ["yes", "yes"]),
        ("| yes | <span hidden>no</span> |\n|---|---|\n| <span hidden>no | yes |", ["yes", "yes"]),
        ("yes <!-- no <b>no</b> --> yes", ["yes", "yes"]),
        ("<div>\n<!-- no\n\nno\n\n<div>\nno --> yes\n</div>", ["yes"]),
        ("<!--> yes", ["yes"]),
        ("yes <? no ?> yes", ["yes", "yes"]),
        ('<a href="no" title="no">yes</a>', ["yes"]),
        ("<details>\n<summary>yes</summary>\n\nyes\n\n</details>", ["yes", "yes"]),
        ("<noscript>yes</noscript>", ["yes"]),
        ("<ul>\n<li>yes\n<li>yes\n</ul>", ["yes", "yes"]),
        ("</div></span> yes", ["yes"]),
    ],
)
def test_what_a_browser_shows_of_elements_is_kept_and_the_rest_is_not(text: str, expected: list[str]) -> None:
    assert words(text) == expected


@pytest.mark.parametrize("text", ["a < b and c > d", "<3", "a <b c", "<div", "x <= y", "<->", "<a href='x"])
def test_what_is_no_tag_is_text(text: str) -> None:
    assert without(text, parse(text).hidden) == text
