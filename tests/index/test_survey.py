"""Every file is accounted for: what is new, unchanged, a copy, skipped or failed, and why; status can list it later."""

import os
import shutil
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from fakes import write_notes
from six_notes import NOTES
from update_parts import content, load, no_model, passages, run, settled

from assistant.config import Settings
from assistant.index import survey, taking
from assistant.index.snapshot import LocalSnapshot
from assistant.index.update import update
from assistant.notes import formats
from assistant.notes.document import Document
from assistant.notes.files import PICTURE, NoteFile, Unread, parsed
from assistant.notes.formats import tesseract


def copies(settings: Settings) -> dict[str, tuple[str, ...]]:
    return {note.source: note.copies for note in load(settings).notes if note.copies}


def unread(settings: Settings) -> dict[str, tuple[str, bool]]:
    return {item.source: (item.reason, item.failed) for item in load(settings).unread}


def copy(settings: Settings, source: str, name: str) -> None:
    shutil.copy(settings.notes / source, settings.notes / name)


@pytest.mark.parametrize("source", ["sourdough.md", "등대.txt"])
def test_copies_are_known_beside_the_note_that_is_indexed(
    indexed: LocalSnapshot, settings: Settings, source: str
) -> None:
    """Whichever name comes first in the folder: the note that was there stays, and is not embedded again."""
    names = (f"a copy {source}", f"힣 copy {source}")
    for name in names:
        copy(settings, source, name)
    report = update([settings.notes], settings, no_model)
    reason = f"the same content as {source}, which is indexed"
    assert report.skipped == {name: reason for name in names}
    assert (report.indexed, report.removed, len(report.unchanged)) == ((), (), 6)
    assert copies(settings) == {source: names}
    assert unread(settings) == {name: (reason, False) for name in names}


