"""The pages' parts that are made from the code: complete in both languages, without a word that the code has lost."""

from dataclasses import fields
from pathlib import Path

import pytest
import reference

from assistant.config import Settings
from assistant.models.catalogue import MODELS


@pytest.fixture(params=reference.LANGUAGES)
def words(request: pytest.FixtureRequest) -> reference.Words:
    return reference.Words(request.param)


def test_every_command_setting_and_model_is_told(words: reference.Words) -> None:
    parts = reference.parts(words)
    commands = [line for line in parts["commands"].splitlines() if line.startswith("## ")]
    assert {"## `assistant` { #assistant }", "## `assistant models pull` { #assistant-models-pull }"} <= set(commands)
    assert "| `--in FOLDER_OR_NOTE` |" in parts["commands"] and f"{Settings.top_k})" in parts["commands"]
    assert all(f"| `{item.name}` {{ #{item.name} }} |" in parts["settings"] for item in fields(Settings))
    assert "| `top_k` { #top_k } | `10` |" in parts["settings"]
    assert all(f"| `{name}` |" in parts["embedding-models"] + parts["language-models"] for name in MODELS)


def test_no_word_is_left_that_the_code_no_longer_says() -> None:
    used = set[tuple[str, str]]()
    for language in reference.LANGUAGES:
        reference.parts(own := reference.Words(language))
        used |= own.used
    assert reference.Words("ko").known == used


def test_a_sentence_without_korean_is_an_error_that_names_it() -> None:
    with pytest.raises(LookupError, match="'a new option' in 'ko'"):
        reference.Words("ko").said("a new option")
    assert reference.Words("en").said("a new option") == "a new option"


def test_a_file_is_written_for_each_part_and_language(tmp_path: Path) -> None:
    reference.write(folder := tmp_path / "generated")
    names = {file.name for file in folder.iterdir()}
    parts = ("commands", "settings", "embedding-models", "language-models")
    assert names == {f"{part}.{language}.md" for part in parts for language in ("en", "ko")} | {"evaluation.txt"}
    assert (folder / "evaluation.txt").read_text(encoding="utf-8").startswith("usage: python -m eval")
