"""Whether notes in every format are read, found and quoted to the word.

In: one subject in two notes, Korean and English, in each format, and questions with the words that answer them. Out:
figures by format and by the language of the note: whether the words are among the first five passages that search
finds, and that the judge puts first; whether they stand in the note as the passage says; whether an answer without a
language model quotes them; whether their place is right, and their order. Each format's notes are indexed alone; white
space and the bars of tables count as single spaces, since formats differ in them.
"""

import io
import json
import math
import re
import shutil
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pypdfium2

from assistant import Assistant
from assistant.answer import Passage
from assistant.errors import AssistantError
from assistant.index.ingest import ingest
from assistant.index.note_text import read as read_note
from assistant.models.language_model import EXTRACTIVE
from assistant.notes import formats
from assistant.notes.formats import apart
from assistant.text.blocks import locator_of
from assistant.text.language import Language
from eval.report.run import Stage

DATA = Path(__file__).parent.parent / "data" / "formats"
FIGURES = ("found", "judged", "quoted", "answered", "locator", "order")
GROUPS = ("all", "ko", "en")
DEPTH = 5
PAGES, FILES = 30, 1000
_PAPER = "observatory.en.columns.pdf"
_NOT = math.nan


@dataclass(frozen=True)
class Fact:
    """A question, and the words that answer it in a note; `files` says for each format where they stand in its file.

    `language` is the question's. The facts of a note come in the order in which it tells them.
    """

    id: str
    language: Language
    note_language: Language
    question: str
    gold: str
    files: Mapping[str, Mapping[str, Any]]

    def source(self, form: str) -> str:
        """Return the name of the note that tells the fact in a format."""
        return f"observatory.{self.note_language}.{form}"


def read_facts(limit: int | None = None, file: Path = DATA / "questions.jsonl") -> list[Fact]:
    """Return the facts in their order, the first ones of each note if there is a limit."""
    items = [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]
    facts = [
        Fact(
            item["id"],
            Language(item["language"]),
            Language(item["note_language"]),
            item["question"],
            item["gold"],
            item["files"],
        )
        for item in items
    ]
    return [fact for one in Language for fact in [fact for fact in facts if fact.note_language is one][:limit]]


def measure(
    assistant: Assistant, facts: Sequence[Fact], progress: Callable[[int, int], None], notes: Path = DATA / "notes"
) -> Stage:
    """Ask for each fact in each format; `assistant` lends its models and settings, and its own index stays as it is.

    Cases are named by format and fact. A figure that a format does not have, such as a page, is undefined.
    """
    forms = list(dict.fromkeys(form for fact in facts for form in fact.files))
    marks: dict[tuple[str, str], dict[str, float]] = {}
    for form in forms:
        told = [fact for fact in facts if form in fact.files]
        with tempfile.TemporaryDirectory() as folder:
            asking = _over(assistant, form, told, notes, Path(folder))
            for fact in told:
                marks[form, fact.id] = _marks(asking, fact, form)
                progress(len(marks), sum(len(fact.files) for fact in facts))
            for id, ordered in _order(asking, told, form).items():
                marks[form, id]["order"] = ordered
    figures: dict[str, dict[str, Any]] = {}
    for group in GROUPS:
        own = {
            form: [fact.id for fact in facts if form in fact.files and group in ("all", fact.note_language)]
            for form in forms
        }
        figures[group] = {
            form: {"questions": len(ids), **{name: mean([marks[form, id][name] for id in ids]) for name in FIGURES}}
            for form, ids in own.items()
        }
    if (notes / _PAPER).exists():
        figures["reading"] = reading(notes)
    cases = {name: {f"{form} {id}": own[name] for (form, id), own in marks.items()} for name in FIGURES}
    return Stage(figures, cases)


def reading(notes: Path) -> dict[str, float]:
    """Return the seconds to read a paper of 30 pages in two columns, and 1,000 files of all formats; and the memory.

    The paper is a short one many times over. Memory is what the process that reads files of strangers holds in the end.
    """
    paper = _pages(notes / _PAPER, PAGES)
    formats.read(paper, "paper.pdf")  # the first file of a process waits for its libraries
    began = time.perf_counter()
    ingest(formats.read(paper + b"\n", "paper.pdf"))
    seconds = time.perf_counter() - began
    files = sorted(notes.iterdir())
    began = time.perf_counter()
    for number in range(FILES):
        file = files[number % len(files)]
        ingest(formats.read(file.read_bytes(), file.name))
    return {"paper_seconds": seconds, "thousand_seconds": time.perf_counter() - began, "memory_mb": apart.memory()}


