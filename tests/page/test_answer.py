"""An answer and a note as HTML: the badge, the marks, the trace, and nothing of theirs that is rendered."""

import json
import re
import shutil
from pathlib import Path

import pytest
from fakes import HashEmbedding, opened
from ocr_parts import page
from page_parts import TEXT, Shown, answered
from PIL import Image

from assistant import Answer, Settings
from assistant.answer import Action, Citation, Did, RankedPassage, Sentence, Step
from assistant.index import note_text
from assistant.index.store import Snapshot
from assistant.notes.formats import tesseract
from assistant.notes.formats.recognised import Kept
from assistant.page.answer import conversation_html, exchange_html, with_links
from assistant.page.exchanges import Exchange
from assistant.page.note import MOST, address_of, note_html
from assistant.page.words import SAID, both
from assistant.text.language import Language

HOSTILE = '<script>alert(1)</script><img src=x onerror=alert(1)>"><svg onload="a()"> [x](javascript:a()) & ${a()} {{a}}'
PDF = Path(__file__).parents[2] / "eval" / "data" / "formats" / "notes" / "observatory.en.columns.pdf"
each = pytest.mark.parametrize


def shown(answer: Answer) -> str:
    return exchange_html(Exchange(answer.question, answer), True)


@each("action", list(Action))
@each("language", list(Language))
def test_the_badge_says_in_both_languages_what_the_relevance_check_decided(action: Action, language: Language) -> None:
    html = shown(answered(action=action, language=language))
    assert both(action) in html and "93%" in html
    assert sum(both(other) in html for other in Action) == 1


@each("language", list(Language))
def test_an_answer_that_is_not_in_the_notes_gives_no_chance_that_it_is(language: Language) -> None:
    html = shown(answered(action=Action.AMBIGUOUS, language=language, abstained=True))
    assert both(Action.INCORRECT) in html and "93%" not in html


@each("language", list(Language))
def test_an_answer_that_nothing_bears_out_shows_the_nearest_notes(language: Language) -> None:
    near = RankedPassage("moon.md", 0, 9, "Phases", "The moon.", 0.5, 0.4)
    doubted = (Sentence("It is cheese.", (), 0.0),)
    html = shown(answered(language=language, citations=(), sentences=doubted, passages=(near,)))
    assert both("nearest") in html and "moon.md" in html
    assert both("nearest") not in shown(answered(language=language, passages=(near,)))


def test_each_mark_of_an_answer_opens_its_note_and_other_brackets_stay_text() -> None:
    html = shown(answered(answer="At noon. [1] See [7]."))
    assert html.count('class="cite" data-event="select" data-source="tide.md"') == 1
    assert f'data-quote="{TEXT[-25:].strip()}"' in html and "See [7]." in Shown(html).text


def test_the_trace_shows_steps_grades_and_seconds() -> None:
    steps = (Step(Did.SEARCHED, "tide", 8, 0.91), Step(Did.DROPPED, "<b>The moon</b>"))
    said = Shown(shown(answered(trace=steps, seconds={"retrieve": 0.5, "odd<": 1.0, "total": 1.5}))).text
    for words in ("찾음", "Searched", "tide", "8개", "best grade 0.91", "<b>The moon</b>", "0.50 s", "odd<", "+0.90"):
        assert words in said


def test_nothing_of_a_note_or_a_model_is_rendered() -> None:
    passage = RankedPassage(HOSTILE, 0, len(HOSTILE), HOSTILE, HOSTILE, 1.0, 0.9)
    cited = Citation(1, HOSTILE, HOSTILE, HOSTILE, HOSTILE, HOSTILE[8:20], 8, 20)
    ours = set(
        "article p span button section h2 h3 ul li div details summary ol b table tr th td label select option".split()
    )
    for answer in (
        answered(question=HOSTILE, answer=HOSTILE, citations=(cited,), passages=(passage,), fallback=HOSTILE),
        answered(
            question=HOSTILE, citations=(), passages=(passage,), abstained=True, trace=(Step(Did.WROTE, HOSTILE),)
        ),
    ):
        found = Shown(shown(answer))
        assert found.tags <= ours and HOSTILE in found.text
        assert not {name for name, _ in found.attributes if name.startswith("on") or name in ("src", "href")}


def test_a_whole_note_is_shown_with_the_quoted_words_marked(settings: Settings, indexed: Snapshot) -> None:
    text = (settings.notes / "sourdough.md").read_text(encoding="utf-8")
    quote = "A starter that floats is ready."
    start = text.index(quote)
    url = "https://example.org/bread"
    found = Shown(note_html(indexed.notes, "sourdough.md", start, start + len(quote), quote, url))
    assert found.marked == [quote]
    assert all(line.strip("#- ") in found.text for line in text.splitlines())
    assert ("href", "https://example.org/bread") in found.attributes


