"""What the judge learns from holds what it is said to hold, and learning can go on where it stopped."""

import random
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
import torch

from assistant.models.judge import Encoded, stacked
from assistant.text.language import Language
from eval.training import fit_judge
from eval.training.fit_judge import Item, Learner, learn
from eval.training.judge_examples import Example, Taught, asked_examples, nearest, support_examples
from eval.training.judge_labels import Asked, Label, LabelledPassage, Shown

KO, EN = Language.KO, Language.EN


def taught(number: int, repository: str = "a/b", path: str = "") -> Taught:
    """Return a passage of four sentences; each question is answered by the sentence of its number."""
    said = [f"Fact {number}.{at} stands here." for at in range(4)]
    spans = tuple((0, len(text)) for text in said)
    passage = LabelledPassage(f"p{number}", repository, "c", path or f"{number}.md", "MIT", EN, 0, 99, spans, "")
    questions = tuple(
        Asked(
            language,
            f"{language} what is {number}.{at}?",
            (at,),
            f"It is {number}.{at}.",
            f"It is not {at}.",
            "negation",
        )
        for at, language in enumerate((KO, KO, EN, EN))
    )
    label = Label(
        passage.id,
        "a",
        questions,
        ((KO, f"ko near {number}"), (EN, f"en near {number}")),
        (f"Why {number}?", "why", EN),
    )
    return Taught(
        passage, Shown("Title", "Heading", tuple((" " * bool(at), text) for at, text in enumerate(said))), (label,)
    )


ALL = [taught(number, path=f"{number // 2}.md") for number in range(30)]
NEAR = {
    question.text: [other for other in range(30)]
    for item in ALL
    for label in item.labels
    for question in label.questions
}


def drawn(seed: int = 7) -> list[Example]:
    luck = random.Random(seed)
    return [*asked_examples(ALL, NEAR, luck), *support_examples(ALL, luck)]


def test_a_seed_gives_the_same_examples() -> None:
    assert drawn() == drawn() != drawn(8)


def test_an_answered_question_has_its_sentence_and_any_other_example_has_none() -> None:
    for example in drawn():
        sentences = [example.second[start:end] for start, end in example.parts]
        assert all(sentence.startswith("Fact ") for sentence in sentences)
        if example.source.startswith("answered"):
            wanted = example.first.split()[-1].rstrip("?")
            assert example.helps and [wanted in sentence for sentence in sentences] == list(example.answers)
        elif example.helps is not None:
            assert not example.helps and not any(example.answers) and len(example.answers) == len(sentences)


def test_what_answers_is_gone_where_it_is_left_out_and_there_where_it_bears_out() -> None:
    found = drawn()
    assert {"answered", "near passage", "far passage", "same page", "near miss", "answer left out", "heading asks"} <= {
        example.source for example in found
    }
    for example in found:
        wanted = f"Fact {example.first.split()[-1].rstrip('?.')} "
        if example.source in ("answer left out", "not in the evidence", "near passage", "same page"):
            assert wanted not in example.second
        if example.source == "same page":
            number = int(wanted.split()[1].split(".")[0])
            assert f"Fact {number ^ 1}." in example.second
        if example.source == "answer":
            assert example.supports and wanted in example.second
        if example.source == "negation":
            assert example.supports is False


def test_a_heading_that_asks_is_met_over_what_answers_and_over_what_does_not() -> None:
    found = [example for example in drawn() if example.second.split("\n")[0].endswith(example.first)]
    assert {example.helps for example in found} == {True, False}


def test_a_page_and_its_translation_are_held_out_together() -> None:
    pairs = [
        (taught(1, "reactjs/react.dev", f"src/{n}.md"), taught(2, "reactjs/ko.react.dev", f"src/{n}.md"))
        for n in range(60)
    ]
    pairs += [(taught(1, "x/y", f"docs/en/{n}.md"), taught(2, "x/y", f"docs/ko/{n}.md")) for n in range(60)]
    assert all(one.page == other.page and one.held_out == other.held_out for one, other in pairs)
    assert 0 < sum(one.held_out for one, _ in pairs) < 30


def test_near_passages_come_nearest_first() -> None:
    import numpy as np

    near = nearest(["q"], np.array([[1.0, 0.0]], np.float32), np.array([[0, 1], [1, 0], [0.6, 0.8]], np.float32))
    assert near == {"q": [1, 2, 0]}


@pytest.fixture(scope="module")
def items() -> list[Item]:
    """Questions whose answer is told by one token: 5 in a passage that helps, 6 in one that does not."""
    luck = random.Random(1)
    found = []
    for at in range(64):
        helps = at % 2 == 0
        ids = [0, 4, 2, *(luck.choice([7, 8, 9]) for _ in range(4)), 5 if helps else 6, 2]
        example = Example("", "", ((0, 1),), "", "", helps, (helps,))
        found.append(Item(example, Encoded(ids, [0, 0, 0, 2, 2, 2, 2, 2, 2], [(0, 3), (3, 9), (6, 8)])))
    return found


def test_it_learns_and_goes_on_from_where_it_stopped(
    converted: Path, items: list[Item], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fit_judge, "SAVED_EVERY", 40)
    for name, value in (("WARM_UP", 5), ("RATE", 1e-2), ("HEAD_RATE", 3e-2)):
        monkeypatch.setattr(fit_judge, name, value)
    monkeypatch.setattr(fit_judge, "BATCH_TOKENS", 72)

    def learned(state: Path) -> Learner:
        torch.manual_seed(1)
        learner = Learner(converted, 1)
        learn(learner, items * 16, state)
        return learner

    whole = learned(tmp_path / "whole.pt")
    batches = iter(range(60))

    def breaks(batch: Sequence[Encoded], width: int) -> Any:
        next(batches)
        return stacked(batch, width)

    monkeypatch.setattr(fit_judge, "stacked", breaks)
    with pytest.raises(StopIteration):
        learned(tmp_path / "broken.pt")
    monkeypatch.setattr(fit_judge, "stacked", stacked)
    mended = learned(tmp_path / "broken.pt")
    for name, value in whole.learned().items():
        assert torch.equal(value, mended.learned()[name]), name
    with torch.no_grad():
        logits = whole(items)[:, 1, 0]
    right = [bool(logit > 0) is item.example.helps for logit, item in zip(logits, items, strict=True)]
    assert sum(right) > 0.9 * len(right)
