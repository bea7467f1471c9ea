"""What the judge learns from public sets: the right parts of them, and nothing that is measured on."""

import json
import random
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from assistant.text.language import Language
from eval.training.judge_sets import half, inference, pairs, questions, text_key, translations

ENGLISH = "Tea came to Korea in 828. It was brought by Daeryeom. Kings drank it. Monks grew it on Mount Jiri."
KOREAN = "녹차는 차나무의 잎으로 만든다. 보성이 가장 큰 산지이다. 물은 70도가 알맞다."


def write(file: Path, items: Sequence[dict[str, Any]]) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text("".join(f"{json.dumps(item, ensure_ascii=False)}\n" for item in items), encoding="utf-8")


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """Sets of a few lines in the layout of the real ones."""
    metadata: list[dict[str, Any]] = [
        {"answerable": True, "answers": ["Daeryeom"], "source_passage": "e1"},
        {"answerable": False, "answers": [], "source_passage": "e1"},
        {"answerable": True, "answers": ["eels"], "source_passage": "e2"},
    ]
    write(
        tmp_path / "beir/squad2-en/corpus.jsonl",
        [{"_id": "e1", "title": "Tea", "text": ENGLISH}, {"_id": "e2", "title": "Eels", "text": "Rivers hold eels."}],
    )
    write(
        tmp_path / "beir/squad2-en/queries.jsonl",
        [{"_id": f"q{at}", "text": f"english {at}", "metadata": metadata[at % 3]} for at in range(60)],
    )
    write(tmp_path / "beir/tydi-ko/corpus.jsonl", [{"_id": "k1", "text": KOREAN}])
    write(
        tmp_path / "beir/tydi-ko/queries.jsonl",
        [
            {"_id": "t1", "text": "녹차 물 온도는?", "metadata": {"answers": ["70도"]}},
            {"_id": "t2", "text": "보성은 무엇으로 유명한가?"},
        ],
    )
    for name, lines in (("squad2-en", []), ("tydi-ko", ["t1\tk1\t1", "t2\tk1\t1"])):
        (tmp_path / f"beir/{name}/qrels").mkdir()
        (tmp_path / f"beir/{name}/qrels/test.tsv").write_text("\n".join(["query\tpassage\tscore", *lines]), "utf-8")
    for language in ("ko", "en"):
        case = {"question": "?", "passages": [{"text": "Rivers  hold eels"}]}
        write(tmp_path / f"relevance/nomiracl-{language}.jsonl", [case])
    write(
        tmp_path / "bitext/ko-en.jsonl",
        [{"ko": f"{at}번 기차는 부산으로 간다.", "en": f"Train number {at} goes to Busan today."} for at in range(40)]
        + [{"ko": "네.", "en": "Yes."}],
    )
    for name in ("klue-nli-ko", "kornli-ko"):
        write(
            tmp_path / f"support/{name}.jsonl",
            [
                {"premise": f"전제 {at}", "hypothesis": "가설", "label": ("entailment", "neutral")[at % 2]}
                for at in range(40)
            ],
        )
    return tmp_path


def test_a_question_has_the_sentence_of_its_answer_or_none_at_all(data: Path) -> None:
    asked = [
        (example, ask) for seed in range(8) for example in questions(data, random.Random(seed)) for ask in example.asks
    ]
    assert {ask.source for _, ask in asked} == {"set, answered", "set, no answer", "set, another's"}
    for example, ask in asked:
        said = [example.text.text[start:end] for start, end in example.text.sentences]
        wanted = "Daeryeom" if example.language is Language.EN else "70도"
        assert "eels" not in example.text.text  # measured on
        if ask.source != "set, answered":
            assert ask.helps is False and not ask.answers
        elif ask.text == "보성은 무엇으로 유명한가?":
            assert ask.helps and not ask.answers
        else:
            assert ask.helps and [wanted in sentence for sentence in said] == list(ask.answers)


def test_a_translation_bears_out_and_another_sentence_or_number_does_not(data: Path) -> None:
    known = pairs(data)
    assert len(known) == 40
    places = np.eye(40, dtype=np.float32)
    found = list(translations(known, places, places, random.Random(1)))
    told = {pair["ko"]: pair["en"] for pair in known} | {pair["en"]: pair["ko"] for pair in known}
    assert {example.language for example in found} == set(Language)
    assert {ask.source for example in found for ask in example.asks} == {
        "translation",
        "no translation",
        "another number",
    }
    for example in found:
        for ask in example.asks:
            assert ask.supports is (told.get(ask.text) == example.text.text) is (ask.source == "translation")
            assert ask.language is not example.language


def test_only_one_half_of_the_premises_is_learned_from(data: Path) -> None:
    found = list(inference(data))
    assert found and {half(example.text.text) for example in found} == {0}
    assert all(ask.supports is (int(one.text.text.split()[1]) % 2 == 0) for one in found for ask in one.asks)


def test_copies_of_a_text_have_one_key_whatever_their_spacing() -> None:
    assert text_key("Tea, 70 °C.") == text_key(" Tea 70°C ") != text_key("Tea, 80 °C.")
