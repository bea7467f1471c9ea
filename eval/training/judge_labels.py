"""What a judge of passages, sentences and support is taught by: labels of ours on strangers' texts.

`eval/data/judge/passages.jsonl` says where each passage stands (repository, commit, path, offsets, SHA-256);
`labels.jsonl` holds, for each, four questions with the sentences that answer them, an answer sentence and the same with
one error, and two questions that only sound as if they were answered. The texts are not in the project: `texts` brings
them with git.
"""

import hashlib
import json
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from assistant.errors import SettingsError
from assistant.notes.document import Block, Document, Kind
from assistant.notes.formats import markdown
from assistant.text.blocks import Span, clipped, without
from assistant.text.language import Language
from eval.questions.repositories import contents, fetched

DATA = Path(__file__).parent.parent / "data" / "judge"


@dataclass(frozen=True)
class LabelledPassage:
    """Where a passage stands: `text[start:end]` of a file; `sentences` count from the passage's start."""

    id: str
    repository: str
    commit: str
    path: str
    licence: str
    language: Language
    start: int
    end: int
    sentences: tuple[Span, ...]
    sha256: str


@dataclass(frozen=True)
class Asked:
    """A question that a passage answers: by which of its sentences, in which words, and the same words with an error.

    `error` names what is wrong in `wrong`, such as `number` or `negation`; it is a hint, not a class to learn.
    """

    language: Language
    text: str
    sentences: tuple[int, ...]
    answer: str
    wrong: str
    error: str


@dataclass(frozen=True)
class Label:
    """What one annotator says of a passage; `near_misses` are questions that it does not answer, by language.

    `trap` is a heading that asks what the passage does not answer, the question, and its language.
    """

    passage: str
    by: str
    questions: tuple[Asked, ...]
    near_misses: tuple[tuple[Language, str], ...]
    trap: tuple[str, str, Language] | None = None


def read_passages() -> dict[str, LabelledPassage]:
    """Return the passages by id."""
    return {item["id"]: _passage(item) for item in _lines(DATA / "passages.jsonl")}


def read_labels() -> list[Label]:
    """Return the labels, sorted by passage."""
    return [_label(item) for item in _lines(DATA / "labels.jsonl")]


@dataclass(frozen=True)
class Shown:
    """What a reader sees of a passage: title, heading path, and each sentence with the gap before it."""

    title: str
    heading: str
    sentences: tuple[tuple[str, str], ...]


def texts(passages: Sequence[LabelledPassage], clones: Mapping[str, Path]) -> dict[str, Shown]:
    """Return the passages as a reader sees them, by id.

    `clones` maps a repository to a git directory that holds it; any other is fetched, at its commit alone.

    Raises:
        SettingsError: git cannot bring a file, or its words are not those that were labelled.

    """
    brought: dict[str, Shown] = {}
    known = dict(clones)
    files: dict[tuple[str, str, str], list[LabelledPassage]] = {}
    for passage in passages:
        files.setdefault((passage.repository, passage.commit, passage.path), []).append(passage)
    with tempfile.TemporaryDirectory() as scratch:
        for (repository, commit, path), own in files.items():
            if repository not in known:
                known[repository] = fetched(repository, commit, Path(scratch))
            # reStructuredText is read as Markdown, too
            document = markdown.read(contents(known[repository], commit, path), path)
            for passage in own:
                words = document.text[passage.start : passage.end]
                if hashlib.sha256(words.encode()).hexdigest() != passage.sha256:
                    raise SettingsError(f"{repository}: {path} is not the text that was labelled")
                brought[passage.id] = _shown(document, passage)
    return brought


def _shown(document: Document, passage: LabelledPassage) -> Shown:
    above = [block for block in document.blocks if block.kind is Kind.HEADING and block.start < passage.start]
    path: list[Block] = []
    for block in above[1 if above and above[0].level == 1 else 0 :]:
        path = [*(one for one in path if one.level < block.level), block]
    sentences, before = [], 0
    for start, end in passage.sentences:
        gap, words = (
            _visible(document, passage.start + a, passage.start + b) for a, b in ((before, start), (start, end))
        )
        sentences.append((gap, words))
        before = end
    return Shown(document.title, " > ".join(block.words for block in path), tuple(sentences))


def _visible(document: Document, start: int, end: int) -> str:
    return without(document.text[start:end], clipped(document.hidden, start, end))


def _lines(file: Path) -> Iterator[dict[str, Any]]:
    with file.open(encoding="utf-8") as lines:
        yield from map(json.loads, lines)


def _passage(item: dict[str, Any]) -> LabelledPassage:
    spans = tuple((start, end) for start, end in item["sentences"])
    return LabelledPassage(**{**item, "language": Language(item["language"]), "sentences": spans})


def _label(item: dict[str, Any]) -> Label:
    asked = tuple(
        Asked(Language(q["lang"]), q["text"], tuple(q["sentences"]), q["answer"], q["wrong"], q["error"])
        for q in item["questions"]
    )
    near = tuple((Language(miss["lang"]), miss["text"]) for miss in item["near_misses"])
    trap = item.get("heading_trap")
    return Label(
        item["passage"],
        item["by"],
        asked,
        near,
        (trap["heading"], trap["question"], Language(trap["lang"])) if trap else None,
    )
