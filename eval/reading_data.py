"""What the reader learns from: pairs of texts, each with whether the second answers or supports the first.

In: sets in the folder that `python -m eval.fit_reader` is given (SQuAD 2.0 and TyDi QA in BEIR's layout, sentence
pairs, KLUE-NLI and KorNLI) and the notes with questions that were written for it, `eval/data/reading.jsonl`. Out:
examples, a tenth of them held out by note or passage. Nothing of a passage that the NoMIRACL files hold is taken, and
of the NLI premises only one half, so that both stay unseen. Deterministic: one seed.
"""

import json
import random
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

import numpy as np
from llama_index.core.base.embeddings.base import BaseEmbedding

from assistant.embed import Vectors, embed_question, embed_texts
from assistant.language import sentences
from assistant.reader import ANSWERS, SUPPORTS

OWN = Path(__file__).parent / "data" / "reading.jsonl"
SEED = 7
_STRIP = 420
"""Characters of a strip at most, three sentences at most; those around an answer are cut anew, at random."""
_AROUND = 600
_LONGEST = 900
Span = tuple[int, int]


@dataclass(frozen=True)
class Example:
    """Two texts, which task (`ANSWERS` or `SUPPORTS`), whether it holds, where it is from, whether it is held out."""

    first: str
    second: str
    task: int
    holds: bool
    source: str
    held_out: bool


@dataclass(frozen=True)
class Piece:
    """A strip of a passage: the passage's id, its title, the words."""

    passage: str
    title: str
    text: str


def examples(data: Path, model: BaseEmbedding) -> list[Example]:
    """Return all examples of the sets in `data` and of the own notes, in a fixed order."""
    luck = random.Random(SEED)
    found = [*_squad(data, model, luck), *_tydi(data, model, luck), *_pairs(data, model, luck), *_inference(data)]
    return [*found, *_own(model, random.Random(SEED))]


def half(text: str) -> int:
    """Return 0 or 1, by which half of a set a text belongs to: 0 is trained on, 1 is measured on."""
    return int(sha256(text.encode()).hexdigest(), 16) % 2


def _held_out(text: str) -> bool:
    return int(sha256(text.encode()).hexdigest(), 16) % 10 == 0


def _squad(data: Path, model: BaseEmbedding, luck: random.Random) -> Iterator[Example]:
    passages = {item["_id"]: item for item in _lines(data / "beir/squad2-en/corpus.jsonl")}
    pieces, vectors = _pool(passages.values(), model)
    for query in _lines(data / "beir/squad2-en/queries.jsonl"):
        question, said = query["text"], query["metadata"]
        passage = passages[said["source_passage"]]
        text, held = _bare(passage["text"]), _held_out(passage["_id"])

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
        start, end = _around(text, at, at + len(said["answers"][0]), luck)
        gold = Piece(passage["_id"], passage.get("title", ""), text[start:end])
        yield Example(question, _titled(gold, luck), ANSWERS, True, "squad+", held)

        def silent(piece: Piece, answers: Sequence[str] = answers) -> bool:
            return not any(answer in piece.text.lower() for answer in answers)

        for piece in near(lambda piece, own=gold.passage: piece.passage == own and silent(piece), 1):  # type: ignore[misc]
            yield Example(question, _titled(piece, luck), ANSWERS, False, "squad-own", held)
        far = near(lambda piece, own=gold.passage: piece.passage != own and silent(piece), 3)  # type: ignore[misc]
        for piece in far[luck.randrange(3) :][:1]:
            yield Example(question, _titled(piece, luck), ANSWERS, False, "squad-far", held)


def _tydi(data: Path, model: BaseEmbedding, luck: random.Random) -> Iterator[Example]:
    unseen = {
        _key(passage["text"])
        for language in ("ko", "en")
        for case in _lines(data / f"relevance/nomiracl-{language}.jsonl")
        for passage in case["passages"]
    }
    passages = {item["_id"]: item for item in _lines(data / "beir/tydi-ko/corpus.jsonl")}
    passages = {id: item for id, item in passages.items() if _key(item["text"]) not in unseen}
    pieces, vectors = _pool(passages.values(), model)
    gold: dict[str, set[str]] = {}
    for line in (data / "beir/tydi-ko/qrels/test.tsv").read_text(encoding="utf-8").splitlines()[1:]:
        id, passage, _ = line.split("\t")
        gold.setdefault(id, set()).add(passage)
    for query in _lines(data / "beir/tydi-ko/queries.jsonl"):
        own = [id for id in gold[query["_id"]] if id in passages]
        if not own:
            continue
        text, held = _bare(passages[own[0]]["text"]), _held_out(own[0])
        answers = [answer for answer in query.get("metadata", {}).get("answers", []) if answer in text]
        if len(text) > _AROUND and not answers:
            continue
        span = (0, len(text)) if len(text) <= _AROUND else _around_first(text, answers, luck)
        if answers and luck.random() < 0.5:
            span = _around_first(text, answers, luck)
        yield Example(query["text"], text[slice(*span)], ANSWERS, True, "tydi+", held)

        def other(piece: Piece, own: Sequence[str] = own, answers: Sequence[str] = answers) -> bool:
            return piece.passage not in own and not any(answer in piece.text for answer in answers)

        far = _near(query["text"], pieces, vectors, model, other, 6)
        for piece in [far[0], *luck.sample(far[1:], 2)]:
            yield Example(query["text"], piece.text, ANSWERS, False, "tydi-far", held)


