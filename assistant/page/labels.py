"""Builds Gradio components whose labels follow the chosen language, and HTML components with working buttons."""

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
  const field = button.parentElement?.querySelector("input");
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
    """Return a label that is shown in the browser's language."""
    return I18N(f"page_{key}")


@dataclass
class Labels:
    """Components, and the keys of their labels by property: {"placeholder": "question"}."""

    components: list[Any] = field(default_factory=list)
    words: list[dict[str, str]] = field(default_factory=list)

    def keep(self, build: Any, more: dict[str, Any], **words: str) -> Any:
        """Build a component with these labels in the browser's language, and remember it."""
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
        """Return a text field; its label is not visible, but screen readers read it."""
        return self.keep(
            gr.Textbox, {"elem_id": elem_id, "scale": 5, **HIDDEN, **more}, label=label, placeholder=placeholder
        )

    def in_language(self, language: str) -> list[Any]:
        """Return Gradio updates that set each component's labels to a language; none for an unknown language."""
        if language not in set(Language):
            return [gr.skip()] * len(self.components)
        texts = SAID[Language(language)]
        return [{"__type__": "update"} | {place: texts[key] for place, key in words.items()} for words in self.words]