def test_a_quote_is_found_where_it_moved_to_and_shown_where_it_is_gone(settings: Settings, indexed: Snapshot) -> None:
    file = settings.notes / "sourdough.md"
    quote = "A starter that floats is ready."
    file.write_text(f"<img src=x> {quote}", encoding="utf-8")
    moved = Shown(note_html(indexed.notes, "sourdough.md", 300, 300 + len(quote), quote))
    assert moved.marked == [quote] and "img" not in moved.tags
    file.write_text("other words", encoding="utf-8")
    gone = Shown(note_html(indexed.notes, "sourdough.md", 300, 300 + len(quote), quote))
    assert gone.marked == [] and quote in gone.text and SAID[Language.KO]["changed"] in gone.text


@each("source", ["../secret.txt", "/etc/passwd", "no-such.md", ""])
def test_only_notes_of_the_index_can_be_opened(settings: Settings, indexed: Snapshot, source: str) -> None:
    (settings.notes.parent / "secret.txt").write_text("the secret", encoding="utf-8")
    found = note_html(indexed.notes, source, 0, 5)
    assert both("gone") in found and "secret</" not in found and "root:" not in found


@each("url", ["javascript:alert(1)", " javascript:alert(1)", "JaVaScRiPt:alert(1)", "data:text/html,x", "//evil"])
def test_an_address_that_may_run_something_is_no_link(settings: Settings, embed_model: HashEmbedding, url: str) -> None:
    (settings.notes / "odd.md").write_text(f'---\nurl: "{url}"\n---\nSome words here.\n', encoding="utf-8")
    assistant = opened(settings, embed_model)
    assert address_of(assistant, "odd.md") == url and address_of(assistant, "no-such.md") == ""
    found = Shown(note_html(assistant.snapshot.notes, "odd.md", 0, 0, url=url))
    assert "a" not in found.tags and url.strip() in found.text


@each("key", ["url", "title", "source", "other"])
def test_front_matter_of_any_size_is_shown_as_it_is_written(settings: Settings, indexed: Snapshot, key: str) -> None:
    tens = "\n".join(f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 9))
    bomb = f"---\na0: &a0 [x]\n{tens}\n{key}: *a8\n---\nThe crane lifts 90 tonnes.\n"
    (settings.notes / "sourdough.md").write_text(bomb, encoding="utf-8")
    quote = "The crane lifts 90 tonnes."
    html = note_html(indexed.notes, "sourdough.md", 0, 5, quote)
    assert len(html) < 10_000
    assert Shown(html).marked == [quote] and f"{key}: *a8" in Shown(html).text


def test_properties_are_shown_beside_the_part_of_a_long_note_that_they_belong_to(
    settings: Settings, indexed: Snapshot
) -> None:
    text = f"---\ntitle: Bread\n---\n{'A loaf. ' * 40_000}"
    (settings.notes / "sourdough.md").write_text(text, encoding="utf-8")
    for at, whole in ((30, True), (len(text) - 500, False)):
        found = Shown(note_html(indexed.notes, "sourdough.md", at, at + 7, text[at : at + 7]))
        assert ("title: Bread" in found.text) is whole and len(found.text) < MOST + 1000
    quote = "title: Bread"
    assert Shown(note_html(indexed.notes, "sourdough.md", 4, 4 + len(quote), quote)).marked == [quote]


LINKED = (
    "# Kites\n\nA kite of [[sourdough#Baking|bread]] flies over [[no such note]] and over [the tea](녹차.md), "
    "said [x](https://example.org) and `a[[0]]`.\n\n## See [[#Tails]]\n\n# Tails\n\nLong.\n"
)
OPENING = re.compile(r'<button class="link" data-event="select" data-source="(.*?)"(?: data-heading="(.*?)")?>(.*?)<')


@each("quote", ["", "A kite of [[sourdough#Baking|bread]] flies", "kite of [[sour"])
def test_a_link_in_a_note_opens_the_note_that_it_names(
    settings: Settings, embed_model: HashEmbedding, quote: str
) -> None:
    (settings.notes / "kites.md").write_text(LINKED, encoding="utf-8")
    notes = opened(settings, embed_model).snapshot.notes
    start = LINKED.index(quote)
    html = note_html(notes, "kites.md", start, start + len(quote), quote)
    bread = ("sourdough.md", "Baking", "bread")
    assert OPENING.findall(html) == [bread, ("녹차.md", "", "the tea"), ("kites.md", "Tails", "Tails")]
    found = Shown(html)
    assert "A kite of bread flies over [[no such note]] and over the tea, said x and a[[0]]." in found.text
    marked = {"": [], "A": ["A kite of bread flies"], "k": ["kite of bread"]}[quote[:1]]
    assert found.marked == marked and ("href", "https://example.org") in found.attributes


