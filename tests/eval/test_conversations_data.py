"""The conversations that the evaluation ships."""

from collections import Counter

from assistant import Assistant
from assistant.text.language import Language
from eval.questions.dataset import CORPUS, Question, Span
from eval.stages.conversation import Conversation, measure, problems, read_conversations


def test_the_conversations_keep_their_promises() -> None:
    found = read_conversations()
    assert problems(found, CORPUS) == []
    assert len(found) >= 40
    spoken = Counter(frozenset(turn.language for turn in item.turns) for item in found)
    assert spoken[frozenset({Language.KO})] >= 10 and spoken[frozenset({Language.EN})] >= 10
    assert spoken[frozenset(Language)] >= 5


def test_a_damaged_promise_is_named() -> None:
    turn = Question("x.1", "dev", "", Language.EN, "q?", "turn", True, ((Span("a.md", "no such words"),),), (("5",),))
    found = problems([Conversation("x", "dev", (turn,))], CORPUS)
    assert len(found) == 3 and any("no such words" in line for line in found)


def test_a_later_turn_is_measured_with_and_without_what_was_before(assistant: Assistant) -> None:
    def turn(id: str, question: str, quote: str, fact: str) -> Question:
        return Question(
            id, "dev", "", Language.EN, question, "turn", True, ((Span("deep/bicycle.md", quote),),), ((fact,),)
        )

    first = turn("c.1", "How many teeth does the small chainring have?", "The small chainring has 34 teeth", "34")
    second = turn("c.2", "and the large one?", "the large one has 50 teeth", "50")
    figures = measure(assistant, [Conversation("c", "dev", (first, second))], lambda done, total: None).figures
    assert figures["all"]["turns"] == 1
    assert figures["all"]["found"][0] == 1.0 and figures["all"]["facts"][0] == 1.0