def test_copies_that_come_and_go_change_no_passage(
    indexed: LocalSnapshot, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    settled(monkeypatch.setattr)
    copy(settings, "sourdough.md", "copy.md")
    update([settings.notes], settings, no_model)
    assert copies(settings) == {"sourdough.md": ("copy.md",)}
    between = content(settings.index)
    update([settings.notes], settings, no_model)
    assert content(settings.index) == between
    (settings.notes / "copy.md").unlink()
    update([settings.notes], settings, no_model)
    assert (copies(settings), unread(settings)) == ({}, {})
    assert passages(load(settings)) == passages(indexed)


@pytest.mark.parametrize("source", ["sourdough.md", "등대.txt"])
def test_when_the_original_goes_its_copy_takes_its_place_without_being_embedded(
    indexed: LocalSnapshot, settings: Settings, source: str
) -> None:
    for name in ("copy 1", "copy 2"):
        copy(settings, source, f"{name}{Path(source).suffix}")
    update([settings.notes], settings, no_model)
    (settings.notes / source).unlink()
    report = update([settings.notes], settings, no_model)
    first, second = (f"copy {number}{Path(source).suffix}" for number in (1, 2))
    assert (report.indexed, report.removed, report.embedded) == ((first,), (source,), 0)
    assert report.skipped == {second: f"the same content as {first}, which is indexed"}
    assert copies(settings) == {first: (second,)}


def test_a_copy_in_another_folder_takes_the_place_as_well(
    indexed: LocalSnapshot, settings: Settings, tmp_path: Path
) -> None:
    other = write_notes(tmp_path / "other", {"빵.md": NOTES["sourdough.md"]})
    update([settings.notes, other], settings, no_model)
    assert copies(settings) == {"sourdough.md": ("빵.md",)}
    update([settings.notes], settings, no_model)
    assert copies(settings) == {"sourdough.md": ("빵.md",)}, "what is known elsewhere stays known"
    (settings.notes / "sourdough.md").unlink()
    report = update([settings.notes], settings, no_model)
    assert (report.indexed, report.removed) == (("빵.md",), ("sourdough.md",))


def test_what_is_skipped_or_failed_is_kept_with_its_reason(settings: Settings) -> None:
    write_notes(settings.notes, {"그림.png": "x", "empty.md": " "})
    (settings.notes / "wide.md").write_bytes(bytes(range(128, 256)))
    report = run(settings)
    expected = {
        "empty.md": ("the file is empty", False),
        "wide.md": ("expected text in UTF-8, UTF-16, CP949 or CP1252, found none of them; save it as UTF-8", True),
        "그림.png": (PICTURE, False),
    }
    assert unread(settings) == expected
    assert {**report.skipped, **report.failed} == {source: reason for source, (reason, _) in expected.items()}
    (settings.notes / "wide.md").write_text("차는 뜨겁다.", encoding="utf-8")
    assert run(settings).indexed == ("wide.md",)
    assert list(unread(settings)) == ["empty.md", "그림.png"]


def test_what_is_skipped_elsewhere_stays_known_while_it_exists(settings: Settings, tmp_path: Path) -> None:
    other = write_notes(tmp_path / "other", {"empty.md": " ", "빈.md": ""})
    run(settings, settings.notes, other)
    (other / "빈.md").unlink()
    run(settings)
    assert unread(settings) == {"empty.md": ("the file is empty", False)}


@pytest.mark.parametrize("text", ["# Tea\n", "# 차\n", "---\ntitle: 차\n---\n"])
def test_a_note_of_headings_alone_is_skipped(settings: Settings, text: str) -> None:
    write_notes(settings.notes, {"bare.md": text})
    assert run(settings).skipped == {"bare.md": "it holds no text besides headings"}
    assert "bare.md" not in [note.source for note in load(settings).notes]


def test_a_note_that_loses_its_text_leaves(indexed: LocalSnapshot, settings: Settings) -> None:
    write_notes(settings.notes, {"녹차.md": "# 녹차 우리기\n"})
    report = update([settings.notes], settings, no_model)
    assert (report.removed, report.skipped) == (("녹차.md",), {"녹차.md": "it holds no text besides headings"})


@pytest.fixture(params=["deep", "깊은"])
def closed(request: pytest.FixtureRequest, notes: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """The name of a folder of notes that cannot be read."""
    name: str = request.param
    (notes / "deep").rename(notes / name)
    scan = os.scandir

    def refuse(path: Any) -> Any:
        if os.path.basename(path) == name:
            raise PermissionError(13, "Permission denied", path)
        return scan(path)

    monkeypatch.setattr(os, "scandir", refuse)
    yield name


def test_a_folder_that_cannot_be_read_has_failed(settings: Settings, closed: str) -> None:
    report = run(settings)
    assert report.failed == {closed: "the folder cannot be read: Permission denied"}
    assert unread(settings) == {closed: ("the folder cannot be read: Permission denied", True)}
    assert len(report.indexed) == 4


def test_a_named_folder_that_cannot_be_read_goes_by_its_name(settings: Settings, closed: str) -> None:
    assert run(settings, settings.notes / closed).failed == {closed: "the folder cannot be read: Permission denied"}


def test_a_link_to_a_folder_is_skipped(settings: Settings, tmp_path: Path) -> None:
    other = write_notes(tmp_path / "other", {"kites.md": "# Kites\nA kite needs wind."})
    (settings.notes / "deep" / "연").symlink_to(other, target_is_directory=True)
    report = run(settings)
    assert report.skipped == {"deep/연": "a link to a folder is not followed; name the folder itself"}
    assert len(report.indexed) == 6


def test_names_that_are_not_utf_8_are_listed_under_names_that_can_be_printed(settings: Settings) -> None:
    for name in ("녹차.md", "그림.png"):
        (settings.notes / os.fsdecode(name.encode("cp949"))).write_text("물은 70도")
    (settings.notes / os.fsdecode("폴더".encode("cp949"))).symlink_to(settings.notes / "deep")
    report = run(settings)
    assert list(report.failed.values()) == ["its name is not UTF-8; rename it"]
    assert len(report.skipped) == 2 and all(name.encode() for name in (*report.skipped, *report.failed))
    assert unread(settings).keys() == report.skipped.keys() | report.failed.keys()


def close_for_reading(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    """Let a file of that name be there but not be readable, as one that a backup program holds."""
    opened = open

    def refuse(file: Any, *arguments: Any, **options: Any) -> Any:
        if os.path.basename(str(file)) == name:
            raise PermissionError(13, "Permission denied", file)
        return opened(file, *arguments, **options)

    monkeypatch.setattr("builtins.open", refuse)


@pytest.mark.parametrize("source", ["sourdough.md", "등대.txt"])
def test_a_note_that_cannot_be_read_once_stays_and_is_reported(
    indexed: LocalSnapshot, settings: Settings, monkeypatch: pytest.MonkeyPatch, source: str
) -> None:
    with monkeypatch.context() as patched:
        close_for_reading(patched, source)
        report = update([settings.notes], settings, no_model)
    assert report.failed == {source: "cannot be read: Permission denied"}
    assert (report.removed, len(report.unchanged)) == ((), 5) and source not in report.unchanged
    assert passages(load(settings)) == passages(indexed)
    assert unread(settings) == {source: ("cannot be read: Permission denied", True)}
    assert len(update([settings.notes], settings, no_model).unchanged) == 6
    assert unread(settings) == {}


def test_it_stays_as_well_where_all_others_are_made_anew(
    indexed: LocalSnapshot, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("assistant.index.passages.VERSION", 99)
    with monkeypatch.context() as patched:
        close_for_reading(patched, "sourdough.md")
        report = run(settings)
    assert report.removed == () and list(report.failed) == ["sourdough.md"]
    assert load(settings).of("sourdough.md") == indexed.of("sourdough.md")


def test_the_notes_of_a_folder_that_cannot_be_read_once_stay(
    indexed: LocalSnapshot, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    scan = os.scandir

    def refuse(path: Any) -> Any:
        if os.path.basename(path) == "deep":
            raise PermissionError(13, "Permission denied", path)
        return scan(path)

    with monkeypatch.context() as patched:
        patched.setattr(os, "scandir", refuse)
        report = update([settings.notes], settings, no_model)
    assert report.removed == () and report.failed == {"deep": "the folder cannot be read: Permission denied"}
    assert passages(load(settings)) == passages(indexed)


@pytest.mark.parametrize("name", ["out.md", "밖.md"])
def test_a_link_to_a_file_outside_the_folder_is_not_followed(settings: Settings, tmp_path: Path, name: str) -> None:
    secret = write_notes(tmp_path / "other", {"secret.md": "# Kites\nA kite needs wind."}) / "secret.md"
    (settings.notes / "deep" / name).symlink_to(secret)
    report = run(settings)
    reason = "a link to a file outside the folder is not followed; name the file itself"
    assert report.skipped == {f"deep/{name}": reason} and len(report.indexed) == 6
    assert run(settings, settings.notes / "deep" / name).indexed == (name,), "named itself it is meant"


def test_a_link_inside_the_folder_is_a_copy(settings: Settings) -> None:
    (settings.notes / "link.md").symlink_to(settings.notes / "sourdough.md")
    report = run(settings)
    assert len(report.indexed) == 6 and len(report.skipped) == 1
    assert "the same content as" in next(iter(report.skipped.values()))


@pytest.mark.parametrize("error", [ValueError("x"), RecursionError("deep"), MemoryError(), KeyError("k"), Exception()])
def test_one_bad_note_fails_alone_whatever_it_raises(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    from assistant.index import taking

    taken = taking.ingest

    def breaks(document: Any) -> Any:
        if document.source == "녹차.md":
            raise error
        return taken(document)

    monkeypatch.setattr(taking, "ingest", breaks)
    report = run(settings)
    assert len(report.indexed) == 5 and list(report.failed) == ["녹차.md"]
    assert report.failed["녹차.md"].startswith(f"cannot be understood: {type(error).__name__}")


def test_an_unchanged_note_is_not_even_opened(
    indexed: LocalSnapshot, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    settled(monkeypatch.setattr)
    update([settings.notes], settings, no_model)
    monkeypatch.setattr("assistant.index.survey.contents", None)
    assert len(update([settings.notes], settings, no_model).unchanged) == 6


def test_a_note_that_changes_within_the_same_moment_is_noticed(settings: Settings) -> None:
    """Same size, same time: what was written just now is read again."""
    file = settings.notes / "sourdough.md"
    run(settings)
    before = file.stat()
    text = file.read_text()
    file.write_text(text.replace("s", "z", 1))
    os.utime(file, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert run(settings).indexed == ("sourdough.md",)


def scan(missing: str, text: str = "Half of it is read.") -> Document:
    return replace(formats.read(text.encode(), "scan.md"), source="scan.pdf", missing=missing)


@pytest.mark.parametrize(
    ("missing", "languages", "read_again"),
    [
        (f"pages 2-9 of 9 hold words that {tesseract.WAITS}", ("eng",), True),
        (f"page 2 of 9 holds no text (scanned); {tesseract.GET}", (), False),
        (f"page 2 of 9 holds no text (scanned); {tesseract.GET}", ("eng",), True),
        (f"page 2 of 9 holds words that were {tesseract.KOREAN}", ("eng",), False),
        (f"page 2 of 9 holds words that were {tesseract.KOREAN}", ("kor", "eng"), True),
        ("page 2 of 9 cannot be read (damaged)", ("kor", "eng"), False),
    ],
)
def test_a_note_read_in_part_is_read_again_once_more_of_it_can_be_read(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, missing: str, languages: tuple[str, ...], read_again: bool
) -> None:
    monkeypatch.setattr(survey, "RACY", -1)
    (settings.notes / "scan.pdf").write_bytes(b"%PDF-")
    shutil.rmtree(settings.notes / "deep")
    for other in [file for file in settings.notes.iterdir() if file.name != "scan.pdf"]:
        other.unlink()
    monkeypatch.setattr(taking, "parsed", lambda file, data, seconds: scan(missing))
    assert run(settings).failed == {"scan.pdf": f"read in part: {missing}"}
    monkeypatch.setattr(taking, "parsed", lambda file, data, seconds: scan("", "All of it is read."))
    monkeypatch.setattr(tesseract, "languages", lambda: languages)
    report = run(settings)
    assert report.indexed == (("scan.pdf",) if read_again else ())
    assert report.failed == ({} if read_again else {"scan.pdf": f"read in part: {missing}"})


def test_all_scans_of_a_survey_share_its_seconds(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    given: list[float] = []

    def slow(file: NoteFile, data: bytes, seconds: float) -> Document | Unread:
        given.append(seconds)
        time.sleep(0.02)
        return parsed(file, data, seconds)

    monkeypatch.setattr(survey, "SCANNING", 0.05)
    monkeypatch.setattr(taking, "parsed", slow)
    run(settings)
    assert given == sorted(given, reverse=True) and given[0] > 0.0 == given[-1]
