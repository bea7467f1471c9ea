"""Whatever happens to the files of an index is told in one line, and mended by the next update."""

import sqlite3
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import psutil
import pytest
from fakes import HashEmbedding
from six_notes import NOTES
from update_parts import execute, finds, in_line, load, passages, run, sources

from assistant.config import Settings
from assistant.errors import IndexUnusable
from assistant.index import base
from assistant.index.database import FILE
from assistant.index.local import LocalStore
from assistant.index.snapshot import LocalSnapshot
from assistant.models.embedding import embed_question

ARRAYS = ("rows", "notes", "languages", "keys", "starts", "places", "counts", "lengths")


def emptied(data: bytes) -> bytes:
    return b""


def cut_short(data: bytes) -> bytes:
    return data[: len(data) // 2]


def flipped(data: bytes) -> bytes:
    return data[: len(data) // 2] + bytes([data[len(data) // 2] ^ 1]) + data[len(data) // 2 + 1 :]


def no_database(data: bytes) -> bytes:
    return b"{ damaged \xff\xfe" * 400


DAMAGE = [emptied, cut_short, flipped, no_database]


@pytest.fixture
def filed(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """Settings whose index has files for searching, small as it is."""
    monkeypatch.setattr(base, "FEW", 0)
    run(settings)
    return settings


def used(settings: Settings) -> None:
    """Use all of an index."""
    snapshot = LocalStore(settings).snapshot()
    held = [passage for note in snapshot.notes for passage in snapshot.of(note.source)]
    snapshot.vectors([passage.id for passage in held])
    snapshot.dense(embed_question(HashEmbedding(), "tea"), 9)
    snapshot.sparse({"tea": 1.0, "녹차": 1.0}, 9)
    assert len(held) == snapshot.about.passages > 0


def told(settings: Settings) -> str:
    with pytest.raises(IndexUnusable) as caught:
        used(settings)
    said = str(caught.value)
    assert "\n" not in said
    assert said.startswith(f"the index at {settings.index} is damaged (")
    assert said.endswith("); make it anew with: assistant index [FOLDER]")
    return said


@pytest.mark.parametrize("damage", DAMAGE)
@pytest.mark.parametrize("name", [*(f"{name}.npy" for name in ARRAYS), "vectors.faiss"])
def test_a_damaged_file_for_searching_is_told_and_mended(
    filed: Settings, name: str, damage: Callable[[bytes], bytes]
) -> None:
    before = finds(load(filed))
    [file] = filed.index.glob(f"base-*/{name}")
    file.write_bytes(damage(file.read_bytes()))
    assert name in told(filed)
    report = run(filed, model=None)
    assert (report.embedded, report.indexed, len(report.unchanged)) == (0, (), 6)
    assert finds(load(filed)) == before


def test_a_missing_file_for_searching_is_told_and_mended(filed: Settings) -> None:
    [file] = filed.index.glob("base-*/places.npy")
    file.unlink()
    told(filed)
    run(filed)
    used(filed)


@pytest.mark.parametrize("damage", [cut_short, no_database])
def test_a_database_that_is_none_any_more_is_told_and_mended(filed: Settings, damage: Callable[[bytes], bytes]) -> None:
    file = filed.index / FILE
    file.write_bytes(damage(file.read_bytes()))
    told(filed)
    run(filed)
    used(filed)
    in_line(filed)


def test_an_empty_database_is_told_and_mended(filed: Settings) -> None:
    (filed.index / FILE).write_bytes(b"")
    with pytest.raises(IndexUnusable, match="assistant index"):
        used(filed)
    run(filed)
    in_line(filed)


@pytest.mark.parametrize("side", ["", "-wal", "-shm"])
def test_a_folder_in_the_place_of_a_file_is_moved_aside(
    filed: Settings, side: str, caplog: pytest.LogCaptureFixture
) -> None:
    place = filed.index / f"{FILE}{side}"
    for number in (1, 2):
        place.unlink(missing_ok=True)
        place.mkdir()
        (place / "kept").touch()
        run(filed)
        used(filed)
        in_line(filed)
        aside = f"{place.name}.aside-{number}"
        assert (filed.index / aside / "kept").is_file() and aside in caplog.text


@pytest.mark.parametrize("at", range(12))
def test_a_flipped_bit_anywhere_in_the_database_harms_nobody(filed: Settings, at: int) -> None:
    """It is told, or it makes no difference; and after an update all is right."""
    before = passages(load(filed))
    file = filed.index / FILE
    data = bytearray(file.read_bytes())
    data[(2 * at + 1) * len(data) // 24] ^= 8
    file.write_bytes(data)
    try:
        after = passages(load(filed))
    except IndexUnusable as error:
        assert "\n" not in str(error) and "assistant index" in str(error)
    else:
        assert after == before
    run(filed)
    assert sources(filed) == sorted(NOTES)
    in_line(filed)


def test_a_changed_figure_is_never_quoted(indexed: LocalSnapshot, settings: Settings) -> None:
    """A passage whose text was changed behind the store's back is not given out as the note's words."""
    execute(settings, "UPDATE passages SET text = replace(text, '34', '35')")
    snapshot = load(settings)
    with pytest.raises(IndexUnusable, match=r"a passage of deep/bicycle\.md is not what was written"):
        snapshot.of("deep/bicycle.md")
    assert snapshot.of("sourdough.md"), "the others are as they were"
    report = run(settings)
    assert report.embedded == 0, "vectors are what they were"
    in_line(settings)


@pytest.mark.parametrize("column", ["id", "title", "heading", "url", "first", "last", "terms", "language", "locator"])
def test_nor_is_anything_else_of_a_passage_believed_that_was_changed(
    indexed: LocalSnapshot, settings: Settings, column: str
) -> None:
    execute(settings, f"UPDATE passages SET {column} = {column} || '1' WHERE row = 1")
    told(settings)
    run(settings)
    in_line(settings)


def test_a_changed_vector_is_told_and_made_anew_alone(indexed: LocalSnapshot, settings: Settings) -> None:
    execute(settings, "UPDATE vectors SET vector = zeroblob(2052) WHERE rowid = 1")
    told(settings)
    assert run(settings).embedded == 1
    in_line(settings)


def test_a_damaged_index_keeps_the_notes_from_elsewhere(
    indexed: LocalSnapshot, settings: Settings, tmp_path: Path
) -> None:
    other = tmp_path / "other"
    other.mkdir()
    (other / "kites.md").write_text("# Kites\nA kite needs wind.")
    run(settings, other)
    execute(settings, "UPDATE passages SET text = 'x' WHERE row = 1")
    run(settings)
    assert sources(settings) == sorted([*NOTES, "kites.md"])


def test_without_an_index_the_command_that_makes_one_is_named(settings: Settings) -> None:
    with pytest.raises(IndexUnusable) as caught:
        load(settings)
    assert str(caught.value) == (
        f"no index at {settings.index}; make one with: assistant index [FOLDER], "
        "or work in a folder that was opened with: assistant FOLDER"
    )


def test_a_folder_that_may_only_be_read_can_be_searched(filed: Settings) -> None:
    """SQLite's files for readers and writers cannot be made there."""
    before = finds(load(filed))
    opened = sqlite3.connect

    def refuse(name: str, *arguments: object, **options: object) -> object:
        if "immutable" not in str(name):
            error = sqlite3.OperationalError("unable to open database file")
            error.sqlite_errorcode = sqlite3.SQLITE_CANTOPEN
            raise error
        return opened(name, *arguments, **options)  # type: ignore[call-overload]

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(sqlite3, "connect", refuse)
        assert finds(load(filed)) == before
        with pytest.raises(IndexUnusable, match="cannot write the index at .*unable to open database file"):
            run(filed)
    assert finds(load(filed)) == before


@pytest.mark.parametrize("reason", ["damaged", "made otherwise", "no index"])
def test_an_index_that_cannot_be_used_is_not_held_open(filed: Settings, reason: str) -> None:
    """Windows neither removes nor replaces a file that is open, so that nothing could mend it."""
    execute(filed, {"damaged": "UPDATE meta SET value = '{'", "no index": "DELETE FROM meta"}.get(reason, ""))
    settings = replace(filed, embedding="other") if reason == "made otherwise" else filed
    with pytest.raises(IndexUnusable, match=reason):  # pytest keeps the error, and with it what was at work
        LocalStore(settings).snapshot()
    held = [file.path for file in psutil.Process().open_files()]
    assert not [path for path in held if Path(path).is_relative_to(filed.index)]


def test_a_file_that_another_program_has_open_is_not_taken_for_a_full_disk(
    filed: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    def open_elsewhere(*_: object, **__: object) -> None:
        raise PermissionError(13, "The process cannot access the file because it is being used by another process")

    (filed.index / FILE).write_bytes(b"{ damaged" * 400)
    monkeypatch.setattr(Path, "unlink", open_elsewhere)
    with pytest.raises(IndexUnusable, match="cannot write the index at .*another process; see who .* has them open"):
        run(filed)


def test_nothing_on_disk_is_pickled(filed: Settings) -> None:
    kinds = {path.suffix for path in filed.index.rglob("*") if path.is_file() and path.name not in (".lock", "whole")}
    assert kinds == {".sqlite", ".npy", ".faiss"}
    with closing(sqlite3.connect(filed.index / FILE)) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
