"""The documentation says the same in English and in Korean: pages, headings, code, and the labels of the page."""

import re

import pytest
from doc_pages import DOCS, LANGUAGES, blocks, headings, names, text_of

from assistant.messages.catalogue import sentences
from assistant.models.judge import limits
from assistant.text.language import Language

NAMES = names("en")
each = pytest.mark.parametrize("name", NAMES)
PROSE = {"text"}
"""Blocks whose words are in the page's language."""


def labels(language: Language) -> dict[str, str]:
    """Return what the page shows, by key."""
    return {key: text for key, text in sentences(language).items() if key.startswith("page.")}


def bold(language: str, name: str) -> set[str]:
    """Return the bold words of a page."""
    return set(re.findall(r"\*\*(.+?)\*\*", " ".join(text_of(language, name).split())))


def test_both_languages_have_the_same_pages() -> None:
    assert names("ko") == NAMES and {"index", "troubleshooting", "commands"} <= set(NAMES)


@each
def test_both_languages_have_the_same_headings(name: str) -> None:
    english, korean = (headings(text_of(language, name)) for language in LANGUAGES)
    assert english == korean
    assert all(id for level, id in english if level > 1), "a heading has an id, the same in both languages"


@each
def test_both_languages_have_the_same_code(name: str) -> None:
    english, korean = (blocks(text_of(language, name)) for language in LANGUAGES)
    assert [block.kind for block in english] == [block.kind for block in korean]
    for one, other in zip(english, korean, strict=True):
        assert one.kind in PROSE or one.code == other.code


@each
def test_both_languages_have_tables_of_the_same_size(name: str) -> None:
    english, korean = (re.findall(r"^\|.*\|$", text_of(language, name), re.MULTILINE) for language in LANGUAGES)
    assert [line.count("|") for line in english] == [line.count("|") for line in korean]


def test_the_readme_leads_to_files_and_headings_that_are_there() -> None:
    links = re.findall(r"\]\((?!https?:)([^)#]+)#?([^)]*)\)", (DOCS.parent / "README.md").read_text(encoding="utf-8"))
    for file, heading in links:
        assert (DOCS.parent / file).is_file(), file
        assert not heading or heading in {id for _, id in headings((DOCS.parent / file).read_text(encoding="utf-8"))}
    assert {f"docs/{language}/index.md" for language in LANGUAGES} <= {file for file, _ in links}


def test_labels_are_called_as_the_page_calls_them() -> None:
    english, korean = labels(Language.EN), labels(Language.KO)
    named = 0
    for name in NAMES:
        for label in bold("en", name) - {"note"}:  # a term of the house
            keys = [key for key, text in english.items() if text == label]
            named += bool(keys)
            assert not keys or any(korean[key] in bold("ko", name) for key in keys), f"{name}: {label}"
    assert named > 20


def test_a_label_that_a_page_names_is_there() -> None:
    """Badges and buttons on the page about the page; other bold words there say where something stands."""
    for language in Language:
        others = {"en": {"Left", "Middle", "Right"}, "ko": {"왼쪽", "가운데", "오른쪽"}}[language.value]
        assert bold(language.value, "page") - others <= set(labels(language).values())


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_thresholds_are_those_of_the_judge(language: str) -> None:
    rows = re.findall(r"^\| \*\*(?:correct|incorrect)\*\*.*$", text_of(language, "how"), re.MULTILINE)
    said = [[float(number) for number in re.findall(r"-?\d+\.\d+", row)] for row in rows]
    fitted = limits()
    assert said == [[round(fitted[own][bound], 2) for own in ("ko", "en")] for bound in ("upper", "lower")]
