"""Several conversations in a real browser: listed, searched, renamed, pinned, deleted; none of their words is lost."""

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from browser_parts import BOX, IN_CHROMIUM, answer_to, ask, forget, picture, standing, visit
from fakes import write_notes
from openai_server import Script, serving

from assistant import Settings
from assistant.page.words import SAID
from assistant.text.language import Language

pytestmark = IN_CHROMIUM
EN = SAID[Language.EN]
ADA, LOAF = "Who is the librarian?", "At how many degrees is the loaf baked under a lid?"
NAMES = "#talks .name"
OLD = (Path(__file__).parent / "conversation.json").read_text(encoding="utf-8")
EARLIER = """
  const asked = indexedDB.open("notes-assistant", 1);
  asked.onupgradeneeded = () => {
    asked.result.createObjectStore("heads", { keyPath: "id" });
    asked.result.createObjectStore("texts");
  };
  asked.onsuccess = () => {
    const change = asked.result.transaction(["heads", "texts"], "readwrite");
    for (let n = 1; n <= 3; n++) {
      const [id, title] = [`old${n}`, `question ${n}`];
      change.objectStore("heads").put({ id, title, changed: n, chosen: null, name: n === 2 ? "two" : "" });
      change.objectStore("texts").put(JSON.stringify({ exchanges: [{ question: title }], id }), id);
    }
    change.oncomplete = () => { asked.result.close(); done(); };
  };
"""


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder = tmp_path_factory.mktemp("talks")
    settings = Settings(notes=write_notes(folder / "notes"), index=folder / "index", embedding="hash", threads=1)
    with standing(replace(settings, llm="extractive")) as found:
        yield found


@pytest.fixture
def address(served: str) -> str:
    """A server that keeps no conversation yet."""
    forget(served)
    return served


def listed(page: Any, *names: str) -> None:
    """Wait until the list names these conversations."""
    page.wait_for_function(
        "names => JSON.stringify([...document.querySelectorAll('#talks .name')].map(one => one.innerText)) === names",
        arg=json.dumps(names, separators=(",", ":"), ensure_ascii=False),
    )


def begin(page: Any) -> None:
    page.click("#new")
    page.wait_for_selector("#said .suggestion:visible")


def two_conversations(page: Any) -> None:
    answer_to(page, ADA)
    begin(page)
    answer_to(page, LOAF)
    listed(page, LOAF, ADA)


def test_a_new_conversation_keeps_the_old_one_which_opens_again_with_its_chosen_notes(
    browser: Any, address: str
) -> None:
    with visit(browser, address, "en-US") as page:
        page.locator(BOX).press_sequentially("@lib")
        page.wait_for_selector("#at li")
        page.keyboard.press("Enter")
        answer_to(page, ADA)
        begin(page)
        assert page.inner_text(".scope .which") == EN["all_notes"]
        answer_to(page, LOAF)
        listed(page, LOAF, ADA)
        picture(page, "talks")
        page.click(f"{NAMES}:has-text('librarian')")
        page.wait_for_selector("#said .answer:has-text('Ada Morrow')")
        page.wait_for_selector("#chips button:has-text('library')")
        assert page.inner_text("#talks [aria-current]") == ADA and page.locator("#said .turn").count() == 1
        assert "250" not in page.inner_text("#talk")
        page.reload()
        page.wait_for_selector("#said .answer:has-text('Ada Morrow')")
        page.wait_for_selector("#chips button:has-text('library')")
        listed(page, LOAF, ADA)
        answer_to(page, "When does the reading room close?")
        listed(page, ADA, LOAF)  # the newest first, by its last question; titled by its first
        begin(page)
        begin(page)
        listed(page, ADA, LOAF)  # an empty one is none


def test_a_conversation_is_renamed_and_deleted_and_comes_back(browser: Any, address: str) -> None:
    with visit(browser, address, "ko-KR") as page:
        two_conversations(page)
        page.hover(NAMES)
        page.locator("#talks .rename").first.click()
        page.keyboard.type("빵 <b>")
        page.keyboard.press("Escape")
        listed(page, LOAF, ADA)
        page.locator("#talks .rename").first.focus()
        page.keyboard.press("Enter")
        page.keyboard.type("빵 <b>")
        page.keyboard.press("Enter")
        listed(page, "빵 <b>", ADA)
        page.reload()
        listed(page, "빵 <b>", ADA)
        page.locator("#talks .delete").first.focus()
        page.keyboard.press("Enter")
        listed(page, ADA)
        page.wait_for_selector("#said .suggestion:visible")  # the deleted one was open
        page.wait_for_selector("#notice:visible")
        assert page.inner_text("#notice").startswith(SAID[Language.KO]["talk_deleted"].format(title="빵 <b>"))
        picture(page, "talks-deleted")
        page.keyboard.press("Enter")  # the way back has the focus
        listed(page, "빵 <b>", ADA)
        page.wait_for_selector("#said .answer:has-text('250')")
        assert page.locator("#notice").is_hidden()
        page.locator("#talks .delete").last.focus()
        page.keyboard.press("Enter")
        listed(page, "빵 <b>")
        page.reload()
        page.wait_for_selector("#said .answer:has-text('250')")
        listed(page, "빵 <b>")


