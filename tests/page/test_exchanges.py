"""What becomes of an exchange: kept by the browser, saved as Markdown, gone on with, marked."""

import json
from pathlib import Path

from page_parts import TEXT, answered

from assistant.page.exchanges import Exchange, dumped, loaded, markdown
from assistant.page.feedback import note


def test_a_conversation_survives_the_browser_and_anything_else_counts_as_none() -> None:
    kept = (Exchange("a", answered(), rated="up"), Exchange("b", trouble="no"))
    back = loaded(dumped(kept))
    assert [item.id for item in back] == [item.id for item in kept]
    assert back[0].answer and back[0].answer.citations == answered().citations and back[1] == kept[1]
    for broken in ("", "[", "{}", '[{"question": 3}]', '["x"]'):
        assert loaded(broken) == ()


def test_an_exchange_leaves_as_markdown_with_its_sources() -> None:
    text = markdown(Exchange("When is the tide high?", answered()))
    assert text.startswith("## When is the tide high?\n\nAt noon. [1]\n")
    assert "[1] Tides > Water > Tides (tide.md:" in text and "> The tide is high at noon." in text


def test_marks_are_kept_a_line_each(tmp_path: Path) -> None:
    file = tmp_path / "deep" / "feedback.jsonl"
    for rated, reason in (("down", "길다"), ("up", "")):
        note(Exchange("q", answered(), rated=rated, reason=reason, id="1"), file)
    lines = [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]
    assert [(line["rated"], line["reason"]) for line in lines] == [("down", "길다"), ("up", "")]
    assert lines[0]["answer"]["citations"][0]["quote"] == TEXT[-25:].strip()
