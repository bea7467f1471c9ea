"""The Notes room in a browser: notes are found, changed and brought back. Keys and the theme's switch."""

from pathlib import Path
from typing import Any

import pytest
from browser_parts import IN_CHROMIUM, answer_to, picture, room, standing, visit
from fakes import write_notes

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


@pytest.mark.parametrize("language", Language)
def test_another_folder_is_read_in_the_place_of_the_first(
    browser: Any, settings: Settings, tmp_path: Path, language: Language
) -> None:
    own = write_notes(tmp_path / "내 노트", {"kites.md": "# Kites\n\nThe kite Zephyrine weighs 3 kg."})
    with standing(settings, local=True) as address, visit(browser, address, LOCALES[language]) as page:
        room(page, 1)
        page.fill("#folder textarea, #folder input", str(tmp_path / "none"))
        page.click("#read-folder")
        page.wait_for_selector("#told [role=alert]")
        picture(page, f"page-folder-{language}")
        page.fill("#folder textarea, #folder input", str(own))
        page.click("#read-folder")
        page.wait_for_selector("#list tbody tr:has-text('kites.md')")
        assert page.locator("#list tbody tr").count() == 1
        room(page, 0)
        said = answer_to(page, "How much does the kite Zephyrine weigh?")
        assert "3 kg" in said
    assert (settings.notes / "sourdough.md").exists()


def test_who_logs_in_from_elsewhere_cannot_name_a_folder_of_this_machine(browser: Any, settings: Settings) -> None:
    with standing(settings) as address, visit(browser, address, "en-US") as page:
        room(page, 1)
        assert page.locator("#folder, #read-folder").count() == 0


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
