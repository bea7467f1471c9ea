"""A comparison is searched, judged and answered for each of its things."""

from dataclasses import replace

import pytest
from memory_snapshot import passage

from assistant.answer import Action, Did, RankedPassage, Scored, Step, Strip, Verdict
from assistant.search.comparison import compared, merged, spoken_of, together
from assistant.search.ladder import Judged
from assistant.search.question import read
from assistant.search.relevance import logit

each = pytest.mark.parametrize


@each(
    ("question", "things"),
    [
        ("DistilBERT와 RoBERTa를 비교해줘", ["DistilBERT", "RoBERTa"]),
        ("버트랑 로버타 뭐가 달라요?", ["버트", "로버타"]),
        ("알파카하고 코알라 학습 데이터 어떻게 다른지 알려주세요", ["알파카 학습 데이터", "코알라 학습 데이터"]),
        ("백자 vs 청자", ["백자", "청자"]),
        ("difference btw CLIP and FILIP", ["CLIP", "FILIP"]),
        ("compare lora with qlora real quick", ["lora", "qlora"]),
        ("How much faster is a kestrel than its parents?", ["kestrel", "parents"]),
        ("RLHF or DPO, whats the diff", ["RLHF", "DPO"]),
        ("Compare WRAP, SliceGPT and OLMo", ["WRAP", "SliceGPT", "OLMo"]),
        ("백자, 청자랑 분청을 비교해줘", ["백자", "청자", "분청"]),
        ("Well, is BERT or GPT bigger?", ["BERT", "GPT"]),
        ("the Qwen2.5-7B vs. the GPT-4o", ["Qwen2.5-7B", "GPT-4o"]),
    ],
)
def test_each_thing_is_asked_alone_with_what_it_is_compared_in(question: str, things: list[str]) -> None:
    parts = compared(read(question))
    assert [part.text for part in parts] == things
    assert {part.asked for part in parts} == {question}


@each(
    "question",
    ["뭐가 더 좋아?", "which one is better?", "what is the difference and why", "", "GPT vs GPT", "and or with"],
)
def test_what_names_no_two_things_is_not_taken_apart(question: str) -> None:
    assert compared(read(question)) == ()


def judged(action: Action, confidence: float, source: str) -> Judged:
    ranked = (RankedPassage(source, 0, 1, "", "", 1.0, confidence), RankedPassage("both.md", 0, 1, "", "", 1.0, 0.1))
    return Judged([], [], Verdict(action, confidence), (Step(Did.SEARCHED, source),), ranked)


@each(
    ("one", "other", "verdict"),
    [
        (Action.CORRECT, Action.CORRECT, Action.CORRECT),
        (Action.CORRECT, Action.INCORRECT, Action.AMBIGUOUS),
        (Action.INCORRECT, Action.INCORRECT, Action.INCORRECT),
    ],
)
def test_a_comparison_is_held_only_if_both_things_are(one: Action, other: Action, verdict: Action) -> None:
    found, steps, ranked = together([judged(one, 0.9, "a.md"), judged(other, 0.4, "b.md")])
    assert (found.action, found.confidence) == (verdict, 0.4)
    assert [step.text for step in steps] == ["a.md", "b.md"]
    assert [item.source for item in ranked] == ["a.md", "b.md", "both.md"]


def test_the_best_strip_of_each_thing_weighs_the_same_and_none_comes_twice() -> None:
    def strip(source: str, relevance: float) -> Strip:
        one = passage("x", source)
        return Strip(one.source, "", "", "", "x", 0, 1, relevance, 1)

    found = merged([[strip("a.md", 0.9), strip("c.md", 0.5)], [strip("b.md", 0.2), strip("c.md", 0.1)]])
    assert [one.number for one in found] == [1, 2, 3]
    weights = {one.source: logit(one.relevance) for one in found}
    assert weights["a.md"] == pytest.approx(weights["b.md"]) and weights["c.md"] < weights["b.md"]
    alone = [replace(strip("a.md", 0.9), number=1), replace(strip("b.md", 0.4), number=2)]
    assert [(one.source, one.number) for one in merged([alone])] == [("a.md", 1), ("b.md", 2)]
    assert merged([alone])[0].relevance == pytest.approx(0.9)


@each(("question", "expected"), [("turboprops", True), ("터보프롭", True), ("turbojets", False), ("Claude", False)])
def test_a_thing_is_spoken_of_if_its_name_stands_in_a_passage(question: str, expected: bool) -> None:
    met = [Scored(passage("A turboprop flies at Mach 0.6."), -0.9), Scored(passage("Bread is baked."), -0.95)]
    assert spoken_of(read(question), met) is expected
    assert not spoken_of(read(question), [])
