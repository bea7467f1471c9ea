"""Bytes → text, or why they are none."""

import pytest

from assistant.errors import NoteError
from assistant.notes.encoding import decode

KOREAN = "녹차는 칠십 도의 물에 이 분 동안 우린다."


@pytest.mark.parametrize("text", [KOREAN, "Green tea – 70 °C", "", "🍵"])
@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"])
def test_utf_8_is_read_with_or_without_a_mark(text: str, mark: bytes) -> None:
    assert decode(mark + text.encode()).removeprefix("\ufeff") == text


def test_korean_of_older_systems_is_read() -> None:
    assert decode(KOREAN.encode("cp949")) == KOREAN


@pytest.mark.parametrize("text", [KOREAN, "Green tea – 70 °C", "🍵\r\n둘"])
@pytest.mark.parametrize(("mark", "order"), [(b"\xff\xfe", "utf-16-le"), (b"\xfe\xff", "utf-16-be")])
def test_what_notepad_calls_unicode_is_read(text: str, mark: bytes, order: str) -> None:
    assert decode(mark + text.encode(order)) == text.replace("\r\n", "\n")


@pytest.mark.parametrize("end", ["\r\n", "\r", "\n"])
def test_lines_end_in_one_way(end: str) -> None:
    assert decode(f"가{end}b".encode()) == "가\nb"


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (KOREAN.encode("utf-16")[:-1], "none of them"),
        (b"\xff\xfe\0\0a\0", "none of them"),
        (b"\xff\xfe\x00\xd8a\0", "none of them"),
        (b"PNG\0\1\2", "binary"),
        ("Überfällig größer".encode("latin-1"), "none of them"),
        (bytes(range(128, 256)), "none of them"),
    ],
)
def test_what_is_no_text_is_one_line(data: bytes, reason: str) -> None:
    with pytest.raises(NoteError, match=reason) as raised:
        decode(data)
    assert "\n" not in str(raised.value)