def _pages(file: Path, count: int) -> bytes:
    """Return a PDF whose pages are those of a file, over and over."""
    pages, made, kept = pypdfium2.PdfDocument(file), pypdfium2.PdfDocument.new(), io.BytesIO()
    made.import_pages(pages, [number % len(pages) for number in range(count)])
    made.save(kept)
    return kept.getvalue()


def _over(assistant: Assistant, form: str, facts: Sequence[Fact], notes: Path, folder: Path) -> Assistant:
    """Return an assistant that quotes from the notes in one format, indexed in the folder."""
    own = folder / "notes"
    own.mkdir()
    for source in {fact.source(form) for fact in facts}:
        shutil.copy(notes / source, own / source)
    settings = replace(assistant.settings, notes=own, index=folder / "index", llm=EXTRACTIVE, web="")
    asking = Assistant(settings, embed_model=assistant.ready.embed_model)
    asking.index()
    return asking


def _marks(asking: Assistant, fact: Fact, form: str) -> dict[str, float]:
    source, gold = fact.source(form), one_line(fact.gold)
    held = [item.passage for item in asking.search(fact.question, DEPTH) if _holds(item.passage, source, gold)]
    judged = [item.passage for item in asking.judge(fact.question)[0][:DEPTH] if _holds(item.passage, source, gold)]
    cited = [one.quote for one in asking.ask(fact.question).citations if one.source == source]
    return {
        "found": float(bool(held)),
        "judged": float(bool(judged)),
        "quoted": float(any(_is_quoted(asking, passage) for passage in (*held, *judged))),
        "answered": float(any(gold in one_line(quote) for quote in cited)),
        "locator": _located(asking, fact, form),
    }


def one_line(text: str) -> str:
    """Return words parted by single spaces, without the bars of a table."""
    return " ".join(text.replace("|", " ").split())


def _holds(passage: Passage, source: str, gold: str) -> bool:
    return passage.source == source and gold in one_line(passage.text)


def text_of(asking: Assistant, source: str) -> str:
    """Return the text of a note, read anew from its file; empty if it cannot be read."""
    try:
        return read_note(asking.snapshot, source).text
    except AssistantError:
        return ""


def _is_quoted(asking: Assistant, passage: Passage) -> bool:
    return text_of(asking, passage.source)[passage.start : passage.end] == passage.text


def _located(asking: Assistant, fact: Fact, form: str) -> float:
    """Return 1 if a passage says rightly where the words stand, 0 if wrongly or none holds them."""
    if not (expected := fact.files[form]):
        return _NOT
    for passage in asking.snapshot.of(fact.source(form)):
        if span := span_of(passage.text, fact.gold):
            said = locator_of(passage.places, *span) or {}
            return float(all(said.get(name) == value for name, value in expected.items()))
    return 0.0


def span_of(text: str, words: str) -> tuple[int, int] | None:
    """Return where words stand in a text, whatever the white space and bars between them."""
    pattern = r"[\s|]+".join(map(re.escape, one_line(words).split()))
    found = re.search(pattern, text)
    return found.span() if found else None


def _order(asking: Assistant, facts: Sequence[Fact], form: str) -> dict[str, float]:
    """Return for each fact whether it stands where it was written: 1 for as many of a note as are in their order."""
    ordered = dict.fromkeys((fact.id for fact in facts), 0.0)
    for source in dict.fromkeys(fact.source(form) for fact in facts):
        text = text_of(asking, source)
        spans = {fact.id: span_of(text, fact.gold) for fact in facts if fact.source(form) == source}
        ordered |= dict.fromkeys(in_order({id: span[0] for id, span in spans.items() if span}), 1.0)
    return ordered


def in_order(places: Mapping[str, int]) -> list[str]:
    """Return the most of the names whose places rise from one to the next."""
    ending: list[list[str]] = []
    for name, place in places.items():
        before = (names for names in ending if places[names[-1]] < place)
        ending.append([*max(before, key=len, default=[]), name])
    return max(ending, key=len, default=[])


def mean(values: Sequence[float]) -> float:
    """Return the mean of the values that are known; nan if none is."""
    known = [value for value in values if not math.isnan(value)]
    return sum(known) / len(known) if known else _NOT
