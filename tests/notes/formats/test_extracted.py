"""What readers write becomes text with exact blocks and places."""

from hypothesis import given
from hypothesis import strategies as st

from assistant.index.passages import passages
from assistant.notes import formats
from assistant.notes.formats.extracted import Extracted, Writer
from assistant.text.blocks import Kind, Place, locator_of, places_in

WORDS = st.text(st.sampled_from("가나 ab#<|*\n\tﬁé\u0301"), max_size=12)


@given(st.lists(st.tuples(st.sampled_from(["heading", "paragraph", "item", "code", "row"]), WORDS), max_size=12))
def test_blocks_follow_each_other_and_hold_what_was_written(written: list[tuple[str, str]]) -> None:
    writer = Writer()
    for number, (what, words) in enumerate(written, start=1):
        with writer.at({"slide": number}):
            if what == "heading":
                writer.heading(2, words)
            elif what == "row":
                writer.row([words, "x"])
            else:
                getattr(writer, what)(words)
    found = writer.extracted()
    at = 0
    for block in found.blocks:
        assert at <= block.start < block.end <= len(found.text)
        assert not found.text[at : block.start].strip()
        at = block.end
    assert at == len(found.text)
    assert [locator_of(found.places, block.start, block.end) for block in found.blocks] == [
        place.locator for place in found.places
    ]


def lines() -> Extracted:
    writer = Writer()
    page = [{"page": 1, "box": [0.1, top, 0.5, 0.3]} for top in (0.1, 0.2)]
    writer.lines(
        [("물은 70도로", page[0]), ("데운다.", page[1]), ("", {}), ("찻잎은 3 g.", {"page": 2, "box": [0, 0, 1, 1]})]
    )
    return writer.extracted()


def test_a_quote_of_several_lines_has_a_box_for_each_on_its_first_page() -> None:
    found = lines()
    assert locator_of(found.places, 0, len(found.text)) == {
        "page": 1,
        "boxes": [[0.1, 0.1, 0.5, 0.3], [0.1, 0.2, 0.5, 0.3]],
    }
    start = found.text.index("찻잎")
    assert locator_of(found.places, start, start + 2) == {"page": 2, "boxes": [[0, 0, 1, 1]]}
    assert locator_of((), 0, 5) is None


@given(st.integers(0, 40), st.integers(0, 40))
def test_places_are_cut_to_the_part_that_is_looked_at(one: int, other: int) -> None:
    start, end = sorted((one, other))
    places = [Place(at, at + 8, {"row": at}) for at in range(0, 40, 10)]
    for a, b, locator in places_in(places, start, end):
        assert 0 <= a < b <= end - start
        assert locator["row"] <= start + a and start + b <= locator["row"] + 8


def test_a_passage_carries_the_places_of_its_words() -> None:
    page = "".join(f"<tr><td>찻잎 {n}</td><td>{n} g</td></tr>" for n in range(3))
    document = formats.read(f"<html><body><table>{page}</table></body></html>".encode(), "차.html")
    assert [passage.places for passage in passages(document)] == [()]


def test_markup_in_words_stays_words() -> None:
    writer = Writer()
    writer.paragraph("# of <b>heads</b> | 3 * 4")
    found = writer.extracted()
    assert found.text == "# of <b>heads</b> | 3 * 4"
    assert [block.kind for block in found.blocks] == [Kind.PARAGRAPH]
