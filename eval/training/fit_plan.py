"""Teaches what kind of question was asked: `python -m eval.training.fit_plan`.

Learns a logistic regression over the default embedding model's vectors of the questions in `eval/data/plan.jsonl`, and
writes `assistant/answering/plan.json`. The figures, cross-validated, go to standard error. Deterministic.
"""

import json
import sys
from pathlib import Path

import numpy as np
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import cross_val_predict

from assistant.answer import Kind
from assistant.answering.plan import SURE, TAUGHT
from assistant.config import Settings
from assistant.models.embedding import build_embedding, embed_question

DATA = Path(__file__).parent.parent / "data" / "plan.jsonl"
_REGULARISATION = 10.0


def main() -> None:
    """Learn, write, and report."""
    items = [json.loads(line) for line in DATA.read_text(encoding="utf-8").splitlines()]
    model = build_embedding(Settings.read())
    vectors = np.array([embed_question(model, item["question"]) for item in items])
    kinds = np.array([item["kind"] for item in items])
    learner = LogisticRegression(C=_REGULARISATION, max_iter=3000)
    chances = cross_val_predict(learner, vectors, kinds, cv=5, method="predict_proba")
    learner.fit(vectors, kinds)
    for place, kind in enumerate(learner.classes_):
        own = kinds == kind
        sure = chances[:, place] > SURE.get(Kind(kind), 0.5)
        sys.stderr.write(f"{kind}: recall {sure[own].mean():.3f}, taken for it {sure[~own].mean():.4f}\n")
    taught = {
        "kinds": learner.classes_.tolist(),
        "weights": learner.coef_.round(4).tolist(),
        "offsets": learner.intercept_.round(4).tolist(),
    }
    TAUGHT.write_text(json.dumps(taught) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
