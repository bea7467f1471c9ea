"""What Office files say of themselves."""

import pytest

from assistant.notes.formats.properties import telling


@pytest.mark.parametrize(
    "title",
    ["", "PowerPoint Presentation", "PowerPoint 프레젠테이션", "제목 없음", "Untitled-1", "슬라이드 1", "draft.pptx"],
)
def test_a_title_that_a_program_wrote_says_nothing(title: str) -> None:
    assert telling(title) == ""


@pytest.mark.parametrize("title", ["녹차 우리기", "2024", "Excel for beginners", "문서 관리 규정", "Slide rules"])
def test_a_title_that_somebody_wrote_is_kept(title: str) -> None:
    assert telling(title) == title
