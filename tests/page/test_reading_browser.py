"""A note beside the conversation in a browser: pages of a PDF, formulas, and pictures that lie beside the note."""

import base64
import shutil
from typing import Any

import pytest
from browser_parts import IN_CHROMIUM, answer_to, picture, room, standing, visit
from fakes import write_notes

from assistant import Settings
from eval.stages.formats import DATA

pytestmark = IN_CHROMIUM
PNG = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)
LEAF = """# 잎 (Leaf)

The pigment of the leaf Quorra follows $a_1 + \\frac{b}{c}$ closely.

$$
E = mc^2
$$

![a leaf](pictures/leaf.png) and ![[pot.png|100]] and ![far](https://example.org/x.png)

![a lost petal](petal.png)
"""


@pytest.fixture
def address(settings: Settings) -> Any:
    write_notes(settings.notes, {"leaf.md": LEAF})
    shutil.copy(DATA / "notes" / "observatory.en.columns.pdf", settings.notes)
    for place in ("pictures/leaf.png", "attachments/pot.png"):
        (settings.notes / place).parent.mkdir()
        (settings.notes / place).write_bytes(PNG)
    with standing(settings) as found:
        yield found


def test_pages_of_a_pdf_are_turned_and_only_the_cited_one_is_marked(browser: Any, address: str) -> None:
    with visit(browser, address, "en-US") as page:
        answer_to(page, "Who looks after the comet seeker Wren?")
        page.wait_for_selector("#note .leaf img")
        assert page.inner_text("#note [data-page]") == "2"
        assert page.locator("#note .leaf .box").first.is_visible()
        page.click("#note [data-turn='-1']")
        page.wait_for_function("document.querySelector('#note [data-page]').textContent === '1'")
        assert "page=1" in page.get_attribute("#note .leaf img", "src")
        assert not page.locator("#note .leaf .box").first.is_visible()
        picture(page, "note-turned")
        page.click("#note [data-turn='-1']")
        page.click("#note [data-turn='1']")
        page.wait_for_function("document.querySelector('#note [data-page]').textContent === '2'")
        assert page.locator("#note .leaf .box").first.is_visible()


def test_formulas_are_drawn_and_pictures_beside_the_note_are_shown(browser: Any, address: str) -> None:
    with visit(browser, address, "ko-KR") as page:
        room(page, 1)
        page.click("#list [data-event=select][data-source='leaf.md']")
        page.wait_for_selector("#shown math mfrac")
        assert page.locator("#shown math").count() == 2
        page.locator("#shown em.pictured", has_text="a lost petal").wait_for()
        shown = page.locator("#shown img")
        assert shown.count() == 2 and [each.get_attribute("alt") for each in shown.all()] == ["a leaf", "pot.png"]
        for each in shown.all():
            each.scroll_into_view_if_needed()
        page.wait_for_function("[...document.querySelectorAll('#shown img')].every((one) => one.naturalWidth === 1)")
        picture(page, "note-formula")
        assert "far" in page.inner_text("#shown")
