"""What the page sends of the chosen notes: read as a scope, counted, and said with the answer."""

import json
from collections.abc import Iterator

import pytest
from fakes import HashEmbedding, opened, write_notes
from hypothesis import given
from hypothesis import settings as settings_of
from hypothesis import strategies as st
from page_parts import Shown, answered
from six_notes import NOTES

from assistant import Settings
from assistant.answer import Scope
from assistant.errors import SettingsError
from assistant.index.scopes import fits
from assistant.index.store import Snapshot
from assistant.page.answer import exchange_html
from assistant.page.exchanges import Exchange, Talk, dumped, loaded
from assistant.page.scope import Chosen, Sent, chosen, read

each = pytest.mark.parametrize
PLACES = sorted({*NOTES, "deep", "gone", "gone.md"})


@given(st.lists(st.sampled_from(PLACES), max_size=4), st.lists(st.text(max_size=4), max_size=2))
def test_what_the_page_sends_is_the_scope_of_the_question(places: list[str], tags: list[str]) -> None:
    sent = json.dumps({"scope": {"places": places, "tags": tags}, "edits": "5f"})
    assert read(sent) == Sent(Scope(tuple(places), tuple(tags)), "5f")


@each("sent", ["", "{}", '{"scope": null}'])
def test_where_nothing_is_chosen_all_notes_are_asked(sent: str, indexed: Snapshot) -> None:
    assert read(sent) == Sent() and chosen(None, indexed.notes) is None


@each(
    "sent",
    ["[", "5", '"all"', '{"scope": 5}', '{"scope": {"places": "deep"}}', '{"scope": {"tags": null}}', '{"edits": []}'],
)
def test_what_the_page_does_not_send_is_one_line(sent: str) -> None:
    with pytest.raises(SettingsError, match="load the page again") as refused:
        read(sent)
    assert "\n" not in str(refused.value)


def test_choosing_no_note_is_not_choosing_all(indexed: Snapshot) -> None:
    assert chosen(read('{"scope": {"places": [], "tags": []}}').scope, indexed.notes) == Chosen(0, 6)


@pytest.fixture(scope="module")
def six(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Snapshot]:
    folder = tmp_path_factory.mktemp("scope")
    made = Settings(notes=write_notes(folder / "notes"), index=folder / "index", embedding="hash", threads=1)
    yield opened(made, HashEmbedding()).snapshot


@given(places=st.lists(st.sampled_from(PLACES), min_size=1, unique=True))
@settings_of(max_examples=40)
def test_the_count_is_that_of_the_notes_that_a_search_looks_into(six: Snapshot, places: list[str]) -> None:
    scope = Scope(tuple(places))
    found = chosen(scope, six.notes)
    assert found and found.whole == 6 and found.notes == sum(fits(scope, note) for note in six.notes)
    expected = {source for source in NOTES if source in places or ("deep" in places and source.startswith("deep/"))}
    assert found.notes == len(expected)
    assert len(found.names) == min(len(places), 4) and (found.names[-1] == "…") == (len(places) > 3)


def test_what_was_asked_is_shown_with_the_answer_in_both_languages_and_survives_the_browser(indexed: Snapshot) -> None:
    asked = chosen(Scope(("sourdough.md", "deep"), ("<b>봄",)), indexed.notes)
    assert asked == Chosen(0, 6, ("Sourdough bread", "deep", "#<b>봄"))
    whole = loaded(dumped(Talk((Exchange("why?", answered(), chosen=Chosen(3, 6, asked.names)),)))).exchanges
    said = Shown(exchange_html(whole[0], True)).text
    assert "Asked of 3 of 6 notes" in said and "노트 6개 중 3개에 물음" in said and "deep, #<b>봄" in said
    assert "Asked of" not in exchange_html(Exchange("why?", answered()), True)
