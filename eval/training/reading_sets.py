"""The public sets that the reader learns from: SQuAD 2.0 and TyDi QA in BEIR's layout, sentence pairs, two of NLI.

In: the folder that holds them. Out: examples. Nothing of a passage that the NoMIRACL files hold is taken, and of the
NLI premises only one half, so that both stay unseen.
"""

import random
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

import numpy as np
from llama_index.core.base.embeddings.base import BaseEmbedding

from assistant.models.embedding import Vectors, embed_question, embed_texts
from assistant.models.reader import ANSWERS, SUPPORTS
from eval.training.reading_example import Example, around, around_first, held_out, lines, strips

_WHOLE = 600
"""Characters of a passage that may stand uncut."""


@dataclass(frozen=True)
class Piece:
    """A strip of a passage: the passage's id, its title, the words."""

    passage: str
    title: str
    text: str


def half(text: str) -> int:
    """Return 0 or 1, by which half of a set a text belongs to: 0 is trained on, 1 is measured on."""
    return int(sha256(text.encode()).hexdigest(), 16) % 2


def squad(data: Path, model: BaseEmbedding, luck: random.Random) -> Iterator[Example]:
    """Yield answers, near misses and strips of the same and of other passages for questions of SQuAD 2.0."""
    passages = {item["_id"]: item for item in lines(data / "beir/squad2-en/corpus.jsonl")}
    pieces, vectors = _pool(passages.values(), model)
    for query in lines(data / "beir/squad2-en/queries.jsonl"):
        question, said = query["text"], query["metadata"]
        passage = passages[said["source_passage"]]
        text, held = _bare(passage["text"]), held_out(passage["_id"])

        def near(wanted: Callable[[Piece], bool], count: int, question: str = question) -> list[Piece]:
            return _near(question, pieces, vectors, model, wanted, count)

        if not said["answerable"]:
            for piece in near(lambda piece, own=passage["_id"]: piece.passage == own, 2):  # type: ignore[misc]
                yield Example(question, _titled(piece, luck), ANSWERS, False, "squad-un", held)
            continue
        answers = [answer.lower() for answer in said["answers"]]
        at = text.find(said["answers"][0])
        if at < 0:
            continue
        start, end = around(text, at, at + len(said["answers"][0]), luck)
        gold = Piece(passage["_id"], passage.get("title", ""), text[start:end])
        yield Example(question, _titled(gold, luck), ANSWERS, True, "squad+", held)

        def silent(piece: Piece, answers: Sequence[str] = answers) -> bool:
            return not any(answer in piece.text.lower() for answer in answers)

        for piece in near(lambda piece, own=gold.passage: piece.passage == own and silent(piece), 1):  # type: ignore[misc]
            yield Example(question, _titled(piece, luck), ANSWERS, False, "squad-own", held)
        far = near(lambda piece, own=gold.passage: piece.passage != own and silent(piece), 3)  # type: ignore[misc]
        for piece in far[luck.randrange(3) :][:1]:
            yield Example(question, _titled(piece, luck), ANSWERS, False, "squad-far", held)


def tydi(data: Path, model: BaseEmbedding, luck: random.Random) -> Iterator[Example]:
    """Yield answers and the nearest strips without them for Korean questions of TyDi QA."""
    unseen = unseen_texts(data)
    passages = {item["_id"]: item for item in lines(data / "beir/tydi-ko/corpus.jsonl")}
    passages = {id: item for id, item in passages.items() if text_key(item["text"]) not in unseen}
    pieces, vectors = _pool(passages.values(), model)
    gold: dict[str, set[str]] = {}
    for line in (data / "beir/tydi-ko/qrels/test.tsv").read_text(encoding="utf-8").splitlines()[1:]:
        id, passage, _ = line.split("\t")
        gold.setdefault(id, set()).add(passage)
    for query in lines(data / "beir/tydi-ko/queries.jsonl"):
        own = [id for id in gold[query["_id"]] if id in passages]
        if not own:
            continue
        text, held = _bare(passages[own[0]]["text"]), held_out(own[0])
        answers = [answer for answer in query.get("metadata", {}).get("answers", []) if answer in text]
        if len(text) > _WHOLE and not answers:
            continue
        span = (0, len(text)) if len(text) <= _WHOLE else around_first(text, answers, luck)
        if answers and luck.random() < 0.5:
            span = around_first(text, answers, luck)
        yield Example(query["text"], text[slice(*span)], ANSWERS, True, "tydi+", held)

        def other(piece: Piece, own: Sequence[str] = own, answers: Sequence[str] = answers) -> bool:
            return piece.passage not in own and not any(answer in piece.text for answer in answers)

        far = _near(query["text"], pieces, vectors, model, other, 6)
        for piece in [far[0], *luck.sample(far[1:], 2)]:
            yield Example(query["text"], piece.text, ANSWERS, False, "tydi-far", held)


