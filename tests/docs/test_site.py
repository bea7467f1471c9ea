"""The site in both languages: it builds without a warning, its links lead somewhere, and it asks no other machine."""

import functools
import http.server
import os
import re
import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator
from html.parser import HTMLParser
from importlib.util import find_spec
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urljoin, urlsplit

import pytest
import reference
from browser_parts import MAY_SKIP
from doc_pages import DOCS, LANGUAGES, names

LOADS = {("script", "src"), ("img", "src"), ("link", "href"), ("iframe", "src"), ("source", "src")}
"""What a browser fetches by itself; a link with `rel="canonical"` or the like it does not."""
FETCHED = {"stylesheet", "icon", "preload", "preconnect", "modulepreload"}


class Elements(HTMLParser):
    """The ids of a page, where its links lead, and what a browser loads for it."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.ids, self.links, self.loads = set[str](), list[str](), list[str]()
        self.others = list[str]()
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        self.ids |= {given["id"]} if "id" in given else set()
        if tag == "a" and "href" in given:
            self.links.append(given["href"])
            self.others += [given["href"]] if "hreflang" in given else []
        for name, value in given.items():
            kept = tag != "link" or FETCHED & set(given.get("rel", "").split())
            self.loads += [value] if (tag, name) in LOADS and kept else []


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The site, built of a copy of the pages."""
    if find_spec("material") is None and os.environ.get("CI") != "true":
        pytest.skip("mkdocs-material is absent; pip install -e '.[dev]'")
    place = tmp_path_factory.mktemp("site")
    shutil.copytree(DOCS, place / "docs", ignore=shutil.ignore_patterns("generated"))
    reference.write(place / "docs" / "generated")
    for config in sorted(DOCS.parent.glob("mkdocs*.yml"), key=lambda file: len(file.name)):
        shutil.copy(config, place)
        command = [sys.executable, "-m", "mkdocs", "build", "--quiet", "--strict", "--config-file", config.name]
        done = subprocess.run(
            command, cwd=place, env=os.environ | {"NO_MKDOCS_2_WARNING": "1"}, capture_output=True, text=True
        )
        assert done.returncode == 0, done.stderr
    return place / "site"


def folder(site: Path, language: str) -> Path:
    return site if language == "en" else site / language


@pytest.fixture(scope="module")
def pages(site: Path) -> dict[Path, Elements]:
    return {
        file: Elements(file.read_text(encoding="utf-8"))
        for language in LANGUAGES
        for name in names(language)
        for file in [folder(site, language) / f"{name}.html"]
    }


def test_every_link_leads_somewhere(pages: dict[Path, Elements]) -> None:
    seen = 0
    for page, elements in pages.items():
        for link in elements.links:
            parts = urlsplit(urljoin(page.as_uri(), link))
            if parts.scheme != "file":
                continue
            target = Path(unquote(parts.path))
            assert target.is_file(), f"{page.name}: {link}"
            assert not parts.fragment or unquote(parts.fragment) in pages[target].ids, f"{page.name}: {link}"
            seen += 1
    assert seen > 1_000


def test_a_page_leads_to_the_same_page_in_the_other_language(pages: dict[Path, Elements], site: Path) -> None:
    for page, elements in pages.items():
        (other,) = elements.others
        inside = page.relative_to(site).as_posix()
        expected = inside.removeprefix("ko/") if inside.startswith("ko/") else f"ko/{inside}"
        assert Path(urlsplit(urljoin(page.as_uri(), other)).path) == site / expected


def test_nothing_is_loaded_from_elsewhere(pages: dict[Path, Elements], site: Path) -> None:
    for page, elements in pages.items():
        assert elements.loads and not [link for link in elements.loads if "//" in link], page.name
    styles = [file.read_text(encoding="utf-8") for file in site.rglob("*.css")]
    assert styles and not [found for text in styles for found in re.findall(r"url\([\"']?(?:https?:)?//", text)]


class Quiet(http.server.SimpleHTTPRequestHandler):
    """Serves files and says nothing of it."""

    def log_message(self, format: str, *arguments: Any) -> None:
        """Say nothing."""


@pytest.fixture(scope="module")
def served(site: Path) -> Iterator[str]:
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Quiet, directory=str(site))) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


@pytest.mark.browser
@pytest.mark.skipif(MAY_SKIP, reason="Chromium is absent; apt-get install chromium")
@pytest.mark.parametrize(("start", "sought", "found"), [("", "Obsidian", "notes.html"), ("ko/", "뒷받침", "page.html")])
def test_a_browser_finds_words_and_asks_no_other_machine(
    served: str, browser: Any, start: str, sought: str, found: str
) -> None:
    context = browser.new_context(viewport={"width": 390, "height": 844})
    page = context.new_page()
    asked = list[str]()
    page.on("request", lambda request: asked.append(request.url))
    page.goto(f"{served}/{start}how.html")
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    assert page.locator("svg.drawn").count() == 2
    page.locator("label[for=__search]").first.click()
    page.locator("input.md-search__input").fill(sought)
    page.keyboard.press("End")  # the search listens to keys
    page.locator(f"a.md-search-result__link[href*='{found}']").first.wait_for()
    assert {url.split("/")[2] for url in asked if url.startswith("http")} == {served.split("/")[2]}
    context.close()
