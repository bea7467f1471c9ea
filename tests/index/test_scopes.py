"""What is in a scope, what of it can be told of a file that was not read, and how a scope is said."""

import pytest
from fakes import HashEmbedding, opened

from assistant import Settings
from assistant.answer import Action, Scope
from assistant.errors import SettingsError
from assistant.index.scopes import said, within
from assistant.messages.said import EMPTY_SCOPE
from assistant.text.language import Language

KO, EN = Language.KO, Language.EN
ASKED = {KO: "녹차는 몇 도의 물에 우려?", EN: "At how many degrees is the loaf baked under a lid?"}


@pytest.mark.parametrize(
    ("scope", "source", "inside"),
    [
        (Scope(), "a/b.pdf", True),
        (Scope(("a",)), "a/b.pdf", True),
        (Scope(("a/",)), "ab/b.pdf", False),
        (Scope(("a/b.pdf",)), "a/b.pdf", True),
        (Scope(formats=(".PDF",)), "a/b.pdf", True),
        (Scope(formats=("md",)), "a/b.pdf", False),
        (Scope(("가",)), "가/나.md", True),
    ],
)
def test_an_unread_file_is_in_a_scope_by_its_name(scope: Scope, source: str, inside: bool) -> None:
    assert within(scope, source) is inside


def test_a_scope_is_said_in_one_line() -> None:
    assert said(Scope(("papers", "a\nb"), ("#tea",), ("pdf",), "2026-10-01")) == "papers, a b, #tea, pdf, 2026-10-01 –"
    assert said(Scope()) == ""


@pytest.mark.parametrize("language", [KO, EN])
def test_a_scope_that_holds_no_note_is_said_so(
    settings: Settings, embed_model: HashEmbedding, language: Language
) -> None:
    assistant = opened(settings, embed_model)
    answer = assistant.ask(ASKED[language], scope=Scope(("nowhere",)))
    assert answer.answer == EMPTY_SCOPE[language].format(scope="nowhere")
    assert (answer.abstained, answer.action, answer.passages) == (True, Action.INCORRECT, ())
    with pytest.raises(SettingsError, match="nowhere"):
        assistant.search(ASKED[language], scope=Scope(("nowhere",)))


@pytest.mark.parametrize(("place", "named"), [("deep", False), ("bad", True)])
def test_a_refusal_names_no_unread_file_outside_the_scope(
    settings: Settings, embed_model: HashEmbedding, place: str, named: bool
) -> None:
    (settings.notes / "bad").mkdir()
    (settings.notes / "bad" / "broken.pdf").write_bytes(b"%PDF-1.7 broken")
    (settings.notes / "bad" / "tea.md").write_text("Tea is a drink.", encoding="utf-8")
    answer = opened(settings, embed_model).ask("When does the next train to Busan leave?", scope=Scope((place,)))
    assert answer.abstained and ("broken.pdf" in answer.answer) is named
