"""Which embedding model is used: the one asked for, else the one that made the index, else the default."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from fakes import HashEmbedding

from assistant import Assistant, Settings
from assistant.cli.main import main
from assistant.errors import IndexUnusable, ModelMissing, SettingsError
from assistant.index.local import LocalStore
from assistant.index.manifest import made_with
from assistant.models.embedding import DEFAULT, build_embedding, name_of

SMALL, LARGE = "hash-small", "hash-large"
"""Two embedding models; vectors of one are of no use to the other, whose dimension differs."""
QUESTION, FACT = "How many degrees is the loaf baked at?", "250"


@pytest.fixture(autouse=True)
def built(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """Stand in for the loader of models; return the names that were loaded, in order."""
    names: list[str] = []

    def build(settings: Settings) -> HashEmbedding:
        names.append(name_of(settings))
        if names[-1] == "absent":
            raise ModelMissing("model 'absent' is not on this machine yet")
        return HashEmbedding(dimensions=512 if names[-1] == LARGE else 256)

    monkeypatch.setattr("assistant.models.embedding.build_embedding", build)
    yield names


@pytest.fixture
def settings(settings: Settings) -> Settings:
    return replace(settings, embedding="")


def index_with(settings: Settings, embedding: str) -> None:
    Assistant(replace(settings, embedding=embedding)).index()


def made_by(settings: Settings) -> str:
    return str(LocalStore(settings).snapshot().about.fingerprint["embedding"])


def test_an_index_is_used_with_the_model_that_made_it(settings: Settings, built: list[str]) -> None:
    index_with(settings, LARGE)
    assert made_with(settings).embedding == LARGE
    assistant = Assistant(settings)
    assert assistant.ask(QUESTION).citations[0].source == "sourdough.md"
    (settings.notes / "kite.md").write_text("# Kites\nA kite needs steady wind.", encoding="utf-8")
    assert assistant.index().embedded == 1
    assert set(built) == {LARGE}
    assert made_by(settings) == LARGE


def test_a_new_index_is_made_with_the_default(settings: Settings, built: list[str]) -> None:
    Assistant(settings).index()
    assert built == [DEFAULT] and made_by(settings) == DEFAULT


def test_a_damaged_index_counts_as_none(settings: Settings) -> None:
    index_with(settings, LARGE)
    (settings.index / "index.sqlite").write_bytes(b"{" * 5000)
    assert made_with(settings).embedding == DEFAULT
    with pytest.raises(IndexUnusable, match="damaged"):
        LocalStore(settings).snapshot()


def test_a_setting_that_disagrees_with_the_index_is_named_with_the_mending_command(settings: Settings) -> None:
    index_with(settings, LARGE)
    with pytest.raises(IndexUnusable) as caught:
        Assistant(replace(settings, embedding=SMALL)).ask(QUESTION)
    said = str(caught.value)
    assert f"embedding: index {LARGE}, settings {SMALL}" in said and said.endswith("assistant index [FOLDER]")


def test_a_running_assistant_follows_a_switch_by_another_process(settings: Settings, built: list[str]) -> None:
    index_with(settings, SMALL)
    running = Assistant(settings)
    assert FACT in running.ask(QUESTION).answer
    index_with(settings, LARGE)
    followed = running.ask(QUESTION).answer
    assert running.settings.embedding == LARGE and running.snapshot.vectors(["?"]).shape[1] == 513
    assert built == [SMALL, SMALL, LARGE, LARGE]
    assert FACT in followed and followed == Assistant(settings).ask(QUESTION).answer


def test_a_running_assistant_does_not_switch_back_when_it_indexes(settings: Settings) -> None:
    index_with(settings, SMALL)
    running = Assistant(settings)
    running.search(QUESTION)
    index_with(settings, LARGE)
    assert running.index().embedded == 0
    assert made_by(settings) == LARGE


def test_a_turn_that_is_under_way_keeps_index_and_model(settings: Settings) -> None:
    index_with(settings, SMALL)
    running = Assistant(settings)
    turn = running.stream(QUESTION)
    next(turn)
    index_with(settings, LARGE)
    running.index()
    assert [answer.citations[0].source for answer in turn][-1] == "sourdough.md"
    assert running.ask(QUESTION).citations[0].source == "sourdough.md"


@pytest.mark.parametrize("question", [QUESTION, "녹차는 몇 도의 물에 우려?"])
def test_indexing_during_a_turn_does_not_undo_another_process_switch(
    settings: Settings, built: list[str], question: str
) -> None:
    index_with(settings, SMALL)
    running = Assistant(settings)
    turn = running.stream(question)
    next(turn)
    index_with(settings, LARGE)
    (settings.notes / "kite.md").write_text("# Kites\nA kite needs steady wind.", encoding="utf-8")
    report = running.index()
    assert (made_by(settings), report.embedded, running.settings.embedding) == (LARGE, 1, LARGE)
    *_, last = turn
    assert last.citations and running.ask("What does a kite need?").citations[0].source == "kite.md"


def test_a_model_that_was_handed_in_is_never_exchanged(settings: Settings, built: list[str]) -> None:
    mine = HashEmbedding()
    assistant = Assistant(settings, embed_model=mine)
    assistant.index()
    assert assistant.ready.embed_model is mine and built == []
    index_with(settings, LARGE)
    with pytest.raises(IndexUnusable, match=f"embedding: index {LARGE}, settings {DEFAULT}"):
        assistant.ask(QUESTION)
    assert LARGE not in built[1:]


def test_one_command_switches_and_the_next_ones_follow(
    settings: Settings, built: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["index", str(settings.notes), "--embedding", SMALL]) == 0
    assert main(["index", str(settings.notes), "--embedding", LARGE]) == 0
    assert main(["search", QUESTION]) == 0
    assert main(["status"]) == 0
    assert built == [SMALL, LARGE, LARGE]
    assert f"embedded with {LARGE}" in capsys.readouterr().out


def test_a_model_that_was_absent_at_the_first_question_is_loaded_for_the_next(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    index_with(settings, SMALL)
    assistant, here = Assistant(settings), HashEmbedding(dimensions=256)
    with monkeypatch.context() as before:
        before.setattr("assistant.models.embedding.build_embedding", absent)
        for _ in range(2):
            with pytest.raises(ModelMissing, match="is not on this machine yet"):
                assistant.search("tea")
    monkeypatch.setattr("assistant.models.embedding.build_embedding", lambda settings: here)
    assert assistant.search("tea") and assistant.ready.embed_model is here


def absent(settings: Settings) -> HashEmbedding:
    raise ModelMissing(f"model '{name_of(settings)}' is not on this machine yet")


def test_a_switch_to_an_absent_model_leaves_the_index_as_it_was(
    settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    index_with(settings, SMALL)
    assert main(["index", str(settings.notes), "--embedding", "absent"]) == 1
    assert capsys.readouterr().err.splitlines()[-1] == "assistant: model 'absent' is not on this machine yet"
    assert made_with(settings).embedding == SMALL


def test_the_larger_model_is_named_with_the_option_that_accepts_its_licence(tmp_path: Path) -> None:
    with pytest.raises(ModelMissing, match="assistant models pull embeddinggemma-300m --accept-licence$"):
        build_embedding(Settings(embedding="embeddinggemma-300m", models=tmp_path))


def test_a_language_model_is_no_embedding_model() -> None:
    with pytest.raises(SettingsError, match="expected an embedding model, found 'qwen2.5-coder-1.5b'"):
        build_embedding(Settings(embedding="qwen2.5-coder-1.5b"))
