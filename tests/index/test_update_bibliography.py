"""Papers beside a bibliography: they get its titles, and other ones when it changes."""

from pathlib import Path

import pytest
from fakes import HashEmbedding, opened
from update_parts import in_line, load, run, settled

from assistant import Settings

PAGE = "<html><title>untitled-3</title><body><p>The heron nests on the ninth pylon.</p></body></html>"
BIB = (
    "@article{han2019, title = {{Nesting} of Herons}, author = {Han, Jiwoo and Olsen, Liv}, year = {2019}, file = {%s}}"
)


@pytest.fixture
def bib(settings: Settings) -> Path:
    (settings.notes / "papers").mkdir()
    (settings.notes / "papers" / "x.html").write_text(PAGE, encoding="utf-8")
    file = settings.notes / "papers" / "My Library.bib"
    file.write_text(BIB % "Snapshot:files/9/x.html:text/html", encoding="utf-8")
    return file


def named(settings: Settings) -> tuple[str, tuple[str, ...]]:
    [note] = [note for note in load(settings).notes if note.source == "papers/x.html"]
    return note.title, note.aliases


def test_a_paper_has_the_title_and_the_authors_of_its_entry(
    bib: Path, settings: Settings, embed_model: HashEmbedding
) -> None:
    report = run(settings)
    assert named(settings) == ("Nesting of Herons", ("Han, Olsen 2019",))
    assert report.skipped == {
        "papers/My Library.bib": "a bibliography: its entries say what the files are called that they name"
    }
    in_line_of_titles(settings)
    assistant = opened(settings, embed_model)
    answer = assistant.ask("Where does the heron of Han and Olsen 2019 nest?")
    assert answer.citations[0].title == "Nesting of Herons" and "ninth pylon" in answer.answer


def in_line_of_titles(settings: Settings) -> None:
    [passage] = load(settings).of("papers/x.html")
    assert passage.named == "Nesting of Herons (Han, Olsen 2019)" and passage.titled
    assert {"heron", "nest", "olsen"} <= set(passage.terms)


def test_a_changed_or_removed_bibliography_changes_the_titles(
    bib: Path, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    run(settings)
    settled(monkeypatch.setattr)
    assert run(settings).indexed == ()
    bib.write_text(BIB.replace("Nesting", "Life") % "x.html", encoding="utf-8")
    assert run(settings).indexed == ("papers/x.html",) and named(settings)[0] == "Life of Herons"
    assert run(settings).indexed == ()
    bib.unlink()
    assert run(settings).indexed == ("papers/x.html",) and named(settings) == ("untitled-3", ())
    in_line(settings)


@pytest.mark.parametrize("data", [b"\0\1\2", b"", b"no entry", b"@article{han2019, title = {"])
def test_a_bibliography_that_says_nothing_costs_nothing(bib: Path, settings: Settings, data: bytes) -> None:
    bib.write_bytes(data)
    report = run(settings)
    assert report.failed == {} and named(settings)[0] == "untitled-3"


def test_text_says_itself_what_it_is_called(bib: Path, settings: Settings) -> None:
    bib.write_text(BIB % "a.md", encoding="utf-8")
    (settings.notes / "papers" / "a.md").write_text("# Mine\n\nThe heron of mine.\n", encoding="utf-8")
    run(settings)
    assert [note.title for note in load(settings).notes if note.source == "papers/a.md"] == ["Mine"]
