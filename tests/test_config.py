"""Where settings come from, and what is said of wrong ones."""

from pathlib import Path

import pytest

from assistant.config import Settings
from assistant.errors import SettingsError

KEY = "sk-very-secret"


def read(file: Path, text: str, **environment: str) -> Settings:
    file.write_text(text, encoding="utf-8")
    return Settings.read(file, {f"ASSISTANT_{name.upper()}": value for name, value in environment.items()})


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "assistant.toml"


def test_without_file_and_environment_the_defaults_hold(file: Path) -> None:
    assert Settings.read(file, {}) == Settings()
    found = Settings.read(file, {})
    assert (found.notes, found.index) == (Path("corpus"), Path(".assistant/index"))
    assert (found.embedding, found.llm, found.top_k) == ("", "qwen2.5-coder-1.5b", 10)


def test_the_environment_wins_over_the_file_and_the_file_over_the_defaults(file: Path) -> None:
    found = read(file, 'llm = "extractive"\ntop_k = 3\n', top_k="5")
    assert (found.llm, found.top_k, found.embedding) == ("extractive", 5, "")


def test_an_empty_variable_counts_as_not_set(file: Path) -> None:
    found = read(file, "top_k = 3\n", top_k="", index="", local_models="")
    assert (found.top_k, found.index, found.local_models) == (3, Path(".assistant/index"), None)


def test_other_variables_are_left_alone(file: Path) -> None:
    assert Settings.read(file, {"ASSISTANT": "x", "TOP_K": "5", "ASSISTANT_UNKNOWN": "x"}) == Settings()


def test_values_have_the_kind_of_their_setting(file: Path) -> None:
    text = "top_k = 3\nllm_timeout = 30\nanswer_tokens = 90\n"
    found = read(file, text, threads="2", local_models="/models", notes="노트", evidence_tokens="700")
    assert (found.top_k, found.llm_timeout, found.threads) == (3, 30.0, 2)
    assert (found.evidence_tokens, found.answer_tokens) == (700, 90)
    assert (found.local_models, found.notes) == (Path("/models"), Path("노트"))


