"""The engine against sentence-transformers itself, on the same folder."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from llama_index.core.base.embeddings.base import BaseEmbedding

from assistant.models.centres import centres_of
from assistant.models.openvino_embedding import OpenVINOEmbedding

WORDS = ["tea", "water", "is", "녹차", "는", "🙂"]


@pytest.fixture(scope="module")
def engine(converted: Path) -> OpenVINOEmbedding:
    return OpenVINOEmbedding(converted, "tea ", "water ", threads=1)


@pytest.fixture(scope="module")
def reference(converted: Path) -> BaseEmbedding:
    from llama_index.embeddings.huggingface import HuggingFaceEmbedding

    options = {"query_instruction": "tea ", "text_instruction": "water ", "device": "cpu"}
    return HuggingFaceEmbedding(model_name=str(converted), **options)


@given(st.lists(st.lists(st.sampled_from(WORDS), max_size=30).map(" ".join), min_size=1, max_size=8))
def test_vectors_are_sentence_transformers_own_in_the_texts_order(
    engine: OpenVINOEmbedding, reference: BaseEmbedding, texts: list[str]
) -> None:
    """Prompts, truncation at 16 tokens, padding within a batch, pooling and normalisation included."""
    found = np.array(engine.get_text_embedding_batch(texts))
    np.testing.assert_allclose(found, reference.get_text_embedding_batch(texts), atol=2e-2)
    np.testing.assert_allclose(np.linalg.norm(found, axis=1), 1, atol=1e-3)


def test_a_question_has_its_own_prompt_and_is_embedded_once(
    engine: OpenVINOEmbedding, reference: BaseEmbedding, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = engine.get_query_embedding("is water")
    np.testing.assert_allclose(first, reference.get_query_embedding("is water"), atol=2e-2)
    monkeypatch.setattr("assistant.models.openvino_embedding.batches", lambda *_: pytest.fail("embedded again"))
    assert engine.get_query_embedding("is water") == first


def test_an_export_that_was_killed_is_done_again(converted: Path, engine: OpenVINOEmbedding) -> None:
    [vector] = engine.get_text_embedding_batch(["tea"])
    (converted / "openvino").rename(converted / "openvino.partial")
    (converted / "openvino.partial" / "model.bin").write_bytes(b"half")
    again = OpenVINOEmbedding(converted, "tea ", "water ", threads=1)
    np.testing.assert_allclose(again.get_text_embedding_batch(["tea"])[0], vector, atol=1e-6)
    assert not (converted / "openvino.partial").exists()


TEXTS = ["녹차는 70도의 물에 2분 동안 우린다. " * n for n in (1, 9, 40)] + ["How hot should the water be?"]


@pytest.mark.embedding
def test_the_real_encoder_agrees_with_sentence_transformers(real_folder: Path) -> None:
    from llama_index.embeddings.huggingface import HuggingFaceEmbedding

    stock = HuggingFaceEmbedding(model_name=str(real_folder), text_instruction="passage: ", device="cpu")
    engine = OpenVINOEmbedding(real_folder, "query: ", "passage: ", threads=2)
    found, wanted = (np.array(model.get_text_embedding_batch(TEXTS)) for model in (engine, stock))
    assert (found * wanted).sum(axis=1).min() > 0.999


@pytest.mark.embedding
def test_the_real_encoder_is_moved_by_its_centres(real_embedding: BaseEmbedding, real_folder: Path) -> None:
    engine, centres = OpenVINOEmbedding(real_folder, "query: ", "passage: ", 2), centres_of("multilingual-e5-small")
    assert centres is not None
    found = np.array(engine.get_text_embedding_batch(TEXTS), np.float32)
    moved = centres.moved(found, TEXTS, centres.passage)
    np.testing.assert_allclose(real_embedding.get_text_embedding_batch(TEXTS), moved, atol=1e-3)
    question = np.array([engine.get_query_embedding(TEXTS[0])], np.float32)
    moved = centres.moved(question, TEXTS[:1], centres.question)
    np.testing.assert_allclose(real_embedding.get_query_embedding(TEXTS[0]), moved[0], atol=1e-3)
