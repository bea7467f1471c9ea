"""What is hidden agrees with a browser: notes rendered as CommonMark says, and what Chromium then shows of them."""

import random
import re
import shutil
from collections.abc import Iterator
from typing import Any

import pytest
from markdown_it import MarkdownIt

from assistant.text.blocks import without
from assistant.text.markdown import parse

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
pytestmark = [pytest.mark.browser, pytest.mark.skipif(CHROMIUM is None, reason="Chromium is absent")]
WORD = re.compile(r"word\d+")
PIECES = (
    "<!--|<div hidden>|<span hidden>|<span style='display : NONE'>|<DIV STYLE=\"display:none\">|<b hidden>|-->|</div>|"
    "</span>|</b>|<span>|<div>|`|*|**|[|](word0 'word1')|]|\\|<b>|<br>|<https://word3>|<?|?>|]]>|"
    "<section hidden>|</section>| "
).split("|") + [
    "\n",
    "\n\n",
    "\n```\n",
    "\n    ",
    "> ",
    "\n> ",
    "- ",
    "\n- ",
    "\n  - ",
    "\n1. ",
    "# ",
    "\n## ",
    "\n---\n",
]
PIECES += ["\n\n<div hidden>\n\n", "\n\n</div>\n\n", "\n\n<!--\n\n", "\n-->\n\n", "\n\n<span hidden>\n\n"]


@pytest.fixture(scope="module")
def page() -> Iterator[Any]:
    playwright = pytest.importorskip("playwright.sync_api")
    with playwright.sync_playwright() as started:
        browser = started.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield browser.new_page()
        browser.close()


def test_a_word_is_hidden_exactly_where_a_browser_does_not_show_it(page: Any) -> None:
    chance = random.Random(3)
    for _ in range(150):
        pieces = [chance.choice(PIECES) for _ in range(chance.randint(1, 5))]
        text = "".join(f"{piece}word{place + 10} " if place % 2 else piece for place, piece in enumerate(pieces))
        page.set_content(f"<body>{MarkdownIt('commonmark').render(text)}")
        seen = set(WORD.findall(page.evaluate("document.body.innerText")))
        assert set(WORD.findall(without(text, parse(text).hidden))) == seen, text
