"""Other answers, in a browser: asked anew, by another model, in a branch; none of them is lost."""

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from browser_parts import BOX, IN_CHROMIUM, answer_to, ask, forget, picture, save, standing, visit
from fakes import write_notes
from openai_server import Script, serving

from assistant import Settings
from assistant.page.words import SAID
from assistant.text.language import Language

pytestmark = IN_CHROMIUM
EN = SAID[Language.EN]
ADA, LOAF = "Who is the librarian?", "At how many degrees is the loaf baked under a lid?"
WRITTEN = "The loaf is baked at 250 degrees under a lid [1]."
NAMES = "#talks .name"


@pytest.fixture(scope="module")
def written() -> Script:
    return Script(says=WRITTEN)


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory, written: Script) -> Iterator[str]:
    folder = tmp_path_factory.mktemp("branches")
    settings = Settings(notes=write_notes(folder / "notes"), index=folder / "index", embedding="hash", threads=1)
    with serving(written) as llm:
        hosted = replace(settings, models=folder, llm="extractive", llm_address=llm, llm_model="bard")
        with standing(hosted) as found:
            yield found


@pytest.fixture
def address(served: str) -> str:
    """A server that keeps no conversation yet."""
    forget(served)
    return served


def written_by(page: Any, llm: str) -> None:
    """Wait until the last answer is by a model."""
    page.wait_for_function(
        "llm => [...document.querySelectorAll('#said .turn > .actions select')].pop()?.dataset.llm === llm", arg=llm
    )


def test_an_answer_is_written_anew_by_another_model_and_the_one_before_stays(browser: Any, address: str) -> None:
    with visit(browser, address, "en-US") as page:
        answer_to(page, LOAF)
        written_by(page, "extractive")
        assert page.locator("#writer option").all_inner_texts() == [EN["quotes_alone"], "bard"]
        again = page.locator("#said select[data-again]")
        assert again.locator("option").all_inner_texts() == [EN["other_writer"], "bard"]
        again.select_option("openai-like")
        written_by(page, "openai-like")
        assert page.locator("#said .turn").count() == 1
        page.click("#said .earlier summary")
        assert EN["written"].format(llm="extractive") in page.inner_text("#said .earlier")
        assert page.locator("#said .earlier .cite").count()
        picture(page, "branches-earlier")
        assert page.locator("#said select[data-again] option").all_inner_texts() == [
            EN["other_writer"],
            EN["quotes_alone"],
        ]
        assert page.input_value("#writer") == "extractive"  # it was for this answer alone
        page.reload()
        page.wait_for_selector("#said .earlier")
        ask(page, ADA)
        page.wait_for_function("document.querySelectorAll('#said .turn').length === 2")
        written_by(page, "extractive")


def test_a_conversation_keeps_its_model_over_a_reload_and_another_one_has_its_own(browser: Any, address: str) -> None:
    with visit(browser, address, "en-US") as page:
        page.select_option("#writer", "openai-like")
        answer_to(page, LOAF)
        written_by(page, "openai-like")
        page.reload()
        page.wait_for_selector("#said .turn")
        assert page.input_value("#writer") == "openai-like"
        page.click("#new")
        page.wait_for_selector("#said .suggestion:visible")
        page.wait_for_function("document.querySelector('#writer').value === 'extractive'")
        answer_to(page, ADA)
        written_by(page, "extractive")
        page.locator(NAMES).last.click()
        page.wait_for_function("document.querySelector('#writer').value === 'openai-like'")


def test_a_branch_begins_as_its_conversation_and_an_earlier_question_is_changed_in_one(
    browser: Any, address: str
) -> None:
    with visit(browser, address, "en-US") as page:
        answer_to(page, ADA)
        answer_to(page, LOAF)
        page.locator("#said [data-event=branch]").first.click()
        page.wait_for_function("document.querySelectorAll('#said .turn').length === 1")
        branch = EN["branch_of"].format(title=ADA)
        page.wait_for_function("name => document.querySelector('#talks .name').innerText === name", arg=branch)
        picture(page, "branches")
        page.locator(NAMES).last.click()
        page.wait_for_function("document.querySelectorAll('#said .turn').length === 2")
        page.locator("#said [data-event=edit]").first.click()  # what followed it stays where it was
        assert page.inner_text("#editing .of-earlier:visible").strip() == EN["editing_earlier"]
        page.keyboard.press("Escape")
        assert page.locator(NAMES).count() == 2 and page.locator("#said .turn").count() == 2
        page.locator("#said [data-event=edit]").first.click()
        page.fill(BOX, LOAF)
        page.keyboard.press("Enter")
        page.wait_for_function("document.querySelectorAll('#talks .name').length === 3")
        page.wait_for_function("document.querySelectorAll('#said .turn').length === 1")
        assert page.inner_text("#said .question") == LOAF and not page.is_visible("#editing")
        texts = page.locator(NAMES).all_inner_texts()
        assert sorted(texts) == sorted([ADA, LOAF, branch])


def test_a_changed_question_keeps_what_was_asked_and_answered_before(browser: Any, address: str) -> None:
    with visit(browser, address, "en-US") as page:
        answer_to(page, ADA)
        page.click("#said [data-event=edit]")
        page.fill(BOX, LOAF)
        page.keyboard.press("Enter")
        page.wait_for_selector("#said .earlier")
        assert page.inner_text("#said .question") == LOAF
        page.click("#said .earlier summary")
        assert ADA in page.inner_text("#said .earlier") and "Ada Morrow" in page.inner_text("#said .earlier")


def test_one_conversation_is_saved_as_json_and_as_markdown_under_its_name(browser: Any, address: str) -> None:
    with visit(browser, address, "en-US") as page:
        answer_to(page, ADA)
        with page.expect_download() as saved:
            save(page, "json")
        assert saved.value.suggested_filename == "Who is the librarian.json"
        talk = json.loads(Path(saved.value.path()).read_text(encoding="utf-8"))
        assert [item["question"] for item in talk["exchanges"]] == [ADA]
        assert talk["exchanges"][0]["answer"]["citations"][0]["source"] == "deep/library.txt"
        with page.expect_download() as saved:
            save(page, "md")
        assert saved.value.suggested_filename == "Who is the librarian.md"