def translations(data: Path, model: BaseEmbedding, luck: random.Random) -> Iterator[Example]:
    """Yield translations, and, as what does not support, the nearest other sentence or another number."""
    pairs = list(lines(data / "bitext/ko-en.jsonl"))
    korean, english = (embed_texts(model, [pair[language] for pair in pairs]) for language in ("ko", "en"))
    alike = korean @ english.T
    for at, pair in enumerate(pairs):
        if len(pair["en"]) < 25:
            continue
        for said, told, row in (("ko", "en", alike[at]), ("en", "ko", alike[:, at])):
            if luck.random() < 0.5:
                continue
            held = held_out(pair["en"])
            yield Example(pair[said], pair[told], SUPPORTS, True, "bi+", held)
            nearest = [place for place in np.argsort(-row)[:6] if place != at]
            other = pairs[nearest[luck.randrange(3)]][told]
            numbers = re.findall(r"\d+", pair[told])
            if numbers and luck.random() < 0.5:
                number = luck.choice(numbers)
                changed = max(1, int(number[:6]) + luck.choice([-7, -3, -2, -1, 1, 2, 3, 5, 10]))
                other = pair[told].replace(number, str(changed), 1)
            if other != pair[told]:
                yield Example(pair[said], other, SUPPORTS, False, "bi-", held)


def inference(data: Path) -> Iterator[Example]:
    """Yield hypotheses with their premises, of one half of the premises."""
    for name in ("klue-nli-ko", "kornli-ko"):
        for item in lines(data / f"support/{name}.jsonl"):
            premise = item["premise"]
            if half(premise) == 0:
                holds = item["label"] == "entailment"
                yield Example(item["hypothesis"], premise, SUPPORTS, holds, name, held_out(premise))


def _pool(passages: Any, model: BaseEmbedding) -> tuple[list[Piece], Vectors]:
    pieces = []
    for item in passages:
        text = _bare(item["text"])
        pieces += [Piece(item["_id"], item.get("title", ""), text[start:end]) for start, end in strips(text)]
    return pieces, embed_texts(model, [f"{piece.title}\n{piece.text}" for piece in pieces])


def _near(
    question: str,
    pieces: Sequence[Piece],
    vectors: Vectors,
    model: BaseEmbedding,
    wanted: Callable[[Piece], bool],
    count: int,
) -> list[Piece]:
    """Return the nearest pieces that are wanted, `count` at most."""
    order = np.argsort(-(vectors @ embed_question(model, question)))
    found: list[Piece] = []
    for row in order:
        if wanted(pieces[row]):
            found.append(pieces[row])
        if len(found) >= count:
            break
    return found


def _titled(piece: Piece, luck: random.Random) -> str:
    return f"{piece.title}\n{piece.text}" if piece.title and luck.random() < 0.85 else piece.text


def _bare(text: str) -> str:
    return re.sub(r"</?\w+>", "", text)


def unseen_texts(data: Path) -> set[str]:
    """Return the keys of the passages and questions of the NoMIRACL files, which nothing may be learned from."""
    found: set[str] = set()
    for language in ("ko", "en"):
        for case in lines(data / f"relevance/nomiracl-{language}.jsonl"):
            found |= {text_key(case["question"]), *(text_key(passage["text"]) for passage in case["passages"])}
    return found


def text_key(text: str) -> str:
    """Return what two copies of a text have in common whatever their spacing and punctuation."""
    return re.sub(r"\W", "", text)[:80]
