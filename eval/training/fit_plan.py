"""Teaches what kind of question was asked: `python -m eval.training.fit_plan`.

Learns a logistic regression over what `assistant.answering.plan` tells kinds from, of the questions in
`eval/data/plan.jsonl`, and writes `assistant/answering/plan.safetensors`. The figures, cross-validated, go to standard
error. Deterministic.
"""

import json
import sys
from pathlib import Path

import numpy as np
from safetensors.numpy import save_file
from scipy.sparse import csr_matrix
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import cross_val_predict

from assistant.answer import Kind
from assistant.answering.plan import SURE, TAUGHT, features
from assistant.config import Settings
from assistant.models.embedding import build_embedding
from assistant.search.question import embedded, read

DATA = Path(__file__).parent.parent / "data" / "plan.jsonl"
_REGULARISATION = 30.0


def main() -> None:
    """Learn, write, and report."""
    items = [json.loads(line) for line in DATA.read_text(encoding="utf-8").splitlines()]
    model = build_embedding(Settings.read())
    told = csr_matrix([features(embedded(read(item["question"]), model)) for item in items])
    kinds = np.array([item["kind"] for item in items])
    learner = LogisticRegression(C=_REGULARISATION, max_iter=3000)
    chances = cross_val_predict(learner, told, kinds, cv=5, method="predict_proba")
    learner.fit(told, kinds)
    for place, kind in enumerate(learner.classes_):
        own = kinds == kind
        sure = chances[:, place] > SURE.get(Kind(kind), 0.5)
        sys.stderr.write(f"{kind}: recall {sure[own].mean():.3f}, taken for it {sure[~own].mean():.4f}\n")
    taught = {
        "weights": np.ascontiguousarray(learner.coef_, np.float16),
        "offsets": learner.intercept_.astype(np.float32),
    }
    save_file(taught, TAUGHT, {"kinds": " ".join(learner.classes_)})


if __name__ == "__main__":
    main()
