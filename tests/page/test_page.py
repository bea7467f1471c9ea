"""The page in a real browser, over a real index: what a user sees, and that nothing leaves the machine."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from browser_parts import BOX, IN_CHROMIUM, PATIENCE, answer_to, ask, commanded, picture, room, save, standing, visit
from fakes import REAL_MODELS, write_notes
from markdown_it import MarkdownIt
from openai_server import Script, serving
from page_parts import Shown
from six_notes import NOTES

from assistant import Settings
from assistant.index.update import update
from assistant.page import exchanges

WEIGHTS = REAL_MODELS / "multilingual-e5-small"
pytestmark = IN_CHROMIUM
CRANE = (
    "The Kelvin harbour crane lifts 90 tonnes <img src=http://127.0.0.1:9/x.png onerror=alert(1)> "
    "[x](javascript:alert(2)) ![a](http://127.0.0.1:9/y.png) <script>alert(3)</script> ${alert(4)}."
)
HOSTILE = f'---\ntitle: "<svg onload=alert(5)> Crane"\nurl: "javascript:alert(6)"\n---\n\n## <b>Load</b>\n\n{CRANE}\n'
WORDS = ["<img src=http://127.0.0.1:9/z.png onerror=alert(7)> "] + [f"word{number} " for number in range(2000)]


@pytest.fixture(scope="module")
def environment(tmp_path_factory: pytest.TempPathFactory, real_embedding: Any) -> dict[str, str]:
    """The environment of a server over the shared notes and a hostile one."""
    assert WEIGHTS.exists(), "run: assistant models pull multilingual-e5-small"
    folder = tmp_path_factory.mktemp("page")
    notes = write_notes(folder / "notes", NOTES | {"crane.md": HOSTILE})
    settings = Settings(notes=notes, index=folder / "index", models=REAL_MODELS, threads=1)
    update([notes], settings, lambda: real_embedding)
    places = {"NOTES": notes, "INDEX": settings.index, "MODELS": REAL_MODELS, "THREADS": 1}
    return {f"ASSISTANT_{name}": str(value) for name, value in places.items()}


@pytest.fixture(scope="module")
def address(environment: dict[str, str], tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with commanded(tmp_path_factory.mktemp("serve"), environment, "extractive") as found:
        yield found


@pytest.mark.parametrize(
    ("locale", "button", "question", "fact", "badges"),
    [
        (
            "ko-KR",
            "묻기",
            "녹차는 몇 도의 물에 우리나요?",
            "70도",
            ("노트에서 찾음", "노트의 구절", "노트에 있을 수 있음"),
        ),
        (
            "en-GB",
            "Ask",
            "Which flour is the sourdough starter fed with?",
            "rye",
            ("From your notes", "Passages from your notes", "Perhaps in your notes"),
        ),
    ],
)
def test_a_question_gets_an_answer_beside_the_words_it_rests_on(
    browser: Any, address: str, locale: str, button: str, question: str, fact: str, badges: tuple[str, str]
) -> None:
    with visit(browser, address, locale) as page:
        assert page.inner_text("#ask") == button
        said = answer_to(page, question)
        page.wait_for_selector("#note mark")
        picture(page, f"page-{locale}")
        assert fact in said and "[1]" in said
        assert fact in page.inner_text("#note mark")
        assert page.inner_text("#said .badge") in badges
        assert "%" in page.inner_text("#said .confidence")
        page.click("#said .trace summary")
        assert page.locator("#said .trace li").count() > 0
        assert page.inner_text("#said .trace table").count("\n") >= 3


def test_a_citation_is_reached_by_keyboard_and_opens_the_whole_note_at_the_quoted_words(
    browser: Any, address: str
) -> None:
    with visit(browser, address, "en-US") as page:
        answer_to(page, "How many metres wide is the primary mirror of the Mirinae telescope?")
        cited = page.locator("#said .cite").first
        page.locator("#said .turn").last.wait_for()
        cited.focus()
        quote = cited.get_attribute("data-quote")
        assert page.inner_text("#tip") == quote and page.is_visible("#tip")
        page.keyboard.press("Enter")
        page.wait_for_function("document.activeElement.matches('#note h2')")
        assert page.inner_text("#note mark") == quote
        whole = page.locator("#note .whole")
        assert "Mirinae looks for supernovae" in whole.inner_text() and "관측은 달이 없는" in whole.inner_text()
        mark, frame = page.locator("#note mark").bounding_box(), whole.bounding_box()
        assert frame["y"] <= mark["y"] <= frame["y"] + frame["height"]
        page.keyboard.press("Escape")
        page.wait_for_function("document.activeElement.matches('#said .cite')")


FAR = {"en-US": "When does the next train to Busan leave?", "ko-KR": "부산행 다음 열차는 언제 출발하나요?"}
NEAR = {"en-US": "What colour is the sourdough starter?", "ko-KR": "녹차는 어디서 자라?"}


@pytest.mark.parametrize(("locale", "badge"), [("en-US", "Not in your notes"), ("ko-KR", "노트에 없음")])
def test_a_question_that_the_notes_do_not_answer_gets_the_notes_that_are_near(
    browser: Any, address: str, locale: str, badge: str
) -> None:
    with visit(browser, address, locale, color_scheme="dark") as page:
        for question, near in ((FAR[locale], False), (NEAR[locale], True)):
            answer_to(page, question)
            picture(page, f"page-{locale}-unanswerable-dark")
            turn = page.locator("#said .turn").last
            assert turn.locator(".badge").inner_text() == badge and turn.locator(".cite").count() == 0
            assert (turn.locator(".sources button").count() > 0) is near


def test_a_hostile_note_is_shown_literally(browser: Any, address: str) -> None:
    with visit(browser, address, "en-US") as page:
        question = "How many tonnes does the Kelvin harbour crane lift? <img src=x>"
        said = answer_to(page, question)
        page.wait_for_selector("#note mark")
        picture(page, "page-hostile")
        # Answer and panel show what a reader of the note sees; what stands in the file is there as text besides.
        assert "lifts 90 tonnes" in said and "${alert(4)}" in said and "alert(1)" not in said
        assert page.locator("#said .question").last.inner_text() == question
        written = page.locator("#note details.front").last
        written.locator("summary").click()
        panel = written.inner_text()
        assert "90 tonnes <img src=http://127.0.0.1:9/x.png onerror=alert(1)>" in panel
        assert "<script>alert(3)</script>" in panel and "<svg onload=alert(5)> Crane" in panel
        assert "javascript:alert(6)" in panel and "${alert(4)}" in panel
        for element in ("img", "script", "a", "svg[onload]"):
            assert page.locator(f"#said {element}, #note {element}").count() == 0


def test_a_nearest_note_opens_where_no_note_is_open_and_a_click_beside_everything_does_nothing(
    browser: Any, address: str
) -> None:
    with visit(browser, address, "en-US") as page:
        answer_to(page, NEAR["en-US"])
        page.locator("#said .sources button").first.click()
        page.wait_for_selector("#note h2")
        page.evaluate("document.dispatchEvent(new MouseEvent('click', { bubbles: true }))")
        page.evaluate(
            "document.querySelector('#said p').firstChild.dispatchEvent(new MouseEvent('click', { bubbles: true }))"
        )
        page.evaluate("document.dispatchEvent(new KeyboardEvent('keydown', { key: '/', bubbles: true }))")
        page.wait_for_timeout(300)


def test_what_is_exported_of_a_hostile_note_is_no_markup(browser: Any, address: str) -> None:
    with visit(browser, address, "en-US") as page:
        answer_to(page, "How many tonnes does the Kelvin harbour crane lift?")
        with page.expect_download() as saved:
            save(page, "md")
        text = Path(saved.value.path()).read_text(encoding="utf-8")
        assert "90 tonnes" in text
        html = MarkdownIt("commonmark", {"html": True}).render(text)
        assert Shown(html).tags <= {"h2", "p", "blockquote", "code"}


def test_files_that_are_dropped_become_notes(browser: Any, address: str, tmp_path: Path) -> None:
    names = ("황새 둥지.md", "stork.txt")
    for name in names:
        (tmp_path / name).write_text("The white stork nests on the chimney of the old brewery.\n", encoding="utf-8")
    with visit(browser, address, "ko-KR") as page:
        room(page, 1)
        page.set_input_files("#room-notes input[type=file]", [str(tmp_path / name) for name in names])
        page.wait_for_selector("#told p")
        assert page.inner_text("#told") == "더했습니다: 황새 둥지.md, stork.txt"
        page.wait_for_selector("#list tr:has-text('황새 둥지.md')")


def test_a_note_that_is_added_answers_and_one_that_is_removed_does_not(browser: Any, address: str) -> None:
    with visit(browser, address, "en-US") as page:
        room(page, 1)
        page.fill("#name textarea, #name input", "../../heron")
        page.fill(
            "#pasted textarea", "# Heron\n\nThe grey heron Balthasar nests on the ninth pylon of the ferry pier.\n"
        )
        page.click("#save")
        page.wait_for_selector("#list tr:has-text('heron.md')")
        picture(page, "page-notes")
        room(page, 0)
        assert "ninth pylon" in answer_to(page, "Where does the grey heron Balthasar nest?")
        room(page, 1)
        page.click("#list tr:has-text('heron.md') [data-event=delete]")
        page.wait_for_function("!document.querySelector('#list').innerText.includes('heron.md')")
        assert ".removed" in page.inner_text("#told")


def test_the_language_switches_and_a_reload_keeps_it_and_the_conversation(browser: Any, address: str) -> None:
    with visit(browser, address, "en-US") as page:
        said = answer_to(page, "Who is the librarian?")
        page.click("#status button:visible")
        page.wait_for_function("document.querySelector('#ask').innerText == '묻기'")
        assert page.get_attribute(BOX, "placeholder") == "노트에 대해 물어보세요"
        page.reload()
        page.wait_for_selector("#said .turn")
        page.wait_for_function("document.querySelector('#ask').innerText == '묻기'")
        assert page.locator("#said .answer").last.inner_text() == said
        assert page.inner_text("#said .badge") in ("노트에서 찾음", "노트의 구절", "노트에 있을 수 있음")
        page.click("#new")
        page.wait_for_selector("#said .suggestion:visible")


def test_two_tabs_hold_two_conversations(browser: Any, address: str) -> None:
    with visit(browser, address, "en-US") as one:
        other = one.context.new_page()
        other.goto(address)
        other.wait_for_selector("#said .suggestion:visible")
        ask(one, "When does the reading room close?")
        ask(other, "How many teeth does the large chainring have?")
        for page, fact in ((one, "nine"), (other, "50")):
            page.wait_for_selector("#said .turn", timeout=PATIENCE)
            assert fact in page.inner_text("#said .answer")
            page.reload()
            page.wait_for_selector("#said .turn", timeout=PATIENCE)
            assert page.locator("#said .turn").count() == 1 and fact in page.inner_text("#said .answer")


def test_an_answer_is_copied_marked_asked_again_and_saved(browser: Any, address: str) -> None:
    with visit(browser, address, "en-US", permissions=["clipboard-read", "clipboard-write"]) as page:
        question = "Who is the librarian?"
        answer_to(page, question)
        page.click("[data-event=copied]:not([data-what])")
        page.wait_for_selector("[data-event=copied].done")
        copied = page.evaluate("navigator.clipboard.readText()")
        assert question in copied and "> The librarian is called Ada Morrow." in copied and "deep/library.txt" in copied
        page.click("[data-event=copied][data-what=words]")
        page.wait_for_function("() => navigator.clipboard.readText().then((text) => !text.includes('>'))")
        assert page.evaluate("navigator.clipboard.readText()") == "The librarian is called Ada Morrow."
        page.click("[data-rated=down]")
        page.fill("#said .reason", "too long")
        page.click("#said .reason >> xpath=../following-sibling::button")
        page.wait_for_selector("#said .reason", state="detached")
        assert page.get_attribute("[data-rated=down]", "aria-pressed") == "true"
        with page.expect_download() as saved:
            save(page, "md")
        assert Path(saved.value.path()).read_text(encoding="utf-8").startswith(f"## {question}")
        page.click("[data-event=submit]")
        page.wait_for_selector("#said [data-rated=down]:not([aria-pressed=true])")  # the new answer has no mark
        page.wait_for_selector("#ask", state="visible")
        assert page.locator("#said .turn").count() == 1
        assert page.inner_text("#said .earlier summary") == "1 earlier answer"


def test_an_empty_question_changes_nothing(browser: Any, address: str) -> None:
    with visit(browser, address, "en-US") as page:
        answer_to(page, "Who is the librarian?")
        ask(page, "   ")
        # The page takes one question at a time: this one must be over before the next, which no element shows.
        page.wait_for_timeout(1500)
        answer_to(page, "When does the reading room close?")
        assert page.locator("#said .turn").count() == 2


def test_on_a_phone_a_note_opens_over_the_conversation_and_closes(browser: Any, address: str) -> None:
    with visit(browser, address, "ko-KR", viewport={"width": 390, "height": 844}, color_scheme="dark") as page:
        answer_to(page, "미리내 망원경의 주거울은 지름이 얼마인가요?")
        picture(page, "page-phone")
        assert not page.is_visible("#note mark")
        page.click("#said .cite")
        page.wait_for_selector("#note mark", state="visible")
        picture(page, "page-phone-note")
        assert page.locator("#note section").bounding_box()["width"] > 340
        page.click("#note .close")
        page.wait_for_selector("#note mark", state="hidden")
        for number in range(4):
            room(page, number)
            assert page.evaluate("document.documentElement.scrollWidth") <= 390


def test_models_and_quality_say_what_is_in_use_and_what_was_measured(browser: Any, address: str) -> None:
    with visit(browser, address, "ko-KR") as page:
        room(page, 3)
        page.wait_for_selector("#models", state="visible")
        picture(page, "page-models")
        assert "extractive" in page.inner_text("#models") and "multilingual-e5-small" in page.inner_text("#models")
        room(page, 2)
        page.wait_for_selector("#measure", state="visible")
        picture(page, "page-quality")
        assert "아직 측정하지 않았습니다" in page.inner_text("#run")


def test_stop_ends_an_answer_and_the_next_question_can_be_asked(browser: Any, settings: Settings) -> None:
    with serving(Script(says="".join(WORDS), pause=0.1)) as model:
        place = {"llm": "openai-like", "llm_address": model, "llm_model": "endless"}
        with standing(replace(settings, **place)) as address, visit(browser, address, "en-US") as page:
            for turn in (1, 2):
                ask(page, "Which flour is the sourdough starter fed with?")
                page.wait_for_function("document.querySelector('#now').innerText.includes('word3')")
                picture(page, f"page-writing-{turn}")
                assert WORDS[0].strip() in page.inner_text("#now .answer")
                page.keyboard.press("Escape") if turn == 1 else page.click("#stop")
                page.wait_for_selector("#ask", state="visible")
                page.wait_for_function("!document.querySelector('#now').innerText.includes('word3')")
                assert "word3" in page.locator("#said .answer").last.inner_text()
                assert page.locator("#said .trouble").last.inner_text().startswith("Stopped; ")
            assert page.locator("#said .turn").count() == 2
            page.reload()
            page.wait_for_selector("#said .turn")
            assert page.locator("#said .answer:has-text('word3')").count() == 2


def test_a_conversation_that_is_full_still_scrolls_to_its_last_question(
    browser: Any, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(exchanges, "KEPT", 3)
    with standing(settings) as address, visit(browser, address, "en-US") as page:
        for number in range(5):
            ask(page, f"At how many degrees is the loaf number {number} baked under a lid?")
            page.wait_for_selector(f"#said .turn:has-text('number {number} ')")
            page.wait_for_selector("#ask", state="visible")
        assert page.locator("#said .turn").count() == 3
        page.wait_for_function("(talk => talk.scrollTop > 100)(document.querySelector('#talk'))")


def test_a_mark_that_cannot_be_kept_is_one_line_and_the_conversation_stays(browser: Any, settings: Settings) -> None:
    (settings.home / "feedback.jsonl").mkdir()  # a folder stands where the file should be
    with standing(settings) as address, visit(browser, address, "en-US") as page:
        answer_to(page, "At how many degrees is the loaf baked under a lid?")
        page.click("[data-rated=up]")
        page.wait_for_selector("text=make room there and mark it again")
        assert "250 degrees" in page.inner_text("#said")


@pytest.mark.parametrize("locale", ["en-US", "ko-KR"])
def test_a_link_to_another_note_opens_it_beside_the_answer_and_in_the_notes_room(
    browser: Any, settings: Settings, locale: str
) -> None:
    text = "# Kites\n\nThe kite Zephyrine weighs as much as [[sourdough|the bread]] and carries [[no such note]].\n"
    write_notes(settings.notes, {"kites.md": text})
    with standing(settings) as address, visit(browser, address, locale) as page:
        answer_to(page, "How much does the kite Zephyrine weigh?")
        in_answer = page.locator("#said .answer .link")
        assert in_answer.all_inner_texts() == ["the bread"] and "[[no such note]]" in page.inner_text("#said .answer")
        for link in (in_answer, page.locator("#note .link")):
            page.wait_for_function("document.querySelector('#note code')?.innerText === 'kites.md'")
            link.click()
            page.wait_for_function("document.querySelector('#note code')?.innerText === 'sourdough.md'")
            page.wait_for_function("document.activeElement.matches('#note h2')")
            page.locator("#said .cite").first.click()
        picture(page, f"page-link-{locale}")
        room(page, 1)
        page.locator("#list [data-event=select][data-source='kites.md']").click()
        page.click("#shown .link")
        page.wait_for_function("document.querySelector('#shown code')?.innerText === 'sourdough.md'")
