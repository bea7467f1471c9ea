"""How well passages are found: dense, keyword and hybrid search, over our own questions or any BEIR-layout set."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from assistant.index.store import Snapshot
from assistant.models.embedding import Embedder
from assistant.search.question import embedded, read
from assistant.search.retrieve import dense, hybrid, keyword
from eval.measures.metrics import ndcg, recall, reciprocal_rank
from eval.measures.stats import difference, interval
from eval.questions.beir import BeirSet
from eval.questions.dataset import Question, relevant_passages
from eval.report.run import Stage

LEGS = ("dense", "keyword", "hybrid")
DEPTH = 10
METRICS: dict[str, Callable[[Sequence[str], dict[str, int]], float]] = {
    "nDCG@10": lambda ranked, relevant: ndcg(ranked, relevant, 10),
    "R@1": lambda ranked, relevant: recall(ranked, relevant, 1),
    "R@5": lambda ranked, relevant: recall(ranked, relevant, 5),
    "R@10": lambda ranked, relevant: recall(ranked, relevant, 10),
    "RR@10": lambda ranked, relevant: reciprocal_rank(ranked, relevant, 10),
}


@dataclass(frozen=True)
class Ranked:
    """What each leg returned for one question, ids best first, and what it should have returned."""

    id: str
    group: str
    relevant: dict[str, int]
    legs: dict[str, list[str]]


def rank(text: str, notes: Snapshot, model: Embedder, id: str, group: str, relevant: dict[str, int]) -> Ranked:
    """Run the three legs on one question, which is embedded once."""
    question = embedded(read(text), model)
    legs = {
        "dense": [hit.id for hit in dense(notes, question, DEPTH)],
        "keyword": [hit.id for hit in keyword(notes, question, DEPTH)],
        "hybrid": [item.passage.id for item in hybrid(notes, question, DEPTH)],
    }
    return Ranked(id, group, relevant, legs)


def scores(ranked: Sequence[Ranked]) -> dict[str, dict[str, float]]:
    """Return each leg's mean of each metric; for nDCG@10 the 95 % bootstrap interval as well."""
    found = {}
    for leg in LEGS:
        values = {name: [metric(item.legs[leg], item.relevant) for item in ranked] for name, metric in METRICS.items()}
        found[leg] = {name: sum(each) / len(each) if each else float("nan") for name, each in values.items()}
        _, low, high = interval(values["nDCG@10"])
        found[leg] |= {"nDCG@10 low": low, "nDCG@10 high": high}
    return found


def on_beir(data: BeirSet, model: Embedder, progress: Callable[[int, int], None]) -> dict[str, Any]:
    """Measure the three legs on a BEIR-layout set; queries without a judged passage are left out, as in BEIR."""
    judged = [query for query in data.queries if query.relevant]
    ranked = []
    for done, query in enumerate(judged, start=1):
        ranked.append(rank(query.text, data.notes, model, query.id, data.name, query.relevant))
        progress(done, len(judged))
    legs = {leg: {name: round(values[name], 4) for name in METRICS} for leg, values in scores(ranked).items()}
    return {"dataset": data.name, "queries": len(judged), "passages": data.notes.about.passages, "legs": legs}


def on_questions(
    questions: Sequence[Question], notes: Snapshot, model: Embedder, progress: Callable[[int, int], None]
) -> Stage:
    """Measure the three legs on our answerable questions: by language, by direction, and the gap between them.

    A direction is question language → note language; a question whose answer stands in both languages counts as asked
    in the notes' language. Follow-ups are left out: they cannot be searched for without their conversation.
    """
    ranked = []
    asked = [question for question in questions if question.answerable and not question.history]
    for done, question in enumerate(asked, start=1):
        relevant = relevant_passages(question, notes)
        written_in = {passage.language.value for passage in notes.get(relevant)}
        note_language = question.language.value if question.language in written_in else min(written_in, default="?")
        group = f"{question.language}→{note_language}"
        ranked.append(rank(question.question, notes, model, question.id, group, relevant))
        progress(done, len(asked))
    groups = {"all": ranked}
    for language in ("ko", "en"):
        groups[language] = [item for item in ranked if item.group.startswith(language)]
    for name in sorted({item.group for item in ranked}):
        groups[name] = [item for item in ranked if item.group == name]
    found: dict[str, Any] = {name: {"questions": len(items), **scores(items)} for name, items in groups.items()}
    by_leg = {leg: {item.id: ndcg(item.legs[leg], item.relevant) for item in ranked} for leg in LEGS}
    found["parity gap"] = {
        leg: difference([of[item.id] for item in groups["ko"]], [of[item.id] for item in groups["en"]])
        for leg, of in by_leg.items()
    }
    return Stage(found, {f"{leg} nDCG@10": of for leg, of in by_leg.items()})
