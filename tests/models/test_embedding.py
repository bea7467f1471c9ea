"""A model that the registry does not have: what its libraries say, and what is said where they are not installed."""

import sys

import pytest

from assistant.config import Settings
from assistant.errors import ModelMissing
from assistant.models.embedding import build_embedding

NAMED = "embedding model 'no/such-model' is not in the registry"


def test_a_name_that_no_library_loads_is_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    with pytest.raises(ModelMissing, match=f"^{NAMED} .*, nor loadable by sentence-transformers: .+") as caught:
        build_embedding(Settings(embedding="no/such-model"))
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("absent", ["torch", "transformers", "llama_index.embeddings.huggingface"])
def test_without_the_libraries_the_line_says_how_to_install_them(monkeypatch: pytest.MonkeyPatch, absent: str) -> None:
    monkeypatch.setitem(sys.modules, absent, None)  # importing it then fails, as if it were not there
    with pytest.raises(
        ModelMissing, match=f"^{NAMED} .* run: pip install 'notes-assistant\\[sentence-transformers\\]'$"
    ):
        build_embedding(Settings(embedding="no/such-model"))
