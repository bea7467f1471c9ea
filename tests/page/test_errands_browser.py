"""Ten errands of a new user in a browser, each in no more steps than docs/errands.md says.

A step is a click, a key, a text that is typed or pasted, or a file that is dropped.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
from browser_parts import BOX, IN_CHROMIUM, answer_to, standing, visit
from fakes import write_notes
from openai_server import Script, serving

from assistant import Settings

pytestmark = IN_CHROMIUM
TABLE = Path(__file__).parent.parent.parent / "docs" / "errands.md"
ADA, LOAF = "Who is the librarian?", "At how many degrees is the loaf baked under a lid?"
STORK = "# White stork\n\nThe stork Cordelia nests on the old brewery."
DROP = """file => {
  const given = new DataTransfer();
  given.items.add(new File([file[1]], file[0]));
  for (const kind of ["dragenter", "dragover", "drop"])
    document.body.dispatchEvent(new DragEvent(kind, { dataTransfer: given, bubbles: true, cancelable: true }));
}"""


@dataclass
class Hand:
    """A user's hand on the page; counts its steps."""

    page: Any
    steps: int = 0

    def click(self, selector: str) -> None:
        self.steps += 1
        self.page.locator(selector).first.click()

    def press(self, key: str) -> None:
        self.steps += 1
        self.page.keyboard.press(key)

    def type(self, text: str) -> None:
        """Type where the focus is, or in the question field."""
        self.steps += 1
        if not self.page.evaluate("document.activeElement.matches('input, textarea')"):
            self.page.locator(BOX).focus()
        self.page.keyboard.type(text)

    def drop(self, name: str, text: str) -> None:
        self.steps += 1
        self.page.evaluate(DROP, [name, text])

    def choose(self, selector: str, value: str) -> None:
        """Open a menu and choose from it."""
        self.steps += 2
        self.page.locator(selector).first.select_option(value)


def asked(hand: Hand, question: str) -> str:
    hand.type(question)
    hand.press("Enter")
    hand.page.wait_for_selector("#said .answer")
    hand.page.wait_for_selector("#ask", state="visible")
    return str(hand.page.locator("#said .answer").last.inner_text())


def one_note_alone(hand: Hand) -> None:
    hand.type("@sourdough")
    hand.page.wait_for_selector("#at li[aria-selected=true]")
    hand.press("Enter")
    assert "250" in asked(hand, LOAF)
    assert hand.page.inner_text("#said .asked-of").startswith("Asked of 1 of ")


def add_and_ask(hand: Hand) -> None:
    hand.drop("stork.md", STORK)
    hand.page.wait_for_selector("#tree .title:has-text('White stork')")
    assert "brewery" in asked(hand, "Where does the stork Cordelia nest?")


def delete_a_note(hand: Hand) -> None:
    hand.click("#rooms [role=tab]:has-text('Notes')")
    hand.click("#list tr:has-text('sourdough.md') [data-event=delete]")
    hand.page.wait_for_function("!document.querySelector('#list').innerText.includes('sourdough.md')")


def continued(hand: Hand) -> None:
    hand.click("#talks .name")
    hand.page.wait_for_selector("#said .turn")
    assert "Ada Morrow" in hand.page.inner_text("#said .answer")


def continued_on_a_phone(hand: Hand) -> None:
    hand.click("#open-side")
    continued(hand)


def quoted_words(hand: Hand) -> None:
    hand.click("#said .cite")
    hand.page.wait_for_selector("#note mark")
    assert "Ada Morrow" in hand.page.inner_text("#note mark")


def cite_into_a_document(hand: Hand) -> None:
    hand.click("[data-event=copied]")
    hand.page.wait_for_selector("[data-event=copied].done")
    copied = hand.page.evaluate("navigator.clipboard.readText()")
    assert "Ada Morrow. [1]" in copied and "deep/library.txt" in copied


def change_the_question(hand: Hand) -> None:
    hand.click("#said [data-event=edit]")
    hand.page.locator(BOX).select_text()  # to type over what stands there
    hand.type(LOAF)
    hand.press("Enter")
    hand.page.wait_for_selector("#said .earlier")
    hand.page.wait_for_function(f"document.querySelector('#said .question').innerText === {LOAF!r}")


def another_model(hand: Hand) -> None:
    hand.choose("select[data-again]", "openai-like")
    hand.page.wait_for_selector("#said .earlier")


def rename_and_save(hand: Hand) -> None:
    hand.page.locator("#talks li:has(.name)").first.hover()
    hand.click("#talks .rename")
    hand.type("The library")
    hand.press("Enter")
    hand.page.wait_for_selector("#talks .name:has-text('The library')")
    hand.click("#saving summary")
    with hand.page.expect_download() as saved:
        hand.click("#saving [data-save=md]")
    assert saved.value.suggested_filename == "The library.md"


def find_a_word(hand: Hand) -> None:
    hand.page.locator("#find").focus()
    hand.type("Morrow")
    hand.page.wait_for_function("document.querySelectorAll('#talks .name').length === 1")
    continued(hand)


ERRANDS: dict[str, tuple[Callable[[Hand], None], str]] = {
    "ask one note only": (one_note_alone, "new"),
    "add a note and ask about it": (add_and_ask, "new"),
    "delete a note": (delete_a_note, "new"),
    "go on with yesterday's conversation": (continued, "new"),
    "… on a phone": (continued_on_a_phone, "phone"),
    "see the quoted words in their place": (quoted_words, "answer"),
    "cite into a document": (cite_into_a_document, "answer"),
    "change the question, keep the answer": (change_the_question, "answer"),
    "have another model write it": (another_model, "answer"),
    "rename a conversation and save it": (rename_and_save, "answer"),
    "find a conversation by a word in it": (find_a_word, "new"),
}


def promised() -> dict[str, int]:
    """Return the steps that the table tells by errand."""
    rows = [line.strip("| ").split("|") for line in TABLE.read_text(encoding="utf-8").splitlines() if "|" in line]
    return {row[0].strip(): int(row[1]) for row in rows if row[1].strip().isdigit()}


@pytest.fixture(scope="module")
def hosted() -> Iterator[str]:
    with serving(Script(says="The librarian is called Ada Morrow. [1]")) as found:
        yield found


@pytest.fixture
def address(tmp_path: Path, hosted: str) -> Iterator[str]:
    settings = Settings(notes=write_notes(tmp_path / "notes"), index=tmp_path / "index", embedding="hash", threads=1)
    with standing(replace(settings, llm="extractive", llm_address=hosted, llm_model="bard")) as found:
        yield found


@pytest.mark.parametrize("errand", ERRANDS)
def test_an_errand_takes_the_steps_that_are_promised(browser: Any, address: str, errand: str) -> None:
    run, state = ERRANDS[errand]
    with visit(browser, address, "en-US", permissions=["clipboard-read", "clipboard-write"]) as page:
        answer_to(page, ADA)
        page.wait_for_selector("#talks .name")
        if state == "answer":
            run(hand := Hand(page))
        else:
            looks = {"viewport": {"width": 390, "height": 844}} if state == "phone" else {}
            with visit(browser, address, "en-US", **looks) as other:
                other.wait_for_selector("#talks .name", state="attached")
                run(hand := Hand(other))
        assert hand.steps == promised()[errand]


def test_every_errand_of_the_table_is_run() -> None:
    assert set(promised()) == set(ERRANDS)
