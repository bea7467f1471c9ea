"""Reads saved web pages: their text without menus, banners and lists of links.

In: a file's bytes. Out: an `Extracted` with the page's title, address, date and author where it tells them.
"""

import re
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from typing import Any

from lxml import etree

from assistant.notes.formats.charset import declared, decoded
from assistant.notes.formats.extracted import MOST, Extracted, Writer, joined
from assistant.notes.formats.markup import write
from assistant.notes.formats.seen import BLOCKS, name, parsed, seen, words_of

_MENUS = ("navigation", "menu", "menubar", "search", "dialog", "alertdialog")
_EDGES = ("banner", "contentinfo", "complementary")
_LISTS = frozenset("ul ol dl div section table form li p".split())
_BANNER = re.compile(r"cookie|consent|gdpr|breadcrumb|skip-?(?:to|link|nav)|pagination", re.IGNORECASE)
_SITE = re.compile(r"\s+[|\-–—·:»«]+\s+|\s*\|\s*")
_DAY = re.compile(r"(\d{4})\s?[-./년]\s?(\d{1,2})\s?[-./월]\s?(\d{1,2})")
_SAVED_FROM = re.compile(r"<!--\s*(?:saved from url=\(\d+\)|Page saved with SingleFile\s+url:\s*)(https?://[^\s>]+)")
_DATES = ("article:published_time", "datepublished", "date", "dc.date", "dcterms.date", "pubdate", "og:updated_time")


@dataclass
class _Weight:
    """How many words an element holds, how many of them in links, and how many links."""

    words: int = 0
    linked: int = 0
    links: int = 0

    @property
    def plain(self) -> int:
        return self.words - self.linked


def extract(data: bytes) -> Extracted:
    """Return the text of a page; none if it shows nothing without its scripts."""
    text = decoded(data, declared(data))
    root = parsed(text)
    body = next(root.iter("{*}body"), root)
    region, dropped = _text_of(body)
    writer = Writer()
    write(region, writer, dropped)
    saved = _SAVED_FROM.search(text[:5000])
    missing = f"what follows the first {MOST:,} characters" if writer.full else ""
    return writer.extracted(_fields(root, region, saved[1] if saved else ""), missing)


def _text_of(body: Any) -> tuple[Any, Collection[Any]]:
    """Return the element that holds the page's text, and what is dropped in it."""
    weights = _weights(body)
    region = _region(body, weights)
    dropped = _dropped(region, region is body, weights)
    away = [weights.get(element, _Weight()) for element in dropped]
    plain = weights[region].plain - sum(weight.plain for weight in away)
    words = weights[region].words - sum(weight.words for weight in away)
    only_links = words < 20 and words * 5 < weights[body].words
    if plain < 0.4 * weights[body].plain or only_links:
        navs = set(body.iter("{*}nav"))
        return body, navs if sum(weights.get(nav, _Weight()).words for nav in navs) < weights[body].words else ()
    return region, dropped


def _weights(body: Any) -> dict[Any, _Weight]:
    weights: dict[Any, _Weight] = {}
    above = [_Weight()]
    for what, found in seen(body):
        if what == "open":
            above.append(_Weight())
        elif what == "text":
            above[-1].words += len(found.split())
        else:
            weight = above.pop()
            if (tag := name(found)) == "a" and found.get("href"):
                weight.linked, weight.links = weight.words, 1
            if tag in BLOCKS:
                weights[found] = weight
            above[-1].words += weight.words
            above[-1].linked += weight.linked
            above[-1].links += weight.links
    return weights if body in weights else weights | {body: above[0]}


def _region(body: Any, weights: dict[Any, _Weight]) -> Any:
    """Return the page's main part, and its article if it is the only one of weight."""
    mains = [element for element in weights if name(element) == "main" or element.get("role") == "main"]
    main = max(mains, key=lambda element: weights[element].plain, default=body)
    region = main if 2 * weights[main].plain > weights[body].plain else body
    within = [found for found in region.iter("{*}article") if found in weights and found is not region]
    tops = [found for found in within if next(found.iterancestors("{*}article"), None) is None]
    best = max(tops, key=lambda element: weights[element].plain, default=region)
    others = sum(weights[found].plain for found in tops if found is not best)
    alone = weights[best].plain > 5 * others and 2 * weights[best].plain > weights[region].plain
    return best if alone else region


def _dropped(region: Any, is_body: bool, weights: dict[Any, _Weight]) -> set[Any]:
    dropped = set()
    most = weights[region].words / 4
    walk = etree.iterwalk(region, events=("start",))
    for _, element in walk:
        if element is not region and (
            _is_menu(element, is_body)
            or (weight := weights.get(element))
            and (weight.words < most and _is_banner(element) or _is_links(element, weight))
        ):
            dropped.add(element)
            walk.skip_subtree()
    return dropped


def _is_menu(element: Any, in_body: bool) -> bool:
    tag, role = name(element), element.get("role")
    if tag == "nav" or role in _MENUS:
        return True
    edge = tag in ("header", "footer", "aside") or role in _EDGES
    return edge and in_body and next(element.iterancestors("{*}article", "{*}main"), None) is None


def _is_banner(element: Any) -> bool:
    return _BANNER.search(f"{element.get('id', '')} {element.get('class', '')}") is not None


def _is_links(element: Any, weight: _Weight) -> bool:
    return name(element) in _LISTS and weight.links >= 3 and weight.linked >= 0.85 * weight.words


def _fields(root: Any, region: Any, saved_from: str) -> dict[str, str]:
    metas = _metas(root)
    link = next((found.get("href", "") for found in root.iter("{*}link") if found.get("rel") == "canonical"), "")
    urls = (url for url in (link, metas.get("og:url", ""), saved_from) if url.startswith(("http://", "https://")))
    author = metas.get("author") or metas.get("article:author", "")
    return {
        "title": _title(root, metas),
        "url": next(urls, ""),
        "date": _date(region, metas),
        "author": "" if "://" in author else author,
    }


def _metas(root: Any) -> dict[str, str]:
    metas: dict[str, str] = {}
    for meta in root.iter("{*}meta"):
        key = meta.get("property") or meta.get("name") or meta.get("itemprop") or ""
        metas.setdefault(key.lower(), joined(meta.get("content", "")))
    return metas


def _title(root: Any, metas: dict[str, str]) -> str:
    """Return the page's title; without the site's name where a heading has the rest alone."""
    heads = [words for head in root.iter("{*}h1") if (words := words_of(head))]
    title = joined(next((found.text or "" for found in root.iter("{*}title") if name(found.getparent()) == "head"), ""))
    title = title or metas.get("og:title", "") or next(iter(heads), "")
    pieces = [title[: cut.start()] for cut in _SITE.finditer(title)]
    pieces += [title[cut.end() :] for cut in _SITE.finditer(title)]
    return next((piece for piece in pieces if piece in heads), title)


def _date(region: Any, metas: dict[str, str]) -> str:
    told = [metas[key] for key in _DATES if key in metas]
    told += [found.get("datetime") or words_of(found) for found in region.iter("{*}time")]
    for words in told:
        if found := _DAY.search(words):
            try:
                return date(*map(int, found.groups())).isoformat()
            except ValueError:
                continue
    return ""
