"""How the page looks, beside accepted pictures: in three widths, two languages, two themes.

`ACCEPT=1 pytest tests/page/test_looks_browser.py` accepts what the page looks like now; look at the pictures first.
They are a third of the size and grey, since they are to tell a column that moved from one that did not, and not one
smoothing of letters from another. Where other fonts are installed than they were taken with, the tests skip.
"""

import os
import subprocess
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from browser_parts import ARTEFACTS, IN_CHROMIUM, answer_to, forget, standing, visit
from fakes import write_notes
from PIL import Image

from assistant import Settings

ACCEPTED = Path(__file__).parent / "accepted"
FONTS = ACCEPTED / "fonts.txt"
ACCEPT = os.environ.get("ACCEPT") == "1"
SCALE = 3
BLOCK = 24
"""Pixels of a side of the blocks that are compared: some two lines of a third of the size."""
MOST = 26.0
"""Of 255: how much a block may differ on average. A line that moved by its height differs by 40 and more."""
VARYING = """
  #tree .day, .trace summary, .confidence { visibility: hidden }
  #more, #now { display: none }
  * { caret-color: transparent !important }
"""
SIZES = {"phone": (390, 844), "tablet": (900, 800), "wide": (1440, 900)}
QUESTIONS = {"en-US": "At how many degrees is the loaf baked under a lid?", "ko-KR": "녹차는 몇 도의 물에 우리나요?"}


def fonts() -> str:
    """Return the fonts that a browser takes for our style sheet."""
    asked = ("system-ui", "sans-serif", "sans-serif:lang=ko", "monospace")
    try:
        return "".join(subprocess.run(["fc-match", name], capture_output=True, text=True).stdout for name in asked)
    except OSError:
        return ""


pytestmark = [
    *IN_CHROMIUM,
    pytest.mark.skipif(
        not ACCEPT and (not FONTS.exists() or fonts() != FONTS.read_text(encoding="utf-8")),
        reason="other fonts are installed than the accepted pictures were taken with",
    ),
]


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder = tmp_path_factory.mktemp("looks")
    settings = Settings(notes=write_notes(folder / "notes"), index=folder / "index", embedding="hash", threads=1)
    hosted = {"llm_address": "http://127.0.0.1:9/v1", "llm_model": "bard"}  # so that there are two to choose from
    with standing(replace(settings, models=folder, llm="extractive", **hosted)) as found:
        yield found


def small(file: Path) -> Any:
    """Return a picture in grey, a third of the size."""
    picture = Image.open(file).convert("L")
    return picture.resize((picture.width // SCALE, picture.height // SCALE), Image.Resampling.BOX)


def worst(one: Any, other: Any) -> float:
    """Return the mean difference of the blocks that differ most."""
    apart = np.abs(np.asarray(one, np.float32) - np.asarray(other, np.float32))
    height, width = (side // BLOCK * BLOCK for side in apart.shape)
    blocks = apart[:height, :width].reshape(height // BLOCK, BLOCK, width // BLOCK, BLOCK)
    return float(blocks.mean(axis=(1, 3)).max())


def compare(page: Any, state: str, more: str = "") -> list[str]:
    """Compare the page in each width with its accepted picture; return those that it looks unlike."""
    unlike = []
    for size, (width, height) in SIZES.items():
        page.set_viewport_size({"width": width, "height": height})
        page.add_style_tag(content=VARYING)
        page.mouse.move(0, 0)
        page.wait_for_timeout(600)
        ARTEFACTS.mkdir(exist_ok=True)
        name = f"{state}-{size}{more}.png"
        page.screenshot(path=(taken := ARTEFACTS / f"looks-{name}"), animations="disabled")
        now, accepted = small(taken), ACCEPTED / name
        if ACCEPT:
            ACCEPTED.mkdir(exist_ok=True)
            FONTS.write_text(fonts(), encoding="utf-8")
            now.quantize(16).save(accepted, optimize=True)
        before = Image.open(accepted).convert("L")
        if now.size != before.size or worst(now, before) >= MOST:
            unlike.append(f"{taken} looks unlike {accepted}")
    return unlike


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("locale", QUESTIONS)
def test_the_page_and_an_answer_with_its_source_look_as_accepted(
    browser: Any, address: str, locale: str, scheme: str
) -> None:
    forget(address)
    looks = {"viewport": {"width": 390, "height": 844}, "color_scheme": scheme}
    with visit(browser, address, locale, **looks) as page:
        unlike = compare(page, "first") if scheme == "light" and locale == "en-US" else []
        page.set_viewport_size({"width": 390, "height": 844})
        answer_to(page, QUESTIONS[locale])
        page.wait_for_selector("#talks .name", state="attached")
        assert unlike + compare(page, "answer", f"-{locale[:2]}-{scheme}") == []


def test_what_moved_is_told_from_what_did_not() -> None:
    page = np.full((300, 480), 250, np.uint8)
    page[60:64, 40:400] = page[90:94, 40:400] = 20
    moved, grainy = np.roll(page, 4, axis=0), np.clip(page.astype(int) + np.arange(480) % 5, 0, 255)
    assert worst(page, page) == 0 and worst(page, grainy) < MOST < worst(page, moved)