def test_what_an_earlier_version_kept_is_taken_over(browser: Any, address: str) -> None:
    script = f"if (!sessionStorage.length) localStorage.setItem('notes-assistant', {OLD!r})"
    context = browser.new_context(locale="en-US")
    try:
        page = context.new_page()
        page.add_init_script(script.replace(repr(OLD), json.dumps(OLD)))
        page.goto(address)
        page.wait_for_selector("#said .answer:has-text('At noon.')")
        listed(page, "When is the tide high?")
        assert page.evaluate("localStorage.getItem('notes-assistant')") is None
        page.reload()
        page.wait_for_selector("#said .answer:has-text('At noon.')")
        assert page.locator("#said .turn").count() == 2 and page.locator(NAMES).count() == 1
    finally:
        context.close()


def test_what_an_earlier_version_kept_in_the_browsers_database_is_taken_over(browser: Any, address: str) -> None:
    with visit(browser, address, "en-US") as page:
        page.evaluate(f"new Promise((done) => {{ {EARLIER} }})")
        page.reload()
        listed(page, "question 3", "two", "question 1")
        page.click(f"{NAMES}:text-is('two')")
        page.wait_for_selector("#said .question:text-is('question 2')")
        assert "notes-assistant" not in page.evaluate(
            "indexedDB.databases().then((all) => all.map(({ name }) => name))"
        )
        page.reload()
        listed(page, "question 3", "two", "question 1")


def test_a_conversation_is_searched_pinned_and_all_are_saved(browser: Any, address: str) -> None:
    with visit(browser, address, "en-US") as page:
        two_conversations(page)
        page.fill("#find", "morrow")  # words of the answer
        listed(page, ADA)
        page.fill("#find", "nothing of the kind")
        page.wait_for_selector(f"#talks:has-text('{EN['no_talk_found']}')")
        page.fill("#find", "")
        listed(page, LOAF, ADA)
        page.locator("#talks .pin").last.focus()
        page.keyboard.press("Enter")
        listed(page, ADA, LOAF)
        assert page.inner_text("#talks .day >> nth=0") == EN["pinned"]
        assert page.locator("#talks .pin").first.get_attribute("aria-pressed") == "true"
        picture(page, "talks-pinned")
        for ending, words in {"md": f"# {LOAF}", "json": '"exchanges"'}.items():
            with page.expect_download() as saving:
                page.click(f"a[href='conversations/export.{ending}']")
            text = saving.value.path().read_text(encoding="utf-8")
            assert saving.value.suggested_filename == f"conversations.{ending}"
            assert words in text and "Ada Morrow" in text and "250" in text


def test_two_devices_share_conversations_and_neither_loses_what_the_other_asked(browser: Any, address: str) -> None:
    with visit(browser, address, "en-US") as desk, visit(browser, address, "ko-KR") as phone:
        answer_to(desk, ADA)
        phone.reload()
        phone.click(NAMES)
        phone.wait_for_selector("#said .answer:has-text('Ada Morrow')")
        answer_to(phone, LOAF)
        answer_to(desk, "When does the reading room close?")  # it has not seen what the phone asked
        desk.wait_for_selector("#said .answer:has-text('250')")
        assert desk.locator("#said .turn").count() == 3
        phone.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
        phone.wait_for_function("document.querySelectorAll('#said .turn').length === 3")


def test_what_cannot_be_kept_is_said_and_the_answer_stays(browser: Any, address: str) -> None:
    with visit(browser, address, "en-US") as page:
        page.route("**/conversations/*", lambda route: route.fulfill(status=503, json={"error": "the disk is full"}))
        answer_to(page, ADA)
        page.wait_for_selector("#notice:visible")
        assert page.inner_text("#notice").startswith(EN["talks_not_kept"].format(reason="the disk is full"))
        assert "Ada Morrow" in page.inner_text("#said")


