"""A question for some notes only, in a real browser: boxes and `@`, by mouse, keyboard and on a phone."""

from collections.abc import Iterator
from typing import Any

import pytest
from browser_parts import BOX, IN_CHROMIUM, answer_to, picture, standing, visit
from fakes import write_notes
from six_notes import NOTES

from assistant import Settings
from assistant.page.words import SAID
from assistant.text.language import Language

pytestmark = IN_CHROMIUM
TAGGED = "---\ntitle: 보리차 끓이기\ntags: [차/보리]\n---\n\n보리차는 95도의 물에 15분 동안 끓인다.\n"
TEETH = "How many teeth does the large chainring have?"
EN = SAID[Language.EN]
WHICH, CHIP, OFFERED = ".scope .which:visible", "#chips button", "#at li:not(.quiet)"


def some(n: int, language: Language = Language.EN) -> str:
    return SAID[language]["some_notes"].format(n=n, whole=8)


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder = tmp_path_factory.mktemp("scope")
    notes = write_notes(
        folder / "notes",
        NOTES | {"차/barley <b>.md": TAGGED, "kiln.md": "---\ndate: 2019-03-05\n---\nThe kiln was lit at noon."},
    )
    settings = Settings(notes=notes, index=folder / "index", embedding="hash", llm="extractive", threads=1)
    with standing(settings) as found:
        yield found


def unfold(page: Any) -> None:
    page.wait_for_selector("#tree li")


def wait_for_count(page: Any, said: str) -> None:
    page.wait_for_function(f"document.querySelector('.scope .which')?.innerText === {said!r}")


def type_at(page: Any, typed: str) -> None:
    page.locator(BOX).press_sequentially(typed)
    page.wait_for_selector("#at:visible")


def test_checked_notes_alone_are_asked_which_the_turn_says_and_a_reload_keeps(browser: Any, address: str) -> None:
    with visit(browser, address, "en-US") as page:
        wait_for_count(page, EN["all_notes"])
        unfold(page)
        assert page.locator("#tree input:checked").count() == page.locator("#tree input").count() == 10
        page.get_by_role("checkbox", name="deep", exact=True).uncheck()
        wait_for_count(page, some(6))
        picture(page, "scope-boxes")
        assert "50" not in answer_to(page, TEETH)
        assert page.inner_text("#said .asked-of").startswith("Asked of 6 of 8 notes")
        page.reload()
        wait_for_count(page, some(6))
        unfold(page)
        assert not page.get_by_role("checkbox", name="Bicycle gears", exact=True).is_checked()
        page.get_by_role("checkbox", name="Bicycle gears", exact=True).check()
        wait_for_count(page, some(7))
        assert page.evaluate("document.querySelector('#tree .head input').indeterminate")
        assert "50" in answer_to(page, TEETH)
        page.click(".scope .off")
        wait_for_count(page, EN["all_notes"])
        assert page.locator("#tree input:checked").count() == 10


def test_the_filter_narrows_the_list_and_all_and_none_act_on_what_it_shows(browser: Any, address: str) -> None:
    with visit(browser, address, "ko-KR") as page:
        unfold(page)
        page.click("[data-choose=none]")
        wait_for_count(page, some(0, Language.KO))
        answer_to(page, "녹차는 몇 도의 물에 우리나요?")
        assert page.locator("#said .answer").last.inner_text().strip("⚠ ") == SAID[Language.KO]["none_chosen"]
        page.fill("#sift", "차")
        assert page.locator("#tree .title:visible").all_inner_texts() == ["보리차 끓이기", "녹차 우리기"]
        assert page.inner_text("#sifted") == "2개 보임"
        page.click("[data-choose=all]")
        wait_for_count(page, some(2, Language.KO))
        assert "70도" in answer_to(page, "녹차는 몇 도의 물에 우리나요?")
        picture(page, "scope-filter")
        page.fill("#sift", "없는 이름")
        assert page.locator("#tree li:visible").count() == 0


