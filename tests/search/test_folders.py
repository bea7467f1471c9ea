"""A folder is meant where its name is said, and where it is called a folder if its name says little."""

from dataclasses import replace

import pytest
from memory_snapshot import passage

from assistant.answer import Strip
from assistant.index.store import IndexedNote
from assistant.search.folders import named_folder, under_folders
from assistant.search.question import read
from assistant.search.relevance import as_read

NOTES = [
    IndexedNote("/notes", source, source, source, "en", 1)
    for source in ("papers/a.md", "papers/2024/b.md", "notes/c.md", "요리/d.md", "e.md")
]


@pytest.mark.parametrize(
    ("asked", "folder"),
    [
        ("how many papers do I have?", "papers"),
        ("what is in papers 2024?", "papers/2024"),
        ("요리 폴더에 뭐가 있어?", "요리"),
        ("list all my notes", ""),
        ("노트가 몇 개야?", ""),
        ("what is in the notes folder?", "notes"),
        ("how many recipes are there?", ""),
    ],
)
def test_the_folder_that_is_named_is_found_with_all_below_it(asked: str, folder: str) -> None:
    named, within = named_folder(read(asked), NOTES, called_so=False)
    assert named == folder
    assert [note.source for note in within] == [n.source for n in NOTES if folder and n.source.startswith(f"{folder}/")]


@pytest.mark.parametrize(("asked", "folder"), [("summarise the papers", ""), ("summarise papers/", "papers"),
                                               ("papers 폴더 요약해줘", "papers")])  # fmt: skip
def test_what_only_might_be_a_folder_can_be_left_alone(asked: str, folder: str) -> None:
    assert named_folder(read(asked), NOTES, called_so=True)[0] == folder


def test_a_folder_that_only_the_path_names_stands_above_a_strip() -> None:
    strip = Strip("Work/Heron/notes.md", "Notes", "", "", "The budget is small.", 0, 20, relevance=0.5)
    assert under_folders(strip, read("budget of the Heron project?")).title == "Heron > Notes"
    assert under_folders(strip, read("what is the budget?")) == strip
    assert under_folders(replace(strip, title="Heron"), read("Heron budget?")).title == "Heron"


@pytest.mark.parametrize("asked", ["Heron budget?", "헤론 말고 Heron 예산은?"])
def test_the_judge_reads_the_folder_too(asked: str) -> None:
    one = passage("The budget is small.", "Work/Heron/notes.md")
    assert as_read(one, read(asked).terms).text.startswith("Heron") and "Heron" not in as_read(one).text
    start, end = as_read(one, read(asked).terms).sentences[0]
    assert as_read(one, read(asked).terms).text[start:end] == "The budget is small."