def test_a_path_may_begin_at_home(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", "/home/ada")
    found = read(file, 'notes = "~/notes"\n', models="~/models")
    assert (found.notes, found.models) == (Path("/home/ada/notes"), Path("/home/ada/models"))


def test_pulled_models_live_in_the_users_cache(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", "/cache")
    assert Settings().models == Path("/cache/notes-assistant/models")
    monkeypatch.delenv("XDG_CACHE_HOME")
    monkeypatch.setenv("HOME", "/home/ada")
    assert Settings().models == Path("/home/ada/.cache/notes-assistant/models")


@pytest.mark.parametrize("there", [".assistant", "corpus", "assistant.toml"])
def test_a_working_folder_that_is_set_up_keeps_its_own_index(there: str, tmp_path: Path) -> None:
    Path(there).touch() if there.endswith("toml") else Path(there).mkdir()
    given = {"ASSISTANT_NOTES": str(tmp_path), "ASSISTANT_DATA": str(tmp_path / "data")}
    Settings(data=tmp_path / "data").over(Path()).home.mkdir(parents=True)
    assert Settings.read(environment=given).index == Path(".assistant/index")


def test_elsewhere_the_index_of_known_notes_lies_in_the_users_data_folder(tmp_path: Path) -> None:
    given = {"ASSISTANT_DATA": str(tmp_path / "data")}
    assert Settings.read(environment=given).index == Path(".assistant/index")
    named = Settings.read(environment=given | {"ASSISTANT_NOTES": str(tmp_path)})
    assert (named.notes, named.home.parent) == (tmp_path, tmp_path / "data")
    chosen = Settings.read(environment=given | {"ASSISTANT_NOTES": str(tmp_path), "ASSISTANT_INDEX": "mine"})
    assert chosen.index == Path("mine")


def test_a_folder_that_was_opened_by_its_path_is_known_when_one_works_in_it(tmp_path: Path) -> None:
    given = {"ASSISTANT_DATA": str(tmp_path / "data")}
    opened = Settings.read(environment=given).over(Path())
    opened.home.mkdir(parents=True)
    assert Settings.read(environment=given) == opened and opened.notes == Path().absolute()


def test_the_place_of_an_index_tells_its_notes_apart_and_by_name(tmp_path: Path) -> None:
    one, other, named = tmp_path / "a" / "내 노트!", tmp_path / "b" / "내 노트!", tmp_path / "link"
    one.mkdir(parents=True)
    named.symlink_to(one)
    homes = [Settings().over(notes).home.name for notes in (one, other, named, Path("/"))]
    assert homes[0] == homes[2] != homes[1] and all(home.startswith("내-노트-") for home in homes[:3])
    assert homes[3].startswith("notes-")


def test_a_file_with_a_byte_order_mark_is_read(file: Path) -> None:
    assert read(file, "\ufefftop_k = 3\n").top_k == 3


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("topk = 3", "assistant.toml: unknown setting 'topk'; known are answer_tokens, data, embedding, "),
        ("top_k = 'many'", "setting 'top_k' must be a whole number, found 'many'"),
        ("top_k = 2.5", "setting 'top_k' must be a whole number, found 2.5"),
        ("top_k = true", "setting 'top_k' must be a whole number, found True"),
        ("top_k = 0", "top_k must be at least 1, found 0"),
        ("threads = -1", "threads must be at least 1, found -1"),
        ("llm_timeout = 'soon'", "setting 'llm_timeout' must be a number, found 'soon'"),
        ("llm_timeout = 0", "llm_timeout must be more than 0 seconds, found 0.0"),
        ("llm_timeout = nan", "llm_timeout must be more than 0 seconds, found nan"),
        ("notes = ['a', 'b']", "setting 'notes' must be a path, found ['a', 'b']"),
        ("llm = ['a']", "setting 'llm' must be text, found ['a']"),
        ("web = 'bing'", "web must be searxng or tavily, or empty for no web search; found 'bing'"),
        ("web = 'searxng'", "web 'searxng' needs the address of an instance; set ASSISTANT_WEB_ADDRESS"),
        ("web = 'searxng'\nweb_address = 'ftp://x'", "web 'searxng' needs the address of an instance"),
        ("web = 'tavily'", "web 'tavily' needs a key; set ASSISTANT_WEB_KEY"),
        ("store = 'files'", "store must be milvus, or empty for files in the index's folder; found 'files'"),
        ("store = 'milvus'", "store 'milvus' needs the address of a server; set ASSISTANT_STORE_ADDRESS"),
        ("store = 'milvus'\nstore_address = 'host:19530'", "store 'milvus' needs the address of a server"),
        ("store_name = 'my notes'", "store_name must be up to 100 of A-Z, a-z, 0-9 and _, no digit first; found 'my"),
        ("store_ca = 'ca.pem'\nstore_address = 'http://x'", "store_ca needs a store_address with https://, found"),
        ("top_k = ?", "assistant.toml is not valid TOML: Invalid value (at line 1, column 9)"),
    ],
)
def test_a_wrong_setting_is_named_with_what_was_expected_and_found(file: Path, text: str, message: str) -> None:
    with pytest.raises(SettingsError) as caught:
        read(file, text)
    assert message in str(caught.value)


def test_a_wrong_variable_is_named_too(file: Path) -> None:
    with pytest.raises(SettingsError, match="setting 'top_k' must be a whole number, found 'x'"):
        read(file, "", top_k="x")


def test_a_file_in_another_encoding_is_named(file: Path) -> None:
    file.write_bytes("notes = '노트'".encode("cp949"))
    with pytest.raises(SettingsError, match="assistant.toml is not valid TOML"):
        Settings.read(file, {})


@pytest.mark.parametrize(
    "text", [f"llm_key = ['{KEY}']", f"web_key = ['{KEY}']", f"llm_key = {{a = '{KEY}'}}", f"llm_key = '{KEY}"]
)
def test_the_key_is_in_no_message(file: Path, text: str) -> None:
    with pytest.raises(SettingsError) as caught:
        read(file, text)
    assert KEY not in str(caught.value)


def test_the_key_is_read_and_never_shown(file: Path) -> None:
    found = read(file, f"llm_key = '{KEY}'\nweb_key = '{KEY}'")
    assert found.llm_key == found.web_key == KEY
    assert KEY not in repr(found) and KEY not in str(found)


def test_settings_cannot_be_changed() -> None:
    with pytest.raises(AttributeError):
        Settings().top_k = 3  # type: ignore[misc]


def test_reading_settings_creates_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    empty = tmp_path / "empty"
    empty.mkdir()
    monkeypatch.chdir(empty)
    Settings.read(environment={})
    assert list(empty.iterdir()) == []


@pytest.mark.parametrize("name", ["serve_password", "serve_token"])
def test_a_log_in_that_is_no_text_is_not_said_back(file: Path, name: str) -> None:
    with pytest.raises(SettingsError, match=f"'{name}' must be text, found something else"):
        read(file, f'{name} = ["{KEY}"]\n')
    given = read(file, f'{name} = "{KEY}"\n')
    assert getattr(given, name) == KEY and KEY not in repr(given)
