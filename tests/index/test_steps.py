from assistant.index.steps import in_steps


def test_a_step_ends_once_it_is_full_and_nothing_is_lost() -> None:
    assert list(in_steps([1, 2, 3, 9, 1], lambda size: size, 3)) == [[1, 2], [3], [9], [1]]
    assert list(in_steps([], len, 3)) == []
    assert list(in_steps(["", ""], len, 3)) == [["", ""]]
