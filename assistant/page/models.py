"""The Models room: shows the models in use, switches the language model, and downloads one with its progress."""

from typing import Any

import gradio as gr

from assistant.assistant import Assistant
from assistant.models import registry as models
from assistant.models.language_model import EXTRACTIVE, OPENAI_LIKE
from assistant.page.labels import QUIET, Labels, html
from assistant.page.render import render
from assistant.server.arrival import Arrival
from assistant.server.queue import Turns


def models_room(assistant: Assistant, turns: Turns, arrivals: dict[str, Arrival], labels: Labels, page: Any) -> None:
    """Build the room; `arrivals` holds downloads by model name, and gets those of models chosen here."""
    settings = assistant.settings
    names = [model.name for model in models.MODELS.values() if model.kind is models.Kind.LANGUAGE]
    choices = [EXTRACTIVE, *names, *([OPENAI_LIKE] if settings.llm_address and settings.llm_model else [])]
    if settings.llm not in choices:  # one that was handed in stays what it is
        choices.append(settings.llm)
    state = html("", "models")
    sized = [(_sized(name), name) for name in choices]
    choice = labels.keep(gr.Radio, {"choices": sized, "value": settings.llm, "elem_id": "llm"}, label="switch")
    pull = labels.button("pull", elem_id="pull", size="sm")
    message = html("", "chosen")

    def chosen(name: str) -> tuple[str, str]:
        if name not in choices:
            return "", models_html(assistant, arrivals)
        assistant.use_llm(name)
        if name in names and name not in arrivals:
            arrivals[name] = Arrival(assistant.settings)
        here = name not in arrivals or arrivals[name].standing.state == "here"
        return render("chosen", name=name, here=here), models_html(assistant, arrivals)

    def fetch(name: str) -> str:
        if following := arrivals.get(name):
            following.begin(then=turns.warm_up)
        return models_html(assistant, arrivals)

    page.load(lambda: (assistant.settings.llm, models_html(assistant, arrivals)), None, [choice, state], **QUIET)
    choice.input(chosen, choice, [message, state], concurrency_limit=4, **QUIET)
    pull.click(fetch, choice, state, **QUIET)
    gr.Timer(2).tick(lambda: models_html(assistant, arrivals), None, state, **QUIET)


def models_html(assistant: Assistant, arrivals: dict[str, Arrival]) -> str:
    """Return the models in use, and the state of the language model's download."""
    settings = assistant.settings
    following = arrivals.get(settings.llm)
    return render(
        "models",
        llm=_described(settings.llm),
        quotes=settings.llm == EXTRACTIVE,
        standing=following.standing if following else None,
        embedding=_described(settings.embedding),
    )


def _sized(name: str) -> str:
    known = models.MODELS.get(name)
    return f"{name} ({known.size / 1e9:.1f} GB, {known.licence})" if known else name


def _described(name: str) -> dict[str, object]:
    known = models.MODELS.get(name)
    return {"name": name, "size": known.size if known else 0, "licence": known.licence if known else ""}
