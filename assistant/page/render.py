"""Turns a template and values into HTML; the one place where HTML comes from.

In: a template's name and values of any text. Out: HTML in which every value stands letter by letter: the engine escapes
it, and what nobody can see in it (control characters, bidi overrides) is left out.
"""

from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from assistant.messages.catalogue import count, say
from assistant.text.invisible import plain
from assistant.text.language import Language, detect


def _shown(value: Any) -> Any:
    """Return what of a value is to be shown; HTML that a macro made stays what it is."""
    return plain(value) if isinstance(value, str) and not hasattr(value, "__html__") else value


_ENGINE = Environment(
    loader=FileSystemLoader(Path(__file__).with_name("templates")),
    autoescape=True,
    finalize=_shown,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
    auto_reload=False,
)
_ENGINE.globals |= {"say": say, "count": count, "detect": detect, "languages": tuple(Language)}


def render(template: str, **values: object) -> str:
    """Return a template of `templates/`, filled."""
    return _ENGINE.get_template(f"{template}.html").render(values).strip()
