"""The Notes room in a browser: notes are found, changed and brought back. Keys and the theme's switch."""

from typing import Any

import pytest
from browser_parts import IN_CHROMIUM, picture, room, standing, visit

from assistant import Settings
from assistant.page.words import SAID
from assistant.text.language import Language

pytestmark = IN_CHROMIUM
LOCALES = {Language.KO: "ko-KR", Language.EN: "en-US"}


@pytest.mark.parametrize("language", Language)
def test_a_note_is_found_changed_removed_and_brought_back(browser: Any, settings: Settings, language: Language) -> None:
    said = SAID[language]
    with standing(settings) as address, visit(browser, address, LOCALES[language]) as page:
        room(page, 1)
        page.fill("#find-note", "LIBRARY")
        shown = page.locator("#list tbody tr:visible")
        shown.first.wait_for()
        assert shown.count() == 1 and "deep/library.txt" in shown.inner_text()
        page.click("#list tbody tr:visible [data-event=edit]")
        page.wait_for_selector("#changing p")
        assert "Ada Morrow" in page.input_value("#pasted textarea")
        page.fill("#pasted textarea", "# Library\n\nThe librarian is called Grace Hopper.")
        page.click("#save")
        page.wait_for_selector("#changing p", state="detached")
        page.wait_for_selector("#told p")
        changed = settings.notes / "deep" / "library.txt"
        assert "Grace Hopper" in changed.read_text(encoding="utf-8")
        page.wait_for_selector("#progress [role=progressbar]", state="detached")
        shown.first.wait_for()
        assert shown.count() == 1  # what was sought stays so when the list is shown anew
        page.click("#list [data-event=delete][data-source='deep/library.txt']")
        page.wait_for_selector(f"#told button:has-text('{said['undo']}')")
        picture(page, f"page-notes-{language}")
        assert not changed.exists()
        page.click("#told button")
        page.wait_for_selector("#told button", state="detached")
        assert "Grace Hopper" in changed.read_text(encoding="utf-8")


def test_a_note_without_a_name_is_called_by_its_first_line(browser: Any, settings: Settings) -> None:
    with standing(settings) as address, visit(browser, address, "en-US") as page:
        room(page, 1)
        page.fill("#pasted textarea", "# Kimchi for beginners\n\nSalt the cabbage.")
        page.click("#save")
        page.wait_for_selector("#told p")
        assert (settings.notes / "Kimchi for beginners.md").is_file()


def test_keys_go_from_room_to_room_and_a_reload_comes_back_to_the_room_and_the_theme(
    browser: Any, settings: Settings
) -> None:
    with standing(settings) as address, visit(browser, address, "en-US", color_scheme="light") as page:
        page.locator("button[role=tab]").first.focus()
        page.keyboard.press("ArrowRight")
        page.wait_for_selector("#shelf", state="visible")
        assert page.evaluate("document.activeElement.role") == "tab"
        page.click("#theme")
        assert page.evaluate("document.body.classList.contains('dark')")
        page.reload()
        page.wait_for_selector("#shelf", state="visible")
        assert page.evaluate("document.body.classList.contains('dark')")
        assert page.get_attribute("#theme", "aria-pressed") == "true"
        page.click("#theme")
        page.locator("button[role=tab]").nth(1).focus()
        page.keyboard.press("ArrowLeft")
        page.wait_for_selector("#box", state="visible")
        assert not page.evaluate("document.body.classList.contains('dark')")
