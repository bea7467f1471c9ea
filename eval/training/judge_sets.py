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
from assistant.models.judge import Text
from assistant.text.blocks import Span
from assistant.text.language import Language
from assistant.text.sentences import sentences
from eval.training.judge_examples import Ask, Example

_SENTENCE_PAIRS = 0.5
"""How much of the largest set is met: it is of another kind than notes."""
_MOST, _FOREIGN = 10, 3
"""Questions of its own at most that a passage meets, and questions of others."""
_AROUND = 3
"""Sentences at most that are kept on each side of an answer."""
_NEAREST = 4


def half(text: str) -> int:
    """Return 0 or 1, by which half of a set a text belongs to: 0 is trained on, 1 is measured on."""
    return int(sha256(text.encode()).hexdigest(), 16) % 2


def questions(data: Path, luck: random.Random) -> Iterator[Example]:
    """Yield passages beside the questions of those who were shown them; SQuAD's answer half of these."""
    unseen = unseen_texts(data)
    for name, language in (("squad2-en", Language.EN), ("tydi-ko", Language.KO)):
        passages = {item["_id"]: item for item in _lines(data / f"beir/{name}/corpus.jsonl")}
        asked = list(_lines(data / f"beir/{name}/queries.jsonl"))
        gold = dict(
            line.split("\t")[:2] for line in (data / f"beir/{name}/qrels/test.tsv").read_text("utf-8").splitlines()
        )
        of_passage: dict[str, list[dict[str, Any]]] = {}
        for query in asked:
            of_passage.setdefault(query.get("metadata", {}).get("source_passage") or gold[query["_id"]], []).append(
                query
            )
        for id, own in of_passage.items():
            passage = passages[id]
            if text_key(passage["text"]) not in unseen:
                foreign = [one["text"] for one in luck.sample(asked, min(_FOREIGN, len(asked))) if one not in own]
                yield _read(passage, luck.sample(own, min(_MOST, len(own))), foreign, language, luck)


def _read(
    passage: dict[str, Any],
    own: Sequence[dict[str, Any]],
    foreign: Sequence[str],
    language: Language,
    luck: random.Random,
) -> Example:
    """Return a passage, or a part of it around an answer, beside its questions and those of other passages."""
    text = re.sub(r"</?\w+>", "", passage["text"])
    spans = sentences(text) or [(0, len(text))]
    places = [_answered(query, text, spans) for query in own]
    known = [place for place in places if place is not None and place >= 0]
    middle = luck.choice(known) if known else luck.randrange(len(spans))
    before, behind = luck.randrange(_AROUND + 1), luck.randrange(_AROUND + 1)
    kept = range(max(0, middle - before), min(len(spans), middle + 1 + behind))
    if not known:
        kept = range(min(len(spans), 8))
    title = passage.get("title", "") if luck.random() < 0.8 else ""
    asks = [Ask(text, language, "set, another's", helps=False) for text in foreign]
    for query, place in zip(own, places, strict=True):
        if place is None:
            asks.append(Ask(query["text"], language, "set, no answer", helps=False))
        elif place in kept:
            answers = tuple(one == place for one in kept)
            asks.append(Ask(query["text"], language, "set, answered", True, answers))
        elif place < 0:  # it is known that it answers, but not where
            asks.append(Ask(query["text"], language, "set, answered", True))
    return Example(_piece(title, text, [spans[at] for at in kept]), language, tuple(asks), _held_out(passage["_id"]))


def _answered(query: dict[str, Any], text: str, spans: Sequence[Span]) -> int | None:
    """Return the sentence that holds the answer; -1 if it is not known which; None if none does."""
    said = query.get("metadata", {})
    if not said.get("answerable", True):
        return None
    at = next((found for answer in said.get("answers", ()) if (found := text.find(answer)) >= 0), None)
    return -1 if at is None else next(place for place, (_, end) in enumerate(spans) if end > at)


def _piece(title: str, text: str, spans: Sequence[Span]) -> Text:
    """Return the sentences under the title, and where they stand."""
    pieces, places, at = [f"{title}\n"] if title else [], [], len(title) + 1 if title else 0
    for start, end in spans:
        pieces.append(f"{text[start:end]} ")
        places.append((at, at + end - start))
        at += end - start + 1
    return Text("".join(pieces), tuple(places))


def pairs(data: Path) -> list[dict[str, str]]:
    """Return the sentence pairs that are long enough to say something."""
    return [pair for pair in _lines(data / "bitext/ko-en.jsonl") if len(pair["en"]) >= 25]


def translations(
    known: Sequence[dict[str, str]], korean: Vectors, english: Vectors, luck: random.Random
) -> Iterator[Example]:
    """Yield sentences beside their translation, near sentences, and another number; vectors are of the pairs."""
    alike = korean @ english.T
    for at, pair in enumerate(known):
        for said, told, row in ((Language.KO, Language.EN, alike[at]), (Language.EN, Language.KO, alike[:, at])):
            if luck.random() >= _SENTENCE_PAIRS:
                continue
            asks = [Ask(pair[said], said, "translation", supports=True)]
            others = [place for place in np.argsort(-row)[:_NEAREST] if place != at]
            asks += [Ask(known[place][said], said, "no translation", supports=False) for place in others]
            if numbers := re.findall(r"\d+", pair[said]):
                number = luck.choice(numbers)
                changed = max(1, int(number[:6]) + luck.choice([-7, -3, -2, -1, 1, 2, 3, 5, 10]))
                other = pair[said].replace(number, str(changed), 1)
                if other != pair[said]:
                    asks.append(Ask(other, said, "another number", supports=False))
            luck.shuffle(asks)
            yield Example(_whole(pair[told]), told, tuple(asks), _held_out(pair["en"]))


def inference(data: Path) -> Iterator[Example]:
    """Yield premises with their hypotheses, of one half of the premises."""
    for name in ("klue-nli-ko", "kornli-ko"):
        met: dict[str, list[Ask]] = {}
        for item in _lines(data / f"support/{name}.jsonl"):
            ask = Ask(item["hypothesis"], Language.KO, "inference", supports=item["label"] == "entailment")
            met.setdefault(item["premise"], []).append(ask)
        for premise, asks in met.items():
            if half(premise) == 0:
                yield Example(_whole(premise), Language.KO, tuple(asks), _held_out(premise))


def _whole(text: str) -> Text:
    return Text(text, ((0, len(text)),))


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
