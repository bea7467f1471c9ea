"""Gradio's own components with words that follow the chosen language, and HTML whose buttons are heard."""

from dataclasses import dataclass, field
from typing import Any

import gradio as gr

from assistant.page.words import SAID
from assistant.text.language import Language

QUIET: dict[str, Any] = {"show_progress": "hidden", "api_visibility": "private"}
HIDDEN: dict[str, Any] = {"show_label": False, "container": False}
I18N = gr.I18n(**{language.value: {f"page_{key}": said[key] for key in said} for language, said in SAID.items()})
_HEARD = """
const events = [%s];
element.addEventListener("click", (click) => {
  const button = click.target.closest?.("[data-event]");
  if (!button || !events.includes(button.dataset.event)) return;
  const field = button.parentElement.querySelector("input");
  trigger(button.dataset.event, { ...button.dataset, ...(field ? { reason: field.value } : {}) });
});
"""


def html(value: str, elem_id: str, *events: str) -> Any:
    """Return an HTML component; a click on a button with `data-event` triggers the event of that name.

    The names are Gradio's own (select, submit, edit, like, delete), for `gr.on` takes no others.
    """
    heard = _HEARD % ", ".join(f'"{event}"' for event in events) if events else None
    return gr.HTML(value, elem_id=elem_id, js_on_load=heard, apply_default_css=False)


def i18n(key: str) -> Any:
    """Return a word that the browser shows in its own language."""
    return I18N(f"page_{key}")


@dataclass
class Labels:
    """Components and the words that each shows, by the property that shows them."""

    components: list[Any] = field(default_factory=list)
    words: list[dict[str, str]] = field(default_factory=list)

    def keep(self, build: Any, more: dict[str, Any], **words: str) -> Any:
        """Build a component that shows these words in the browser's language, and remember it."""
        component = build(**{place: i18n(key) for place, key in words.items()}, **more)
        self.components.append(component)
        self.words.append(words)
        return component

    def tab(self, key: str) -> Any:
        """Return a room's tab."""
        return self.keep(gr.Tab, {"id": key, "elem_id": f"room-{key}"}, label=key)

    def button(self, key: str, **more: Any) -> Any:
        """Return a button."""
        return self.keep(gr.Button, {"min_width": 88, **more}, value=key)

    def textbox(self, label: str, placeholder: str, elem_id: str, **more: Any) -> Any:
        """Return a text field; its label is for those who do not see where it stands."""
        return self.keep(
            gr.Textbox, {"elem_id": elem_id, "scale": 5, **HIDDEN, **more}, label=label, placeholder=placeholder
        )

    def in_language(self, language: str) -> list[Any]:
        """Return what shows each component's words in a language; nothing changes if it is none of ours."""
        if language not in set(Language):
            return [gr.skip()] * len(self.components)
        said = SAID[Language(language)]
        return [{"__type__": "update"} | {place: said[key] for place, key in words.items()} for words in self.words]
