"""Public sets that the judge learns from beside our labels: SQuAD 2.0, TyDi QA, sentence pairs and two of NLI.

In: the folder that holds them. Out: examples. Nothing of a passage that the NoMIRACL files hold is taken, and of the
NLI premises only one half, so that both stay unseen.
"""

import json
import random
import re
from collections.abc import Iterator, Sequence
from hashlib import sha256
from pathlib import Path
from typing import Any

import numpy as np

from assistant.answer import Vectors
from assistant.text.blocks import Span
from assistant.text.language import Language
from assistant.text.sentences import sentences
from eval.training.judge_examples import Example

_SQUAD, _SENTENCE_PAIRS = 0.6, 0.5
"""How much of the two largest sets is met: they are of other kinds than notes."""
_AROUND = 3
"""Sentences at most that are kept on each side of an answer."""
_NEAREST = 6


def half(text: str) -> int:
    """Return 0 or 1, by which half of a set a text belongs to: 0 is trained on, 1 is measured on."""
    return int(sha256(text.encode()).hexdigest(), 16) % 2


def questions(data: Path, luck: random.Random) -> Iterator[Example]:
    """Yield questions beside the passage that was shown to who asked them; SQuAD's are answered by half of them."""
    unseen = unseen_texts(data)
    for name, language in (("squad2-en", Language.EN), ("tydi-ko", Language.KO)):
        passages = {item["_id"]: item for item in _lines(data / f"beir/{name}/corpus.jsonl")}
        asked = list(_lines(data / f"beir/{name}/queries.jsonl"))
        gold = dict(
            line.split("\t")[:2] for line in (data / f"beir/{name}/qrels/test.tsv").read_text("utf-8").splitlines()
        )
        for query in asked if language is Language.KO else luck.sample(asked, round(_SQUAD * len(asked))):
            said = query.get("metadata", {})
            passage = passages[said.get("source_passage") or gold[query["_id"]]]
            if text_key(passage["text"]) not in unseen:
                answers = said.get("answers", []) if said.get("answerable", True) else None
                yield from _asked(query["text"], passage, answers, f"{language}>{language}", luck)


def _asked(
    question: str, passage: dict[str, Any], answers: Sequence[str] | None, direction: str, luck: random.Random
) -> Iterator[Example]:
    """Yield the passage, or a part of it around the answer; a part without it; `answers` is None if it has none."""
    text = re.sub(r"</?\w+>", "", passage["text"])
    spans = sentences(text) or [(0, len(text))]
    at = next((found for answer in answers or () if (found := text.find(answer)) >= 0), None)
    gold = None if at is None else next(place for place, (_, end) in enumerate(spans) if end > at)
    title, held = passage.get("title", "") if luck.random() < 0.8 else "", _held_out(passage["_id"])
    middle = luck.randrange(len(spans)) if gold is None else gold
    before, behind = luck.randrange(_AROUND + 1), luck.randrange(_AROUND + 1)
    kept = range(max(0, middle - before), min(len(spans), middle + 1 + behind))
    if answers is not None and gold is None:
        kept = range(min(len(spans), 8))  # it is known that it answers, but not where
    shown, parts = _piece(title, text, [spans[place] for place in kept])
    known = answers is None or gold is not None
    labels = tuple(place == gold for place in kept) if known else ()
    source = "set, no answer" if answers is None else "set, answered"
    places = parts if known else ()
    yield Example(question, shown, places, source, direction, answers is not None, labels, held_out=held)
    others = [place for place in kept if place != gold]
    if gold is not None and answers and others and luck.random() < 0.3:
        left = [spans[place] for place in others]
        if not any(answer in text[slice(*span)] for span in left for answer in answers):
            shown, parts = _piece(title, text, left)
            silent = (False,) * len(parts)
            yield Example(question, shown, parts, "set, left out", direction, False, silent, held_out=held)


def _piece(title: str, text: str, spans: Sequence[Span]) -> tuple[str, tuple[Span, ...]]:
    """Return the sentences under the title, and where they stand."""
    pieces, places, at = [f"{title}\n"] if title else [], [], len(title) + 1 if title else 0
    for start, end in spans:
        pieces.append(f"{text[start:end]} ")
        places.append((at, at + end - start))
        at += end - start + 1
    return "".join(pieces), tuple(places)


def pairs(data: Path) -> list[dict[str, str]]:
    """Return the sentence pairs that are long enough to say something."""
    return [pair for pair in _lines(data / "bitext/ko-en.jsonl") if len(pair["en"]) >= 25]


def translations(
    known: Sequence[dict[str, str]], korean: Vectors, english: Vectors, luck: random.Random
) -> Iterator[Example]:
    """Yield translations, and as what does not support a near sentence or another number; vectors are of the pairs."""
    alike = korean @ english.T
    for at, pair in enumerate(known):
        for said, told, row in (("ko", "en", alike[at]), ("en", "ko", alike[:, at])):
            if luck.random() >= _SENTENCE_PAIRS:
                continue
            direction, held = f"{told}>{said}", _held_out(pair["en"])
            yield _statement(pair[said], pair[told], True, "translation", direction, held)
            nearest = [place for place in np.argsort(-row)[:_NEAREST] if place != at]
            other = known[luck.choice(nearest)][told]
            if (numbers := re.findall(r"\d+", pair[told])) and luck.random() < 0.5:
                number = luck.choice(numbers)
                changed = max(1, int(number[:6]) + luck.choice([-7, -3, -2, -1, 1, 2, 3, 5, 10]))
                other = pair[told].replace(number, str(changed), 1)
            if other != pair[told]:
                yield _statement(pair[said], other, False, "no translation", direction, held)


def inference(data: Path) -> Iterator[Example]:
    """Yield hypotheses with their premises, of one half of the premises."""
    for name in ("klue-nli-ko", "kornli-ko"):
        for item in _lines(data / f"support/{name}.jsonl"):
            premise, holds = item["premise"], item["label"] == "entailment"
            if half(premise) == 0:
                yield _statement(item["hypothesis"], premise, holds, "inference", "ko>ko", _held_out(premise))


def _statement(first: str, second: str, supports: bool, source: str, direction: str, held_out: bool) -> Example:
    whole = ((0, len(second)),)
    return Example(first, second, whole, source, direction, supports=supports, held_out=held_out)


def unseen_texts(data: Path) -> set[str]:
    """Return the keys of the passages of the NoMIRACL files, which nothing may be learned from."""
    files = [data / f"relevance/nomiracl-{language}.jsonl" for language in Language]
    return {text_key(passage["text"]) for file in files for case in _lines(file) for passage in case["passages"]}


def text_key(text: str) -> str:
    """Return what two copies of a text have in common whatever their spacing and punctuation."""
    return re.sub(r"\W", "", text)[:80]


def _held_out(text: str) -> bool:
    return int(sha256(text.encode()).hexdigest(), 16) % 10 == 0


def _lines(file: Path) -> Iterator[dict[str, Any]]:
    with file.open(encoding="utf-8") as opened:
        yield from (json.loads(line) for line in opened if line.strip())
