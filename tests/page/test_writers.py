"""The models that a page offers as writers are those that can write now, and of those each once."""

from dataclasses import replace
from pathlib import Path

from assistant import Assistant, Settings
from assistant.models import registry as models
from assistant.page.writers import writers, writers_html


def offered(settings: Settings) -> list[tuple[str, str]]:
    return writers(Assistant(settings))


def test_without_a_model_on_the_machine_quotes_are_all_that_is_offered(settings: Settings) -> None:
    settings = replace(settings, models=settings.models / "none", llm="extractive")
    assert offered(settings) == [("extractive", "")]


def test_the_model_of_the_settings_comes_first_and_those_that_are_here_or_hosted_follow(
    settings: Settings, tmp_path: Path
) -> None:
    settings = replace(settings, models=tmp_path)
    here = models.find("qwen2.5-coder-0.5b")
    place = models.target(here, settings)
    place.parent.mkdir(parents=True, exist_ok=True)
    place.touch()
    hosted = replace(settings, llm_address="http://127.0.0.1:9/v1", llm_model="bard", llm="extractive")
    assert offered(hosted) == [("extractive", ""), ("openai-like", "bard"), (here.name, here.name)]
    assert offered(replace(hosted, llm="openai-like"))[0] == ("openai-like", "bard")
    # One that is chosen but not here yet stays chosen: until it is here, answers quote.
    assert offered(replace(settings, llm="qwen2.5-coder-1.5b"))[0] == ("qwen2.5-coder-1.5b", "qwen2.5-coder-1.5b")


def test_the_field_says_what_quotes_in_both_languages_and_escapes_a_models_name(settings: Settings) -> None:
    mean = replace(
        settings,
        models=settings.models / "none",
        llm_address="http://127.0.0.1:9/v1",
        llm_model='"><b>x',
        llm="openai-like",
    )
    shown = writers_html(Assistant(mean))
    assert "<b>" not in shown and 'value="openai-like"' in shown
    assert 'data-ko="인용만, 모델 없이"' in shown and 'data-en="quotes only, no model"' in shown
