"""A question that is taken for a follow-up and is none is answered as it was asked."""

from dataclasses import replace
from typing import Any

import pytest
from six_notes import LOAF

from assistant import Assistant
from assistant.answer import Did, Question
from assistant.search.question import read

BEFORE = [("Who repairs the zeppelin of Grobnik?", "Your notes do not hold the answer.")]
OTHER = "부산행 기차 시간표 요금 승강장 좌석 zeppelin Grobnik repairs whistle timetable platform conductor ticket"


def misread(question: Question, *_: Any) -> Question:
    """Take every question in a conversation for another one."""
    return replace(read(OTHER), asked=question.asked, history=question.history) if question.history else question


@pytest.mark.parametrize(("question", "fact"), [("미리내 망원경은 무엇을 찾아?", "초신성"), (LOAF, "250")])
def test_a_question_of_its_own_is_answered_whatever_was_asked_before(
    assistant: Assistant, question: str, fact: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("assistant.answering.follow_up.standalone", misread)
    answer = assistant.ask(question, BEFORE)
    assert fact in answer.answer and not answer.abstained
    assert Did.FOLLOWED not in [step.did for step in answer.trace]


@pytest.mark.parametrize("question", ["부산행 다음 열차는 언제 떠나?", "When does the next train to Busan leave?"])
def test_what_neither_answers_is_declined_as_a_follow_up(
    assistant: Assistant, question: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("assistant.answering.follow_up.standalone", misread)
    answer = assistant.ask(question, BEFORE)
    assert answer.abstained and answer.trace[0].did is Did.FOLLOWED
