"""The Models room: which models are in use, another language model, and how far one is that is being fetched."""

from typing import Any

import gradio as gr

from assistant.assistant import Assistant
from assistant.models import registry as models
from assistant.models.language_model import EXTRACTIVE, OPENAI_LIKE
from assistant.page.labels import QUIET, Labels, html
from assistant.page.words import both, text_of
from assistant.server.arrival import Arrival, State
from assistant.server.queue import Turns


def models_room(assistant: Assistant, turns: Turns, arrivals: dict[str, Arrival], labels: Labels, page: Any) -> None:
    """Build the room; `arrivals` follow models by name, and those that are chosen here join them."""
    settings = assistant.settings
    names = [model.name for model in models.MODELS.values() if model.kind is models.Kind.LANGUAGE]
    choices = [EXTRACTIVE, *names, *([OPENAI_LIKE] if settings.llm_address and settings.llm_model else [])]
    if settings.llm not in choices:  # one that was handed in stays what it is
        choices.append(settings.llm)
    state = html("", "models")
    choice = labels.keep(gr.Radio, {"choices": choices, "value": settings.llm, "elem_id": "llm"}, label="switch")
    pull = labels.button("pull", elem_id="pull", size="sm")
    told = html("", "chosen")

    def chosen(name: str) -> tuple[str, str]:
        if name not in choices:
            return "", models_html(assistant, arrivals)
        assistant.use_llm(name)
        if name in names and name not in arrivals:
            arrivals[name] = Arrival(assistant.settings)
        return f'<p role="status">{both("switched", name)}</p>', models_html(assistant, arrivals)

    def fetch(name: str) -> str:
        if following := arrivals.get(name):
            following.begin(then=turns.warm_up)
        return models_html(assistant, arrivals)

    page.load(lambda: (assistant.settings.llm, models_html(assistant, arrivals)), None, [choice, state], **QUIET)
    choice.input(chosen, choice, [told, state], concurrency_limit=4, **QUIET)
    pull.click(fetch, choice, state, **QUIET)
    gr.Timer(2).tick(lambda: models_html(assistant, arrivals), None, state, **QUIET)


def models_html(assistant: Assistant, arrivals: dict[str, Arrival]) -> str:
    """Return the models in use and where the language model stands."""
    settings = assistant.settings
    return (
        f'<dl class="models"><div><dt>{both("language_in_use")}</dt><dd>{_language(settings.llm, arrivals)}</dd></div>'
        f"<div><dt>{both('embedding_in_use')}</dt><dd>{_described(settings.embedding)}"
        f'<p class="quiet">{both("embedding_how")} <code>assistant index --embedding NAME</code></p></dd></div></dl>'
    )


def _language(name: str, arrivals: dict[str, Arrival]) -> str:
    if name == EXTRACTIVE:
        return f"<b>{EXTRACTIVE}</b> <p>{both('extractive')}</p>"
    following = arrivals.get(name)
    if following is None:
        return _described(name)
    standing = following.standing
    said = {
        State.HERE: both("here"),
        State.ABSENT: both("absent"),
        State.ARRIVING: both("arriving", standing.share),
        State.FAILED: both("not_fetched", standing.reason),
    }[standing.state]
    arriving = standing.state is State.ARRIVING
    bar = f'<progress max="1" value="{standing.share:.3f}" aria-labelledby="arriving"></progress>' if arriving else ""
    return f'{_described(name)}<p id="arriving" class="standing {standing.state}" role="status">{said}</p>{bar}'


def _described(name: str) -> str:
    known = models.MODELS.get(name)
    if known is None:
        return f"<b>{text_of(name)}</b>"
    return f'<b>{known.name}</b> <span class="quiet">{known.size / 1e6:,.0f} MB · {text_of(known.licence)}</span>'