@each(("heading", "marked"), [("tails", ["Tails"]), ("Kites", ["Kites"]), ("no such heading", []), ("", [])])
def test_a_link_to_a_heading_opens_the_note_there(
    settings: Settings, embed_model: HashEmbedding, heading: str, marked: list[str]
) -> None:
    (settings.notes / "kites.md").write_text(LINKED, encoding="utf-8")
    notes = opened(settings, embed_model).snapshot.notes
    assert Shown(note_html(notes, "kites.md", 0, 0, heading=heading)).marked == marked


def test_a_link_that_an_answer_quotes_opens_its_note(settings: Settings, embed_model: HashEmbedding) -> None:
    quotes = (
        "Kites carry [[no such note|nothing]], [[sourdough#Baking|bread]] and [the tea](녹차.md).",
        "See [[<b>]] or [[bread]].",
    )
    cited = tuple(Citation(n, "kites.md", "", "", "", quote, 0, 9) for n, quote in enumerate(quotes, 1))
    said = "Kites carry [[nothing]], [[bread]] and [the tea]. [1] See [[<b>]], [[녹차]]. [2]"
    exchange = Exchange("?", answered(answer=said, citations=cited))
    html = exchange_html(with_links(exchange, opened(settings, embed_model).snapshot.notes), True)
    assert OPENING.findall(html) == [("sourdough.md", "Baking", "bread"), ("녹차.md", "", "the tea")]
    shown = Shown(html).text
    assert "Kites carry [[nothing]], bread and the tea. [1] See [[<b>]], [[녹차]]. [2]" in shown
    assert OPENING.findall(exchange_html(exchange, True)) == [], "what no note of the index bears out stays text"


@each("place", [0.0, 0.3, 0.999])
@each("line", ["# a\n", "&<>\n", "a", "가나다 "])
def test_a_long_note_is_shown_around_the_quoted_words(
    settings: Settings, indexed: Snapshot, place: float, line: str
) -> None:
    quote = "The heron nests on the ninth pylon."
    text = line * (3_000_000 // len(line))
    at = int(len(text) * place) // len(line) * len(line)
    text = f"{text[:at]}{quote}{text[at:]}"
    (settings.notes / "sourdough.md").write_text(text, encoding="utf-8")
    html = note_html(indexed.notes, "sourdough.md", at, at + len(quote), quote, "http://" + "a" * 10**6)
    found = Shown(html)
    assert "".join(found.marked) == quote and len(html) < 12 * MOST
    assert f"{len(text):,}" in found.text and "This note is long" in found.text


def test_a_citation_into_a_pdf_opens_its_page_with_the_lines_marked(
    settings: Settings, embed_model: HashEmbedding
) -> None:
    shutil.copy(PDF, settings.notes / "돔 (1).pdf")
    assistant = opened(settings, embed_model)
    text = note_text.read(assistant.snapshot, "돔 (1).pdf").text
    quote = "weighs 1,840 kilograms"
    start = text.index(quote)
    html = note_html(assistant.snapshot.notes, "돔 (1).pdf", start, start + len(quote), quote)
    found = Shown(html)
    assert found.marked == [quote] and "p. 1" in found.text
    address = dict(found.attributes)["src"]
    assert address == "api/page?source=%EB%8F%94+%281%29.pdf&page=1" and html.count('class="box"') >= 1
    assert note_text.picture(assistant.snapshot, "돔 (1).pdf", 1).startswith(b"\x89PNG")


def test_a_citation_into_a_picture_opens_it_with_the_lines_marked(
    settings: Settings, embed_model: HashEmbedding, monkeypatch: pytest.MonkeyPatch
) -> None:
    board = settings.notes / "칠판 5월.png"
    Image.new("RGB", (500, 700), "ivory").save(board)
    lines = "The heron nests on the ninth pylon, where no", "boat comes near. It is back in the second", "week of May."
    Kept(board.read_bytes()).add([(1, json.loads(json.dumps(page(*lines))))])
    monkeypatch.setattr(tesseract, "program", lambda: "tesseract")
    assistant = opened(settings, embed_model)
    text, quote = note_text.read(assistant.snapshot, board.name).text, "It is back in the second week of May."
    start = text.index(quote)
    html = note_html(assistant.snapshot.notes, board.name, start, start + len(quote), quote)
    found = Shown(html)
    assert found.marked == [quote] and "칠판 5월" in found.text and html.count('class="box"') == 2
    assert note_text.picture(assistant.snapshot, board.name, 1).startswith(b"\x89PNG")


@pytest.mark.parametrize("questions", [None, [], [(Language.KO, "어떤 노트가 있어?")]])
def test_an_empty_conversation_offers_questions_or_says_to_add_notes(
    questions: list[tuple[Language, str]] | None,
) -> None:
    html = conversation_html((), questions)
    assert all((SAID[language]["begin"] in html) is (questions == []) for language in Language)
    assert html.count('class="suggestion in-') == len(questions or [])
