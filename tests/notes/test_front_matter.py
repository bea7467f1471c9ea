"""Front matter: fields as text, and no note that ends a run."""

import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.notes.files import NoteFile, Unread, find_notes, read
from assistant.notes.front_matter import Fields, front_matter, said

BOMB = "a: &a [x, x]\n" + "".join(f"{chr(98 + n)}: &{chr(98 + n)} [*{chr(97 + n)}, *{chr(97 + n)}]\n" for n in range(9))
ODD = [
    "x: !!bool foo",
    "x: !!timestamp foo",
    'x: !!float ""',
    'x: !!int ""',
    "title: 0x" + "f" * 4_000,
    "n: !!int +",
    "date: 2024-02-31",
    "when: 2024-13-45T99:99:99",
    "x: !!python/object/apply:os.system [ls]",
    "x: !made_up {a: b}",
    "x: !!binary ====",
    "x: .inf",
    "x: 1_000:99:99",
    BOMB + "title: *j",
    BOMB + "url: *j",
    "a: &a [*a]",
    "? [a, b]\n: c",
    "x: " + "[" * 5_000,
    "x: " + "{a: " * 5_000,
    "- " * 5_000,
    "x: *missing",
    'x: "\\ud800"',
    "\tx: y",
    "x: |\n  " + "long " * 10_000,
]


@pytest.mark.parametrize(
    "text",
    [
        "---\ntitle: " + "[" * 1200 + "\n---\nbody\n",
        "---\nkey: {\n---\nbody\n",
    ],
)
def test_damaged_front_matter_counts_as_none_and_stays_out_of_the_body(text: str) -> None:
    assert front_matter(text) == ({}, text.index("body"))


@pytest.mark.parametrize(
    ("yaml", "fields"),
    [
        ("title: a: b\nurl: x", {"title": "a: b", "url": "x"}),
        ("authors: [[A B]], [[C]]\ndate: [[2026-10-01]]", {"authors": "[[A B]], [[C]]", "date": "[[2026-10-01]]"}),
        ("tags: #tea, #잉크\nnote: # none", {"tags": "#tea, #잉크", "note": ""}),
        ("aliases:\n  - [[Green tea]]\n  - Sencha", {"aliases": ("[[Green tea]]", "Sencha")}),
        ("list: [a, b\ntitle: Tea", {"title": "Tea"}),
        ('quoted: [[a "b"]], c\\d', {"quoted": '[[a "b"]], c\\d'}),
    ],
)
def test_a_field_that_is_no_yaml_leaves_the_others_and_is_text(yaml: str, fields: Fields) -> None:
    assert front_matter(f"---\n{yaml}\n---\nbody\n")[0] == fields


@pytest.mark.parametrize(
    "text",
    [
        "---\nProse between two rules.\n---\nbody\n",
        "---\n- a\n- b\n---\nbody\n",
        "---\ntitle: never closed\n",
        "body\n---\na: b\n---\n",
    ],
)
def test_text_that_is_no_front_matter_belongs_to_the_body(text: str) -> None:
    assert front_matter(text) == ({}, 0)


@pytest.mark.parametrize(
    ("text", "found", "body"),
    [
        ("---\ntitle: T\n---\nbody", {"title": "T"}, "body"),
        ("---\n---\nbody", {}, "body"),
        ("---\n# a comment\n---\nbody", {}, "body"),
        ("---\ntitle: T\n---", {"title": "T"}, ""),
    ],
)
def test_front_matter_ends_at_the_line_after_its_second_rule(text: str, found: Fields, body: str) -> None:
    front, start = front_matter(text)
    assert (front, text[start:]) == (found, body)


@pytest.mark.parametrize("block", ODD, ids=lambda block: block[:30])
def test_one_odd_note_among_good_ones_ends_no_run(tmp_path: Path, block: str) -> None:
    for name, text in (("a.md", "Tea."), ("b.md", f"---\nok: yes\n{block}\n---\nBody."), ("c.md", "Jam.")):
        (tmp_path / name).write_text(text, encoding="utf-8")
    began = time.process_time()
    notes = [read(file) for file in find_notes([tmp_path]) if isinstance(file, NoteFile)]
    assert time.process_time() - began < 2
    assert len(notes) == 3
    for note in notes:
        assert isinstance(note, Unread) or all(block.end <= len(note.text) for block in note.blocks)
        assert isinstance(note, Unread) or len(note.title) + len(note.url) < 10_000
    assert not isinstance(notes[0], Unread) and not isinstance(notes[2], Unread)


@pytest.mark.parametrize(
    ("block", "fields"),
    [
        ("x: !!bool foo", {"x": "foo"}),
        ("title: 0x10", {"title": "0x10"}),
        ("draft: no", {"draft": "no"}),
        ("date: 2024-02-31", {"date": "2024-02-31"}),
        ('empty:\nnone: ~\nquoted: ""', {"empty": "", "none": "", "quoted": ""}),
        ("tags: [a, 'b c', 3]", {"tags": ("a", "b c", "3")}),
        ("tags:\n  - 그래프\n  - x", {"tags": ("그래프", "x")}),
        ("deep: {a: b}\nplain: c", {"plain": "c"}),
        ("a: &x one\nb: *x", {"a": "one", "b": "one"}),
    ],
)
def test_every_value_is_text_and_an_odd_one_costs_nothing_else(block: str, fields: Fields) -> None:
    assert front_matter(f"---\n{block}\n---\nbody")[0] == fields


@given(st.text(alphabet="ab:-[]{}!&*#|>'\"\\ \n~?%@`0.", max_size=80))
def test_any_front_matter_is_read_or_left(block: str) -> None:
    text = f"---\n{block}\n---\nbody"
    fields, start = front_matter(text)
    assert 0 <= start <= len(text)
    assert all(isinstance(value, str | tuple) for value in fields.values())


def test_long_front_matter_is_left_out_but_is_no_body() -> None:
    text = "---\n" + "".join(f"key{n}: value\n" for n in range(5_000)) + "---\nbody"
    fields, start = front_matter(text)
    assert (fields, text[start:]) == ({}, "body")


SPEAKING = """---
title: Weekly sync
date: 2026-10-02
attendees:
  - 김민수
  - Ada
"location": Room 5
cssclass: wide
draft: no
price: 12.5
---
# Weekly sync
"""


def test_fields_that_say_something_are_blocks_with_their_names() -> None:
    fields, start = front_matter(SPEAKING)
    told = [SPEAKING[block.start : block.end] for block in said(SPEAKING, start, fields)]
    assert told == ["attendees:\n  - 김민수\n  - Ada", '"location": Room 5', "price: 12.5"]


@pytest.mark.parametrize("block", [BOMB, *ODD])
def test_odd_front_matter_gives_blocks_inside_it_or_none(block: str) -> None:
    text = f"---\n{block}\n---\nBody\n"
    fields, start = front_matter(text)
    assert all(0 < one.start < one.end <= start for one in said(text, start, fields))
