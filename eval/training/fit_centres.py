"""Fits the centres of the two languages: `python -m eval.training.fit_centres BITEXT.jsonl`.

Each line of the file holds one sentence in both languages, `ko` and `en`. Writes `assistant/centres.json` for the
embedding model of the settings. Deterministic.
"""

import json
import sys
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from assistant.config import Settings
from assistant.models import registry as models
from assistant.models.embedding import PROMPTS, name_of
from assistant.models.openvino_embedding import OpenVINOEmbedding
from eval.questions.beir import read_objects

SHARE = 0.7
"""How much of the mean is subtracted: more helps across the languages and costs within them."""


def main(file: Path, settings: Settings) -> None:
    """Embed the sentences as questions and as passages, and write their means."""
    pairs = list(read_objects(file))
    name = name_of(settings)
    folder, prompts = models.locate(name, settings), PROMPTS[name]
    found: dict[str, Any] = {"share": SHARE}
    for kind, prompt in zip(("question", "passage"), prompts, strict=True):
        model = OpenVINOEmbedding(folder, prompt, prompt, settings.threads)
        vectors = [np.array(model.get_text_embedding_batch([p[language] for p in pairs])) for language in ("ko", "en")]
        found[kind] = [means(group) for group in vectors]
    place = Path(__file__).parent.parent.parent / "assistant" / "models" / "centres.json"
    fitted = json.loads(place.read_text(encoding="utf-8")) if place.exists() else {}
    place.write_text(json.dumps(fitted | {name: found}) + "\n", encoding="utf-8")


def means(vectors: npt.NDArray[np.float64]) -> list[float]:
    """Return the mean of vectors, shape (texts, dimension), to five digits."""
    return [round(float(value), 5) for value in vectors.mean(axis=0)]


if __name__ == "__main__":
    main(Path(sys.argv[1]), Settings.read())
