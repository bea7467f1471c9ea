"""Every message that the code can give stands in the page of messages, and none that it cannot give."""

import re

import pytest
from doc_pages import text_of
from said_in_code import of_catalogue, of_errors

from assistant.text.language import Language

ALONE = {
    "an unexpected error, …; set ASSISTANT_DEBUG=1 to see where",
    "stopped",
    "Port … is taken; using …",
    "expected the … in PostgreSQL, found: …; see serve_database",
}
"""What is printed without an error, or put together before it is raised."""
NO_TROUBLE = {"understood"}
ANSWERS = ("llm_absent", "llm_failed", "llm_declined", "llm_unsupported", "not_cited", "cited_changed", "unread")
PAGE = ("talks_not_kept", "not_fetched", "not_measured", "unanswered", "stopped_early", "wrong_log_in")
TABLES = {"answer": (*ANSWERS, "empty_scope"), "page": (*PAGE, "none_chosen", "holds_none", "unexpected")}


@pytest.mark.parametrize("language", Language)
def test_the_page_holds_the_messages_of_the_code(language: Language) -> None:
    entries = set(re.findall(r"^`(.+)`$", text_of(language.value, "troubleshooting"), re.MULTILINE))
    lines = {text for name, text in of_catalogue("line", language).items() if name not in NO_TROUBLE}
    others = {of_catalogue(table, language)[name] for table, named in TABLES.items() for name in named}
    said = of_errors() | ALONE | lines | others
    assert sorted(said - entries) == []
    assert sorted(entries - said) == []


def test_messages_are_found_as_the_code_writes_them() -> None:
    """In a call, joined, with a value, chosen between two, and by the name of a constant."""
    found = of_errors()
    assert "expected a question or --batch FILE, found neither; see --help" in found
    assert "no index at …; make one with: assistant index [FOLDER]" in found
    assert "the file is empty" in found
    assert "its rows are in the table of the same name that ends in _all" in found
    assert any(text.startswith("a picture is not read; ") and "tesseract-ocr-kor" in text for text in found)
    assert len(found) > 150
