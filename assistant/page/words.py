"""The page's own texts by key, and as HTML in both languages.

The texts are in assistant/messages/*.toml under [page]. The HTML contains both languages, and the style sheet shows the
one that the reader chose.
"""

from assistant.messages.catalogue import sentences
from assistant.page.render import render
from assistant.text.language import Language

_TABLE = "page."
SAID: dict[Language, dict[str, str]] = {
    language: {key.removeprefix(_TABLE): said for key, said in sentences(language).items() if key.startswith(_TABLE)}
    for language in Language
}
"""The page's texts by language and key, with their slots still open."""


def both(key: str, **slots: object) -> str:
    """Return a text in both languages as HTML; the values of its slots are escaped."""
    return render("both", key=key, slots=slots)
