"""What notes of Notion, Logseq and Joplin say of themselves → fields; and titles and tags that are none."""

from pathlib import Path

import pytest

from assistant.index.ingest import ingest
from assistant.notes.document import Document
from assistant.notes.files import NoteFile, read

HEX = "0123456789abcdef0123456789abcdef"
JOPLIN = f"Green tea\n\nSteep at 70 degrees.\n\nid: {HEX}\nparent_id: {HEX}\ncreated_time: 2022-06-17T11:59:14.223Z\n"


def document(folder: Path, text: str, name: str = "note.md") -> Document:
    (folder / name).write_text(text, encoding="utf-8")
    found = read(NoteFile(folder, name))
    assert isinstance(found, Document), found
    return found


def passages(found: Document) -> str:
    return "\n".join(passage.shown for passage in ingest(found).passages)


@pytest.mark.parametrize(
    ("lines", "day", "tags"),
    [
        ("Created: June 14, 2026 10:11 AM\nTags: tea, ink", "2026-06-14", ("tea", "ink")),
        ("생성 일시: 2026년 1월 20일 오전 8:50\n태그: 녹차", "2026-01-20", ("녹차",)),
    ],
)
def test_the_properties_below_a_title_of_notions_export_are_fields(
    tmp_path: Path, lines: str, day: str, tags: tuple[str, ...]
) -> None:
    found = document(tmp_path, f"# 회의록\n\n{lines}\n\nWe drank tea.\n", f"회의록 {HEX}.md")
    assert (found.title, found.day, found.tags) == ("회의록", day, tags)
    assert document(tmp_path, f"# 회의록\n\n{lines}\n\nWe drank tea.\n", "other.md").day == ""


def test_the_properties_at_the_top_of_a_page_of_logseq_are_fields(tmp_path: Path) -> None:
    found = document(
        tmp_path, "alias:: sencha, 녹차\ntags:: tea, [[hot drinks]]\n\n- Steep it.\n  id:: x\n", "green.md"
    )
    assert (found.aliases, found.tags) == (("sencha", "녹차"), ("tea", "hot drinks"))


def test_a_note_of_joplins_raw_export_has_its_title_and_day_and_no_numbers(tmp_path: Path) -> None:
    found = document(tmp_path, f"{JOPLIN}latitude: 0.00000000\ntype_: 1", f"{HEX}.md")
    assert (found.title, found.day) == ("Green tea", "2022-06-17")
    assert "70 degrees" in passages(found) and "latitude" not in passages(found) and HEX not in passages(found)
    assert ingest(document(tmp_path, f"Notebook\n\nid: {HEX}\ntype_: 2", f"{HEX[::-1]}.md")).passages == ()


@pytest.mark.parametrize(
    ("text", "name", "title"),
    [
        ("# Green tea\n\n## Water\n\nHot.", "a.md", "Green tea"),
        ("## Overview\n\nx\n\n## Parts\n\ny", "Langgraph.md", "Langgraph"),
        ("# Q & A\n\nx\n\n# 더 읽기\n\ny", "연구 노트.md", "연구 노트"),
        ("# Tea house\n\nx\n\n# Install\n\ny", "README.md", "Tea house"),
    ],
)
def test_the_heading_of_a_first_section_is_no_title(tmp_path: Path, text: str, name: str, title: str) -> None:
    assert document(tmp_path, text, name).title == title


def test_a_tag_is_none_where_no_reader_sees_it_or_it_is_a_colour(tmp_path: Path) -> None:
    text = (
        "#tea #[[hot drinks]] `#code` %%#secret%% #ffffff #FFD700 #a1b2c3 #facade\n\n<style>#panel {color: red}</style>"
    )
    assert document(tmp_path, text).tags == ("tea", "hot drinks", "facade")


def test_of_a_drawing_of_excalidraw_only_its_words_are_read(tmp_path: Path) -> None:
    text = "---\nexcalidraw-plugin: parsed\n---\n==⚠  Switch to EXCALIDRAW VIEW in the MORE OPTIONS menu. ⚠==\n\n"
    text += "# Excalidraw Data\n\n## Text Elements\nThe kettle boils ^a1b2c3d4\n\n%%\n## Drawing\n```json\n{}\n```\n%%"
    shown = passages(document(tmp_path, text, "Kettle.excalidraw.md"))
    assert "kettle boils" in shown and "EXCALIDRAW" not in shown and "Data" not in shown


@pytest.mark.parametrize(
    "line",
    ["heading:: true", "done:: 1618804144725", "hl-page:: 3", "{{query (todo now)}}", ":LOGBOOK:\nCLOCK: x\n:END:"],
)
def test_what_logseq_keeps_for_itself_is_not_read(tmp_path: Path, line: str) -> None:
    shown = passages(document(tmp_path, f"Tea is hot.\n\n{line}\n\nInk is blue. {{:height 3, :width 4}}\n"))
    assert " ".join(shown.split()) == "Tea is hot. Ink is blue."


@pytest.mark.parametrize("kind", ["dataview", "dataviewjs", "tasks"])
def test_a_query_of_obsidian_is_no_text_and_code_is(tmp_path: Path, kind: str) -> None:
    shown = passages(document(tmp_path, f"Tea.\n\n```{kind}\nTABLE cups FROM tea\n```\n\n```sql\nSELECT 1\n```\n"))
    assert "TABLE" not in shown and "SELECT 1" in shown


def test_a_callout_is_read_without_its_kind(tmp_path: Path) -> None:
    shown = passages(document(tmp_path, "> [!warning]- 물의 온도\n> 70도를 넘기지 않는다.\n\nSee [!x] there."))
    assert "물의 온도" in shown and "70도를" in shown and "warning" not in shown and "[!x]" in shown


@pytest.mark.parametrize(
    "text",
    [
        f"a\n\nid: {HEX}\na:{'x' * 300_000}\ntype_: 1",
        "{{query " * 40_000,
        "```query\n```\n\n" * 10_000,
        ":LOGBOOK:\n" * 30_000,
        "[[" * 50_000,
        "> [!" * 50_000,
        f"---\ntags: {'#a ' * 4_000}\n---\nb",
        "word " * 200_000,
    ],
    ids=["joplin", "query", "fences", "logbook", "links", "callouts", "tags", "transcript"],
)
def test_a_note_that_is_made_to_take_long_is_read_all_the_same(tmp_path: Path, text: str) -> None:
    (tmp_path / "long.md").write_text(text, encoding="utf-8")
    found = read(NoteFile(tmp_path, "long.md"))
    if isinstance(found, Document):
        ingest(found)
