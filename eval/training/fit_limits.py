"""Fits the judge's thresholds: `python -m eval.training.fit_limits STRANGERS [owner/name=GITDIR …]`.

STRANGERS is the folder that `eval.questions.strangers` brings. Thresholds come from questions about strangers' notes
and our own `dev` questions together, a set for each language; what counts as evidence from the sentences of these
questions; the threshold of support from the held-out tenth of the labels. Writes `assistant/models/judge.json`; the
figures, cross-validated over five folds, go to standard error. Deterministic.
"""

import json
import random
import sys
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from assistant import Assistant
from assistant.config import Settings
from assistant.errors import ModelMissing
from assistant.models.embedding import build_embedding
from assistant.models.judge import LIMITS, Judge
from assistant.search.relevance import graded
from assistant.text.language import Language
from eval.measures.metrics import auroc
from eval.questions.dataset import CORPUS, open_corpus, read_questions
from eval.questions.judged import Asked, Judged, judged, of_ours, of_strangers
from eval.questions.repositories import clones_of
from eval.questions.strangers import read_questions as read_strangers
from eval.training.judge_data import examples

REFUSED = 0.04
"""Share of the answerable questions that the lower threshold may refuse."""
SURE = 0.9
"""Share of answerable questions above the upper threshold."""
KEPT = 0.97
"""Share of the gold that was found which evidence must keep."""
SUPPORTED = 0.97
"""Share of true sentences that the check must keep."""
ANSWERABLE = 0.8
"""Assumed share of questions with an answer, used for confidence."""
FOLDS = 5
Limits = dict[str, dict[str, float]]


def main() -> None:
    """Fit the thresholds, write them, and report."""
    folder, clones = Path(sys.argv[1]), clones_of(sys.argv[2:])
    settings = Settings.read()
    judge = Judge.open(settings)
    if judge is None:
        raise ModelMissing("the judge's encoder is not here; run: assistant models pull multilingual-e5-small")
    model = build_embedding(settings)
    ours = open_corpus(settings, model)
    theirs = Assistant(replace(settings, index=Path(".assistant/eval/strangers"), web=""), embed_model=model)
    theirs.index([folder])
    strangers = judged(theirs, judge, list(of_strangers(read_strangers())), _silent)
    own = judged(ours, judge, list(of_ours(read_questions("dev"), CORPUS)), _silent)
    fitted = fit([*strangers, *own])
    fitted["support"] = {"threshold": support(judge, clones, settings)}
    LIMITS.write_text(json.dumps(fitted, indent=1) + "\n", encoding="utf-8")
    sys.stderr.write(f"{json.dumps(fitted, indent=1)}\n")
    report("strangers", crossed(strangers, own))


def fit(found: Sequence[Judged]) -> Limits:
    """Return the thresholds of both languages and those of evidence."""
    return {language.value: _actions(found, language) for language in Language} | {"evidence": _evidence(found)}


def _actions(found: Sequence[Judged], language: Language) -> dict[str, float]:
    from sklearn.linear_model import LogisticRegression

    own = [item for item in found if item.asked.language is language]
    best = np.array([item.best for item in own])
    answerable = np.array([item.asked.answerable for item in own])
    low = float(np.quantile(best[answerable], REFUSED))
    sure = [at for at in np.sort(best) if answerable[best >= at].mean() >= SURE]
    high = max(float(sure[0]), low) if sure else float(best.max())
    weight = np.where(answerable, ANSWERABLE / answerable.mean(), (1 - ANSWERABLE) / (1 - answerable.mean()))
    platt = LogisticRegression(C=100.0).fit(best[:, None], answerable, sample_weight=weight)
    return {
        "lower": round(graded(low), 4),
        "upper": round(graded(high), 4),
        "slope": round(float(platt.coef_[0][0]), 4),
        "offset": round(float(platt.intercept_[0]), 4),
    }