def test_an_answer_under_way_is_not_lost_by_a_reload_or_by_opening_another(browser: Any, settings: Settings) -> None:
    words = [f"word{number} " for number in range(2000)]
    with serving(Script(says="".join(words), pause=0.1)) as model:
        place = {"llm": "openai-like", "llm_address": model, "llm_model": "endless"}
        with standing(replace(settings, **place)) as address, visit(browser, address, "en-US") as page:
            ask(page, LOAF)
            page.wait_for_function("document.querySelector('#now').innerText.includes('word15')")
            page.reload()
            page.wait_for_selector("#said .turn")
            assert page.inner_text("#said .question") == LOAF and "word0" in page.inner_text("#said .answer")
            assert EN["stopped_early"] in page.inner_text("#said")
            page.click("#said [data-event=submit]")
            page.wait_for_function("document.querySelector('#now').innerText.includes('word3')")
            page.click("#new")
            page.wait_for_selector("#said .suggestion:visible")
            listed(page, LOAF)
            page.click(NAMES)
            page.wait_for_selector("#said .answer:has-text('word3')")
            assert EN["stopped_early"] in page.inner_text("#said") and page.locator("#said .turn").count() == 1


def test_a_mark_given_while_another_answer_is_written_stays(browser: Any, settings: Settings) -> None:
    with serving(Script(says="One. Two. Three. Four. Five. Six.", pause=0.5)) as model:
        place = {"llm": "openai-like", "llm_address": model, "llm_model": "slow"}
        with standing(replace(settings, **place)) as address, visit(browser, address, "en-US") as page:
            answer_to(page, LOAF)
            ask(page, ADA)
            page.wait_for_selector("#now .turn")
            page.click("#said [data-event=like][data-rated=up]")
            page.wait_for_selector("#said [data-event=like][data-rated=up][aria-pressed=true]")
            page.wait_for_function("document.querySelectorAll('#said .turn').length === 2")
            page.wait_for_selector("#stop", state="hidden")
            assert page.locator("#said [data-rated=up][aria-pressed=true]").count() == 1
            page.reload()
            page.wait_for_function("document.querySelectorAll('#said .turn').length === 2")
            assert page.locator("#said [data-rated=up][aria-pressed=true]").count() == 1


def test_editing_deletes_nothing_until_the_question_is_sent(browser: Any, address: str) -> None:
    with visit(browser, address, "en-US") as page:
        said = answer_to(page, ADA)
        page.fill(BOX, "half a question")
        page.click("[data-event=edit]")
        assert page.input_value(BOX) == ADA and page.inner_text("#said .answer") == said
        assert EN["editing"] in page.inner_text("#editing")
        picture(page, "talks-editing")
        page.keyboard.press("Escape")
        page.wait_for_selector("#editing", state="hidden")
        assert page.input_value(BOX) == "half a question" and page.inner_text("#said .answer") == said
        page.click("[data-event=edit]")
        page.fill(BOX, LOAF)
        page.press(BOX, "Enter")
        page.wait_for_selector("#said .answer:has-text('250')")
        assert page.locator("#said .turn").count() == 1 and page.locator("#editing").is_hidden()
        listed(page, LOAF)


def test_two_tabs_share_the_list_and_what_is_open_in_both(browser: Any, address: str) -> None:
    with visit(browser, address, "en-US") as one:
        answer_to(one, ADA)
        other = one.context.new_page()
        other.goto(address)
        other.wait_for_selector(NAMES)
        assert other.locator("#said .turn").count() == 0  # a new tab begins anew
        other.click(NAMES)
        other.wait_for_selector("#said .turn")
        answer_to(other, LOAF)
        one.wait_for_selector("#said .answer:has-text('250')")
        assert one.locator("#said .turn").count() == 2


def test_on_a_phone_the_list_is_a_drawer_that_closes_when_one_is_chosen(browser: Any, address: str) -> None:
    with visit(browser, address, "ko-KR", viewport={"width": 390, "height": 844}, color_scheme="dark") as page:
        answer_to(page, ADA)
        begin(page)
        page.click("#open-side")
        page.wait_for_selector(NAMES, state="visible")
        picture(page, "talks-phone")
        page.click(NAMES)
        page.wait_for_selector("#said .answer:has-text('Ada Morrow')")
        page.wait_for_selector("#side .side", state="hidden")
        assert not page.evaluate("document.querySelector('#head').inert")
        assert page.evaluate("document.documentElement.scrollWidth") <= 390
