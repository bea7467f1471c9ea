"""Suggestions: questions that the notes answer, checked while nobody waits, for the conversation that they follow."""

import threading
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any, cast

import pytest
from browser_parts import IN_CHROMIUM, answer_to, ask
from fakes import HashEmbedding, opened
from page_parts import answered
from six_notes import LOAF

from assistant import Answer, Assistant, Settings
from assistant.answer import Action, Scope, Verdict
from assistant.index.store import IndexedNote
from assistant.messages.said import SUM_UP_PART
from assistant.page.mount import mount_page
from assistant.page.suggest import first_questions, follow_ups
from assistant.server.access import Access
from assistant.server.app import build_app
from assistant.server.queue import Turns
from assistant.text.language import Language, detect
from eval.load import served

OFFERED = """
addEventListener("DOMContentLoaded", () => {
  window.offered = [];
  const look = () => {
    const text = document.querySelector("#more")?.innerText;
    if (text) window.offered.push(text);
  };
  new MutationObserver(look).observe(document.body, { childList: true, subtree: true, characterData: true });
});
"""
MIRROR = "How wide is the primary mirror?"


@pytest.mark.parametrize(("question", "topic"), [(MIRROR, "Observing"), ("주거울은 지름이 얼마야?", "관측")])
@pytest.mark.parametrize("action", list(Action))
def test_what_the_check_calls_correct_is_offered_in_the_answers_language(
    assistant: Assistant, question: str, topic: str, action: Action
) -> None:
    asked: list[str] = []

    def judge(question: str, scope: Scope) -> Any:
        asked.append(question)
        assert scope == Scope(("deep",))
        return [], Verdict(action, 0.5)

    stand_in = SimpleNamespace(judge=judge, snapshot=assistant.snapshot)
    *_, offered = follow_ups(Turns(cast(Any, stand_in)), assistant.ask(question), Scope(("deep",)))
    assert any(topic in tried for tried in asked)
    said = SUM_UP_PART[detect(question)]
    titles = [cited.title for cited in assistant.ask(question).citations]
    assert all(any(title in each for title in titles) and said.split("{")[0] in each for each in offered)
    assert len(offered) == (min(len(asked), 3) if action is Action.CORRECT else 0)


def note(title: str, day: str = "", modified: int = 1) -> IndexedNote:
    return IndexedNote("/notes", f"{title}.md", "", title, "en", 1, day=day, modified=modified)


def test_a_conversation_begins_with_what_these_notes_can_be_asked_the_latest_first() -> None:
    notes = [note("Old", "2020-01-01"), note("Tea", "2026-10-01"), note("x"), note("y" * 61), note("빵", "2026-09-30")]
    notes += [note("Loaf", "2026-10-02", number) for number in (1, 2)]
    korean, english = Language.KO, Language.EN
    assert first_questions(notes) == [
        (korean, "어떤 노트가 있어?"),
        (korean, "‘Loaf’ 노트를 요약해 줘"),
        (korean, "‘Tea’ 노트를 요약해 줘"),
        (english, "Which notes are there?"),
        (english, "Summarise the note “Loaf”"),
        (english, "Summarise the note “Tea”"),
    ]
    assert len(first_questions([note(f"note {number}") for number in range(50)])) == 6
    assert first_questions([]) == []


class Gated:
    """Stands for an assistant whose every step waits for its permit, and which notes what it did."""

    def __init__(self, assistant: Assistant) -> None:
        self.settings, self.snapshot = assistant.settings, assistant.snapshot
        self.did: list[str] = []
        self.begun, self.permit = threading.Semaphore(0), threading.Semaphore(0)

    def judge(self, question: str, scope: Any) -> Any:
        self._step("judge")
        return [], Verdict(Action.CORRECT, 1.0)

    def stream(self, question: str, history: Any, scope: Any, **how: Any) -> Iterator[Answer]:
        self._step(question)
        yield answered()

    def _step(self, name: str) -> None:
        self.did.append(name)
        self.begun.release()
        assert self.permit.acquire(timeout=60)


def test_a_question_goes_before_the_checks_that_are_left(assistant: Assistant) -> None:
    gated = Gated(assistant)
    turns = Turns(cast(Any, gated))
    offered: list[Any] = []
    answer = assistant.ask(LOAF)
    reader = threading.Thread(target=lambda: offered.extend(follow_ups(turns, answer)), daemon=True)
    reader.start()
    assert gated.begun.acquire(timeout=60)
    asked = turns.stream("a question")
    assert next(asked) is None  # one check is under way, and nobody's question
    gated.permit.release()
    assert gated.begun.acquire(timeout=60) and gated.did == ["judge", "a question"]
    for _ in range(20):
        gated.permit.release()
    assert [said for said in asked if said]
    reader.join(60)
    assert offered[-1] and gated.did.count("judge") >= 1


def test_a_check_that_waits_is_dropped_when_the_conversation_has_gone_on(assistant: Assistant) -> None:
    gated = Gated(assistant)
    turns = Turns(cast(Any, gated))
    under_way = turns.stream("a question")
    assert gated.begun.acquire(timeout=60)
    checks = follow_ups(turns, assistant.ask(LOAF))
    assert next(checks) is None
    checks.close()
    gated.permit.release()
    assert [said for said in under_way if said]
    last = turns.stream("another")
    assert gated.begun.acquire(timeout=60)
    gated.permit.release()
    assert [said for said in last if said] and gated.did == ["a question", "another"]


@pytest.mark.browser
@IN_CHROMIUM[1]
def test_suggestions_of_the_answer_before_are_not_shown_beside_the_next(
    browser: Any, settings: Settings, embed_model: HashEmbedding
) -> None:
    made = opened(settings, embed_model)
    judging, may_judge = threading.Event(), threading.Event()

    def slow(question: str, scope: Any) -> Any:
        judging.set()
        assert may_judge.wait(60)
        return [], Verdict(Action.CORRECT, 1.0)

    cast(Any, made).judge = slow
    app = build_app(made, Access.to("127.0.0.1", settings))
    mount_page(app, made, None)
    with served(app) as address:
        page = browser.new_context(locale="en-US").new_page()
        page.set_default_timeout(60_000)
        page.add_init_script(OFFERED)
        page.goto(address)
        page.wait_for_selector("#said .suggestion:visible")
        answer_to(page, LOAF)
        assert judging.wait(60)
        ask(page, MIRROR)
        page.wait_for_selector("#stop", state="visible")
        may_judge.set()
        page.wait_for_function("document.querySelectorAll('#said .turn').length > 1")
        page.wait_for_selector("#more .suggestion")
        shown = page.evaluate("window.offered")
        assert shown and all("Observing" in text for text in shown)  # the answer before led to "Starter" alone
        page.context.close()
