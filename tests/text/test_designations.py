"""Names with a digit in them: found, and told apart from their near ones, however they are spelled."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.text.designations import designations, holds


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("A10G bf16 몇 테라플롭스 나와?", ["A10G", "bf16"]),
        ("SQLCipher4는 kdf 반복 횟수가 몇 번이야", ["SQLCipher4"]),
        ("compare Qwen2.5-7B and text-embedding-3 with k8s", ["Qwen2.5-7B", "text-embedding-3", "k8s"]),
        ("20dBm is 100 mW at 30s in week 11", []),
        ("a 1000-by-1000 matrix in #f59e0b", []),
        ("GPT-4, GPT-4o, and GPT-4 again", ["GPT-4", "GPT-4o"]),
        ("the first profit in Q4 2017", []),
        ("Gemma 2 9B의 문맥 길이는?", ["Gemma 2", "9B"]),
        ("MoCA 3.0은 속도가 얼마야", ["MoCA 3.0"]),
        ("Are 3 enough in May 5, on Day 118, in Table 2 or In 2006?", []),
        ("부산행 다음 열차는 몇 시야?", []),
    ],
)
def test_designations_are_found(text: str, expected: list[str]) -> None:
    assert designations(text) == expected


@pytest.mark.parametrize(
    ("designation", "text"),
    [
        ("A10G", "the a10g has 24 GB"),
        ("A10G", "A10G는 24GB다"),
        ("gpt2s", "the vocabulary of GPT-2 is large"),
        ("Qwen2.5-7B", "qwen 2.5 7b를 썼다"),
        ("V100", "NVIDIA V100(880만원선)"),
        ("v4", "Kit's API v4"),
        ("v4", "In SQLCipher 4 the default is 4096"),
        ("Gemma 2", "the gemma-2 family"),
        ("9B", "Gemma 2 has 2B, 9B and 27B"),
        ("k8s", "Kubernetes restarts the pod"),
        ("ipv6", "IPv6 addresses"),
        ("S24", "two S24s were sold"),
    ],
)
def test_a_designation_is_found_in_any_spelling(designation: str, text: str) -> None:
    assert holds(text, designation)


@pytest.mark.parametrize(
    ("designation", "text"),
    [
        ("A10G", "the A10 has 24 GB"),
        ("A10", "A10G는 24GB다"),
        ("L40", "L40S: 48 GB"),
        ("GPT-4", "GPT-4o is faster"),
        ("Qwen2.5-7B", "Qwen2 57B"),
        ("H100", "H200과 A100"),
        ("k8s", "Keras needs a backend"),
    ],
)
def test_a_near_designation_is_another(designation: str, text: str) -> None:
    assert not holds(text, designation)


@given(
    st.from_regex(r"[A-Z]{1,3}[0-9]{1,3}[A-Z]?", fullmatch=True), st.sampled_from(["{} 는", "the {}.", "({})", "{}의"])
)
def test_a_text_holds_the_designations_that_are_found_in_it(name: str, frame: str) -> None:
    text = frame.format(name)
    assert all(holds(text, found) for found in designations(text))
    assert holds(text, name)


@pytest.mark.parametrize("text", ["a" * 100_000, "a-" * 50_000, "a1" * 50_000, "a.b" * 30_000])
def test_a_long_run_of_letters_is_read_in_linear_time(text: str) -> None:
    assert all(len(found) > 1 for found in designations(text))
