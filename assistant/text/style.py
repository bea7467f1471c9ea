"""Decides whether an HTML element is hidden by its style: `display: none`, white on white and the like.

In: an element's name and attributes. Out: how the text inside it looks. The page is assumed to be white.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace

Colour = tuple[float, float, float]
WHITE: Colour = (255.0, 255.0, 255.0)
_NEVER_SHOWN = frozenset("template script style iframe noembed noframes head datalist".split())
_ALIKE = 16
"""Two colours look the same if they differ by at most this in each of red, green and blue (0..255)."""
_NAMED = {"white": "ffffff", "snow": "fffafa", "ivory": "fffff0", "ghostwhite": "f8f8ff", "whitesmoke": "f5f5f5"}
_NAMED |= {"black": "000000", "gray": "808080", "grey": "808080", "silver": "c0c0c0", "red": "ff0000", "navy": "000080"}
_NAMED |= {"blue": "0000ff", "green": "008000", "yellow": "ffff00", "orange": "ffa500", "purple": "800080"}
_NOTE = re.compile(r"/\*.*?(?:\*/|$)", re.DOTALL)
_ESCAPE = re.compile(r"\\([0-9a-fA-F]{1,6})\s?|\\(.)", re.DOTALL)
_NUMBER = re.compile(r"[-+]?(?:\d+\.?\d*|\.\d+)")
_FAR = -500.0
"""Pixels: text moved this far to the left or up is off the page."""


@dataclass(frozen=True)
class Look:
    """How text looks inside an element.

    `gone` hides everything inside; `dark` hides it unless an inner element sets its own visibility. `colour` is None
    for the reader's default; `background` is None where it is unknown, such as a picture.
    """

    gone: bool = False
    dark: bool = False
    colour: Colour | None = None
    background: Colour | None = WHITE

    @property
    def hidden(self) -> bool:
        """Tell whether a reader does not see the text."""
        return self.gone or self.dark or _alike(self.colour, self.background)


def look(name: str, attributes: Mapping[str, str], outer: Look) -> Look:
    """Return how text inside an element looks, given how it looks around the element."""
    style = declarations(attributes.get("style", ""))
    closed = name == "dialog" and "open" not in attributes
    if name in _NEVER_SHOWN or closed or "hidden" in attributes or _out_of_sight(style):
        return replace(outer, gone=True)
    visibility = style.get("visibility", "")
    dark = visibility in ("hidden", "collapse") if visibility else outer.dark
    fore = style.get("color", attributes.get("color", "") if name == "font" else "")
    back = style.get("background-color", style.get("background", attributes.get("bgcolor", "")))
    if _transparent(fore):
        return replace(outer, gone=True)
    shade = None if _transparent(back) else _colour(back)
    # The colour of a background such as a picture is unknown.
    background = outer.background if not back or _transparent(back) else shade
    return Look(outer.gone, dark, _colour(fore) or outer.colour if fore else outer.colour, background)


def declarations(style: str) -> dict[str, str]:
    """Return a style's values by property; as in a browser the last one wins, unless an earlier one is `!important`."""
    values: dict[str, str] = {}
    important: set[str] = set()
    for part in _ESCAPE.sub(_unescaped, _NOTE.sub("", style)).lower().split(";"):
        name, _, value = part.partition(":")
        name, (value, _, mark) = name.strip(), value.partition("!")
        if name and value.strip() and (name not in important or mark):
            values[name] = value.strip()
            important |= {name} if mark.strip() == "important" else set()
    return values


def _unescaped(match: re.Match[str]) -> str:
    code = int(match[1], 16) if match[1] else 0
    return match[2] if match[2] else chr(code) if 0 < code < 0x110000 else ""


def _out_of_sight(style: Mapping[str, str]) -> bool:
    number = {name: _first(value) for name, value in style.items()}
    clipped = style.get("overflow", "") in ("hidden", "clip")
    no_room = any(number.get(name) == 0 for name in ("height", "width", "max-height", "max-width"))
    placed = style.get("position") in ("absolute", "fixed")
    return (
        style.get("display") == "none"
        or any(number.get(name) == 0 for name in ("opacity", "font-size", "zoom"))
        or (clipped and no_room)
        or number.get("text-indent", 0.0) <= _FAR
        or (placed and any(number.get(name, 0.0) <= _FAR for name in ("left", "top", "right", "bottom")))
        or style.get("clip", "").replace(" ", "").replace("px", "") in ("rect(0,0,0,0)", "rect(0000)")
        or style.get("clip-path", "").replace(" ", "") in ("inset(100%)", "inset(50%)", "circle(0)")
        or style.get("transform", "").replace(" ", "") in ("scale(0)", "scale(0,0)")
    )


def _first(value: str) -> float:
    number = _NUMBER.match(value)
    return float(number[0]) if number else 1.0


def _transparent(value: str) -> bool:
    parts = _parts(value)
    return value == "transparent" or (value.startswith(("rgba(", "rgb(", "hsl")) and len(parts) == 4 and parts[3] == 0)


def _parts(value: str) -> list[float]:
    return [float(number) for number in _NUMBER.findall(value.partition("(")[2][:100])]


def _colour(value: str) -> Colour | None:
    """Return a colour's red, green and blue, each in 0..255; None for what is none."""
    value = value.strip()
    digits = value[1:] if value.startswith("#") else _NAMED.get(value, "")
    if re.fullmatch(r"[0-9a-f]{3,4}|[0-9a-f]{6}|[0-9a-f]{8}", digits):
        pairs = [digit * 2 for digit in digits] if len(digits) < 6 else [digits[at : at + 2] for at in (0, 2, 4)]
        return int(pairs[0], 16) * 1.0, int(pairs[1], 16) * 1.0, int(pairs[2], 16) * 1.0
    parts = _parts(value)
    if value.startswith("rgb") and len(parts) >= 3:
        red, green, blue = (part * 2.55 if "%" in value else part for part in parts[:3])
        return red, green, blue
    if value.startswith("hsl") and len(parts) >= 3 and parts[2] in (0.0, 100.0):
        return (parts[2] * 2.55,) * 3
    return None


def _alike(one: Colour | None, other: Colour | None) -> bool:
    if one is None or other is None:
        return False
    return all(abs(a - b) <= _ALIKE for a, b in zip(one, other, strict=True))
