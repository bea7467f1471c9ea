"""The table of platforms: what lacks is named, and the table is about all that can be installed."""

from importlib.metadata import distribution
from itertools import product

import platforms
import pytest

LOCK = """
lock-version = "1.0"
[[packages]]
name = "faiss-cpu"
wheels = [{ url = "https://example.org/faiss_cpu-1.15.1-cp313-abi3-win_amd64.whl" }]
[[packages]]
name = "kiwipiepy-model"
sdist = { url = "https://example.org/kiwipiepy_model-0.24.0.tar.gz" }
"""
COMPILED = '[[packages]]\nname = "mapped"\nsdist = { url = "https://example.org/mapped-1.tar.gz" }\n'


def test_what_would_have_to_be_compiled_is_named() -> None:
    assert platforms.lacking(LOCK) == []
    assert platforms.lacking(LOCK + COMPILED) == ["mapped"]
    assert platforms.lacking("# error: No solution found") == ["error: No solution found"]


@pytest.mark.parametrize("name", platforms.SOURCE_ALONE)
def test_a_package_that_is_published_as_source_alone_has_nothing_to_compile(name: str) -> None:
    assert "Tag: py3-none-any" in (distribution(name).read_text("WHEEL") or "").splitlines()


def test_the_table_says_which_versions_of_python_need_no_compiler() -> None:
    found = {
        (chosen, label, python): ["mapped"] if chosen and label.startswith("macOS") and python != "3.12" else []
        for chosen, label, python in product(("", "milvus,report"), platforms.PLATFORMS, platforms.PYTHONS)
    }
    rows = platforms.table(found).splitlines()
    every = "3.11, 3.12, 3.13"
    assert rows[2] == f"| `notes-assistant` | {every} | {every} | {every} | {every} |"
    assert rows[3] == f"| `notes-assistant[milvus,report]` | {every} | {every} | 3.12 | {every} |"


def test_the_page_is_about_every_extra_and_nothing_lacks() -> None:
    places = product(("", platforms.extras()), platforms.PLATFORMS, platforms.PYTHONS)
    written = platforms.TABLE.search(platforms.PAGE.read_text(encoding="utf-8"))
    assert written, "the page has a place for the table"
    assert written[0] == platforms.table({place: [] for place in places}), "write it anew with: make platforms"