def _evidence(found: Sequence[Judged]) -> dict[str, float]:
    """Return the least logits of a passage and a sentence, as grades, that keep the gold and drop the most text."""
    answerable = [item for item in found if item.asked.answerable]
    values = np.arange(-6, 1.1, 0.5)
    pairs = [(passage, sentence) for passage in values for sentence in values]
    enough = [pair for pair in pairs if _kept(answerable, *pair) >= KEPT] or [(values[0], values[0])]
    passage, sentence = min(enough, key=lambda pair: _tokens(answerable, *pair))
    return {"passage": round(graded(float(passage)), 4), "sentence": round(graded(float(sentence)), 4)}


def _kept(found: Sequence[Judged], passage: float, sentence: float) -> float:
    """Return the share of questions whose gold, as far as it was found, is kept whole."""
    held = [frozenset[int]().union(*(one.held for one in item.passages)) for item in found]
    kept = [
        frozenset[int]().union(
            *(s.gold for p in item.passages if p.helps > passage for s in p.sentences if s.answers > sentence)
        )
        for item in found
    ]
    return float(np.mean([some >= every for some, every in zip(kept, held, strict=True) if every]))


def _tokens(found: Sequence[Judged], passage: float, sentence: float) -> float:
    return sum(
        s.tokens
        for item in found
        for p in item.passages
        if p.helps > passage
        for s in p.sentences
        if s.answers > sentence
    )


def support(judge: Judge, clones: dict[str, Path], settings: Settings) -> float:
    """Return the logit above which `SUPPORTED` of the true sentences of the held-out labels lie, in each direction."""
    cache = Path(".assistant/judge")
    cache.mkdir(parents=True, exist_ok=True)
    found = [one for one in examples(clones, None, settings, cache) if one.held_out]
    held = [
        (f"{one.language}>{ask.language}", judge.read(ask.text, [one.text])[0].supports, ask.supports)
        for one in found
        for ask in one.asks
        if ask.supports is not None
    ]
    true: list[list[float]] = []
    for direction in sorted({direction for direction, *_ in held}):
        own = [(score, holds) for other, score, holds in held if other == direction]
        figure = auroc([score for score, _ in own], [holds for _, holds in own])
        sys.stderr.write(f"support {direction}: AUROC {figure:.3f} over {len(own)}\n")
        true.append([score for score, holds in own if holds])
    return round(min(float(np.quantile(own, 1 - SUPPORTED)) for own in true), 4)


def crossed(measured: Sequence[Judged], beside: Sequence[Judged]) -> list[tuple[Judged, Limits]]:
    """Return each question with limits that were fitted without its fold, on the others and on what stands beside."""
    order = list(range(len(measured)))
    random.Random(7).shuffle(order)
    pairs: list[tuple[Judged, Limits]] = []
    for fold in range(FOLDS):
        held = set(order[fold::FOLDS])
        limits = fit([*beside, *(item for at, item in enumerate(measured) if at not in held)])
        pairs += [(measured[at], limits) for at in sorted(held)]
    return pairs


def report(name: str, pairs: Sequence[tuple[Judged, Limits]]) -> None:
    """Write the figures of questions under their limits, in all and by language."""
    for language in (None, *Language):
        own = [(item, limits) for item, limits in pairs if language in (None, item.asked.language)]
        best = [item.best for item, _ in own]
        answerable = [item.asked.answerable for item, _ in own]
        refused = [graded(item.best) < limits[item.asked.language]["lower"] for item, limits in own]

        def share(chosen: Callable[[Asked], bool], refused: Sequence[bool] = refused, own: Any = own) -> float:
            return float(np.mean([no for no, (item, _) in zip(refused, own, strict=True) if chosen(item.asked)]))

        sys.stderr.write(
            f"{name} {language or 'all'}: AUROC {auroc(best, answerable):.3f}, "
            f"answerable refused {share(lambda asked: asked.answerable):.3f}, "
            f"others refused {share(lambda asked: not asked.answerable):.3f}, "
            f"near misses refused {share(lambda asked: asked.near):.3f}\n"
        )


def _silent(done: int, total: int) -> None:
    pass


if __name__ == "__main__":
    main()
