"""Whether real files of strangers are read, found and quoted: documents of many formats in one folder.

In: questions with the words that answer them, each with the repository and path of its file (`eval/data/formats`),
and a folder in which somebody has put those files under their names. Out: figures by format. None of the files is ours,
so none is kept here; those that are not in the folder are left out.
"""

import json
import shutil
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from assistant import Assistant
from assistant.errors import SettingsError
from assistant.models.language_model import EXTRACTIVE
from assistant.text.blocks import locator_of
from assistant.text.language import Language
from eval.report.run import Stage
from eval.stages.formats import DATA, DEPTH, mean, span_of, text_of

READ = ("read", "found", "judged", "answered", "locator")
_NOT = float("nan")


@dataclass(frozen=True)
class Asked:
    """A question about a file, the words of the file that answer it, and where they stand if its format has places."""

    id: str
    file: str
    language: Language
    question: str
    gold: str
    place: Mapping[str, Any]


def read_asked(limit: int | None = None, file: Path = DATA / "real.jsonl") -> list[Asked]:
    """Return the questions, the first ones of each language if there is a limit."""
    items = [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]
    asked = [
        Asked(item["id"], item["file"], Language(item["language"]), item["question"], item["gold"], item["place"])
        for item in items
    ]
    return [one for language in Language for one in [one for one in asked if one.language is language][:limit]]


def measure(assistant: Assistant, asked: Sequence[Asked], folder: Path, progress: Callable[[int, int], None]) -> Stage:
    """Index the files of the folder together, and ask for each fact; raise SettingsError if none of them is there."""
    there = [one for one in asked if (folder / one.file).is_file()]
    if not there:
        raise SettingsError(f"expected files of {DATA / 'real.jsonl'} in {folder}, found none; put them there")
    marks: dict[str, dict[str, float]] = {}
    with tempfile.TemporaryDirectory() as place:
        own = Path(place) / "notes"
        own.mkdir()
        for name in {one.file for one in there}:
            shutil.copy(folder / name, own / name)
        settings = replace(assistant.settings, notes=own, index=Path(place) / "index", llm=EXTRACTIVE, web="")
        asking = Assistant(settings, embed_model=assistant.ready.embed_model)
        asking.index()
        for one in there:
            marks[one.id] = _marks(asking, one)
            progress(len(marks), len(there))
    groups: dict[str, list[Asked]] = {"all": there}
    for one in there:
        groups.setdefault(one.language, []).append(one)
        groups.setdefault(Path(one.file).suffix, []).append(one)
    figures = {
        group: {"questions": len(ids), **{name: mean([marks[one.id][name] for one in ids]) for name in READ}}
        for group, ids in groups.items()
    }
    return Stage(figures, {name: {id: own[name] for id, own in marks.items()} for name in READ})


def _marks(asking: Assistant, one: Asked) -> dict[str, float]:
    found = [item.passage for item in asking.search(one.question, DEPTH)]
    judged = [item.passage for item in asking.judge(one.question)[0][:DEPTH]]
    held = [passage for passage in judged if passage.source == one.file and _holds(passage.text, one.gold)]
    cited = [cited.quote for cited in asking.ask(one.question).citations if cited.source == one.file]
    return {
        "read": float(_holds(text_of(asking, one.file), one.gold)),
        "found": float(any(item.source == one.file and _holds(item.text, one.gold) for item in found)),
        "judged": float(bool(held)),
        "answered": float(any(_holds(quote, one.gold) for quote in cited)),
        "locator": _located(held, one),
    }


def _located(held: Sequence[Any], one: Asked) -> float:
    """Return whether the passage says rightly where the words stand; nan where that is not known."""
    span = span_of(held[0].text, one.gold) if held and one.place else None
    if span is None:
        return _NOT
    said = locator_of(held[0].places, *span) or {}
    return float(all(said.get(name) == value for name, value in one.place.items()))


def _holds(text: str, words: str) -> bool:
    """Tell whether a text holds words, whatever the white space and bars between them: lines break in words, too."""
    one, other = ("".join(piece.replace("|", " ").split()).casefold() for piece in (text, words))
    return other in one
