"""What becomes of an exchange: kept by the browser, saved as Markdown, gone on with, marked."""

import json
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import settings as settings_of
from hypothesis import strategies as st
from page_parts import TEXT, Shown, answered

from assistant.page.answer import conversation_html
from assistant.page.exchanges import KEPT, Exchange, Talk, before, dumped, loaded, of, settled, with_marks
from assistant.page.feedback import note
from assistant.page.markdown import markdown
from assistant.page.words import both


class Buttons(HTMLParser):
    """The turns of a conversation: each question with the ids that its buttons carry."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.turns: list[tuple[str, set[str]]] = []
        self._asked = False
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        held = dict(attrs)
        self._asked = held.get("class") == "question"
        if id := held.get("data-id"):
            self.turns[-1][1].add(id)

    def handle_data(self, data: str) -> None:
        if self._asked:
            self.turns.append((data, set()))
            self._asked = False


def test_a_conversation_survives_the_browser_and_anything_else_counts_as_none() -> None:
    kept = (Exchange("a", answered(), rated="up"), Exchange("b", trouble="no"))
    back = loaded(dumped(Talk(kept, "5f"))).exchanges
    assert loaded(dumped(Talk(kept, "5f"))).id == "5f"
    assert [item.id for item in back] == [item.id for item in kept]
    assert back[0].answer and back[0].answer.citations == answered().citations and back[1] == kept[1]
    for broken in ("", "[", "{}", "[]", '{"exchanges": [{"question": 3}]}', '{"exchanges": ["x"]}', '{"id": 7}'):
        assert loaded(broken) == Talk()


@given(st.integers(1, 120), st.data())
@settings_of(max_examples=60)
def test_a_button_is_about_the_exchange_that_it_stands_under(length: int, data: st.DataObject) -> None:
    talk = Talk(id="one")
    for number in range(length):  # as a conversation grows: kept, and read again for the next question
        one = Exchange(f"question {number}", answered(answer=f"answer {number}"))
        talk = loaded(dumped(talk.with_((*talk.exchanges, one))))
    whole = talk.exchanges
    assert [item.question for item in whole] == [f"question {n}" for n in range(max(0, length - KEPT), length)]
    shown = Buttons(conversation_html(whole))
    assert [question for question, _ in shown.turns] == [item.question for item in whole]
    question, ids = data.draw(st.sampled_from(shown.turns))
    assert len(ids) == 1
    (id,) = ids
    chosen = of(whole, id)
    assert chosen and chosen.question == question
    marked = with_marks(whole, {id: ("up", "why")})
    assert [item.question for item in marked if item.rated] == [question]
    assert before(whole, id) == whole[: whole.index(chosen)]


def test_an_exchange_that_is_not_kept_any_more_is_nobody() -> None:
    whole = (Exchange("a", answered()), Exchange("b", answered()))
    assert of(whole, "gone") is None and before(whole, "gone") == whole
    assert with_marks(whole, {"gone": ("up", "")}) == whole


def test_what_has_ended_takes_the_place_of_what_was_under_way() -> None:
    begun, other = Exchange("b"), Exchange("a", answered())
    ended = replace(begun, draft="as far as it came", stopped=True)
    assert settled((other, begun), ended) == settled((other,), ended) == (other, ended)


@pytest.mark.parametrize(
    ("exchange", "said"),
    [
        (Exchange("why?"), "unanswered"),
        (Exchange("why?", stopped=True), "stopped"),
        (Exchange("why?", stopped=True, draft="As <b>far</b> as [1]"), "stopped_early"),
    ],
)
def test_a_question_without_an_answer_says_why_and_can_be_asked_again(exchange: Exchange, said: str) -> None:
    html = conversation_html((exchange,))
    assert both(said) in html and exchange.draft in Shown(html).text and "b" not in Shown(html).tags
    assert f'data-event="submit" data-id="{exchange.id}"' in html and 'data-event="edit"' in html
    assert (exchange.draft.replace("<", "&lt;").replace("[1]", r"\[1\]") or "…") in markdown(exchange)


def test_conversations_of_earlier_versions_still_load() -> None:
    text = (Path(__file__).parent / "conversation.json").read_text(encoding="utf-8")
    back = loaded(f'{{"exchanges": {text}}}').exchanges
    assert [item.id for item in back] == ["5d0c1f0a9b77", "77aa00b1c2d3"]
    assert back[0].answer and back[0].answer.citations[0].quote == "The tide is high at noon." and back[1].trouble
    # Where an id is missing one is given, and kept from then on.
    bare = [{key: value for key, value in item.items() if key != "id"} for item in json.loads(text)]
    given = loaded(json.dumps({"exchanges": bare}))
    assert len({item.id for item in given.exchanges}) == 2 and loaded(dumped(given)) == given


def test_marks_are_kept_a_line_each(tmp_path: Path) -> None:
    file = tmp_path / "deep" / "feedback.jsonl"
    for rated, reason in (("down", "길다"), ("up", "")):
        note(Exchange("q", answered(), rated=rated, reason=reason, id="1"), file)
    lines = [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]
    assert [(line["rated"], line["reason"]) for line in lines] == [("down", "길다"), ("up", "")]
    assert lines[0]["answer"]["citations"][0]["quote"] == TEXT[-25:].strip()
