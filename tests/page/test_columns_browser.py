"""The columns beside the conversation, in a browser: they fold, list notes that open, and take dropped files."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from browser_parts import BOX, IN_CHROMIUM, answer_to, ask, picture, standing, visit
from fakes import write_notes

from assistant import Settings

pytestmark = IN_CHROMIUM
LOAF = "At how many degrees is the loaf baked under a lid?"
DROP = """files => {
  const given = new DataTransfer();
  for (const [name, text] of files) given.items.add(new File([text], name));
  const drag = (kind) =>
    document.body.dispatchEvent(new DragEvent(kind, { dataTransfer: given, bubbles: true, cancelable: true }));
  drag("dragenter");
  drag("dragover");
  const shown = !document.querySelector("#drop-here").hidden;
  drag("drop");
  return shown && document.querySelector("#drop-here").hidden;
}"""


@pytest.fixture
def address(settings: Settings, tmp_path: Path) -> Iterator[str]:
    with standing(settings) as found:
        yield found


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    notes = write_notes(tmp_path / "notes")
    return Settings(notes=notes, index=tmp_path / "index", embedding="hash", llm="extractive", threads=1)


def test_files_dropped_anywhere_become_notes_which_the_list_shows_and_a_question_finds(
    browser: Any, address: str, settings: Settings
) -> None:
    with visit(browser, address, "ko-KR") as page:
        page.wait_for_selector("#tree li")
        before = page.locator("#tree li:not(.folder)").count()
        assert page.evaluate(DROP, [["황새.md", "# White stork\n\nThe stork Cordelia nests on the old brewery."]])
        page.wait_for_function(f"document.querySelectorAll('#tree li:not(.folder)').length === {before + 1}")
        assert page.inner_text("#added") == "더했습니다: 황새.md"
        picture(page, "columns-dropped")
        assert "brewery" in answer_to(page, "Where does the stork Cordelia nest?")
        page.locator("button[role=tab]").nth(1).click()
        assert page.evaluate(DROP, [["heron.md", "# Heron\n\nThe heron nests on the ninth pylon."]])
        page.wait_for_selector("#list tr:has-text('heron.md')")
        # What is dragged without files, such as marked words, is none of this.
        assert page.evaluate(
            "document.body.dispatchEvent(new DragEvent('dragenter', { dataTransfer: new DataTransfer() }))"
        )
        assert page.evaluate("document.querySelector('#drop-here').hidden")
    assert (settings.notes / "황새.md").is_file() and (settings.notes / "heron.md").is_file()


def test_a_title_in_the_list_opens_its_note_and_the_day_stands_beside_it(browser: Any, address: str) -> None:
    with visit(browser, address, "en-US") as page:
        page.click("#tree .title:has-text('Sourdough bread')")
        page.wait_for_selector("#note h2:has-text('Sourdough bread')")
        assert page.locator("#note mark").count() == 0
        days = page.locator("#tree .day").all_inner_texts()
        assert days and all(len(day) == 10 for day in days)
        assert page.locator("#tree input:checked").count() == page.locator("#tree input").count()


def test_both_columns_fold_stay_folded_and_a_citation_opens_its_own(browser: Any, address: str) -> None:
    with visit(browser, address, "en-US") as page:
        answer_to(page, LOAF)
        width = page.locator("#middle").bounding_box()["width"]
        for button, column in (("#open-side", "#side"), ("#open-beside", "#beside")):
            assert page.get_attribute(button, "aria-expanded") == "true"
            page.click(button)
            page.wait_for_selector(column, state="hidden")
            assert page.get_attribute(button, "aria-expanded") == "false"
        assert page.locator("#middle").bounding_box()["width"] > width + 400
        picture(page, "columns-folded")
        page.reload()
        page.wait_for_selector("#said .turn")
        assert not page.is_visible("#side") and not page.is_visible("#beside")
        page.keyboard.press("Alt+KeyL")
        page.wait_for_selector("#side", state="visible")
        page.locator("#said .cite").first.click()
        page.wait_for_selector("#note mark", state="visible")
        page.click("#note .close")
        page.wait_for_selector("#beside", state="hidden")
        page.keyboard.press("Alt+KeyO")
        page.wait_for_selector("#note mark", state="visible")
        page.keyboard.press("Alt+KeyN")
        page.wait_for_selector("#said .suggestion:visible")


def test_on_a_phone_a_note_is_a_sheet_that_a_title_of_the_lists_opens(browser: Any, address: str) -> None:
    with visit(browser, address, "en-US", viewport={"width": 390, "height": 844}) as page:
        page.click("#open-side")
        page.wait_for_selector("#side", state="visible")
        page.click("#tree .title:has-text('Sourdough bread')")
        page.wait_for_selector("#side", state="hidden")
        page.wait_for_selector("#note h2:has-text('Sourdough bread')")
        assert page.locator("#beside").bounding_box()["width"] == 390
        picture(page, "columns-phone")
        page.click("#note .close")
        page.wait_for_selector("#beside", state="hidden")
        assert page.evaluate("document.activeElement.id") == "open-beside"
        assert page.evaluate("document.documentElement.scrollWidth") <= 390


def test_a_new_question_comes_into_view_and_who_is_typing_keeps_the_focus(browser: Any, address: str) -> None:
    with visit(browser, address, "en-US", viewport={"width": 1280, "height": 480}) as page:
        for _ in range(3):
            answer_to(page, LOAF)
        page.locator("#said .cite").first.click()
        page.wait_for_selector("#note mark")
        ask(page, "녹차는 몇 도의 물에 우리나요?")
        page.wait_for_selector("#now .question", state="attached")
        page.locator(BOX).press_sequentially("When does the reading room close, and ", delay=25)
        page.wait_for_function("document.querySelectorAll('#said .turn').length === 4")
        page.wait_for_selector("#note h2:has-text('녹차')")
        page.locator(BOX).press_sequentially("who is there?")
        assert page.input_value(BOX) == "When does the reading room close, and who is there?"
        top, last = page.locator("#talk").bounding_box(), page.locator("#said .question").last.bounding_box()
        assert top["y"] <= last["y"] < top["y"] + 60


def test_what_some_notes_do_not_hold_is_asked_of_all_with_one_click(browser: Any, address: str) -> None:
    with visit(browser, address, "en-US") as page:
        page.locator(BOX).press_sequentially("@library")
        page.wait_for_selector("#at li[aria-selected=true]")
        page.keyboard.press("Enter")
        answer_to(page, "How many teeth does the large chainring have?")
        page.click("#said [data-whole]")
        page.wait_for_function("document.querySelector('#said .answer')?.innerText.includes('50')")
        assert page.locator("#said .asked-of").count() == 0