def _pairs(data: Path, model: BaseEmbedding, luck: random.Random) -> Iterator[Example]:
    """Yield translations, and, as what does not support, the nearest other sentence or another number."""
    pairs = list(_lines(data / "bitext/ko-en.jsonl"))
    korean, english = (embed_texts(model, [pair[language] for pair in pairs]) for language in ("ko", "en"))
    alike = korean @ english.T
    for at, pair in enumerate(pairs):
        if len(pair["en"]) < 25:
            continue
        for said, told, row in (("ko", "en", alike[at]), ("en", "ko", alike[:, at])):
            if luck.random() < 0.5:
                continue
            held = _held_out(pair["en"])
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


def _inference(data: Path) -> Iterator[Example]:
    for name in ("klue-nli-ko", "kornli-ko"):
        for item in _lines(data / f"support/{name}.jsonl"):
            premise = item["premise"]
            if half(premise) == 0:
                holds = item["label"] == "entailment"
                yield Example(item["hypothesis"], premise, SUPPORTS, holds, name, _held_out(premise))


def _own(model: BaseEmbedding, luck: random.Random) -> Iterator[Example]:
    for note in _lines(OWN):
        text, held = note["text"], _held_out(note["id"])
        spans = _strips(text)
        where = f"{note['title']} > {note['heading']}"
        vectors = embed_texts(model, [f"{note['title']}\n{note['heading']}\n\n{text[a:b]}" for a, b in spans])

        def headed(span: Span, text: str = text, where: str = where) -> str:
            return f"{where}\n{text[slice(*span)]}" if luck.random() < 0.9 else text[slice(*span)]

        for asked in note["questions"]:
            question, answer = asked["question"], asked["answer"]
            order = [int(row) for row in np.argsort(-(vectors @ embed_question(model, question)))]
            if not answer:
                yield from (Example(question, headed(spans[at]), ANSWERS, False, "own-un", held) for at in order[:2])
                first = max(0, min(order[0] + 1, len(spans) - 1) - 1)
                both = spans[first][0], spans[min(first + 1, len(spans) - 1)][1]
                if len(spans) > 1 and both[1] - both[0] < 650:
                    yield Example(question, headed(both), ANSWERS, False, "own-un", held)
                continue
            start = text.find(answer)
            end = start + len(answer)
            for _ in range(2):
                yield Example(question, headed(_around(text, start, end, luck)), ANSWERS, True, "own+", held)
            away = [at for at in order if spans[at][1] <= start or spans[at][0] >= end]
            yield from (Example(question, headed(spans[at]), ANSWERS, False, "own-other", held) for at in away[:2])
            evidence = _around(text, start, end, luck)
            for key in ("supported", "unsupported"):
                yield Example(asked[key], headed(evidence), SUPPORTS, key == "supported", "own-sup", held)


def _pool(passages: Any, model: BaseEmbedding) -> tuple[list[Piece], Vectors]:
    pieces = []
    for item in passages:
        text = _bare(item["text"])
        pieces += [Piece(item["_id"], item.get("title", ""), text[start:end]) for start, end in _strips(text)]
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


def _strips(text: str) -> list[Span]:
    """Cut a text into strips of up to three sentences."""
    found: list[list[int]] = []  # start, end, sentences
    for start, end in sentences(text) or [(0, len(text))]:
        if found and found[-1][2] < 3 and end - found[-1][0] <= _STRIP:
            found[-1][1:] = [end, found[-1][2] + 1]
        else:
            found.append([start, end, 1])
    return [(start, min(end, start + _LONGEST)) for start, end, _ in found]


def _around_first(text: str, answers: Sequence[str], luck: random.Random) -> Span:
    at = text.find(answers[0])
    return _around(text, at, at + len(answers[0]), luck)


def _around(text: str, start: int, end: int, luck: random.Random) -> Span:
    """Return one to four sentences, at random, that hold the span."""
    spans = sentences(text) or [(0, len(text))]
    first = next((at for at, span in enumerate(spans) if span[1] > start), len(spans) - 1)
    last = max(first, next((at for at, span in enumerate(spans) if span[1] >= end), len(spans) - 1))
    wanted = luck.choice([1, 1, 2, 2, 3, 3, 4])
    while last - first + 1 < wanted and (first > 0 or last < len(spans) - 1):
        back = first > 0 and (luck.random() < 0.5 or last == len(spans) - 1)
        low, high = (first - 1, last) if back else (first, min(last + 1, len(spans) - 1))
        if spans[high][1] - spans[low][0] > _AROUND or (low, high) == (first, last):
            break
        first, last = low, high
    return spans[first][0], min(spans[last][1], spans[first][0] + _LONGEST)


def _titled(piece: Piece, luck: random.Random) -> str:
    return f"{piece.title}\n{piece.text}" if piece.title and luck.random() < 0.85 else piece.text


def _bare(text: str) -> str:
    return re.sub(r"</?\w+>", "", text)


def _key(text: str) -> str:
    return re.sub(r"\W", "", text)[:80]


def _lines(file: Path) -> Iterator[dict[str, Any]]:
    with file.open(encoding="utf-8") as lines:
        yield from (json.loads(line) for line in lines if line.strip())
