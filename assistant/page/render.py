"""Renders templates; all HTML of the page is made here.

In: a template's name, and values. Out: HTML. Jinja2 escapes every value, and invisible characters (controls, bidi
overrides) are removed.
"""

from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from assistant.messages.catalogue import count, say
from assistant.text.invisible import plain
from assistant.text.language import Language, detect


def _shown(value: Any) -> Any:
    """Remove invisible characters from a text; HTML that a macro made is left alone."""
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
    """Return the HTML of a template in `templates/`, filled with the values."""
    return _ENGINE.get_template(f"{template}.html").render(values).strip()
