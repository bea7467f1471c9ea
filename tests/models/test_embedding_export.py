"""What is exported against sentence-transformers itself, for a model of EmbeddingGemma's kind."""

from pathlib import Path

import numpy as np
import pytest
import tiny_gemma
from fakes import REAL_MODELS
from hypothesis import given
from hypothesis import strategies as st
from tiny_gemma import LONGEST, WINDOW, WORDS

from assistant.models.embedding import PROMPTS
from assistant.models.openvino_embedding import OpenVINOEmbedding

GEMMA = REAL_MODELS / "embeddinggemma-300m"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("gemma") / "tiny"
    made.mkdir()
    tiny_gemma.build(made)
    return made


@pytest.fixture(scope="module")
def engine(folder: Path) -> OpenVINOEmbedding:
    return OpenVINOEmbedding(folder, "", "", threads=1)


def by_sentence_transformers(folder: Path, texts: list[str], prompt: str = "") -> np.ndarray:
    from sentence_transformers import SentenceTransformer

    model = SentenceTransformer(str(folder), device="cpu", local_files_only=True)
    return np.asarray(model.encode([prompt + text for text in texts], batch_size=4))


@pytest.fixture(scope="module")
def expected(folder: Path) -> "dict[str, np.ndarray]":
    """Vectors of texts shorter and longer than the window, and longer than what is read."""
    some = [" ".join(WORDS[(n * n + k) % len(WORDS)] for k in range(n)) for n in range(1, LONGEST + 8)]
    return dict(zip(some, by_sentence_transformers(folder, some), strict=True))


@given(st.data())
def test_windows_padding_and_truncation_are_sentence_transformers_own(
    engine: OpenVINOEmbedding, expected: "dict[str, np.ndarray]", data: st.DataObject
) -> None:
    texts = data.draw(st.lists(st.sampled_from(list(expected)), min_size=1, max_size=6))
    found = np.array(engine.get_text_embedding_batch(texts))
    assert (found * np.array([expected[text] for text in texts])).sum(axis=1).min() > 0.999


def test_the_window_matters_beyond_its_width(expected: "dict[str, np.ndarray]") -> None:
    """Guards the test above: the texts' vectors differ by more than its tolerance."""
    vectors = np.array(list(expected.values())[: LONGEST - 2])
    cosines = vectors @ vectors.T - np.eye(len(vectors))
    assert len(vectors) > WINDOW and np.median(cosines) < 0.99


TEXTS = [
    *("녹차는 70도의 물에 2분 동안 우린다. " * n for n in (1, 18, 60)),
    "How hot should the water be?",
    "The loaf is baked at 250 degrees for 20 minutes under a lid. " * 50,
]


@pytest.mark.embedding
@pytest.mark.skipif(not GEMMA.exists(), reason="run: assistant models pull embeddinggemma-300m --accept-licence")
def test_the_real_gemma_agrees_with_sentence_transformers() -> None:
    """Short texts and texts beyond the window of 512 tokens, in both languages, padded within their batches."""
    prompts = PROMPTS[GEMMA.name]
    engine = OpenVINOEmbedding(GEMMA, *prompts, threads=2)
    found = np.array(engine.get_text_embedding_batch(TEXTS))
    assert (found * by_sentence_transformers(GEMMA, TEXTS, prompts[1])).sum(axis=1).min() > 0.999
