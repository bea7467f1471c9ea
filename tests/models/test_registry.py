"""The registry: what there is, and what is said of what is not there."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest

from assistant.config import Settings
from assistant.errors import ModelMissing
from assistant.models.download import Wheels
from assistant.models.embedding import PROMPTS, name_of
from assistant.models.registry import MODELS, Kind, Model, locate, pull, target


@pytest.mark.parametrize("look_up", [pull, locate])
def test_an_unknown_name_is_answered_with_the_known_ones(
    look_up: Callable[[str, Settings], Path], settings: Settings
) -> None:
    with pytest.raises(ModelMissing) as caught:
        look_up("gpt-5", settings)
    assert str(caught.value) == f"no model named 'gpt-5' in the registry; it knows {', '.join(MODELS)}"


def test_a_model_that_was_not_pulled_is_named_with_the_command_that_fetches_it(settings: Settings) -> None:
    with pytest.raises(ModelMissing) as caught:
        locate("qwen2.5-coder-1.5b", settings)
    assert str(caught.value) == (
        "model 'qwen2.5-coder-1.5b' (1117 MB, Apache-2.0) is not on this machine yet; "
        "fetch it with: assistant models pull qwen2.5-coder-1.5b"
    )


@pytest.mark.parametrize("model", MODELS.values(), ids=MODELS)
def test_an_entry_of_the_registry_is_whole(model: Model, settings: Settings) -> None:
    assert MODELS[model.name] is model
    assert re.fullmatch(r"[0-9a-f]{64}", model.sha256)
    assert model.licence in {"MIT", "Apache-2.0"} or model.terms.startswith("https://")
    assert 50e6 < model.size < 3e9 and (model.tried or model.kind is Kind.LANGUAGE)
    assert model.description and model.sources
    for source in model.sources:
        if isinstance(source, Wheels):
            assert all(re.fullmatch(r"[a-z0-9-]+==\d+\.\d+\.\d+", package) for package in source.packages)
            assert len(set(source.packages)) == len(source.packages)
            assert source.download_size >= model.size
    assert target(model, settings).parent == settings.models


def test_the_default_models_are_in_the_registry() -> None:
    defaults = Settings()
    assert MODELS[name_of(defaults)].kind is Kind.EMBEDDING and not MODELS[name_of(defaults)].terms
    assert MODELS[defaults.llm].kind is Kind.LANGUAGE


def test_every_embedding_model_has_its_prompts_and_no_other_model_has_any() -> None:
    assert PROMPTS.keys() == {model.name for model in MODELS.values() if model.kind is Kind.EMBEDDING}


def test_no_two_models_share_a_file_or_hash() -> None:
    assert (
        len({model.file for model in MODELS.values()})
        == len({model.sha256 for model in MODELS.values()})
        == len(MODELS)
    )
