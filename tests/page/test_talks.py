"""Conversations in a file or in PostgreSQL: whose they are, what two devices add, what is sought, what is damaged."""

import json
import sqlite3
from contextlib import closing
from pathlib import Path
from threading import Thread

import psycopg
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assistant.answer import Answer
from assistant.errors import SettingsError
from assistant.page.exchanges import Exchange, Talk, dumped, loaded
from assistant.page.talks import Change, Talks
from assistant.server.kept import Unkept
from assistant.text.language import Language


def talk(id: str, *questions: str) -> str:
    return dumped(Talk(tuple(Exchange(question, id=question) for question in questions), id))


def questions(talks: Talks, id: str, owner: str = "") -> list[str]:
    kept = talks.text(owner, id)
    return [exchange.question for exchange in loaded(kept[0]).exchanges] if kept else []


@pytest.fixture(params=["file", "server"])
def talks(tmp_path: Path, request: pytest.FixtureRequest) -> Talks:
    """Nothing kept yet, in either kind of database."""
    if request.param == "file":
        return Talks(tmp_path / "beside" / "conversations.sqlite")
    address: str = request.getfixturevalue("postgres_address")
    with psycopg.connect(address) as kept:
        kept.execute("DROP TABLE IF EXISTS conversation, conversation_shape")
    return Talks(address)


@pytest.fixture
def kept(tmp_path: Path) -> Talks:
    return Talks(tmp_path / "beside" / "conversations.sqlite")


def test_a_conversation_is_listed_by_its_first_question_and_read_again(talks: Talks) -> None:
    assert talks.heads("") == [] and talks.text("", "a") is None
    talks.put("", "a", Change(text=talk("a", "누구?"), chosen={"notes": ["녹차.md"]}))
    talks.put("", "b", Change(text=talk("b", "When?")))
    talks.put("", "a", Change(text=talk("a", "누구?", "Where?"), revision=1))
    assert [(head.id, head.title, head.revision) for head in talks.heads("")] == [("a", "누구?", 2), ("b", "When?", 1)]
    assert talks.heads("")[0].chosen == {"notes": ["녹차.md"]}
    assert questions(talks, "a") == ["누구?", "Where?"]


def test_names_pins_and_chosen_notes_change_neither_text_nor_place(talks: Talks) -> None:
    for id in ("a", "b", "c"):
        talks.put("", id, Change(text=talk(id, id)))
    talks.put("", "a", Change(name="빵 <b>"))
    assert [head.id for head in talks.heads("")] == ["c", "b", "a"]
    talks.put("", "a", Change(pinned=True))
    talks.put("", "b", Change(chosen={"tags": ["rag"]}))
    heads = talks.heads("")
    assert [(head.id, head.pinned, head.name) for head in heads] == [
        ("a", True, "빵 <b>"),
        ("c", False, ""),
        ("b", False, ""),
    ]
    talks.put("", "a", Change(name="", pinned=False))
    assert heads[0].revision == 1 and [head.id for head in talks.heads("")] == ["c", "b", "a"]
    assert talks.heads("")[1].chosen == {"tags": ["rag"]} and talks.put("", "none", Change(name="x")) is None


def test_each_owner_has_their_own(talks: Talks) -> None:
    talks.put("미라", "a", Change(text=talk("a", "mine")))
    talks.put("jun", "a", Change(text=talk("a", "his")))
    assert questions(talks, "a", "미라") == ["mine"] and questions(talks, "a", "jun") == ["his"]
    assert talks.heads("") == [] and talks.text("", "a") is None and talks.put("", "a", Change(name="x")) is None
    talks.remove("jun", "a")
    assert questions(talks, "a", "미라") == ["mine"] and talks.all("jun") == []


def test_what_two_devices_added_is_put_together(talks: Talks) -> None:
    talks.put("", "a", Change(text=talk("a", "1")))
    talks.put("", "a", Change(text=talk("a", "1", "phone"), revision=1))
    kept = talks.put("", "a", Change(text=talk("a", "1", "desk"), revision=1))
    assert kept and kept[1] == talks.text("", "a")[0]  # type: ignore[index]
    assert questions(talks, "a") == ["1", "phone", "desk"]
    # Who knew the last text may take a question out of it, as editing does.
    talks.put("", "a", Change(text=talk("a", "1"), revision=3))
    assert questions(talks, "a") == ["1"]


@settings(max_examples=30)
@given(st.lists(st.tuples(st.integers(0, 1), st.text("abcde", min_size=1, max_size=2)), min_size=1, max_size=8))
def test_nothing_that_was_asked_is_lost_between_devices(
    tmp_path_factory: pytest.TempPathFactory, asked: list[tuple[int, str]]
) -> None:
    talks = Talks(tmp_path_factory.mktemp("devices") / "conversations.sqlite")
    shown: list[list[str]] = [[], []]
    for device, question in asked:
        shown[device] = [*(item for item in shown[device] if item != question), question]
        # Neither device ever looks at what the other one did.
        talks.put("", "a", Change(text=talk("a", *shown[device]), revision=-1))
    assert set(questions(talks, "a")) == {question for _, question in asked}


