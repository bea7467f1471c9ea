"""The words that the page says by itself, by key, and a word in both languages as HTML.

The texts stand in assistant/messages/*.toml under [page]. The browser is told which language is which; the style sheet
shows the one that the reader chose.
"""

from assistant.messages.catalogue import sentences
from assistant.messages.said import NEXT
from assistant.page.render import render
from assistant.text.language import Language

_TABLE = "page."
SAID: dict[Language, dict[str, str]] = {
    language: {key.removeprefix(_TABLE): said for key, said in sentences(language).items() if key.startswith(_TABLE)}
    | {"next": NEXT[language]}
    for language in Language
}
"""The page's words, by language and key; the slots of a word are still open."""


def both(key: str, **slots: object) -> str:
    """Return a word in both languages as HTML; what goes into its slots is escaped."""
    return render("both", key=key, slots=slots)
