"""A figure or a change that goes the other way is no support, in both languages and between them."""

import pytest

from assistant.answering.direction import clashes

BY_EN, TO_EN = "It reduces compute by 64%.", "It cuts compute to 64% of the original."
BY_KO, TO_KO = "계산을 64% 줄인다.", "계산을 원래의 64%로 줄인다."


@pytest.mark.parametrize("said", [BY_EN, BY_KO])
@pytest.mark.parametrize("evidence", [TO_EN, TO_KO])
def test_by_is_not_to(said: str, evidence: str) -> None:
    assert clashes(said, evidence) and clashes(evidence, said)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("It is 60% faster.", "속도는 60% 느리다."),
        ("메모리가 늘어난다.", "Memory is reduced."),
        ("It increases accuracy.", "It lowers accuracy."),
        ("그 모델은 더 크다.", "The model is smaller."),
        ("메모리를 40% 더 쓴다.", "메모리를 40% 줄인다."),
    ],
)
def test_up_is_not_down(one: str, other: str) -> None:
    assert clashes(one, other) and clashes(other, one)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (BY_EN, BY_KO),
        (TO_EN, TO_KO),
        ("It is 40% smaller.", "크기를 40% 줄인다."),
        ("Training takes 3 days.", "학습에는 3일이 걸린다."),
        ("It is faster and needs less memory.", "더 빠르고 메모리를 덜 쓴다."),
        ("It raises accuracy while it lowers cost.", "비용을 줄이면서 정확도를 높인다."),
        ("파라미터를 25%까지 없앤다.", "It removes up to 25% of the parameters."),
        ("It keeps 99% of the performance.", "성능의 99%를 지킨다."),
        ("", ""),
    ],
)
def test_what_agrees_or_says_nothing_of_a_way_does_not_clash(one: str, other: str) -> None:
    assert not clashes(one, other) and not clashes(other, one)
