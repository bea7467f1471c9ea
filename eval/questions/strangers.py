"""Other people's study notes with questions about them, on which thresholds are fitted besides our own.

`eval/data/strangers/sources.json` names the notes of seven people by repository, commit and SHA-256, each under a free
licence; `questions.jsonl` holds 200 questions of ours with offsets into them, `support.jsonl` 532 sentences, true and
false, with the places of their evidence. The notes themselves are not in the project: `python -m
eval.questions.strangers FOLDER` brings them with git, and writes the sentences with their evidence's words to
`FOLDER/support.jsonl`, for `python -m eval support --file`.
"""

import argparse
import hashlib
import json
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from assistant.errors import AssistantError, SettingsError
from assistant.index.passages import passages
from assistant.notes.document import Document
from assistant.notes.formats import read
from assistant.text.blocks import clipped, without
from assistant.text.language import Language
from eval.questions.repositories import clones_of, contents, fetched

DATA = Path(__file__).parent.parent / "data" / "strangers"


@dataclass(frozen=True)
class Gold:
    """Words of a note that answer: `note[start:end]`; a `source` alone where only the note's name says it."""

    source: str
    start: int = 0
    end: int = 0


@dataclass(frozen=True)
class StrangersQuestion:
    """One question; `note_language` is that of the notes it is about. Each of `facts` is a choice of wordings."""

    id: str
    language: Language
    note_language: Language
    question: str
    kind: str
    answerable: bool
    gold: tuple[Gold, ...]
    answer: str
    facts: tuple[tuple[str, ...], ...]


@dataclass(frozen=True)
class Source:
    """One person's notes: `notes` maps each path in the repository to the SHA-256 of its bytes."""

    repository: str
    commit: str
    licence: str
    person: str
    language: Language
    notes: Mapping[str, str]


def read_questions() -> list[StrangersQuestion]:
    """Return the questions in their order."""
    with (DATA / "questions.jsonl").open(encoding="utf-8") as lines:
        items = [json.loads(line) for line in lines]
    return [
        StrangersQuestion(
            id=item["id"],
            language=Language(item["lang"]),
            note_language=Language(item["note_lang"]),
            question=item["question"],
            kind=item["kind"],
            answerable=item["answerable"],
            gold=tuple(Gold(gold["source"], gold.get("start", 0), gold.get("end", 0)) for gold in item["gold"]),
            answer=item["answer"],
            facts=tuple(tuple(fact.split("|")) for fact in item["facts"]),
        )
        for item in items
    ]


def read_sources() -> list[Source]:
    """Return the people's notes in their order."""
    items = json.loads((DATA / "sources.json").read_text(encoding="utf-8"))
    return [Source(**{**item, "language": Language(item["language"])}) for item in items]


def bring(folder: Path, clones: Mapping[str, Path]) -> int:
    """Write every note to `folder/<person>/<path>`; return how many.

    `clones` maps a repository to a git directory that holds it; any other is fetched, at its commit alone.

    Raises:
        SettingsError: git cannot bring a note, or its bytes are not those that the questions were written for.

    """
    count = 0
    with tempfile.TemporaryDirectory() as scratch:
        for source in read_sources():
            clone = clones.get(source.repository) or fetched(source.repository, source.commit, Path(scratch))
            for path, digest in source.notes.items():
                data = contents(clone, source.commit, path)
                if hashlib.sha256(data).hexdigest() != digest:
                    raise SettingsError(f"{source.repository}: {path} is not the note that was expected")
                file = folder / source.person / path
                file.parent.mkdir(parents=True, exist_ok=True)
                file.write_bytes(data)
                count += 1
    return count


def write_pairs(folder: Path) -> int:
    """Write the sentences with the words of their evidence to `folder/support.jsonl`; return how many.

    Each piece of evidence stands under a line with its note's title and its heading.
    """
    lines = []
    for item in map(json.loads, (DATA / "support.jsonl").read_text(encoding="utf-8").splitlines()):
        evidence = "\n".join(_evidence(folder, **place) for place in item["evidence"])
        lines.append(json.dumps({**item, "evidence": evidence}, ensure_ascii=False) + "\n")
    (folder / "support.jsonl").write_text("".join(lines), encoding="utf-8")
    return len(lines)


def _evidence(folder: Path, source: str, start: int, end: int) -> str:
    document = _document(folder, source)
    above = next(passage for passage in passages(document) if passage.start <= start < passage.end)
    words = without(document.text[start:end], clipped(document.hidden, start, end))
    return f"{above.title} > {above.heading}\n{words}"


@cache
def _document(folder: Path, source: str) -> Document:
    return read((folder / source).read_bytes(), source)


def main(arguments: Sequence[str] | None = None) -> int:
    """Fetch the notes; return the exit status."""
    parser = argparse.ArgumentParser(prog="python -m eval.questions.strangers", description="Bring strangers' notes.")
    parser.add_argument("folder", type=Path, help="where to write them")
    parser.add_argument("clones", nargs="*", metavar="OWNER/NAME=GIT_DIR", help="a repository that is here already")
    options = parser.parse_args(arguments)
    try:
        notes = bring(options.folder, clones_of(options.clones))
        print(f"{notes} notes and {write_pairs(options.folder)} sentences in {options.folder}", file=sys.stderr)  # noqa: T201
    except AssistantError as error:
        print(f"eval: {error}", file=sys.stderr)  # noqa: T201
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
