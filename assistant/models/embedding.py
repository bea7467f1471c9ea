"""Builds the embedding model: models of the registry run in OpenVINO, all others by `HuggingFaceEmbedding`.

In: settings; then texts. Out: unit vectors. Only this module knows the prompts of a model and how its weights are
identified.
"""

import logging
import os
from collections.abc import Callable, Sequence
from typing import Protocol

import numpy as np
import numpy.typing as npt

from assistant.config import Settings
from assistant.errors import ModelMissing, SettingsError
from assistant.models import registry as models
from assistant.models.centres import centres_of

Vectors = npt.NDArray[np.float32]
DEFAULT = "multilingual-e5-small"
PROMPTS = {
    "multilingual-e5-small": ("query: ", "passage: "),
    "embeddinggemma-300m": ("task: search result | query: ", "title: none | text: "),
}
"""The prefixes of a question and of a passage, by model."""
EXTRA = "pip install 'notes-assistant[sentence-transformers]'"
"""What installs the libraries for models that the registry does not have."""
_CHUNK = 64
"""Texts between two calls of `progress`."""


class Embedder(Protocol):
    """What is needed of an embedding model; every `BaseEmbedding` of LlamaIndex has it."""

    def get_query_embedding(self, query: str) -> list[float]:
        """Return the vector of a question."""
        ...

    def get_text_embedding_batch(self, texts: list[str]) -> list[list[float]]:
        """Return the vector of each text."""
        ...


def name_of(settings: Settings) -> str:
    """Return the name of the embedding model that the settings choose, or the default's."""
    return settings.embedding or DEFAULT


def build_embedding(settings: Settings, device: str = "cpu") -> Embedder:
    """Load the model that the settings name: from the registry, or any sentence-transformers name or path.

    Models of the registry run on the processor, whatever the `device`.

    Raises:
        ModelMissing: a registry model was not pulled, or is damaged; or sentence-transformers is not installed, or
            cannot load the name.
        SettingsError: the name is that of a language model.

    """
    name = name_of(settings)
    if name in models.MODELS:
        if name not in PROMPTS:
            raise SettingsError(f"expected an embedding model, found '{name}'; see: assistant models")
        from assistant.models.openvino_embedding import OpenVINOEmbedding

        folder = models.locate(name, settings)
        try:
            return OpenVINOEmbedding(folder, *PROMPTS[name], settings.threads, centres_of(name))
        except ModelMissing:
            raise
        except Exception as error:  # tokenizers raises it bare
            raise models.damaged(name, settings, error) from error
    return _by_sentence_transformers(name, settings.threads, device)


def _by_sentence_transformers(name: str, threads: int, device: str) -> Embedder:
    # A Rust tokenizer that forks warns on every command; one text at a time needs no parallel tokenizer.
    os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
    unknown = f"embedding model '{name}' is not in the registry ({', '.join(models.MODELS)})"
    try:
        import torch
        import transformers
        from llama_index.embeddings.huggingface import HuggingFaceEmbedding
    except ImportError as error:
        raise ModelMissing(f"{unknown}; to use a sentence-transformers model run: {EXTRA}") from error
    torch.set_num_threads(threads)
    transformers.utils.logging.disable_progress_bar()
    logging.getLogger("sentence_transformers").setLevel(logging.WARNING)
    try:
        return HuggingFaceEmbedding(model_name=name, embed_batch_size=8, device=device, trust_remote_code=False)
    except (OSError, ValueError) as error:
        raise ModelMissing(f"{unknown}, nor loadable by sentence-transformers: {str(error).splitlines()[0]}") from error


def weights_of(settings: Settings) -> str:
    """Return the identity of a model's vectors: the SHA-256 of its weights and the centres' digest, or its name."""
    name = name_of(settings)
    if name not in models.MODELS:
        return name
    weights, centres = models.weights(name, settings), centres_of(name)
    return f"{weights} centres {centres.digest}" if centres else weights


def embed_texts(model: Embedder, texts: Sequence[str], progress: Callable[[int], None] = lambda done: None) -> Vectors:
    """Return unit vectors of the texts, shape (len(texts), dimension), in their order.

    Texts are embedded shortest first, because a batch costs as much as its longest text.
    """
    order = sorted(range(len(texts)), key=lambda place: len(texts[place]))
    rows: list[list[float]] = []
    for at in range(0, len(order), _CHUNK):
        rows += model.get_text_embedding_batch([texts[place] for place in order[at : at + _CHUNK]])
        progress(len(rows))
    vectors = np.empty((len(texts), len(rows[0]) if rows else 0), np.float32)
    vectors[order] = np.asarray(rows, np.float32).reshape(len(order), -1)
    return normalised(vectors)


def embed_question(model: Embedder, question: str) -> Vectors:
    """Return the question's unit vector, shape (dimension,)."""
    return normalised(np.asarray(model.get_query_embedding(question), np.float32))


def normalised(vectors: Vectors) -> Vectors:
    """Scale to unit length; a zero vector stays zero."""
    lengths = np.linalg.norm(vectors, axis=-1, keepdims=True)
    return np.asarray(vectors / np.where(lengths > 0, lengths, 1), np.float32)
