"""The conversation's generator: what the page shows while an answer is made, and what it keeps of it."""

import threading
from collections.abc import Callable, Generator, Iterator
from dataclasses import replace
from html import unescape
from types import SimpleNamespace
from typing import Any, cast

import pytest
from fakes import HashEmbedding, ScriptedLLM, opened
from page_parts import Shown, answered
from six_notes import LOAF, TEA

from assistant import Answer, Scope, Settings
from assistant.errors import IndexUnusable
from assistant.messages.catalogue import count
from assistant.messages.said import UNCONFIRMED
from assistant.page.answer import exchange_html
from assistant.page.chat import Draft, converse
from assistant.page.exchanges import Exchange
from assistant.page.scope import Chosen
from assistant.page.words import SAID, both
from assistant.server.queue import Turns
from assistant.text.language import Language

each = pytest.mark.parametrize


def streaming(stream: Callable[..., Iterator[Answer]]) -> Any:
    return Turns(cast(Any, SimpleNamespace(stream=stream, settings=SimpleNamespace(llm="extractive"))))


@each(("question", "fact"), [(TEA, "70도"), (LOAF, "250")])
def test_a_question_ends_in_its_whole_answer(
    settings: Settings, embed_model: HashEmbedding, question: str, fact: str
) -> None:
    *growing, last = converse(Turns(opened(settings, embed_model)), Exchange(question), [])
    assert isinstance(last, Exchange) and last.answer and fact in last.answer.answer
    assert all(isinstance(state, Draft) and question in unescape(state.html) for state in growing) and growing


def test_what_is_being_written_is_marked_as_unchecked(settings: Settings, embed_model: HashEmbedding) -> None:
    llm = ScriptedLLM.saying("The loaf is baked at 250 degrees under a lid [1]. The moon is cheese [1].")
    *growing, last = converse(Turns(opened(settings, embed_model, llm)), Exchange(LOAF), [])
    drafts = [state for state in growing if isinstance(state, Draft) and "moon" in state.text]
    assert drafts and all(both("draft") in draft.html and draft.text in Shown(draft.html).text for draft in drafts)
    assert isinstance(last, Exchange) and last.answer
    assert last.answer.answer.endswith(f"The moon is cheese. {UNCONFIRMED[Language.EN]}")


def refusing(*asked: Any) -> Iterator[Answer]:
    pytest.fail("was asked")


def test_an_empty_question_does_nothing() -> None:
    assert list(converse(streaming(refusing), Exchange(""), [])) == []


@each(("scope", "word"), [(Scope(), "none_chosen"), (Scope(("gone",)), "holds_none")])
@each(("question", "language"), [("why?", Language.EN), ("왜?", Language.KO)])
def test_a_question_of_no_note_says_so_and_is_not_asked(
    scope: Scope, word: str, question: str, language: Language
) -> None:
    asked = Exchange(question, chosen=Chosen(0, 6))
    (said,) = converse(streaming(refusing), asked, [], scope)
    assert said == replace(asked, trouble=SAID[language][word])


def test_the_assistant_is_given_the_conversation_so_far_and_the_chosen_notes() -> None:
    given: list[Any] = []
    scope = Scope(("deep",))

    def stream(question: str, history: Any, scope: Any, **how: Any) -> Iterator[Answer]:
        given.append((list(history), scope))
        yield answered()

    list(
        converse(streaming(stream), Exchange("why?"), [Exchange("a", answered(answer="b")), Exchange("stopped")], scope)
    )
    assert given == [([("a", "b")], scope)]


@each(
    ("error", "said"),
    [(IndexUnusable("no index <here>"), "no index <here>"), (ZeroDivisionError(), SAID[Language.EN]["unexpected"])],
)
def test_an_error_is_said_and_escaped(error: Exception, said: str) -> None:
    def stream(question: str, history: Any, scope: Any, **how: Any) -> Iterator[Answer]:
        yield answered(answer="a draft")
        raise error

    *_, last = converse(streaming(stream), Exchange("why?"), [])
    assert isinstance(last, Exchange) and last.trouble == said and last.answer is None
    assert said in Shown(exchange_html(last, True)).text


def test_one_thread_makes_the_whole_answer_and_ends_it_when_the_page_stops_it() -> None:
    seen: list[str] = []
    ended = threading.Event()

    def stream(question: str, history: Any, scope: Any, **how: Any) -> Iterator[Answer]:
        try:
            while True:
                seen.append(threading.current_thread().name)
                yield answered()
        finally:
            seen.append(threading.current_thread().name)
            ended.set()

    states = converse(streaming(stream), Exchange("why?"), [])
    for _ in range(5):
        reader = threading.Thread(target=next, args=(states,))
        reader.start()
        reader.join()
    assert isinstance(states, Generator)
    states.close()
    assert ended.wait(20)
    assert len(seen) > 2 and set(seen) == {"turns"}


def test_a_question_that_waits_for_another_says_so_and_can_be_stopped() -> None:
    begun: list[str] = []
    under_way, may_go = threading.Event(), threading.Event()

    def stream(question: str, history: Any, scope: Any, **how: Any) -> Iterator[Answer]:
        begun.append(question)
        under_way.set()
        assert may_go.wait(20)
        yield answered()

    queue = streaming(stream)
    first = queue.stream("first")
    assert under_way.wait(20)
    second = converse(queue, Exchange("두 번째 질문"), [])
    _, waiting, again = next(second), next(second), next(second)
    assert isinstance(waiting, Draft) and count("page.queued", Language.KO, 1) in Shown(waiting.html).text
    assert again == waiting  # again and again, so that a click on Stop is heard
    assert isinstance(second, Generator)
    second.close()
    may_go.set()
    assert [answer for answer in first if answer] and begun == ["first"]
