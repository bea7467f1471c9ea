"""A model that the registry does not have: what its libraries say, and what is said where they are not installed."""

import sys
from pathlib import Path

import pytest

from assistant.config import Settings
from assistant.errors import ModelMissing
from assistant.models.embedding import build_embedding


def test_what_no_library_loads_is_one_line(tmp_path: Path) -> None:
    said = f"^embedding model '{tmp_path}' is not in the registry .*, nor loadable by sentence-transformers: .+"
    with pytest.raises(ModelMissing, match=said) as caught:
        build_embedding(Settings(embedding=str(tmp_path)))
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("absent", ["torch", "transformers", "llama_index.embeddings.huggingface"])
def test_without_the_libraries_the_line_says_how_to_install_them(monkeypatch: pytest.MonkeyPatch, absent: str) -> None:
    monkeypatch.setitem(sys.modules, absent, None)  # importing it then fails, as if it were not there
    with pytest.raises(
        ModelMissing,
        match="^embedding model 'no/such-model' .* run: pip install 'notes-assistant\\[sentence-transformers\\]'$",
    ):
        build_embedding(Settings(embedding="no/such-model"))
