"""What the judge learns from holds what it is said to hold, and learning can go on where it stopped."""

import random
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from assistant.models.judge import Encoded, Text, stacked
from assistant.text.language import Language
from eval.training import fit_judge
from eval.training.fit_judge import Item, Learner, learn
from eval.training.judge_examples import NEAR as NEAREST
from eval.training.judge_examples import Ask, Example, Taught, examples_of, nearest
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
NEAR = [[question for other in ALL if other.page != item.page for question in other.questions] for item in ALL]
OTHER = [(KO, "아침은 뭐 먹지"), (EN, "who won the cup")]


def drawn(seed: int = 7) -> list[Example]:
    luck = random.Random(seed)
    return [example for _ in range(4) for example in examples_of(ALL, NEAR, OTHER, luck)]


ASKED = [(example, ask) for example in drawn() for ask in example.asks]


def said(example: Example) -> list[str]:
    return [example.text.text[start:end] for start, end in example.text.sentences]


def test_a_seed_gives_the_same_examples() -> None:
    assert drawn() == drawn() != drawn(8)


def test_every_passage_meets_each_kind_of_question_and_statement_somewhere() -> None:
    kinds = {"answered", "answer left out", "near miss", "heading asks", "same page", "near passage", "far passage"}
    stated = {"answer", "negation", "not in the evidence", "said by near passage", "said by same page"}
    assert kinds | stated | {"other subject"} <= {ask.source for _, ask in ASKED}
    assert len({len(example.text.sentences) for example in drawn()}) > 2


def test_a_question_is_answered_by_its_sentence_and_a_text_without_it_does_not_help() -> None:
    for example, ask in ASKED:
        wanted = f"Fact {ask.text.split()[-1].rstrip('?.')} "
        holds = [sentence.startswith(wanted) for sentence in said(example)]
        assert all(sentence.startswith("Fact ") for sentence in said(example))
        if ask.source == "answered":
            assert ask.helps and list(ask.answers) == holds and any(holds)
        elif ask.source == "answer":
            assert ask.supports and any(holds)
        elif ask.source in ("answer left out", "same page", "near passage"):
            assert ask.helps is False and not any(holds) and not ask.answers
        elif ask.source in ("not in the evidence", "said by near passage"):
            assert ask.supports is False and not any(holds)
        else:
            assert not ask.helps and not ask.supports


def test_questions_of_the_same_page_are_those_of_its_other_passages() -> None:
    for example, ask in ASKED:
        if ask.source == "same page":
            numbers = {int(re.findall(r"\d+", text)[0]) for text in (ask.text, said(example)[0])}
            assert len({number // 2 for number in numbers}) == 1 and len(numbers) == 2


def test_a_heading_that_asks_is_met_over_what_answers_and_over_what_does_not() -> None:
    above = [(ask, example.text.text.split("\n")[0]) for example, ask in ASKED if ask.helps is not None]
    assert {ask.helps for ask, heading in above if heading.endswith(ask.text)} == {True, False}


def test_a_page_and_its_translation_are_held_out_together() -> None:
    pairs = [
        (taught(1, "reactjs/react.dev", f"src/{n}.md"), taught(2, "reactjs/ko.react.dev", f"src/{n}.md"))
        for n in range(60)
    ]
    pairs += [(taught(1, "x/y", f"docs/en/{n}.md"), taught(2, "x/y", f"docs/ko/{n}.md")) for n in range(60)]
    assert all(one.page == other.page and one.held_out == other.held_out for one, other in pairs)
    assert 0 < sum(one.held_out for one, _ in pairs) < 30


def test_near_questions_are_those_of_other_pages_that_are_nearest() -> None:
    items = [taught(number) for number in range(40)]
    around = np.linspace(0, 1, len(items))
    passages = np.stack([np.cos(around), np.sin(around)], 1).astype(np.float32)
    found = nearest(items, np.repeat(passages, 4, axis=0), passages)
    assert {question.text.split()[-1].split(".")[0] for question in found[0]} == {str(at) for at in range(1, 7)}
    assert all(len(near) == NEAREST for near in found)


@pytest.fixture(scope="module")
def items() -> list[Item]:
    """Questions whose answer is told by one token: 5 in a text that helps, 6 in one that does not."""
    luck = random.Random(1)
    found = []
    for at in range(64):
        helps = at % 2 == 0
        ids = [0, *(luck.choice([7, 8, 9]) for _ in range(4)), 5 if helps else 6, 2, 0, 4, 2]
        read = Encoded(ids, [0] * 7 + [1] * 3, [0] * 7 + [1] * 3, [*range(7), *range(3)], [(1, 6)], [(7, 10)])
        ask = Ask("", KO, "", helps, (helps,))
        found.append(Item(Example(Text("", ((0, 0),)), KO, (ask,)), read))
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
        learner = Learner(converted)
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
        logits = whole(items)[:, 0, 0]
    right = [bool(logit > 0) is item.example.asks[0].helps for logit, item in zip(logits, items, strict=True)]
    assert sum(right) > 0.9 * len(right)