def test_many_writers_at_once_lose_nothing(talks: Talks) -> None:
    def ask(number: int) -> None:
        talks.put("", "a", Change(text=talk("a", f"question {number}"), revision=-1))

    writers = [Thread(target=ask, args=(number,)) for number in range(12)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    assert sorted(questions(talks, "a")) == sorted(f"question {number}" for number in range(12))


def test_conversations_are_found_by_words_of_questions_answers_and_names(talks: Talks) -> None:
    answer = Answer("온도?", Language.KO, "녹차는 70도에서 우립니다.")
    talks.put("", "a", Change(text=dumped(Talk((Exchange("온도?", answer),), "a")), name="Straße"))
    talks.put("", "b", Change(text=talk("b", "RetNet 100%?")))
    for words, ids in {
        "녹차 온도": ["a"],
        "녹차": ["a"],  # as macOS types it
        "STRASSE": ["a"],
        "retnet": ["b"],
        "100%": ["b"],
        "%": ["b"],
        "녹차 retnet": [],
        "language": [],  # a key of the JSON is no word of anybody's
        " ": ["b", "a"],
    }.items():
        assert [head.id for head in talks.heads("", words)] == ids, words


def test_what_is_no_conversation_is_refused(talks: Talks) -> None:
    for text in ("", "{}", "[]", talk("other", "x"), talk("a"), '{"exchanges": 3, "id": "a"}'):
        with pytest.raises(SettingsError, match="id 'a'"):
            talks.put("", "a", Change(text=text))
    assert talks.heads("") == []


def test_a_damaged_file_and_one_of_a_later_version_are_named_and_left(tmp_path: Path) -> None:
    file = tmp_path / "conversations.sqlite"
    file.write_bytes(b"no database at all, and long enough to be looked at" * 40)
    with pytest.raises(Unkept, match="move that file away"):
        Talks(file).heads("")
    assert file.read_bytes().startswith(b"no database")
    later = tmp_path / "later.sqlite"
    with closing(sqlite3.connect(later)) as made:
        made.execute("PRAGMA user_version = 2")
    with pytest.raises(Unkept, match="another version"):
        Talks(later).put("", "a", Change(text=talk("a", "x")))
    (tmp_path / "plain").write_text("x")
    with pytest.raises(Unkept):
        Talks(tmp_path / "plain" / "conversations.sqlite").heads("")


def test_what_was_kept_before_a_crash_is_there(kept: Talks, tmp_path: Path) -> None:
    kept.put("", "a", Change(text=talk("a", "x")))
    file = tmp_path / "beside" / "conversations.sqlite"
    with closing(sqlite3.connect(file, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        other.execute("DELETE FROM conversation")
        assert questions(kept, "a") == ["x"]  # a reader does not wait for a writer, and sees nothing half done
        other.execute("ROLLBACK")
    assert json.loads(kept.text("", "a")[0])["id"] == "a"  # type: ignore[index]


def test_two_servers_share_what_one_of_them_kept(postgres_address: str) -> None:
    with psycopg.connect(postgres_address) as kept:
        kept.execute("DROP TABLE IF EXISTS conversation, conversation_shape")
    beginning = [
        Thread(target=Talks(postgres_address).heads, args=("",)) for _ in range(8)
    ]  # each would make the table
    for one in beginning:
        one.start()
    for one in beginning:
        one.join()
    one, other = Talks(postgres_address), Talks(postgres_address)
    one.put("미라", "a", Change(text=talk("a", "nul \0 and ! % _"), changed=1_767_000_000_123.0))
    assert questions(other, "a", "미라") == ["nul \0 and ! % _"]
    assert other.heads("미라", "! % _")[0].changed == 1_767_000_000_123.0 and other.heads("Zoe") == []


def test_a_server_that_is_away_or_of_another_version_is_told_in_one_line(postgres_address: str, tmp_path: Path) -> None:
    with pytest.raises(Unkept, match="PostgreSQL, found: .*serve_database") as away:
        Talks(f"postgresql://notes:a%20secret@/postgres?host={tmp_path}").heads("")
    assert "\n" not in str(away.value) and "secret" not in str(away.value)
    Talks(postgres_address).heads("")
    with psycopg.connect(postgres_address) as kept:
        kept.execute("UPDATE conversation_shape SET version = 9")
    with pytest.raises(Unkept, match="another version"):
        Talks(postgres_address).heads("")
    with psycopg.connect(postgres_address) as kept:
        kept.execute("DROP TABLE conversation, conversation_shape")
