"""The language models that can write now, for the page to choose from.

In: the assistant. Out: their names, each with what a reader calls it; the one of the settings first.
"""

from assistant.assistant import Assistant
from assistant.models import registry as models
from assistant.models.language_model import EXTRACTIVE, OPENAI_LIKE
from assistant.page.render import render


def writers(assistant: Assistant) -> list[tuple[str, str]]:
    """Return the name of each language model that is here, and its label: empty for none at all, which quotes."""
    settings = assistant.settings
    known = (model for model in models.MODELS.values() if model.kind is models.Kind.LANGUAGE)
    here = [(model.name, model.name) for model in known if models.is_here(model, settings)]
    hosted = [(OPENAI_LIKE, settings.llm_model)] if settings.llm_address and settings.llm_model else []
    offered = dict([*hosted, *here, (EXTRACTIVE, "")])
    return [(settings.llm, offered.pop(settings.llm, settings.llm)), *offered.items()]


def writers_html(assistant: Assistant) -> str:
    """Return the field in which one of them is chosen."""
    return render("writers", writers=writers(assistant))