def test_typing_at_offers_what_matches_and_the_keys_choose_it(browser: Any, address: str) -> None:
    with visit(browser, address, "en-US") as page:
        type_at(page, "How hot? @차")
        offered = page.locator(OFFERED).all_inner_texts()
        assert [text.split("\n")[0] for text in offered] == ["차/", "#차", "#차/보리", "녹차 우리기", "보리차 끓이기"]
        picture(page, "scope-at")
        page.keyboard.press("ArrowDown")
        page.keyboard.press("ArrowDown")
        active = page.get_attribute(BOX, "aria-activedescendant")
        assert page.get_attribute(f"#{active}", "aria-selected") == "true"
        page.keyboard.press("Enter")
        page.wait_for_selector(CHIP)
        assert page.input_value(BOX) == "How hot? " and page.locator("#at").is_hidden()
        assert page.inner_text(f"{CHIP} > :not(.unseen)").strip() == "×" and "#차/보리" in page.inner_text(CHIP)
        wait_for_count(page, some(1))
        assert page.locator("#said .turn, #now .turn").count() == 0  # Enter chose, it did not ask
        said = answer_to(page, "보리차는 몇 도의 물에 끓이나요?")
        assert "95도" in said and "#차/보리" in page.inner_text("#said .asked-of")
        assert page.locator(CHIP).count() == 1  # it holds for the questions after this one
        page.click(CHIP)
        wait_for_count(page, EN["all_notes"])
        assert page.evaluate("document.activeElement.closest('#box') !== null")


def test_a_chip_goes_before_the_boxes_until_it_is_removed(browser: Any, address: str) -> None:
    with visit(browser, address, "en-US") as page:
        unfold(page)
        page.get_by_role("checkbox", name="deep", exact=True).uncheck()
        type_at(page, "@bicy")
        page.keyboard.press("Tab")
        wait_for_count(page, some(1))
        assert "50" in answer_to(page, TEETH)
        page.click(CHIP)
        wait_for_count(page, some(6))


def test_escape_closes_what_is_offered_and_an_address_offers_nothing(browser: Any, address: str) -> None:
    with visit(browser, address, "en-US") as page:
        type_at(page, "@so")
        page.keyboard.press("Escape")
        page.wait_for_selector("#at", state="hidden")
        assert page.input_value(BOX) == "@so"
        page.fill(BOX, "")
        page.locator(BOX).press_sequentially("ada@so")
        page.wait_for_timeout(500)
        assert page.locator("#at").is_hidden()
        page.fill(BOX, "")
        type_at(page, "@nobody")
        assert page.inner_text("#at") == EN["nothing_matches"]
        assert page.locator("#at b, #tree b, #chips b").count() == 0


def test_on_a_phone_the_notes_are_a_drawer_that_takes_and_returns_the_focus(browser: Any, address: str) -> None:
    with visit(browser, address, "ko-KR", viewport={"width": 390, "height": 844}) as page:
        assert not page.is_visible("#side .side")
        page.click("#open-side")
        page.wait_for_selector("#side .side", state="visible")
        assert page.evaluate(
            "document.activeElement.closest('#side') !== null && document.querySelector('#head').inert"
        )
        unfold(page)
        page.get_by_role("checkbox", name="deep", exact=True).uncheck()
        picture(page, "scope-phone")
        page.keyboard.press("Escape")
        page.wait_for_selector("#side .side", state="hidden")
        assert page.evaluate("document.activeElement.id") == "open-side"
        wait_for_count(page, some(6, Language.KO))
        type_at(page, "@등대")
        picture(page, "scope-phone-at")
        assert page.locator("#at").bounding_box()["width"] <= 390
        page.tap(OFFERED) if page.evaluate("'ontouchstart' in window") else page.click(OFFERED)
        wait_for_count(page, some(1, Language.KO))
        assert page.evaluate("document.documentElement.scrollWidth") <= 390


def test_a_format_and_a_time_can_be_typed_and_days_picked(browser: Any, address: str) -> None:
    with visit(browser, address, "en-US") as page:
        type_at(page, "@txt")
        assert page.locator(OFFERED).first.inner_text().split("\n")[0] == ".txt"
        page.keyboard.press("Enter")
        wait_for_count(page, some(2))
        page.click(CHIP)
        type_at(page, "@2019")
        page.keyboard.press("Enter")
        wait_for_count(page, some(1))
        assert "2019" in page.inner_text(CHIP)
        said = answer_to(page, "When was the kiln lit?")
        assert "noon" in said and "2019" in page.inner_text("#said .asked-of")
        unfold(page)
        page.click("#days summary")
        assert page.input_value("#since") == "2019-01-01"
        page.fill("#until", "2019-02-01")
        wait_for_count(page, some(0))
        page.fill("#until", "2019-03-05")
        page.fill("#since", "2019-03-05")
        wait_for_count(page, some(1))
        picture(page, "scope-days")
        assert "2019-03-05" in page.inner_text(CHIP)
        page.fill("#since", "")
        page.fill("#until", "")
        wait_for_count(page, EN["all_notes"])
