"""Bytes → text, or why they are none."""

import random

import pytest

from assistant.errors import NoteError
from assistant.notes.encoding import decode, lost

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


@pytest.mark.parametrize("order", ["utf-16-le", "utf-16-be"])
def test_utf_16_is_read_without_a_mark(order: str) -> None:
    assert decode("Green tea, 녹차\r\n둘".encode(order)) == "Green tea, 녹차\n둘"


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        ("“Smart” quotes – and café, naïve résumé", "cp1252"),
        ("Grüße aus München", "latin-1"),
        ("緑茶は七十度の湯で淹れる", "shift-jis"),
        ("机器学习是人工智能的一个分支，研究如何让计算机学习。", "gbk"),
        ("Машинное обучение", "cp1251"),
        ("本 硏究는 圖書館 分類法의 變遷을 다룬다. 標本은 312冊이다.", "cp949"),
    ],
)
def test_what_other_systems_write_is_read(text: str, encoding: str) -> None:
    assert decode(text.encode(encoding)) == text


@pytest.mark.parametrize("at", [0, 60, -1])
def test_a_bad_byte_is_replaced_and_told_and_the_note_is_not_lost(at: int) -> None:
    data = KOREAN.encode() * 3
    data = data[:at] + b"\xff" + data[at:]
    text = decode(data)
    assert text.count("\ufffd") >= 1 and "우린다" in text
    assert "not UTF-8" in lost(text, data)
    assert lost(KOREAN + "\ufffd", (KOREAN + "\ufffd").encode()) == ""


@pytest.mark.parametrize("words", ["녹차는 70도의 물에 우린다. ", "Green tea wants water of 70 degrees. "])
def test_a_zero_in_what_was_copied_is_replaced_and_told_and_many_are_no_text(words: str) -> None:
    copied = (words * 10).encode()
    data = copied + b"(\0)" + copied
    assert decode(data) == f"{words * 10}(\ufffd){words * 10}" and "1 times" in lost(decode(data), data)
    for binary in (words.encode() + b"\0" * 3, data + b"\xff"):
        with pytest.raises(NoteError, match="binary"):
            decode(binary)


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"\xff\xfe\0\0a\0", "binary"),
        (b"PNG\0\1\2", "binary"),
        (bytes(range(128, 256)), "none of them"),
        (random.Random(3).randbytes(4000).replace(b"\0", b"x"), "none of them"),
    ],
)
def test_what_is_no_text_is_one_line(data: bytes, reason: str) -> None:
    with pytest.raises(NoteError, match=reason) as raised:
        decode(data)
    assert "\n" not in str(raised.value)


MEETING = ("오늘 회의에서 우물의 깊이를 이십 미터로 정했다. 담당자는 오수진이다. " * 20).encode("cp949")
CAFE = ("The café in Besançon serves “crêpes” for €7 – says René. " * 20).encode("cp1252")


@pytest.mark.parametrize(
    ("data", "held"),
    [
        (MEETING[:100] + b"\xff" + MEETING[100:], "담당자는 오수진이다."),
        (MEETING + b"\x80", "우물의 깊이"),
        (MEETING[:-1], "우물의 깊이"),
        (CAFE[:100] + b"\x81" + CAFE[100:], "café in Besançon"),
        (CAFE + b"\x8d", "“crêpes” for €7"),
    ],
)
def test_one_bad_byte_in_another_encoding_loses_no_note(data: bytes, held: str) -> None:
    text = decode(data)
    assert text.count(held) >= 18 and text.count("\ufffd") <= 3
    assert (lost(text, data) == "") is ("\ufffd" not in text)
