"""Raw texts as people save them from the web (leftovers, outlines, glued languages): index, and are found in."""

from dataclasses import replace
from pathlib import Path

import pytest
from fakes import REAL_MODELS
from llama_index.core.base.embeddings.base import BaseEmbedding

from assistant import Assistant, Settings

SOURCES = Path(__file__).parent.parent.parent.parent / "shared" / "source-notes"
pytestmark = [
    pytest.mark.embedding,
    pytest.mark.skipif(not SOURCES.is_dir(), reason="the raw texts are not beside the checkout"),
]


@pytest.fixture(scope="module")
def assistant(real_embedding: BaseEmbedding, tmp_path_factory: pytest.TempPathFactory) -> Assistant:
    settings = Settings(index=tmp_path_factory.mktemp("sources"), models=REAL_MODELS, llm="extractive", threads=1)
    opened = Assistant(settings, embed_model=real_embedding)
    report = opened.index([SOURCES])
    assert len(report.indexed) == 5 and not report.failed and not report.skipped
    return opened


@pytest.mark.parametrize(
    ("question", "source", "fact"),
    [
        ("BLIP-2에서 학습하는 것은 무엇인가요?", "day118-multilingual-llm.txt", "Q-Former"),
        ("Which image encoder does Flamingo use?", "day118-multilingual-llm.txt", "CLIP"),
        ("QLoRA는 뭘 합친 거야?", "lm-to-llm.txt", "4bit"),
        ("What MBTI type does ChatGPT have?", "lm-to-llm.txt", "ENFJ"),
        ("FLAN 논문이 제시한 학습 방식은?", "nlp-blog-index.txt", "Instruction Tuning"),
        ("Which metrics besides ROUGE evaluate factuality of long summaries?", "nlp-blog-index.txt", "FactCC"),
        ("SliceGPT는 모델 파라미터를 최대 몇 퍼센트 제거하나요?", "papers-of-the-week.txt", "25%"),
        ("How much does WRAP speed up pre-training on C4?", "papers-of-the-week.txt", "3x"),
        ("DistilBERT는 교사 모델보다 얼마나 작은가요?", "transformer-review.txt", "40%"),
        ("How many triples was LLaMA 7B fine-tuned on for Alpaca?", "transformer-review.txt", "52K"),
    ],
)
def test_a_fact_of_each_text_is_found_in_both_languages(
    assistant: Assistant, question: str, source: str, fact: str
) -> None:
    hits = assistant.search(question, 5)
    assert any(hit.passage.source == source and fact in hit.passage.text for hit in hits)
    answer = assistant.ask(question)
    assert not answer.abstained
    assert any(fact in citation.quote for citation in answer.citations)
    for citation in answer.citations:
        text = (SOURCES / citation.source).read_text(encoding="utf-8")
        assert text[citation.start : citation.end] == citation.quote


def test_indexing_again_changes_nothing(assistant: Assistant) -> None:
    again = Assistant(replace(assistant.settings)).index([SOURCES])
    assert (len(again.unchanged), again.embedded) == (5, 0)
